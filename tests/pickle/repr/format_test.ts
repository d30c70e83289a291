import { decode } from "../../../lib/pickle/decode/decode.ts";
import { PickleError } from "../../../lib/pickle/values/errors.ts";
import { format } from "../../../lib/pickle/repr/format.ts";
import {
  CalendarDate,
  Complex,
  Counter,
  DateTime,
  Decimal,
  DefaultDict,
  Deque,
  Fraction,
  OrderedDict,
  PurePath,
  Range,
  Slice,
  TimeDelta,
  TimeOfDay,
  TimeZone,
  UUID,
} from "../../../lib/pickle/values/known.ts";
import { NDArray } from "../../../lib/pickle/values/known_numpy.ts";
import { parse } from "../../../lib/pickle/parse/parse.ts";
import {
  ByteArray,
  CodePoints,
  Float,
  FrozenSet,
  Global,
  Inert,
  Tuple,
  type Value,
} from "../../../lib/pickle/values/values.ts";
import { assert, assertEquals, assertMatch, assertThrows } from "../../assert.ts";

/** A tuple of two that are the same tuple, so many times: 2^depth leaves. */
function sharedTuples(depth: number): Value {
  let tuple: Value = 0;
  for (let level = 0; level < depth; level++) tuple = new Tuple([tuple, tuple]);
  return tuple;
}

Deno.test("format shows the constants and ints of any size", () => {
  assertEquals(
    format([null, true, false, 0, -1, 2 ** 53 - 1, 2n ** 64n, -(10n ** 20n)]),
    "[None, True, False, 0, -1, 9007199254740991, 18446744073709551616, -100000000000000000000]",
  );
});

Deno.test("format shows an int too long for Python's repr in hexadecimal", () => {
  assertEquals(format(10n ** 4300n - 1n), "9".repeat(4300));
  assertEquals(format(-(16n ** 4000n)), "-0x1" + "0".repeat(4000));
});

Deno.test("format shows floats with the fewest digits and Python's exponents", () => {
  const floats: [Value, string][] = [
    [new Float(2), "2.0"],
    [new Float(0), "0.0"],
    [-0, "-0.0"],
    [0.1, "0.1"],
    [0.0001, "0.0001"],
    [0.00001, "1e-05"],
    [new Float(9007199254740991), "9007199254740991.0"],
    [9007199254740994, "9007199254740994.0"],
    [1e16, "1e+16"],
    [1.5e300, "1.5e+300"],
    [5e-324, "5e-324"],
    [NaN, "nan"],
    [Infinity, "inf"],
    [-Infinity, "-inf"],
  ];
  for (const [value, text] of floats) assertEquals(format(value), text);
});

Deno.test("format quotes and escapes a str as Python does", () => {
  const texts: [string, string][] = [
    ["", "''"],
    ["it's", `"it's"`],
    [`it's "quoted"`, `'it\\'s "quoted"'`],
    ["\\\t\n\r\0\x7f\x80\xad", "'\\\\\\t\\n\\r\\x00\\x7f\\x80\\xad'"],
    ["é\u00a0\u2028\u4e2d", "'é\\xa0\\u2028\u4e2d'"],
    ["😀\ud800" + "\u{e0001}\u{10ffff}", "'😀\\ud800\\U000e0001\\U0010ffff'"],
  ];
  for (const [text, literal] of texts) assertEquals(format(text), literal);
  assertEquals(format(new CodePoints([0x61, 0xD83D, 0xDE00, 0x27])), `"a\\ud83d\\ude00'"`);
});

Deno.test("format shows bytes and bytearray, whose quotes Python escapes in different ways", () => {
  const bytes = new TextEncoder().encode("it's\0é");
  assertEquals(format(bytes), `b"it's\\x00\\xc3\\xa9"`);
  assertEquals(format(new ByteArray(bytes)), `bytearray(b"it\\'s\\x00\\xc3\\xa9")`);
  assertEquals(format(new Uint8Array()), "b''");
});

Deno.test("format shows containers, empty, with one item and with more", () => {
  const containers: [Value, string][] = [
    [[], "[]"],
    [[1, [2]], "[1, [2]]"],
    [new Tuple([]), "()"],
    [new Tuple([1]), "(1,)"],
    [new Tuple([1, 2]), "(1, 2)"],
    [new Map(), "{}"],
    [new Map<Value, Value>([[1, "hi"], [new Tuple([2]), []]]), "{1: 'hi', (2,): []}"],
    [new Set(), "set()"],
    [new Set([1, 2]), "{1, 2}"],
    [new FrozenSet(new Set()), "frozenset()"],
    [new FrozenSet(new Set([1])), "frozenset({1})"],
  ];
  for (const [value, text] of containers) assertEquals(format(value), text);
});

Deno.test("format shows a container inside itself as an ellipsis", () => {
  const list: Value[] = [];
  const tuple = new Tuple([list]);
  const dict = new Map<Value, Value>([[1, list]]);
  list.push(list, tuple, dict);
  assertEquals(format(list), "[[...], ([...],), {1: [...]}]");
  assertEquals(format(tuple), "([[...], (...), {1: [...]}],)");
  assertEquals(format(dict), "{1: [[...], ([...],), {...}]}");
  const shared: Value[] = [];
  assertEquals(format([shared, shared]), "[[], []]");
});

Deno.test("format shows a name as a class, and an inert object as a hint", () => {
  assertEquals(format(new Global("collections", "OrderedDict")), "<class 'collections.OrderedDict'>");
  assertEquals(format(new Global("__builtin__", "list")), "<class 'list'>");
  assertEquals(format(new Global("builtins", "Ellipsis")), "Ellipsis");
  assertEquals(format(new Global("__builtin__", "len")), "<built-in function len>");
  const dataclass = new Global("mod", "DC");
  assertEquals(format(new Inert("newobj", dataclass, new Tuple([]))), "<mod.DC …>");
  const made = new Inert("reduce", new Global("copy_reg", "_reconstructor"), new Tuple([dataclass, null]));
  assertEquals(format(new Inert("reduce", made, new Tuple([]))), "<mod.DC …>");
  assertEquals(format(new Global("mod", "a\n\u202e")), "<class 'mod.a\\n\\u202e'>");
});

Deno.test("format shows a str without quotes in the style of print, outside of containers only", () => {
  assertEquals(format("it's\n", { style: "print" }), "it's\n");
  assertEquals(format(["a"], { style: "print" }), "['a']");
});

Deno.test("format ends at its limit with an ellipsis, which is included", () => {
  const value = [1, "ab", 2];
  const whole = "[1, 'ab', 2]";
  for (let limit = 0; limit < whole.length; limit++) {
    const text = limit === 0 ? "" : whole.slice(0, limit - 1) + "…";
    assertEquals(format(value, { limit }), text);
  }
  assertEquals(format(value, { limit: whole.length }), whole);
  assertEquals(format("😀😀", { limit: 3, style: "print" }), "😀…");
  assertEquals(format("😀😀", { limit: 2, style: "print" }), "…");
});

Deno.test("format shows the beginning of tuples whose text is exponentially long", () => {
  assertEquals(format(sharedTuples(10_000), { limit: 100 }), "(".repeat(99) + "…");
  assertEquals(format(sharedTuples(10)).length, 2 ** 10 + (2 ** 10 - 1) * 4);
});

Deno.test("format shows a million nested lists", () => {
  let list: Value = [];
  for (let depth = 1; depth < 1_000_000; depth++) list = [list];
  const text = format(list);
  assertEquals(text.length, 2_000_000);
  assert(text.startsWith("[[[") && text.endsWith("]]]"));
});

const CLOCK = { hour: 3, minute: 4, second: 0, microsecond: 0, fold: 0, tzinfo: null } as const;

const INDIA = new TimeZone(new TimeDelta(0, 19_800, 0), "IST");

/** Objects of the standard library with their repr, and their str where that differs. */
const KNOWN: readonly [Value, string, string?][] = [
  [new Complex(0, 1), "1j"],
  [new Complex(-0, -2.5), "(-0-2.5j)"],
  [new Complex(NaN, Infinity), "(nan+infj)"],
  [new Range(0, 3, 1), "range(0, 3)"],
  [new Range(0, -(10n ** 20n), -2), "range(0, -100000000000000000000, -2)"],
  [new Slice(null, 1, "a"), "slice(None, 1, 'a')"],
  [new OrderedDict(), "OrderedDict()"],
  [new OrderedDict(new Map<Value, Value>([["a", 1], [2, []]])), "OrderedDict([('a', 1), (2, [])])"],
  [new DefaultDict(null), "defaultdict(None, {})"],
  [
    new DefaultDict(new Global("builtins", "list"), new Map([["a", [1]]])),
    "defaultdict(<class 'list'>, {'a': [1]})",
  ],
  [new Counter(), "Counter()"],
  [
    new Counter(new Map<Value, Value>([["a", 1], ["b", 3n ** 40n], ["c", new Float(2)], ["d", 1]])),
    "Counter({'b': 12157665459056928801, 'c': 2.0, 'a': 1, 'd': 1})",
  ],
  [new Counter(new Map<Value, Value>([["a", 1], ["b", null]])), "Counter({'a': 1, 'b': None})"],
  [new Deque([1, [2]], 3), "deque([1, [2]], maxlen=3)"],
  [new Deque(), "deque([])"],
  [new CalendarDate(2024, 2, 29), "datetime.date(2024, 2, 29)", "2024-02-29"],
  [
    new TimeOfDay({ ...CLOCK, tzinfo: INDIA, fold: 1 }),
    [
      "datetime.time(3, 4, tzinfo=datetime.timezone(datetime.timedelta(seconds=19800), 'IST'), fold=1)",
    ].join(),
    "03:04:00+05:30",
  ],
  [
    new DateTime({ year: 1, month: 2, day: 3 }, { ...CLOCK, second: 5, microsecond: 6, fold: 1 }),
    "datetime.datetime(1, 2, 3, 3, 4, 5, 6, fold=1)",
    "0001-02-03 03:04:05.000006",
  ],
  [new TimeDelta(0, 0, 0), "datetime.timedelta(0)", "0:00:00"],
  [
    new TimeDelta(-1, 3661, 1),
    "datetime.timedelta(days=-1, seconds=3661, microseconds=1)",
    "-1 day, 1:01:01.000001",
  ],
  [new TimeZone(new TimeDelta(0, 0, 0)), "datetime.timezone.utc", "UTC"],
  [
    new TimeZone(new TimeDelta(-1, 82_799, 0)),
    "datetime.timezone(datetime.timedelta(days=-1, seconds=82799))",
    "UTC-01:00:01",
  ],
  [new Decimal("1E+5"), "Decimal('1E+5')", "1E+5"],
  [new Fraction(-1, 3), "Fraction(-1, 3)", "-1/3"],
  [new Fraction(2, 1), "Fraction(2, 1)", "2"],
  [new UUID(1), "UUID('00000000-0000-0000-0000-000000000001')", "00000000-0000-0000-0000-000000000001"],
  [new PurePath("PurePosixPath", ["/", "a", "b"]), "PurePosixPath('/a/b')", "/a/b"],
  [new PurePath("PosixPath", []), "PosixPath('.')", "."],
  [new PurePath("PureWindowsPath", ["C:\\", "a"]), "PureWindowsPath('C:/a')", "C:\\a"],
];

Deno.test("format shows the objects of the standard library as their repr and str do, and parse reads them", () => {
  for (const [value, repr, str = repr] of KNOWN) {
    assertEquals(format(value), repr);
    assertEquals(format(value, { style: "print" }), str);
    assertEquals(format([value], { style: "print" }), `[${repr}]`);
    assertEquals(format(parse(repr)), repr);
  }
});

Deno.test("format shows a known object that contains itself", () => {
  const deque = new Deque();
  deque.items.push(deque);
  assertEquals(format(deque), "deque([[...]])");
  const ordered = new OrderedDict();
  ordered.entries.set(1, ordered);
  assertEquals(format(ordered), "OrderedDict([(1, ...)])");
  const dict = new DefaultDict(new Global("builtins", "list"));
  dict.entries.set(1, dict);
  assertEquals(format(dict), "defaultdict(<class 'list'>, {1: defaultdict(<class 'list'>, {...})})");
  // Python's slice is none of those that look for themselves.
  const list: Value[] = [];
  list.push(new Slice(list, null, null));
  assertEquals(format(list[0] ?? null), "slice([slice([...], None, None)], None, None)");
  const array = parse("array([None], dtype=object)") as NDArray;
  (array.data as Value[])[0] = array;
  assertEquals(format(array), "array([array(..., dtype=object)], dtype=object)");
});

Deno.test("format shows an array of objects in C order, as numpy always pickles it", () => {
  const { dtype, data } = parse("array([None, 'a', 2, (3,)], dtype=object)") as NDArray;
  for (const fortran of [false, true]) {
    const array = new NDArray([2, 2], dtype, fortran, data);
    assertEquals(format(array), "array([[None, 'a'],\n       [2, (3,)]], dtype=object)");
  }
});

/** What parse reads and numpy 2 shows alike. */
const ARRAYS = [
  "array([1, 2, 3])",
  "array([[ 1.5, -2. ],\n       [ 0. ,  nan]])",
  "array([1.0e-10, 2.5e+00])",
  "array([1. +2.j, 3.5-1.j])",
  "array([ True, False])",
  "array(5)",
  "array([], shape=(0, 3), dtype=float32)",
  "array(['a', \"it's\"], dtype='<U4')",
  "array([b'a', b''], dtype='|S1')",
  "array([1, 2], dtype='>i2')",
  "array([1, None, list([1, 2]), array([1, 2])], dtype=object)",
  "np.float64(1.0)",
  "np.float32(1e+06)",
  "np.float16(0.1)",
  "np.int8(-128)",
  "np.True_",
  "np.complex64(1-0.5j)",
  "np.str_('a')",
  "np.bytes_(b'a')",
  "dtype('float32')",
];

Deno.test("format shows arrays, scalars and dtypes as numpy 2 does, and parse reads them", () => {
  for (const text of ARRAYS) assertEquals(format(parse(text)), text);
});

/** What numpy 2 shows of what it pickled, and has no literal here. */
const SHOWN_ONLY: readonly (readonly [text: string, pickle: string])[] = [
  [
    "array(['2024-02-29',        'NaT'], dtype='datetime64[D]')",
    "gASVqQAAAAAAAACMFm51bXB5Ll9jb3JlLm11bHRpYXJyYXmUjAxfcmVjb25zdHJ1Y3SUk5SMBW51bXB5lIwHbmRhcnJheZSTlEsAhZRDAWKUh5RSlChLAUsChZRoA4wFZHR5cGWUk5SMAk04lImIh5RSlChLBIwBPJROTk5K/////0r/////SwBOKEMBRJRLAUsBSwF0lIaUdJRiiUMQRk0AAAAAAAAAAAAAAAAAgJR0lGIu",
  ],
  [
    "array([    1, 'NaT'], dtype='timedelta64[25s]')",
    "gASVqQAAAAAAAACMFm51bXB5Ll9jb3JlLm11bHRpYXJyYXmUjAxfcmVjb25zdHJ1Y3SUk5SMBW51bXB5lIwHbmRhcnJheZSTlEsAhZRDAWKUh5RSlChLAUsChZRoA4wFZHR5cGWUk5SMAm04lImIh5RSlChLBIwBPJROTk5K/////0r/////SwBOKEMBc5RLGUsBSwF0lIaUdJRiiUMQAQAAAAAAAAAAAAAAAAAAgJR0lGIu",
  ],
  [
    "array([(1, [1., 2.]), (2, [3., 4.])],\n      dtype=[('a', 'i1'), ('b', '<f4', (2,))])",
    "gASVGgEAAAAAAACMFm51bXB5Ll9jb3JlLm11bHRpYXJyYXmUjAxfcmVjb25zdHJ1Y3SUk5SMBW51bXB5lIwHbmRhcnJheZSTlEsAhZRDAWKUh5RSlChLAUsChZRoA4wFZHR5cGWUk5SMAlY5lImIh5RSlChLA4wBfJROjAFhlIwBYpSGlH2UKGgRaAyMAmkxlImIh5RSlChLA2gQTk5OSv////9K/////0sAdJRiSwCGlGgSaAyMAlY4lImIh5RSlChLA2gQaAyMAmY0lImIh5RSlChLA4wBPJROTk5K/////0r/////SwB0lGJLAoWUhpROTksISwRLAHSUYksBhpR1SwlLAUsQdJRiiUMSAQAAgD8AAABAAgAAQEAAAIBAlHSUYi4=",
  ],
  [
    "np.longdouble('0.1')",
    "gASVcwAAAAAAAACMFm51bXB5Ll9jb3JlLm11bHRpYXJyYXmUjAZzY2FsYXKUk5SMBW51bXB5lIwFZHR5cGWUk5SMA2YxNpSJiIeUUpQoSwOMATyUTk5OSv////9K/////0sAdJRiQxDNzMzMzMzMzPs/lxmwfwAAlIaUUpQu",
  ],
  [
    "np.clongdouble('1+0.5j')",
    "gASVgwAAAAAAAACMFm51bXB5Ll9jb3JlLm11bHRpYXJyYXmUjAZzY2FsYXKUk5SMBW51bXB5lIwFZHR5cGWUk5SMA2MzMpSJiIeUUpQoSwOMATyUTk5OSv////9K/////0sAdJRiQyAAAAAAAAAAgP8/lxmwfwAAAAAAAAAAAID+P5ESsH8AAJSGlFKULg==",
  ],
  [
    "np.void(b'\\x00\\xFF')",
    "gASVXgAAAAAAAACMFm51bXB5Ll9jb3JlLm11bHRpYXJyYXmUjAZzY2FsYXKUk5SMBW51bXB5lIwFZHR5cGWUk5SMAlYylImIh5RSlChLA4wBfJROTk5LAksBSwB0lGJDAgD/lIaUUpQu",
  ],
  [
    "np.datetime64('2024-02-29T12:00:00.000')",
    "gASVewAAAAAAAACMFm51bXB5Ll9jb3JlLm11bHRpYXJyYXmUjAZzY2FsYXKUk5SMBW51bXB5lIwFZHR5cGWUk5SMAk04lImIh5RSlChLBIwBPJROTk5K/////0r/////SwBOKEMCbXOUSwFLAUsBdJSGlHSUYkMIAFa89I0BAACUhpRSlC4=",
  ],
  [
    "np.datetime64('2024-02-29T12','h')",
    "gASVegAAAAAAAACMFm51bXB5Ll9jb3JlLm11bHRpYXJyYXmUjAZzY2FsYXKUk5SMBW51bXB5lIwFZHR5cGWUk5SMAk04lImIh5RSlChLBIwBPJROTk5K/////0r/////SwBOKEMBaJRLAUsBSwF0lIaUdJRiQwicPgcAAAAAAJSGlFKULg==",
  ],
  [
    "np.timedelta64(5,'D')",
    "gASVegAAAAAAAACMFm51bXB5Ll9jb3JlLm11bHRpYXJyYXmUjAZzY2FsYXKUk5SMBW51bXB5lIwFZHR5cGWUk5SMAm04lImIh5RSlChLBIwBPJROTk5K/////0r/////SwBOKEMBRJRLAUsBSwF0lIaUdJRiQwgFAAAAAAAAAJSGlFKULg==",
  ],
  [
    "dtype([('a', '<i4'), ('b', '>f8', (2, 3))])",
    "gASVvAAAAAAAAACMBW51bXB5lIwFZHR5cGWUk5SMA1Y1MpSJiIeUUpQoSwOMAXyUTowBYZSMAWKUhpR9lChoB2gCjAJpNJSJiIeUUpQoSwOMATyUTk5OSv////9K/////0sAdJRiSwCGlGgIaAKMA1Y0OJSJiIeUUpQoSwNoBmgCjAJmOJSJiIeUUpQoSwOMAT6UTk5OSv////9K/////0sAdJRiSwJLA4aUhpROTkswSwhLAHSUYksEhpR1SzRLAUsQdJRiLg==",
  ],
  [
    "dtype([('a', 'i1'), ('b', '<f8')], align=True)",
    "gASVlAAAAAAAAACMBW51bXB5lIwFZHR5cGWUk5SMA1YxNpSJiIeUUpQoSwOMAXyUTowBYZSMAWKUhpR9lChoB2gCjAJpMZSJiIeUUpQoSwNoBk5OTkr/////Sv////9LAHSUYksAhpRoCGgCjAJmOJSJiIeUUpQoSwOMATyUTk5OSv////9K/////0sAdJRiSwiGlHVLEEsIS5B0lGIu",
  ],
];

Deno.test("format shows structured, datetime and long double values as numpy 2 does", () => {
  for (const [text, pickle] of SHOWN_ONLY) assertEquals(format(decode(Uint8Array.fromBase64(pickle))), text);
});

Deno.test("parse refuses structured, datetime and long double values, and says what can be typed", () => {
  for (const [text] of SHOWN_ONLY) {
    const error = assertThrows(() => parse(text), PickleError);
    assertEquals([error.code, error.line], ["syntax", 1], text);
    assertMatch(
      error.message,
      /^Cannot parse the literal: of numpy only bool, int, .* and object can be typed \(line 1, column \d+\)$/,
    );
  }
});

Deno.test("format shows a large array in part, with its shape", () => {
  const items = Array.from({ length: 1001 }, (_, at) => at);
  const text = "array([   0,    1,    2, ...,  998,  999, 1000], shape=(1001,))";
  assertEquals(format(parse(`array([${items.join(", ")}])`)), text);
  assertEquals(
    format(parse(`array([${items.join(", ")}])`), { style: "print" }),
    "[   0    1    2 ...  998  999 1000]",
  );
});

Deno.test("format shows no more of objects in arrays in arrays than its limit", () => {
  const { dtype } = parse("array([None], dtype=object)") as NDArray;
  let array: Value = "x".repeat(100);
  for (let depth = 0; depth < 10_000; depth++) array = new NDArray([2], dtype, false, [array, array]);
  assertEquals(format(array, { limit: 30 }), "array([array([array([array([a…");
  assertEquals(format(array, { limit: 5000 }).length, 5000);
});
