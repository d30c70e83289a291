"""Prints keys of every kind that a pickle may hold, with CPython's hash of each and which of them are equal.

One JSON object: keys, a list of [pickle (base64), hash (text), number of the first key that it equals]. What is hashed with a
secret has another hash in each run; what is not, the same in all."""

import base64
import datetime
import decimal
import fractions
import itertools
import json
import pathlib
import pickle
import random
import uuid

try:
    import numpy
except ImportError:
    numpy = None

P = (1 << 61) - 1
rng = random.Random(5)
D, F, T = decimal.Decimal, fractions.Fraction, datetime.timedelta
zone = datetime.timezone(T(hours=5, minutes=30))
west = datetime.timezone(T(hours=-11, microseconds=7))


def numbers():
    for n in (0, 1, 2, 255, 256, 2**25 - 1, 2**25, 2**31, 2**32, 2**47, 2**53, P - 1, P, P + 1, 2 * P, 2**64, 10**30, 2**3000):
        yield from (n, -n, -n - 1)
    yield from (rng.getrandbits(bits) - rng.getrandbits(bits) for bits in range(1, 900, 7))
    yield from (0.0, -0.0, 0.5, -0.5, 1e22, 10**22, 1e300, int(1e300), 5e-324, 2.0**-1022, 1.7976931348623157e308)
    yield from (float("inf"), -float("inf"), True, False, 2.0**61, 2.0**60, 0.1, 2.0**47, 2.0**53 + 2)
    yield from (rng.uniform(-1, 1) * 2.0 ** rng.randrange(-1000, 1000) for _ in range(60))
    for text in ("1", "1.0", "1E2", "0.5", "-0", "0E+5", "1E+30", "1.10", "-1", "-3E-7", "1E+400", "1E-99999", "Infinity", "-Infinity", "123456789012345678901234567890.5"):
        yield D(text)
    yield from (D(rng.getrandbits(80)).scaleb(rng.randrange(-300, 300)) for _ in range(30))
    yield from (F(1, 2), F(3, 1), F(-1), F(10**30, 7), F(-5, 3), F(1, P), F(-1, 2 * P), F(P + 5, 2))
    yield from (F(rng.getrandbits(60), rng.getrandbits(60) + 1) for _ in range(20))
    yield from (1j, complex(1, 0), complex(0.5, 0), complex(-1, -1), complex(2, 1e300), complex(-1000003, 1), complex(0.0, -0.0))


def texts():
    for text in ("", "a", "b", "ab", "é", "Ā", "a\u0100", "😀", "\x00", "x" * 300, "Ā" * 100, "\x07\xe8\x02\x1d"):
        yield text
        yield text.encode("latin1", "replace")
        yield text.encode("utf-16-le")
        yield text.encode("utf-32-le")


def times():
    for day in (datetime.date(2024, 2, 29), datetime.date.min, datetime.date.max, datetime.date(1900, 3, 1)):
        yield day
        yield bytes((day.year >> 8, day.year & 255, day.month, day.day))
        for clock in (datetime.time(0), datetime.time(23, 59, 59, 999999), datetime.time(5, 30), datetime.time(18, 29, 59, 999993)):
            yield datetime.datetime.combine(day, clock)
            yield datetime.datetime.combine(day, clock).replace(fold=1)
            for offset in (datetime.timezone.utc, zone, west):
                yield datetime.datetime.combine(day, clock, offset)
                yield datetime.datetime.combine(day, clock, offset).replace(fold=1)
                yield datetime.time(clock.hour, clock.minute, clock.second, clock.microsecond, offset)
    yield from (datetime.time(1, 2), datetime.time(1, 2, fold=1), datetime.time(1, 2, tzinfo=zone), datetime.time(1, 2, fold=1, tzinfo=zone))
    yield from (T(0), T(1, 2, 3), T(-1), T.min, T.max, (0, 0, 0), (1, 2, 3), datetime.timezone.utc, zone, west, datetime.timezone(T(0), "x"))


def composites():
    small = [0, 1, -1, -2, 0.5, "a", b"a", (), (1,), 2**70, D("0.5"), T(0, 0, 1)]
    yield from itertools.product(small, repeat=2)
    yield from (tuple(range(n)) for n in range(12))
    yield from (((), ()), ((1, (2, (3,))),), ("a", ("b", (1.5,))), tuple(range(300)))
    yield from map(frozenset, ([], [1], [1.0], [-1], [-2], [1, 2], [2, 1], range(40), ["a", 1], [b"a", 1], [()], [frozenset(), frozenset([1])]))
    yield from (frozenset(rng.sample(small, rng.randrange(6))) for _ in range(60))
    yield from (range(0), range(5, 2), range(5), range(0, 5, 1), range(7, 8, 3), range(7, 9, 2), range(0, 10**30, 3), range(10, -9, -3), range(7, 8))
    yield from (uuid.UUID(int=0), uuid.UUID(int=1), uuid.UUID(int=P + 3), uuid.UUID(int=2**128 - 1), 2**128 - 1)
    for flavour in (pathlib.PurePosixPath, pathlib.PureWindowsPath):
        for parts in ((), ("a",), ("a", "b"), ("a/b",), ("/",), ("/a",), ("//a",), ("a/./b//",), ("A", "B"), ("C:/x",), ("c:\\X",), ("..",)):
            yield flavour(*parts)


def scalars():
    if numpy is None:
        return
    for kind in (numpy.int8, numpy.uint8, numpy.int16, numpy.int32, numpy.uint32, numpy.int64, numpy.uint64, numpy.float16, numpy.float32, numpy.float64):
        yield from (kind(0), kind(1), kind(100))
    yield from (numpy.int64(-1), numpy.int64(-(2**63)), numpy.uint64(2**64 - 1), numpy.int8(-2), numpy.float32(0.1), numpy.float64(0.1), numpy.float16(0.1), numpy.float64("inf"))
    yield from (numpy.bool_(True), numpy.bool_(False), numpy.complex128(1 + 2j), numpy.complex64(0.5), numpy.str_("ab"), numpy.str_("é"), numpy.bytes_(b"ab"), numpy.str_(""))
    for order in "<>":
        yield from (numpy.array([-3], order + "i4")[0], numpy.array([0.1], order + "f8")[0])


def equal(one, other):
    try:
        return bool(one == other)
    except TypeError:
        return True  # of one value, but a scalar of numpy cannot be compared with a Decimal


def main():
    keys = list(itertools.chain(numbers(), texts(), times(), composites(), scalars()))
    seen = {}
    lines = []
    for key in keys:
        others = seen.setdefault(hash(key), [])
        number = next((number for other, number in others if equal(other, key)), len(lines))
        others.append((key, len(lines)))
        protocol = 4 if len(lines) % 2 else 2
        lines.append((base64.b64encode(pickle.dumps(key, protocol)).decode(), str(hash(key)), number))
    print(json.dumps({"keys": lines}))


main()
