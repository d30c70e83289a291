"""Writes tests/testdata/pickles/decode.jsonl: pickles that this Python wrote or took, and what it says that they mean.

A line is [name, base64 of the pickle, meaning]. A meaning is tagged: N, B, I decimal text, F eight bytes in hexadecimal,
S code points, b and Y hexadecimal, T, L, D pairs in order, E and e members, and for other objects their class and fields.
"""

import base64
import collections
import datetime
import decimal
import fractions
import json
import pathlib
import pickle
import struct
import uuid


def tag(value):
    kind = type(value)
    if value is None:
        return ["N"]
    if kind is bool:
        return ["B", value]
    if kind is int:
        return ["I", str(value)]
    if kind is float:
        return ["F", struct.pack(">d", value).hex()]
    if kind is str:
        return ["S", [ord(c) for c in value]]
    if kind in (bytes, bytearray):
        return ["b" if kind is bytes else "Y", value.hex()]
    if kind in (tuple, list):
        return ["T" if kind is tuple else "L", [tag(item) for item in value]]
    if kind in (set, frozenset):
        return ["E" if kind is set else "e", sorted((tag(item) for item in value), key=json.dumps)]
    if kind is dict:
        return ["D", pairs(value)]
    if kind is complex:
        return ["complex", tag(value.real), tag(value.imag)]
    if kind is range or kind is slice:
        return [kind.__name__, tag(value.start), tag(value.stop), tag(value.step)]
    if kind in (collections.OrderedDict, collections.Counter):
        return [kind.__name__, pairs(value)]
    if kind is collections.defaultdict:
        factory = value.default_factory
        return ["defaultdict", factory and f"{factory.__module__}.{factory.__qualname__}", pairs(value)]
    if kind is collections.deque:
        return ["deque", [tag(item) for item in value], value.maxlen]
    if kind is datetime.date:
        return ["date", value.year, value.month, value.day]
    if kind in (datetime.time, datetime.datetime):
        day = [value.year, value.month, value.day] if kind is datetime.datetime else []
        clock = [value.hour, value.minute, value.second, value.microsecond, value.fold]
        return [kind.__name__, day + clock, tag(value.tzinfo)]
    if kind is datetime.timedelta:
        return ["timedelta", value.days, value.seconds, value.microseconds]
    if kind is datetime.timezone:
        args = value.__getinitargs__()
        return ["timezone", tag(args[0]), args[1] if len(args) > 1 else None]
    if kind is decimal.Decimal:
        return ["Decimal", str(value)]
    if kind is fractions.Fraction:
        return ["Fraction", str(value.numerator), str(value.denominator)]
    if kind is uuid.UUID:
        return ["UUID", str(value.int)]
    if isinstance(value, pathlib.PurePath):
        return [kind.__name__, list(value.parts)]
    raise TypeError(kind)


def pairs(value):
    return [[tag(key), tag(item)] for key, item in value.items()]


LONE = "\ud800"
SHARED = ("shared", 1)

VALUES = {
    "none": None,
    "bools": [True, False],
    "ints": [0, 1, -1, 127, 128, 255, 256, -128, -129, 65535, 65536, 2**31 - 1, -(2**31), 2**31, -(2**31) - 1, 2**32],
    "long ints": [sign * 2**power + near for power in (47, 48, 52, 53, 63, 64, 127) for sign in (1, -1) for near in (-1, 0, 1)],
    "a very long int": 3**2000,
    "floats": [0.0, -0.0, 1.0, -2.0, 1.5, 1e300, 5e-324, 2.0**53, -(2.0**53), 2.0**53 - 1, float("inf"), float("-inf")],
    "nan": float("nan"),
    "strings": ["", "a", "abc" * 100, "\ufeffabc", "äöü", "€", "😀", "a\x00b", "\x7f\x80\xff\u0100", "'\"\\\n\r\x1a"],
    "longer strings": ["x" * 300, "ä" * 300, "😀" * 200, "x" * 100 + "€"],
    "lone surrogates": [LONE, "\udc00", "a\udfffb", "\udc00\ud800", "x" * 100 + LONE],
    "surrogates side by side": "\ud83d" + "\ude00",
    "bytes": [b"", b"abc", bytes(range(256)), b"x" * 300],
    "bytearrays": [bytearray(), bytearray(b"abc"), bytearray(range(256))],
    "tuples": [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), ((),), ((1,), [2])],
    "dicts": [{}, {"a": 1}, {1: "a", "1": "b"}, {None: 1, True: 2, 2.5: 3}, {(1, "a"): 1, b"b": 2, frozenset({1}): 3}],
    "dict of floats": {0.5: 1, float("inf"): 2, 1e300: 3},
    "100 ints as keys": {i * 7: i for i in range(100)},
    "names of JavaScript": {"__proto__": 1, "constructor": 2, "toString": 3, "__defineGetter__": 4},
    "sets": [set(), {1, 2}, {(1, 2)}, frozenset(), frozenset({"a", b"b"})],
    "shared tuples": [SHARED, SHARED],
    "complex": [1j, complex(-0.0, 2.5), complex(3, -4)],
    "ranges": [range(0), range(1, 10, 2), range(10**20, 0, -(10**18))],
    "slices": [slice(None), slice(1, 2), slice("a", None, 3)],
    "OrderedDict": collections.OrderedDict([("b", 1), ("a", 2)]),
    "defaultdict": collections.defaultdict(list, {"a": [1]}),
    "defaultdict without factory": collections.defaultdict(None, {"a": 1}),
    "Counter": collections.Counter("abca"),
    "deques": [collections.deque(), collections.deque([1, 2], 5), collections.deque([3])],
    "dates": [datetime.date(1, 1, 1), datetime.date(2024, 2, 29), datetime.date(9999, 12, 31)],
    "times": [
        datetime.time(),
        datetime.time(23, 59, 59, 999_999, fold=1),
        datetime.time(1, 2, tzinfo=datetime.timezone.utc),
    ],
    "datetimes": [
        datetime.datetime(2024, 2, 29, 12, 34, 56, 789),
        datetime.datetime(2024, 12, 1, 2, fold=1),
        datetime.datetime(1, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=-5), "EST")),
    ],
    "timedeltas": [datetime.timedelta(), datetime.timedelta(-1, 5, 7), datetime.timedelta.max],
    "Decimals": [decimal.Decimal(text) for text in ("0", "-1.50", "1E+30", "NaN", "sNaN12", "-Infinity")],
    "Fractions": [fractions.Fraction(-1, 3), fractions.Fraction(5), fractions.Fraction(10**30, 7)],
    "UUID": uuid.UUID(int=0x12345678123456781234567812345678),
    "paths": [pathlib.PurePosixPath("/a/b"), pathlib.PurePosixPath(), pathlib.PureWindowsPath("c:/x/y.txt")],
}

BY_HAND = {
    "BININT and its kin": b"(K\xffM\xff\xffJ\xff\xff\xff\xffl.",
    "INT in all bases": b"(I0x1f\nI-0b11\nI0o17\nI 7\nI1_000\nI+5\nl.",
    "INT that is a bool": b"(I00\nI01\nI0\nI1\nl.",
    "LONG with and without L": b"(L5L\nL5\nL-99999999999999999999L\nl.",
    "LONG1 with sign and without": b"(\x8a\x00\x8a\x01\xff\x8a\x02\xff\x00\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x80l.",
    "LONG4": b"(\x8b\x00\x00\x00\x00\x8b\x03\x00\x00\x00\x01\x00\x80l.",
    "FLOAT as text": b"(F1\nF-1.5e3\nF.5\nF1.\nFinf\nF-inf\nFnan\nF-0.0\nl.",
    "STRING with escapes": b"(S'a\\n\\x41\\101\\''\nS\"it's\"\nS''\nl.",
    "BINSTRING and SHORT_BINSTRING": b"(T\x03\x00\x00\x00abcU\x02de" + b"l.",
    "UNICODE with escapes": b"(V\\u0041\\U0001f600\\\\u0041\\n\xe4\nV\\\nV\nl.",
    "surrogates side by side in UNICODE": b"V\\ud83d\\ude00\n.",
    "surrogates side by side in UTF-8": b"X\x06\x00\x00\x00\xed\xa0\xbd\xed\xb8\x80.",
    "BINUNICODE8 and BINBYTES8": b"(\x8d\x02" + bytes(7) + b"hi\x8e\x02" + bytes(7) + b"\x00\xffl.",
    "BYTEARRAY8": b"\x96\x02" + bytes(7) + b"ab.",
    "LIST, DICT and TUPLE": b"((lp0\n(dp1\n(tp2\n(K\x01K\x02t(K\x01K\x02d" + b"l.",
    "POP may pop a MARK": b"K\x01(0.",
    "POP_MARK": b"K\x01(K\x02K\x031.",
    "DUP": b"]2\x86.",
    "MEMOIZE counts entries": b"K\x05q\x05K\x06\x940h\x01.",
    "MEMOIZE may write over an entry": b"(K\x05q\x01K\x06\x94h\x01l.",
    "PUT with a sparse number": b"(K\x07r\xff\xff\xff\xffp99999999\nj\xff\xff\xff\xffg99999999\nl.",
    "PUT and GET with leading zeros": b"K\x07p007\n0g7\n.",
    "APPENDS and SETITEMS without items": b"](e}(u\x86.",
    "1, 1.0 and True are one key": b"}(K\x01K\x0aG\x3f\xf0" + bytes(6) + b"K\x0b\x88K\x0cu.",
    "nan keys are apart": b"}(G\x7f\xf8" + bytes(6) + b"K\x01G\x7f\xf8" + bytes(6) + b"K\x02u.",
    "one nan twice is one key": b"G\x7f\xf8" + bytes(6) + b"q\x000}(h\x00K\x01h\x00K\x02u.",
    "-0.0 is the key 0": b"}(K\x00K\x01G\x80" + bytes(7) + b"K\x02u.",
    "1e300 is the key int(1e300)": b"}(L" + str(int(1e300)).encode() + b"L\nK\x01G" + struct.pack(">d", 1e300) + b"K\x02u.",
    "equal tuples and frozensets are one key": b"}(K\x01K\x02\x86K\x01K\x01G\x40" + bytes(7) + b"\x86K\x02u.",
    "equal bytes are one member": b"\x8f(C\x01aC\x01aC\x01b\x90.",
    "members of protocol 4 sets": b"\x8f(K\x01K\x02\x90(K\x03K\x03\x91\x86.",
    "two frames": b"\x80\x04\x95\x02" + bytes(7) + b"K\x01\x95\x02" + bytes(7) + b"0].",
    "STOP inside a frame that goes on": b"\x80\x04\x95\x05" + bytes(7) + b"N." + bytes(3),
    "a frame of no length": b"\x80\x04\x95" + bytes(8) + b"N.",
    "an argument that begins where its frame ends": b"\x80\x04\x95\x01" + bytes(7) + b"K\x05.",
    "zeros behind STOP": b"N.\x00\x00\x00",
    "PROTO again": b"\x80\x02\x80\x04N.",
    "INST of a known name": b"(icollections\nOrderedDict\n.",
    "OBJ of a known name": b"(cdatetime\ntimedelta\nK\x01K\x02K\x03o.",
    "names of Python 2": b"c__builtin__\nxrange\n(K\x01K\x05K\x01tR.",
    "what was never put on stays below": b"K\x09K\x05.",
}


def rows():
    for name, value in VALUES.items():
        seen = set()
        for protocol in range(6):
            data = pickle.dumps(value, protocol)
            if data[:1] + data[2:] in seen:
                continue
            seen.add(data[:1] + data[2:])
            # What was read again: a fold is lost below protocol 4.
            yield f"{name}, protocol {protocol}", data, pickle.loads(data)
    for name, data in BY_HAND.items():
        # The Python unpickler takes any number for a memo entry.
        yield name, data, pickle._loads(data)
    # Outside of frames, since it is that long.
    long = ["x" * 70_000, b"y" * 70_000]
    yield "a long string", pickle.dumps(long, 4), long


with open("tests/testdata/pickles/decode.jsonl", "w") as file:
    for name, data, value in rows():
        print(json.dumps([name, base64.b64encode(data).decode(), tag(value)], separators=(",", ":")), file=file)
