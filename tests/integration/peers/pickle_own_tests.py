"""Runs CPython's own tests of pickling with the codec in the way: dumps is ours(encode(decode(pickle.dumps(x)))).

The last line that it prints is JSON: how many tests ran, and the names of those that failed, each with its reason.
"""
import copyreg
import io
import json
import pickle
import sys
import unittest

from pickle_relay import again
from test import pickletester


def through(data, proto, buffers):
    proto = pickle.DEFAULT_PROTOCOL if proto is None else pickle.HIGHEST_PROTOCOL if proto < 0 else proto
    extensions = [(code, *names) for code, names in copyreg._inverted_registry.items()]
    return again(data, proto, extensions, [bytes(one.raw()) for one in buffers])


def keeping(callback, buffers):
    """Returns the callback, made to keep what it takes out of band."""

    def keep(buffer):
        inside = callback(buffer)
        if not inside:
            buffers.append(buffer)
        return inside

    return keep


class Through(pickletester.AbstractPickleTests):
    pickler = pickle._Pickler
    unpickler = pickle._Unpickler

    def dumps(self, arg, proto=None, *, buffer_callback=None, **kwargs):
        buffers = []
        if buffer_callback is not None:
            kwargs["buffer_callback"] = keeping(buffer_callback, buffers)
        return through(pickle.dumps(arg, proto, **kwargs), proto, buffers)


class FastTests(Through, unittest.TestCase):
    """pickle.loads, which is written in C."""

    def loads(self, data, **kwargs):
        return pickle.loads(data, **kwargs)


class PlainTests(Through, unittest.TestCase):
    """pickle._loads, which is written in Python."""

    def loads(self, data, **kwargs):
        return pickle._loads(data, **kwargs)


if __name__ == "__main__":
    # Some tests look for what they have defined in __main__'s place.
    suite = unittest.TestSuite(
        unittest.defaultTestLoader.loadTestsFromTestCase(case) for case in (FastTests, PlainTests)
    )
    result = unittest.TextTestRunner(stream=io.StringIO(), verbosity=0).run(suite)
    faults = {
        str(test.id()).removeprefix("__main__."): trace.strip().splitlines()[-1]
        for test, trace in result.failures + result.errors
    }
    skipped = {str(test.id()).removeprefix("__main__."): why for test, why in result.skipped}
    print("=" + json.dumps({"ran": result.testsRun, "faults": faults, "skipped": skipped}), flush=True)
