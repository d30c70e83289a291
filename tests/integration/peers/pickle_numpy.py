"""Sends numpy's objects through the codec, and compares dtype, shape, order and bytes.

The last line that it prints is JSON: how many pickles went through, and the faults.
"""
import json
import pickle

import numpy as np

from pickle_relay import Refused, again

CODES = ["?", "i1", "u1", "<i2", ">i2", "<u4", ">u4", "<i8", ">i8", "<f2", "<f4", ">f4", "<f8", ">f8", "<c16", "U3", "S4",
         "M8[ns]", "m8[D]"]


def values():
    for code in CODES:
        dtype = np.dtype(code)
        yield dtype
        whole = np.frombuffer(bytes(range(1, 2 * 6 * dtype.itemsize + 1))[: 6 * dtype.itemsize], np.uint8)
        if dtype.kind in "?bU":
            whole = whole % 2
        flat = np.zeros(6, dtype) if dtype.kind == "U" else whole.astype(np.uint8).view(dtype)
        yield flat
        yield flat.reshape(2, 3)
        yield np.asfortranarray(flat.reshape(2, 3))
        yield flat.reshape(1, 1, 6)
        yield flat[:0]
        yield flat[::2]
        yield flat[:1].reshape(())
        if dtype.kind != "?":
            yield flat[0]
    yield np.array([{}, 1, "a", [None]], dtype=object)
    yield np.zeros(2, [("a", "<i4"), ("b", "U3"), ("c", "<f8", (2,))])
    yield np.dtype([("a", "<i4"), ("b", "U3")], align=True)
    yield np.datetime64("2020-01-01")
    yield [np.arange(3), np.float32(1.5), np.bool_(True)]
    shared = np.arange(4)
    yield [shared, shared]


def same(got, wanted):
    if type(got) is not type(wanted):
        return False
    if isinstance(wanted, list):
        return all(map(same, got, wanted)) and (got[0] is got[1]) == (wanted[0] is wanted[1])
    if isinstance(wanted, np.ndarray):
        if (got.dtype, got.shape, got.flags.fnc) != (wanted.dtype, wanted.shape, wanted.flags.fnc) and wanted.flags.contiguous:
            return False
        return got.dtype == wanted.dtype and got.shape == wanted.shape and (
            got.tolist() == wanted.tolist() if wanted.dtype == object else got.tobytes() == wanted.tobytes())
    return got == wanted or pickle.dumps(got) == pickle.dumps(wanted)


def main():
    faults, went = [], 0
    for value in values():
        for read in range(6):
            for written in (read, 4):
                went += 1
                try:
                    made = again(pickle.dumps(value, read), written)
                    # Below protocol 5 numpy itself reads a foreign byte order into the machine's.
                    wanted = pickle.loads(pickle.dumps(value, min(read, written)))
                    if not same(pickle.loads(made), wanted) or not same(pickle._loads(made), wanted):
                        faults.append(f"{value!r}, protocol {read} to {written}: {pickle.loads(made)!r}")
                except Refused as refused:
                    faults.append(f"{value!r}, protocol {read} to {written}: {refused}")
    print("=" + json.dumps({"went": went, "faults": faults[:20]}), flush=True)


if __name__ == "__main__":
    main()
