"""Sends generated values through the codec: what it decodes and encodes again must be equal for both of CPython's unpicklers.

Takes a seed and a number of values. The last line that it prints is JSON: how many pickles went through, and the faults.
"""
import collections
import datetime
import decimal
import fractions
import io
import json
import pathlib
import pickle
import pickletools
import random
import struct
import sys
import uuid

from pickle_relay import Refused, again

INTS = [0, 1, -1, 127, 128, 255, 256, 65535, 65536, 2**31 - 1, 2**31, -(2**31), -(2**31) - 1, 2**53 - 1, 2**53,
        -(2**53) + 1, -(2**53), 2**63 - 1, 2**63, -(2**63), 2**64, 2**2039, 2**2040 - 1, 2**2040, -(2**2040), 10**600]
FLOATS = [0.0, -0.0, 1.0, -2.0, 0.1, 1e16, 1e22, 1e-7, 5e-324, 1.7976931348623157e308, 2.0**53, 2.0**63,
          float("inf"), float("-inf"), float("nan")]
TEXTS = ["", "a", "type", "é", "☃", "😀", "\ud800", "\udc00", "\ud83d\ude00", "\ufeffx", "a\nb\\c\0\x1a\r\t'\"",
         "x" * 85, "é" * 127, "é" * 128, "x" * 255, "x" * 256, "☃" * 86, "__proto__", "constructor"]
BYTES = [b"", b"a", b"\xff\0\n\\", bytes(range(256)), b"x" * 255]


class Plain:
    """An object that only Python can make."""

    def __eq__(self, other):
        return type(other) is Plain and self.__dict__.keys() == other.__dict__.keys()


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def scalar(self):
        pick = self.random
        return pick.choice([
            lambda: None,
            lambda: pick.random() < 0.5,
            lambda: pick.choice(INTS),
            lambda: pick.randrange(-(10 ** pick.randrange(1, 40)), 10 ** pick.randrange(1, 40)),
            lambda: pick.choice(FLOATS),
            lambda: struct.unpack("<d", pick.randbytes(8))[0],
            lambda: float(pick.randrange(-1000, 1000)),
            lambda: pick.choice(TEXTS),
            lambda: "".join(chr(pick.choice([pick.randrange(128), pick.randrange(0x110000)])) for _ in range(pick.randrange(40))),
            lambda: pick.choice(BYTES),
            lambda: pick.randbytes(pick.randrange(300)),
            lambda: complex(pick.choice(FLOATS), pick.choice(FLOATS)),
            lambda: decimal.Decimal(pick.choice(["1.50", "-0", "NaN", "Infinity", "1E+50"])),
            lambda: fractions.Fraction(pick.randrange(-99, 99), pick.randrange(1, 99)),
            lambda: uuid.UUID(int=pick.getrandbits(128)),
            lambda: range(pick.randrange(9), pick.randrange(99), pick.randrange(1, 9)),
            lambda: datetime.date(pick.randrange(1, 9999), pick.randrange(1, 13), 28),
            lambda: self.moment(),
            lambda: datetime.time(pick.randrange(24), 59, 1, pick.randrange(10**6), tzinfo=self.zone()),
            lambda: datetime.timedelta(pick.randrange(-999, 999), pick.randrange(86400), pick.randrange(10**6)),
            lambda: pathlib.PurePosixPath("/", "a", str(pick.randrange(9))),
            lambda: pathlib.PureWindowsPath("c:/", "x"),
            lambda: pick.choice([len, int, Plain, collections.OrderedDict, ValueError]),
        ])()

    def zone(self):
        pick = self.random
        return pick.choice([None, datetime.timezone.utc, datetime.timezone(datetime.timedelta(minutes=pick.randrange(-999, 999)), "x")])

    def moment(self):
        pick = self.random
        return datetime.datetime(pick.randrange(1, 9999), 2, 28, pick.randrange(24), 0, 59, pick.randrange(10**6), self.zone())

    def key(self, depth):
        pick = self.random
        kind = pick.randrange(6)
        if kind == 0 and depth > 0:
            return tuple(self.key(depth - 1) for _ in range(pick.randrange(5)))
        if kind == 1 and depth > 0:
            return frozenset(self.key(depth - 1) for _ in range(pick.randrange(5)))
        return self.scalar()

    def value(self, depth):
        pick = self.random
        if depth == 0 or pick.random() < 0.2:
            return self.scalar()
        size = pick.choice([0, 1, 2, 3, 4, 5, 9, 1000, 1001]) if depth == 1 and pick.random() < 0.1 else pick.randrange(6)
        values = [self.value(depth - 1) for _ in range(size)]
        if values and pick.random() < 0.2:
            values.append(values[0])
        kind = pick.randrange(14)
        if kind < 4:
            return values
        if kind < 6:
            return tuple(values)
        if kind < 9:
            return {self.key(2): value for value in values}
        keys = [self.key(2) for _ in values]
        if kind == 9:
            return pick.choice([set, frozenset])(keys)
        if kind == 10:
            return pick.choice([
                collections.OrderedDict(zip(keys, values)),
                collections.defaultdict(pick.choice([None, list, int]), zip(keys, values)),
                collections.Counter(keys),
                collections.deque(values, pick.choice([None, 3])),
                bytearray(pick.randbytes(pick.randrange(9))),
            ])
        if kind == 11:
            made = Plain()
            made.parts = values
            made.self = made
            return made
        if kind == 12:
            values.append(values)
            return {"cycle": values}
        try:
            return slice(*(values + [None] * 3)[:3])
        except TypeError:
            return values


def shape(value, seen):
    """What a value is, for comparison: types, order, and which containers are the same one; nan is equal to nan."""
    if value is None or isinstance(value, (bool, type)) or callable(value):
        return value
    if isinstance(value, float):
        return ("float", struct.pack("<d", value) if value == value else b"nan")
    if isinstance(value, complex):
        return ("complex", shape(value.real, seen), shape(value.imag, seen))
    if isinstance(value, decimal.Decimal):
        return ("Decimal", str(value))
    if isinstance(value, (list, dict, set, bytearray, collections.deque, Plain)):
        if id(value) in seen:
            return ("again", seen[id(value)])
        seen[id(value)] = len(seen)
    name = type(value).__name__
    if isinstance(value, Plain):
        return (name, [(key, shape(part, seen)) for key, part in value.__dict__.items()])
    if isinstance(value, dict):
        head = getattr(value, "default_factory", None)
        return (name, head, [(shape(key, seen), shape(part, seen)) for key, part in value.items()])
    if isinstance(value, (list, tuple)):
        return (name, [shape(part, seen) for part in value])
    if isinstance(value, collections.deque):
        return (name, value.maxlen, [shape(part, seen) for part in value])
    if isinstance(value, (set, frozenset)):
        return (name, sorted(repr(shape(part, seen)) for part in value))
    if isinstance(value, slice):
        return (name, [shape(part, seen) for part in (value.start, value.stop, value.step)])
    if isinstance(value, (datetime.datetime, datetime.time)):
        return (name, value, value.fold, repr(value.tzinfo))
    return (name, value)


def differing(got, wanted):
    """The texts of two shapes around the place where they begin to differ."""
    got, wanted = repr(got), repr(wanted)
    at = next((i for i, (a, b) in enumerate(zip(got, wanted)) if a != b), 0)
    return f"{got[max(at - 60, 0):at + 60]} and not {wanted[max(at - 60, 0):at + 60]}"


def check(value, read, written):
    """Returns what is wrong with a value's way through one protocol, or None."""
    try:
        made = again(pickle.dumps(value, read), written)
    except Refused as refused:
        return str(refused)
    if max(opcode.proto for opcode, _, _ in pickletools.genops(made)) > written:
        return "an opcode above the protocol"
    pickletools.dis(made, io.StringIO())
    # Not of the value itself: where one nan is in two keys, CPython's own pickle makes two of it.
    wanted = shape(pickle.loads(pickle.dumps(value, read)), {})
    for loads in (pickle.loads, pickle._loads):
        got = shape(loads(made), {})
        if got != wanted:
            return f"{loads.__name__} gives {differing(got, wanted)}"
    return None


def main():
    generator = Generator(int(sys.argv[1]))
    faults, went = [], 0
    for number in range(int(sys.argv[2])):
        value = generator.value(generator.random.randrange(5))
        for protocol in range(6):
            # What a protocol before 4 forgets itself, a fold, is not generated.
            other = generator.random.randrange(6)
            for read, written in ((protocol, protocol), (protocol, other)):
                try:
                    fault = check(value, read, written)
                except Exception as error:
                    fault = repr(error)
                went += 1
                if fault is not None:
                    faults.append(f"value {number}, protocol {read} to {written}: {fault}")
    print("=" + json.dumps({"went": went, "faults": faults[:20], "failed": len(faults)}), flush=True)


if __name__ == "__main__":
    main()
