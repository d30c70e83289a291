import { format } from "../../lib/pickle/format.ts";
import {
  ByteArray,
  CodePoints,
  Float,
  FrozenSet,
  Global,
  Inert,
  Tuple,
  type Value,
} from "../../lib/pickle/values.ts";
import { assert, assertEquals } from "../assert.ts";

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

Deno.test("format shows a container that holds itself as an ellipsis in itself", () => {
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

Deno.test("format shows what is only named as a class, and what only a call would make as a hint", () => {
  assertEquals(format(new Global("collections", "OrderedDict")), "<class 'collections.OrderedDict'>");
  assertEquals(format(new Global("__builtin__", "list")), "<class 'list'>");
  assertEquals(format(new Global("builtins", "Ellipsis")), "Ellipsis");
  const dataclass = new Global("mod", "DC");
  assertEquals(format(new Inert("newobj", dataclass, new Tuple([]))), "<mod.DC …>");
  const made = new Inert("reduce", new Global("copy_reg", "_reconstructor"), new Tuple([dataclass, null]));
  assertEquals(format(new Inert("reduce", made, new Tuple([]))), "<mod.DC …>");
  assertEquals(format(new Global("mod", "a\n\u202e")), "<class 'mod.a\\n\\u202e'>");
});

Deno.test("format leaves a str bare in the style of print, at the top alone", () => {
  assertEquals(format("it's\n", { style: "print" }), "it's\n");
  assertEquals(format(["a"], { style: "print" }), "['a']");
});

Deno.test("format ends at its limit with an ellipsis, which counts", () => {
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

Deno.test("format shows the beginning of tuples whose text would never end", () => {
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
