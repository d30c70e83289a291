import { fromJson, toJson } from "../../lib/json/mod.ts";
import { PickleError } from "../../lib/pickle/values/errors.ts";
import { format } from "../../lib/pickle/repr/format.ts";
import { dictOf } from "../../lib/pickle/keys/keys.ts";
import * as known from "../../lib/pickle/values/known.ts";
import { DType, NDArray, NumpyScalar } from "../../lib/pickle/values/known_numpy.ts";
import {
  ByteArray,
  CodePoints,
  Float,
  FrozenSet,
  Global,
  Inert,
  Tuple,
  type Value,
} from "../../lib/pickle/values/values.ts";
import { assertEquals, assertStrictEquals, assertThrows } from "../assert.ts";

function failure(text: string): PickleError {
  return assertThrows(() => fromJson(text), PickleError);
}

const WRITTEN: readonly [Value, string][] = [
  [null, "null"],
  [[true, false], "[true, false]"],
  [-5, "-5"],
  [2n ** 64n, '{"$int": "18446744073709551616"}'],
  [-(16n ** 4000n), `{"$int": "-0x1${"0".repeat(4000)}"}`],
  [new Float(2), "2.0"],
  [-0, "-0.0"],
  [1e22, "1e+22"],
  [1e-7, "1e-07"],
  [NaN, '{"$float": "nan"}'],
  [-Infinity, '{"$float": "-inf"}'],
  ['é"\n', '"é\\"\\n"'],
  ["\ud800", '"\\ud800"'],
  [new CodePoints([0xD83D, 0xDE00]), '{"$object": {"class": "builtins.str", "points": [55357, 56832]}}'],
  [Uint8Array.of(0, 255), '{"$bytes": "AP8="}'],
  [new ByteArray(Uint8Array.of(1)), '{"$bytearray": "AQ=="}'],
  [[], "[]"],
  [new Map(), "{}"],
  [new Map<Value, Value>([["a", [1, new Map()]], ["", null]]), '{"a": [1, {}], "": null}'],
  [new Map([["$tuple", 1]]), '{"$dict": [["$tuple", 1]]}'],
  [dictOf([[1, "a"], [new Tuple([]), "b"]]), '{"$dict": [[1, "a"], [{"$tuple": []}, "b"]]}'],
  [new Tuple([new Tuple([1])]), '{"$tuple": [{"$tuple": [1]}]}'],
  [new Set(), '{"$set": []}'],
  [new Set([1, "a"]), '{"$set": [1, "a"]}'],
  [new FrozenSet(new Set([1])), '{"$frozenset": [1]}'],
  [new Global("os", "system"), '{"$object": {"class": "os.system"}}'],
  [new Global("a", "B.C"), '{"$object": {"class": "a.B.C", "name": "B.C"}}'],
  [new known.Complex(1, -0), '{"$object": {"class": "builtins.complex", "real": 1.0, "imag": -0.0}}'],
  [new known.Decimal("1.50"), '{"$object": {"class": "decimal.Decimal", "value": "1.50"}}'],
];

Deno.test("toJson writes each kind of value in its form, and fromJson reads it back", () => {
  for (const [value, json] of WRITTEN) {
    assertEquals(toJson(value), json);
    JSON.parse(json);
    assertEquals(fromJson(json), value);
  }
});

Deno.test("toJson and fromJson keep every known object", () => {
  const offset = new known.TimeDelta(-1, 1, 2);
  const clock = {
    hour: 1,
    minute: 2,
    second: 3,
    microsecond: 4,
    fold: 1,
    tzinfo: new known.TimeZone(offset),
  } as const;
  const dtype = new DType("f8", new Tuple([3, "<", null, null, null, -1, -1, 0]));
  const objects: Value[] = [
    new known.Range(0, 10n ** 30n, 2),
    new known.Slice(null, "a", [1]),
    new known.OrderedDict(new Map<Value, Value>([["$a", 1], [2, []]])),
    new known.DefaultDict(new Global("builtins", "list"), new Map([["a", 1]])),
    new known.DefaultDict(null),
    new known.Counter(new Map([["a", 1]])),
    new known.Deque([1, [2]], 3),
    new known.Deque(),
    new known.CalendarDate(2024, 2, 29),
    new known.TimeOfDay(clock),
    new known.DateTime({ year: 1, month: 1, day: 1 }, { ...clock, tzinfo: null }),
    new known.TimeZone(offset, "name"),
    new known.Fraction(-1, 3),
    new known.UUID(2n ** 100n),
    new known.UUID(1, -1),
    new known.PurePath("PureWindowsPath", ["C:\\", "a"]),
    new NDArray([2], dtype, false, new Uint8Array(16)),
    new NumpyScalar(dtype, new Uint8Array(8)),
  ];
  for (const object of objects) {
    const json = toJson(object);
    JSON.parse(json);
    assertEquals(fromJson(json), object, json);
  }
});

Deno.test("toJson and fromJson keep inert objects with their state, items and pairs", () => {
  const bare = new Inert("newobj", new Global("mod", "DC"), new Tuple([]));
  const full = new Inert("reduce", bare, new Tuple([1]), new Map([["k", 2]]));
  full.state = new Map([["x", 1]]);
  full.items.push(1, [2]);
  full.pairs.push(["a", 1], [[], 2]);
  const known = new Inert("reduce", new Global("datetime", "date"), new Tuple(["?"]));
  for (const object of [bare, full, known]) assertEquals(fromJson(toJson(object)), object);
  assertEquals(
    toJson(bare),
    '{"$object": {"class": "mod.DC", "making": "newobj", "args": {"$tuple": []}}}',
  );
});

Deno.test("fromJson reads numbers exactly, and a float only where a point or exponent says so", () => {
  const numbers: [string, Value][] = [
    ["0", 0],
    ["-0", 0],
    ["9007199254740993", 9007199254740993n],
    ["-123456789012345678901234567890", -123456789012345678901234567890n],
    ["1.0", new Float(1)],
    ["1E2", new Float(100)],
    ["-0.0", -0],
    ["1e400", Infinity],
  ];
  for (const [text, value] of numbers) assertStrictEquals(format(fromJson(text)), format(value));
});

Deno.test("fromJson reads strings with JSON's escapes, and keeps the last of equal keys", () => {
  assertEquals(fromJson(String.raw`"\u0041\n\/\\\"\ud83d\ude00\ud800"`), 'A\n/\\"😀\ud800');
  assertEquals(
    fromJson(' {"a" : 1 ,\r\n\t"b":2, "a":3, "__proto__": 4} '),
    new Map([["a", 3], ["b", 2], ["__proto__", 4]]),
  );
});

Deno.test("fromJson reports line and column of a syntax error", () => {
  const failures: [string, string, number, number][] = [
    ["", "expected a value, found the end", 1, 1],
    ["[1,\n 2", 'expected "," or "]", found the end', 2, 3],
    ["[1,]", 'expected a value, found "]"', 1, 4],
    ["{'a': 1}", 'expected a key in quotes, found "\'"', 1, 2],
    ['{"a" 1}', 'expected ":", found "1"', 1, 6],
    ['{"a": 1,}', 'expected a key in quotes, found "}"', 1, 9],
    ["[1}", 'expected "," or "]", found "}"', 1, 3],
    ["1 2", 'expected the end, found "2"', 1, 3],
    ["[None]", "unknown word None", 1, 2],
    ["NaN", "unknown word NaN", 1, 1],
    ['"abc\\"', "the string does not end", 1, 1],
    ['["\t"]', "the string has a control character or an escape that JSON does not know", 1, 2],
    ["01", "a malformed number", 1, 1],
    ["1.", "a malformed number", 1, 1],
    ["1a", "a malformed number", 1, 1],
    ["[# no\n1]", 'expected a value, found "#"', 1, 2],
    ['[{"$tuple": 1}]', "$tuple does not hold what it should", 1, 2],
    ['{"$bytes": "?"}', "$bytes does not hold what it should", 1, 1],
    ['{"$int": "1.5"}', "$int does not hold what it should", 1, 1],
    ['{"$object": {"class": "datetime.date", "year": 1}}', "$object does not hold what it should", 1, 1],
    ['{"$a": 1}', 'a dict with a key that begins with "$" is written as {"$dict": …}', 1, 1],
    ['{"$tuple": [], "b": 1}', 'a dict with a key that begins with "$" is written as {"$dict": …}', 1, 1],
  ];
  for (const [text, problem, line, column] of failures) {
    const error = failure(text);
    assertEquals(error.message, `Cannot parse the JSON: ${problem} (line ${line}, column ${column})`);
    assertEquals(error.code, "syntax");
  }
  assertEquals(failure('{"$set": [[]]}').code, "unhashable");
});

Deno.test("toJson refuses a value that holds itself, and text beyond its limit", () => {
  const list: Value[] = [];
  list.push(new Tuple([list]));
  assertEquals(assertThrows(() => toJson(list), PickleError).code, "unsupported");
  let tuple: Value = 0;
  for (let depth = 0; depth < 1000; depth++) tuple = new Tuple([tuple, tuple]);
  const error = assertThrows(() => toJson(tuple, { limit: 1000 }), PickleError);
  assertEquals([error.code, error.limit], ["limit", "length"]);
  assertEquals(toJson("abc", { limit: 5 }), '"abc"');
  assertThrows(() => toJson("abc", { limit: 4 }), PickleError);
  assertThrows(() => toJson(new Uint8Array(100), { limit: 20 }), PickleError);
});

Deno.test("toJson and fromJson use no recursion", () => {
  let list: Value = [];
  for (let depth = 1; depth < 100_000; depth++) list = [list];
  const json = toJson(list);
  assertEquals(json.length, 200_000);
  assertEquals(toJson(fromJson(json, { limits: { depth: 100_000 } })), json);
  const error = failure(json);
  assertEquals([error.code, error.limit], ["limit", "depth"]);
});

Deno.test("fromJson reads values as deep as decode does", () => {
  let value: Value = 1;
  for (let depth = 0; depth < 1000; depth++) value = new known.OrderedDict(new Map([["a", value]]));
  assertEquals(toJson(fromJson(toJson(value))), toJson(value));
});
