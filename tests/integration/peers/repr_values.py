"""Values of all kinds that repr shows, out of a seed.

    repr_values.py write SEED COUNT    a line of JSON for each: its pickle in base64, its repr, its str
    repr_values.py check SEED COUNT    reads a line of base64 for each, and writes the number and repr of those that
                                       pickle.loads does not give back equal, type by type
"""

import base64
import collections
import datetime
import decimal
import fractions
import json
import pathlib
import pickle
import random
import struct
import sys
import uuid

QUOTES = ["'", '"', "\\", "\n", "\r", "\t", "\0", "\x7f", "\x80", "\xa0", "\xad", " ", "a", "é", "\u2028", "\ufeff"]
RANGES = [(0, 0x7F), (0x80, 0x24F), (0x250, 0x2FFF), (0x3000, 0xFFFF), (0x10000, 0x1FFFF), (0x20000, 0x10FFFF)]
FACTORIES = [None, list, int, dict, set, collections.OrderedDict]


def text(rand):
    length = rand.choice([0, 1, 2, 5, 12])
    if rand.random() < 0.4:
        return "".join(rand.choice(QUOTES) for _ in range(length))
    return "".join(chr(rand.randint(*rand.choice(RANGES))) for _ in range(length))


def integer(rand):
    return rand.choice([-1, 1]) * rand.getrandbits(rand.choice([1, 4, 8, 31, 32, 52, 53, 54, 63, 64, 65, 200]))


def real(rand):
    kind = rand.randrange(6)
    if kind == 0:
        return struct.unpack("<d", rand.randbytes(8))[0]
    if kind == 1:
        return float(rand.choice(["nan", "inf", "-inf", "-0.0", "0.0", "1e16", "1e15", "1e-4", "1e-5", "5e-324"]))
    if kind == 2:
        return float(integer(rand))
    if kind == 3:
        return rand.uniform(-1, 1) * 10.0 ** rand.randint(-8, 20)
    return round(rand.uniform(-1000, 1000), rand.randrange(4))


def binary(rand):
    if rand.random() < 0.3:
        return "".join(rand.choice("'\"a\\\n") for _ in range(rand.randrange(5))).encode()
    return rand.randbytes(rand.choice([0, 1, 3, 20]))


def number_text(rand):
    if rand.random() < 0.1:
        return rand.choice(["NaN", "-sNaN12", "Infinity", "-Infinity", "-0", "0E-7", "0E+3"])
    digits = str(rand.getrandbits(rand.choice([1, 10, 60])))
    return rand.choice(["", "-"]) + digits + f"E{rand.randint(-20, 10)}"


def delta(rand):
    return datetime.timedelta(rand.choice([0, -1, 1, rand.randint(-9999, 9999)]), rand.choice([0, rand.randrange(86400)]),
                              rand.choice([0, rand.randrange(1000000)]))


def zone(rand):
    kind = rand.randrange(5)
    if kind < 2:
        return None
    if kind == 2:
        return datetime.timezone.utc
    offset = datetime.timedelta(seconds=rand.choice([0, 3600, -5400, rand.randint(-86399, 86399)]))
    return datetime.timezone(offset, text(rand)) if kind == 3 else datetime.timezone(offset)


def clock(rand):
    return (rand.randrange(24), rand.randrange(60), rand.choice([0, rand.randrange(60)]),
            rand.choice([0, rand.randrange(1000000)]), zone(rand))


def day(rand):
    return datetime.date.fromordinal(rand.randint(1, datetime.date.max.toordinal()))


def moment(rand):
    date = day(rand)
    return datetime.datetime(date.year, date.month, date.day, *clock(rand), fold=rand.randrange(2))


def path(rand):
    kind = rand.choice([pathlib.PurePosixPath, pathlib.PureWindowsPath])
    parts = ["/", "//", "a", "b/c", ".", "..", "", "C:", "C:\\", "d:x", "\\", "\\\\host\\share\\", "it's", "e\\f", "///x"]
    return kind(*[rand.choice(parts) for _ in range(rand.randrange(4))])


LEAVES = [
    lambda rand: rand.choice([None, True, False, Ellipsis, NotImplemented]),
    integer, real, text, binary, text, integer,
    lambda rand: complex(real(rand), real(rand)),
    lambda rand: range(integer(rand), integer(rand), integer(rand) or 1),
    day, moment, delta, path,
    lambda rand: datetime.time(*clock(rand), fold=rand.randrange(2)),
    lambda rand: zone(rand),
    lambda rand: decimal.Decimal(number_text(rand)),
    lambda rand: fractions.Fraction(integer(rand), integer(rand) or 1),
    lambda rand: uuid.UUID(int=rand.getrandbits(128)),
    lambda rand: rand.choice([list, int, collections.OrderedDict, collections.deque, datetime.date, pathlib.PurePath]),
]


def hashable(rand, depth):
    kind = rand.randrange(8)
    if kind == 0 and depth > 0:
        return tuple(hashable(rand, depth - 1) for _ in range(rand.randrange(3)))
    if kind == 1 and depth > 0:
        return frozenset(hashable(rand, depth - 1) for _ in range(rand.randrange(3)))
    while True:
        leaf = rand.choice(LEAVES)(rand)
        # A signaling NaN has no hash.
        if not (isinstance(leaf, decimal.Decimal) and leaf.is_snan()):
            return leaf


def entries(rand, depth):
    return {hashable(rand, 2): value(rand, depth - 1) for _ in range(rand.randrange(4))}


def value(rand, depth):
    if depth == 0 or rand.random() < 0.3:
        return rand.choice(LEAVES)(rand)
    items = [value(rand, depth - 1) for _ in range(rand.randrange(4))]
    kind = rand.randrange(11)
    if kind < 2:
        return items
    if kind < 4:
        return tuple(items)
    if kind == 4:
        return bytearray(binary(rand))
    if kind == 5:
        return rand.choice([set, frozenset])(hashable(rand, 2) for _ in range(rand.randrange(4)))
    if kind == 6:
        return collections.OrderedDict(entries(rand, depth))
    if kind == 7:
        return collections.defaultdict(rand.choice(FACTORIES), entries(rand, depth))
    if kind == 8:
        return collections.Counter({hashable(rand, 1): rand.randrange(-3, 4) for _ in range(rand.randrange(5))})
    if kind == 9:
        maxlen = rand.choice([None, 0, 2, 5])
        return rand.choice([collections.deque(items, maxlen), slice(*(items + [None, 1, 2])[:3])])
    return entries(rand, depth)


def values(seed, count):
    rand = random.Random(seed)
    return [value(rand, rand.randrange(4)) for _ in range(count)]


def canonical(x):
    """What tells values apart that are not the same in every part; sets in one order, whatever their hashes."""
    kind = type(x)
    if kind in (list, tuple, collections.deque):
        return kind, getattr(x, "maxlen", None), [canonical(item) for item in x]
    if kind in (set, frozenset):
        return kind, sorted((canonical(item) for item in x), key=repr)
    if kind is collections.Counter:
        return kind, sorted(([canonical(key), canonical(item)] for key, item in x.items()), key=repr)
    if isinstance(x, dict):
        factory = getattr(x, "default_factory", None)
        return kind, factory, [[canonical(key), canonical(item)] for key, item in x.items()]
    if kind is slice:
        return kind, [canonical(part) for part in (x.start, x.stop, x.step)]
    return kind, repr(x)


def write(seed, count):
    rand = random.Random(seed)
    for x in values(seed, count):
        # Protocols below 4 lose the fold of a time.
        data = pickle.dumps(x, rand.randrange(4 if "fold=1" in repr(x) else 0, 6))
        print(json.dumps([base64.b64encode(data).decode(), repr(x), str(x)]))


def check(seed, count):
    for number, (x, line) in enumerate(zip(values(seed, count), sys.stdin, strict=True)):
        try:
            again = pickle.loads(base64.b64decode(line))
            if canonical(again) != canonical(x):
                print(number, repr(x), repr(again))
        except Exception as error:
            print(number, repr(x), repr(error))


{"write": write, "check": check}[sys.argv[1]](int(sys.argv[2]), int(sys.argv[3]))
