"""Prints pickles of what people send, one a line: name, protocol and the pickle in base64. All of it passes."""
import base64
import collections
import datetime
import decimal
import fractions
import pathlib
import pickle
import random
import uuid

rng = random.Random(1)
utc = datetime.timezone.utc


def values():
    yield "grid", {(x, y): x * y for x in range(316) for y in range(316)}
    yield "grid of floats", {(x / 4, y / 4): x for x in range(100) for y in range(100)}
    yield "sparse matrix", {(rng.randrange(10**6), rng.randrange(10**6), rng.randrange(10)): 1.5 for _ in range(20_000)}
    yield "timestamps", {1.7e9 + i * 0.25: i for i in range(50_000)}
    yield "milliseconds", {1_700_000_000_000 + 17 * i: i for i in range(50_000)}
    yield "snowflakes", {rng.getrandbits(63): i for i in range(50_000)}
    yield "hashes", {rng.getrandbits(64) for _ in range(50_000)}
    yield "moments", {datetime.datetime(2024, 1, 1) + datetime.timedelta(minutes=i): i for i in range(20_000)}
    yield "days", {datetime.date(2024, 1, 1) + datetime.timedelta(days=i): i for i in range(5_000)}
    yield "UUIDs", {uuid.UUID(int=rng.getrandbits(128)): i for i in range(64)}
    yield "list of UUIDs", [uuid.UUID(int=rng.getrandbits(128)) for _ in range(2_000)]
    yield "paths", {pathlib.PurePosixPath("usr", "share", f"file{i}.txt"): i for i in range(64)}
    yield "Decimals as keys", {decimal.Decimal(i) / 100: i for i in range(64)}
    yield "Decimals", [decimal.Decimal(i) / 100 for i in range(10_000)]
    yield "Fractions", [fractions.Fraction(i, i + 1) for i in range(5_000)]
    yield "aware moments", [datetime.datetime(2024, 1, 1, i % 24, tzinfo=utc) for i in range(10_000)]
    yield "aware moments as keys", {datetime.datetime(2024, 1, 1 + i % 28, i % 24, tzinfo=utc): i for i in range(64)}
    yield "frozensets as keys", {frozenset((i, i + 1)): i for i in range(64)}
    yield "edges", {(frozenset((i, i + 1)), "weight"): 1.0 for i in range(50)}
    yield "large ints as keys", {rng.getrandbits(128): i for i in range(300)}
    yield "records", [
        {"id": i, "name": f"user {i}", "score": i * 1.25, "active": i % 2 == 0, "tags": ["a", "b"], "note": None} for i in range(20_000)
    ]
    yield "records with long keys", [{f"an_attribute_with_a_long_name_{k}": i % 2 == 0 for k in range(10)} for i in range(20_000)]
    yield "small dicts by number", [{1: i, 2: i, 3: i} for i in range(20_000)]
    yield "rows", [(i, f"name {i}", i / 7, None) for i in range(50_000)]
    shared = {"host": "localhost", "ports": [1, 2, 3], "limits": {"rate": 100, "burst": 1000}, "about": "x" * 200}
    yield "shared configuration", [{"name": f"job {i}", "config": shared} for i in range(1_000)]
    day = datetime.date(2024, 1, 1)
    yield "shared date", [{"day": day, "value": i} for i in range(20_000)]
    nested = {"level": 0}
    for level in range(60):
        nested = {"level": level, "options": {"a": [1, 2, 3], "b": {"c": "d"}}, "inner": nested}
    yield "nested configuration", nested
    parent = {"name": "root", "children": []}
    for i in range(200):
        parent["children"].append({"name": f"child {i}", "parent": parent})
    yield "parents and children", parent
    yield "Counter", collections.Counter(f"word {i % 500}" for i in range(5_000))
    yield "Counter of numbers", collections.Counter(rng.randrange(1000) for _ in range(5_000))
    yield "deque", collections.deque(range(5_000), maxlen=10_000)
    yield "defaultdict", collections.defaultdict(list, {f"key {i}": [i] for i in range(5_000)})
    yield "OrderedDict", collections.OrderedDict((f"key {i}", i) for i in range(5_000))
    yield "sets", [{i, i + 1, str(i)} for i in range(10_000)]
    yield "empty containers", [[[], {}, set(), ()] for _ in range(5_000)]
    yield "text", "naïve café 日本 😀\n\t" * 10_000
    yield "bytes", bytes(range(256)) * 10_000
    yield "bytearray", bytearray(100_000)
    yield "ints", list(range(500_000))
    yield "floats", [rng.random() for _ in range(200_000)]
    yield "bools and Nones", [True, False, None] * 100_000
    yield "digits", [7**k for k in range(1, 1_500)]
    yield "ranges, slices, complex", [range(i) for i in range(500)] + [slice(1, i) for i in range(500)] + [complex(i, -i) for i in range(500)]
    yield "paths in a list", [pathlib.PureWindowsPath("C:/x", str(i)) for i in range(2_000)]
    yield "timedeltas", [datetime.timedelta(seconds=i) for i in range(10_000)]


def arrays():
    try:
        import numpy as np
    except ImportError:
        return
    yield "array of floats", np.arange(100_000) / 7
    yield "matrix", np.eye(300)
    yield "picture", np.zeros((480, 640, 3), np.uint8)
    yield "arrays", {f"column {i}": np.arange(1_000) for i in range(20)}
    yield "columns of floats", {f"column {i}": np.arange(1_000) / 7 for i in range(10)}
    yield "vectors", [np.arange(3) for _ in range(500)]
    yield "texts", np.array(["alpha", "βeta", "😀"] * 1_000)
    yield "times", np.arange(5_000).astype("M8[s]")
    yield "records of numpy", np.array([(i, i / 7, b"x", "y", True) for i in range(2_000)], [("i", "<i4"), ("f", ">f8"), ("s", "S3"), ("t", "U5"), ("b", "?")])
    yield "aligned records", np.zeros(5, np.dtype([("a", "i1"), ("b", "f8")], align=True))
    yield "one record", np.array([(1, 2.5)], [("i", "<i4"), ("f", "<f8")])[0]
    yield "scalars", [np.float64(i / 7) for i in range(5_000)]
    yield "numbers of numpy as keys", {np.int64(i): i for i in range(5_000)}
    yield "numbers of both as keys", {(np.int32(i) if i % 2 else i): i for i in range(5_000)}
    yield "text and numbers of numpy as keys", {**{f"key {i}": i for i in range(50)}, **{np.int64(i): i for i in range(50)}}
    yield "labels of numpy as keys", {np.str_(f"label {i}"): i for i in range(64)}
    yield "a pair of an array and its name", ("x", np.arange(10).reshape(2, 5).T)


def main():
    # Paths of CPython 3.13 load in no other.
    is_local = pathlib.PurePath.__module__ == "pathlib._local"
    for name, value in [*values(), *arrays()]:
        if is_local and name.startswith("paths"):
            continue
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            print(name, protocol, base64.b64encode(pickle.dumps(value, protocol)).decode(), sep="\t")


main()
