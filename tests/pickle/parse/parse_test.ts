import { PickleError } from "../../../lib/pickle/values/errors.ts";
import { dictOf } from "../../../lib/pickle/keys/keys.ts";
import { format } from "../../../lib/pickle/repr/format.ts";
import { Complex } from "../../../lib/pickle/values/known.ts";
import { parse } from "../../../lib/pickle/parse/parse.ts";
import {
  ByteArray,
  CodePoints,
  Float,
  FrozenSet,
  Global,
  Tuple,
  type Value,
} from "../../../lib/pickle/values/values.ts";
import { assert, assertEquals, assertStrictEquals, assertThrows } from "../../assert.ts";

function failure(text: string): PickleError {
  return assertThrows(() => parse(text), PickleError);
}

Deno.test("parse reads ints in every base, of any size, with underscores", () => {
  const ints: [string, Value][] = [
    ["0", 0],
    ["00", 0],
    ["-0", 0],
    ["+7", 7],
    ["- 7", -7],
    ["1_000", 1000],
    ["0xfF", 255],
    ["0o17", 15],
    ["0B_101", 5],
    ["9007199254740991", 2 ** 53 - 1],
    ["9007199254740992", 2n ** 53n],
    ["-0x20000000000000", -(2n ** 53n)],
    ["1" + "0".repeat(4299), 10n ** 4299n],
  ];
  for (const [text, value] of ints) assertStrictEquals(parse(text), value);
});

Deno.test("parse reads floats, also integral ones", () => {
  const floats: [string, Value][] = [
    ["2.0", new Float(2)],
    ["2.", new Float(2)],
    [".5", 0.5],
    ["1_0.0_5", 10.05],
    ["1e5", new Float(100000)],
    ["012.5", 12.5],
    ["1E-0_7", 1e-7],
    ["1e400", Infinity],
    ["-0.0", -0],
    ["1e22", 1e22],
    ["nan", NaN],
    ["-inf", -Infinity],
    ["float('inf')", Infinity],
  ];
  for (const [text, value] of floats) assertEquals(parse(text), value);
  assert(Object.is(parse("-0.0"), -0));
});

Deno.test("parse reads complex numbers as repr shows them, with both signs", () => {
  const numbers: [string, number, number][] = [
    ["1j", 0, 1],
    ["-0j", 0, -0],
    ["(1+2j)", 1, 2],
    ["1.5 - 2E3J", 1.5, -2000],
    ["(-0-1j)", -0, -1],
    ["(nan+infj)", NaN, Infinity],
    ["-infj", 0, -Infinity],
  ];
  for (const [text, real, imag] of numbers) assertEquals(parse(text), new Complex(real, imag));
});

Deno.test("parse reads a str with every prefix, quote and escape", () => {
  const texts: [string, Value][] = [
    ["''", ""],
    [`"it's"`, "it's"],
    ["'''a\n'b'''", "a\n'b"],
    ['"""\r\n"""', "\n"],
    ["u'\\u00e9'", "é"],
    ["r'\\n\\''", "\\n\\'"],
    ["'\\a\\b\\f\\n\\r\\t\\v\\\\\\'\\\"'", "\x07\b\f\n\r\t\v\\'\""],
    ["'\\0\\12\\1234\\777'", "\0\nS4\u01ff"],
    ["'\\x41\\U0001F600'", "A😀"],
    ["'a\\\nb\\\r\nc\\d'", "abc\\d"],
    ["'a' \"b\" # more\n r'\\c'", "ab\\c"],
    ["'\\ud800'", "\ud800"],
    ["'\\ud83d' '\\ude00'", new CodePoints([0xD83D, 0xDE00])],
    ["'a😀\\ud83d\\ude00'", new CodePoints([0x61, 0x1F600, 0xD83D, 0xDE00])],
  ];
  for (const [text, value] of texts) assertEquals(parse(text), value);
});

Deno.test("parse reads bytes, in which \\u is no escape", () => {
  assertEquals(parse("b'\\x00A\\777\\u0041'"), Uint8Array.of(0, 65, 255, 92, 117, 48, 48, 52, 49));
  assertEquals(parse("Rb'\\x' B\"'\""), Uint8Array.of(92, 120, 39));
  assertEquals(parse("bytearray(b'ab')"), new ByteArray(Uint8Array.of(97, 98)));
});

Deno.test("parse reads containers, with blanks, line ends and comments anywhere", () => {
  const containers: [string, Value][] = [
    ["[]", []],
    [" [ 1 ,\n[2], # two\n]\t", [1, [2]]],
    ["()", new Tuple([])],
    ["(1)", 1],
    ["(1,)", new Tuple([1])],
    ["1, 2", new Tuple([1, 2])],
    ["1,", new Tuple([1])],
    ["{}", new Map()],
    ["{1: 'hi', 'a': {2: 3},}", new Map<Value, Value>([[1, "hi"], ["a", new Map([[2, 3]])]])],
    ["{1, 2,}", new Set([1, 2])],
    ["set()", new Set()],
    ["frozenset()", new FrozenSet(new Set())],
    ["frozenset({1})", new FrozenSet(new Set([1]))],
    ["[None, True, False, null, true, false]", [null, true, false, null, true, false]],
    ["...", new Global("builtins", "Ellipsis")],
    ["<class 'a.b.C'>", new Global("a.b", "C")],
    ["<class 'list'>", new Global("builtins", "list")],
  ];
  for (const [text, value] of containers) assertEquals(parse(text), value);
});

Deno.test("parse gives the line and column of an error", () => {
  const failures: [string, string, number, number][] = [
    ["", "expected a value, found the end", 1, 1],
    ["[1,\n 2", 'expected "," or "]", found the end', 2, 3],
    ["[1 2]", 'expected "," or "]", found "2"', 1, 4],
    ["[1}", 'expected "," or "]", found "}"', 1, 3],
    ["[1,,]", 'expected a value, found ","', 1, 4],
    ["1 2", 'expected the end, found "2"', 1, 3],
    ["]", 'expected a value, found "]"', 1, 1],
    ["{'😀': }", 'expected a value, found "}"', 1, 7],
    ["{1: 2, 3}", 'expected ":", found "}"', 1, 9],
    ["{1, 2: 3}", 'expected "," or "}", found ":"', 1, 6],
    ["[os.system]", "unknown name os.system", 1, 2],
    ["eval('1')", "unknown name eval", 1, 1],
    ["set", "set without its arguments", 1, 1],
    ["set(1)", "set does not take these arguments", 1, 1],
    ["set(x=1)", "set does not take these arguments", 1, 1],
    ["'abc", "the string does not end", 1, 1],
    ["'a\nb'", "the string does not end", 1, 1],
    ["'\\x4'", "\\x is followed by 2 hexadecimal digits of a character", 1, 2],
    ["'\\U00110000'", "\\U is followed by 8 hexadecimal digits of a character", 1, 2],
    ["b'é'", "bytes can only have ASCII characters in a literal", 1, 3],
    ["'a' b'b'", "bytes and str cannot be mixed", 1, 5],
    ["f'{1}'", "f'… is not a literal", 1, 1],
    ["012", "an int does not begin with 0 (octal is 0o…)", 1, 1],
    ["1__0", "a malformed number", 1, 1],
    ["0b12", "a malformed number", 1, 1],
    ["1.5.2", "a malformed number", 1, 1],
    ["1 + 2", "only a complex number has a + inside", 1, 3],
    ["-'a'", 'expected a number, found "\'"', 1, 2],
    ["<mod.DC …>", "<…> is not a literal", 1, 1],
  ];
  for (const [text, problem, line, column] of failures) {
    const error = failure(text);
    assertEquals([error.code, error.line, error.column], ["syntax", line, column], text);
    assertEquals(error.message, `Cannot parse the literal: ${problem} (line ${line}, column ${column})`);
  }
});

Deno.test("parse keeps the first of equal keys, and gives the position of an unhashable key", () => {
  assertEquals(format(parse("{1: 'a', True: 'b', (1, 2.0): 'c', (1.0, 2): 'd'}")), "{1: 'b', (1, 2.0): 'd'}");
  assertEquals(format(parse("{b'a', b'a', 0, False}")), "{b'a', 0}");
  const error = failure("[1,\n {2, []}]");
  assertEquals([error.code, error.line, error.column], ["unhashable", 2, 2]);
  assertEquals(error.message, "Cannot parse the literal: a list has no hash (line 2, column 2)");
});

Deno.test("parse refuses \\N{…} with a reason", () => {
  assert(failure("'\\N{DASH}'").message.includes("names of Unicode"));
});

Deno.test("parse reads literals nested up to its limit, and refuses deeper ones", () => {
  const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  parse(nested(1000));
  const error = failure(nested(1001));
  assertEquals([error.code, error.limit, error.column], ["limit", "depth", 1001]);
  assertEquals(parse("[[]]", { limits: { depth: 2 } }), [[]]);
  assertThrows(() => parse("[[]]", { limits: { depth: 1 } }), PickleError);
});

Deno.test("parse reads a million nested lists without recursion", () => {
  const text = "[".repeat(1_000_000) + "]".repeat(1_000_000);
  let depth = 0;
  for (let list = parse(text, { limits: { depth: Infinity } }); Array.isArray(list); list = list[0] ?? null) {
    depth++;
  }
  assertEquals(depth, 1_000_000);
});

Deno.test("parse refuses an int of more digits than its limit, as Python does, but not in hexadecimal", () => {
  const error = failure("[1" + "0".repeat(4300) + "]");
  assertEquals([error.code, error.limit, error.column], ["limit", "digits", 2]);
  assertStrictEquals(parse("0x1" + "0".repeat(10_000)), 16n ** 10_000n);
});

Deno.test("parse reads back what format shows", () => {
  const values: Value[] = [
    [0, -1, 2n ** 70n, -(16n ** 4000n), new Float(-3), 1e16, 5e-324, NaN, -Infinity, -0],
    ["", "'", '"', `'"`, "\\", "\0\x7f\xa0😀\ud800", new CodePoints([0xD800, 0xDC00])],
    dictOf([[new Tuple([1]), new Set([1])], [
      Uint8Array.of(39, 34),
      new ByteArray(Uint8Array.of(39)),
    ]]),
    new FrozenSet(new Set<Value>([null, "a"])),
    new Global("m", "C"),
  ];
  for (const value of values) {
    const text = format(value);
    assertEquals(parse(text), value);
    assertEquals(format(parse(text)), text);
  }
});

Deno.test("parse makes no array of numpy that takes far more memory than its text", () => {
  const texts = [
    "array(['a'], dtype='<U999999999')",
    "array([b'a'], dtype='S999999999')",
    `array([${"'a', ".repeat(20_000)}'${"b".repeat(1_000)}'])`,
  ];
  for (const text of texts) {
    const error = failure(text);
    assertEquals([error.code, error.limit, error.line, error.column], ["limit", "memory", 1, 1]);
  }
  assertEquals(format(parse("array([], shape=(0, 999999999), dtype=float64)")).length, 46);
});
