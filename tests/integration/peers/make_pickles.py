"""Prints one pickle a line, in base64: of every type on the allow-list, alone and together, in every protocol.

The same lines every time for a seed, whatever the hash seed is: nothing iterates over a set of str."""

import base64
import collections
import datetime
import decimal
import fractions
import math
import pathlib
import pickle
import random
import sys
import uuid

try:
    import numpy
except ImportError:
    numpy = None

rnd = random.Random(int(sys.argv[1]))
utc = datetime.timezone.utc


def shared():
    inner = [1, "two"]
    return [inner, inner, {"again": inner}]


def list_cycle():
    items = [1]
    items.append(items)
    return items


def dict_cycle():
    outer = {"type": "message"}
    outer["body"] = [outer]
    return outer


def tuple_cycle():
    items = []
    pair = (items, 1)
    items.append(pair)
    return pair


def samples():
    yield from [None, True, False, 0, 1, 255, 256, 65535, 65536, -1, 2**31 - 1, 2**31, -(2**31), 2**63, -(2**63)]
    yield from [2**70, -(2**200), 10**300, 2**2100, 0.0, -0.0, 1.5, 2.0, 1e308, 5e-324, math.inf, -math.inf, math.nan]
    yield from ["", "a", "hello", "é", "日本", "😀", "line\nfeed\\u0041 \\", "x" * 300, "ÿ" * 300]
    yield from [b"", b"a", b"\x00\xff\n", bytes(range(256)), bytes(300), bytearray(), bytearray(b"xy\xff"), bytearray(400)]
    yield from [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), [], [1], list(range(20)), [[], [[]]], {}, {"a": 1}]
    yield from [{1: 2, "b": [3]}, {(1, 2): 3, b"k": 4, None: 5, 1.5: 6, ((1,), "z"): 7}, {i: i for i in range(12)}]
    yield from [set(), {1, 2, 3}, {(1, 2)}, frozenset(), frozenset({1}), {frozenset({1, 2}): frozenset()}]
    yield from [1 + 2j, range(5), range(3, -9, -2), slice(1, None, 2), int, {"cls": dict, "x": float}]
    yield collections.OrderedDict([("a", 1), ("b", [2])])
    yield collections.defaultdict(list, {"a": [1]})
    yield collections.defaultdict(None, {1: 2})
    yield collections.Counter("abracadabra")
    yield from [collections.deque(), collections.deque([1, [2]], 5)]
    yield from [datetime.date(2024, 2, 29), datetime.date.min, datetime.date.max, datetime.time(23, 59, 59, 999999)]
    yield from [datetime.datetime(2024, 5, 6, 7, 8, 9, 10), datetime.datetime.min, datetime.datetime.max]
    yield datetime.datetime(2024, 5, 6, tzinfo=datetime.timezone(datetime.timedelta(hours=-5, minutes=30), "EST"))
    yield from [datetime.datetime(2024, 5, 6, 2, fold=1, tzinfo=utc), datetime.time(1, fold=1, tzinfo=utc)]
    yield from [datetime.timedelta(-1, 5, 6), datetime.timedelta.max, datetime.timedelta.min, utc]
    yield from [decimal.Decimal(t) for t in ["1.50", "-0", "1E+30", "0E-20", "NaN", "-sNaN123", "Infinity", "123456789"]]
    yield from [fractions.Fraction(3, 4), fractions.Fraction(-(10**30), 7), {fractions.Fraction(1, 2): 1}]
    yield from [uuid.UUID(int=5), uuid.UUID(int=2**128 - 1), {uuid.UUID(int=9): 1}]
    yield from [pathlib.PurePosixPath("/a/b c"), pathlib.PureWindowsPath("C:\\x\\y"), pathlib.PurePosixPath()]
    yield {datetime.date(2024, 1, 1): decimal.Decimal("2.5"), pathlib.PurePosixPath("p"): 1, 3j: 2, utc: 0}
    yield from [shared(), list_cycle(), dict_cycle(), tuple_cycle()]
    yield {"type": "message", "body": "hi", "room": "lobby", "ref": 7}
    yield {"type": "message", "body": {"deep": [1, (2, {"x": b"y"})]}, "to": "bob"}
    yield {"type": "hello", "nick": "zoë", "client": "test", "session": "00" * 16, "resume": {"lobby": 12}, "echo": True}
    yield [{"id": i, "name": "user%d" % i, "tags": ["a", "b"], "score": i / 7} for i in range(6)]
    if numpy is not None:
        yield from arrays()


def arrays():
    yield from [numpy.arange(6).reshape(2, 3), numpy.zeros((2, 0)), numpy.array(5), numpy.float64(1.5), numpy.int8(-3)]
    yield from [numpy.asfortranarray(numpy.ones((2, 2), ">i2")), numpy.array(["a", "bcd"]), numpy.array([b"xy"])]
    yield from [numpy.str_("añ😀"), numpy.bytes_(b"q"), numpy.bool_(True), numpy.dtype("f8"), numpy.dtype(">u4")]
    yield from [numpy.datetime64("2020-01-01"), numpy.array(["2020-01-01T00"], "M8[s]"), numpy.timedelta64(5, "ms")]
    yield from [numpy.array([1 + 2j]), numpy.array([True, False]), numpy.dtype("U5"), numpy.float16(2)]


def anything(depth):
    kind = rnd.randrange(14 if depth > 0 else 8)
    if kind == 0:
        return rnd.choice([None, True, False])
    if kind == 1:
        return rnd.randrange(-300, 70000)
    if kind == 2:
        return rnd.getrandbits(rnd.randrange(1, 100)) - rnd.getrandbits(40)
    if kind == 3:
        return rnd.choice([0.5, -2.0, 1e100, rnd.random()])
    if kind in (4, 5):
        return "".join(rnd.choice("abc é\n\\日😀") for _ in range(rnd.randrange(6)))
    if kind == 6:
        return bytes(rnd.randrange(256) for _ in range(rnd.randrange(6)))
    if kind == 7:
        return rnd.choice(BASE)
    items = [anything(depth - 1) for _ in range(rnd.randrange(5))]
    if kind in (8, 9):
        return items
    if kind == 10:
        return tuple(items)
    if kind == 11:
        return {rnd.choice(["type", "body", "id", "x%d" % i]): item for i, item in enumerate(items)}
    keys = [key(2) for _ in items]
    if kind == 12:
        return dict(zip(keys, items))
    return set(keys)


def key(depth):
    kind = rnd.randrange(5 if depth > 0 else 3)
    if kind == 0:
        return rnd.randrange(20)
    if kind == 1:
        return rnd.choice(["a", "b", "kéy"])
    if kind == 2:
        return rnd.choice([None, True, 1.0, b"k", datetime.date(2020, 1, 1), decimal.Decimal(3)])
    return tuple(key(depth - 1) for _ in range(rnd.randrange(3)))


BASE = list(samples())


def main():
    values = BASE + [anything(4) for _ in range(int(sys.argv[2]))]
    for value in values:
        for protocol in range(6):
            # A set of str has another order each run: that is no harm, the lines are only the ground for mutations.
            print(base64.b64encode(pickle.dumps(value, protocol)).decode())
            try:
                print(base64.b64encode(pickle._dumps(value, protocol)).decode())
            except AssertionError:
                pass  # Python's pickler memoises the one empty bytes object of two empty arrays twice.


main()
