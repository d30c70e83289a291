import { assert, assertEquals, assertThrows } from "../assert.ts";
import {
  decode,
  type DEFAULT_LIMITS,
  encode,
  Float,
  Global,
  Inert,
  PickleError,
  Tuple,
  type Value,
} from "../../lib/pickle/mod.ts";
import { randomOf } from "../random.ts";
import { little, pickleOf } from "./bytes.ts";
import { hostile } from "./hostile.ts";
import { samples, vectors } from "./vectors.ts";

/** Decodes, and tells what came of it; anything but a value or one of our errors is a failure of the test. */
function answerOf(bytes: Uint8Array): string {
  try {
    decode(bytes);
    return "value";
  } catch (error) {
    if (error instanceof PickleError) return error.code;
    throw new Error(`decode failed on ${bytes.subarray(0, 500).toBase64()}`, { cause: error });
  }
}

for (const { name, bytes, answer } of hostile()) {
  Deno.test(`decode answers ${name} with ${answer === "value" ? "the value" : `the error ${answer}`}`, () => {
    assertEquals(answerOf(bytes), answer);
  });
}

const corpus = [...samples().map(({ bytes }) => bytes), ...(await vectors()).map(({ bytes }) => bytes)];

Deno.test("decode refuses every pickle that is cut at any byte", () => {
  for (const bytes of corpus) {
    // Long ones are the same over and over.
    const step = bytes.length > 4_000 ? Math.ceil(bytes.length / 1_000) : 1;
    for (let length = 0; length < bytes.length; length += step) {
      // The zeros behind STOP may be cut.
      if (bytes.subarray(length).every((byte) => byte === 0)) continue;
      const { code, offset } = assertThrows(() => decode(bytes.subarray(0, length)), PickleError);
      assert(code === "truncated" || code === "bad-frame" || code === "bad-stack", code);
      assert(offset !== undefined && offset <= length);
    }
  }
});

Deno.test("decode gives a value or a PickleError for 100,000 mutated pickles", () => {
  const random = randomOf(3);
  const short = corpus.filter(({ length }) => length < 2_000);
  for (let round = 0; round < 100_000; round++) {
    const bytes = Uint8Array.from(short[random(short.length)] ?? []);
    for (let change = random(4); change >= 0; change--) {
      const at = random(bytes.length);
      const kind = random(4);
      if (kind === 0) bytes[at] = random(256);
      else if (kind === 1) bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
      else if (kind === 2) bytes.copyWithin(at, random(bytes.length), random(bytes.length));
      else bytes[at] = OPCODES.charCodeAt(random(OPCODES.length));
    }
    answerOf(bytes);
  }
});

const OPCODES = "(.012FGIJKLMNPQRSTUVX]abcdeghijlopqrstu}\x80\x81\x85\x86\x8c\x8f\x90\x91\x92\x93\x94\x95";

/** Puts a str on the stack. */
function text(value: string): Uint8Array {
  return pickleOf("X", little(value.length, 4), value);
}

const NAMES = [
  "__proto__",
  "constructor",
  "prototype",
  "__setstate__",
  "__class__",
  "toString",
  "hasOwnProperty",
];

Deno.test("decode treats the names of JavaScript's and Python's internals as any other key, by every opcode", () => {
  for (const name of NAMES) {
    const key = text(name);
    const dicts = [
      pickleOf("}", key, "K\x01s."),
      pickleOf("}(", key, "K\x01u."),
      pickleOf("(", key, "K\x01d."),
      pickleOf("}", key, "K\x01sq\x000h\x00."),
    ];
    for (const bytes of dicts) assertEquals(decode(bytes), new Map([[name, 1]]));
    const inert = [
      pickleOf("cm\nC\n)\x81}", key, "K\x01sb."),
      pickleOf("cm\nC\n)R", key, "K\x01s."),
      pickleOf(`c${name}\n${name}\n)R(K\x01e.`),
      pickleOf("(", key, key, 0x93, "K\x01o."),
      pickleOf(`(i${name}\n${name}\n.`),
      pickleOf("cm\nC\n)}", key, "K\x01s", 0x92, "."),
    ];
    for (const bytes of inert) decode(bytes);
  }
  const probe: Record<string, unknown> = {};
  assertEquals([probe["x"], Object.getPrototypeOf(probe) === Object.prototype], [undefined, true]);
  assertEquals(Object.keys(Object.prototype), []);
});

Deno.test("decode treats such names as keys even if objects have a setter __proto__", async () => {
  const script = `
    import { decode } from ${
    JSON.stringify(new URL("../../lib/pickle/decode/decode.ts", import.meta.url).href)
  };
    const bytes = Uint8Array.fromBase64("${
    pickleOf("}", text("__proto__"), "}", text("x"), "K\x01ss.").toBase64()
  }");
    const value = decode(bytes);
    console.log(value.size, value.get("__proto__").get("x"), ({}).x, Object.getPrototypeOf(value) === Map.prototype);
  `;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", "--unstable-unsafe-proto", script],
    stderr: "inherit",
  }).output();
  assertEquals(new TextDecoder().decode(stdout).trim(), "1 1 undefined true");
});

Deno.test("decode accepts exactly as much as each limit, and refuses one more", () => {
  const lists = (depth: number) => pickleOf("]".repeat(depth), "a".repeat(depth - 1), ".");
  const ints = (digits: number) => pickleOf("L", "7".repeat(digits), "L\n.");
  const dict = (entries: number) =>
    pickleOf("}(", ...Array.from({ length: entries }, (_, i) => `K${String.fromCharCode(i)}N`), "u.");
  const memo = (entries: number) =>
    pickleOf("N", ...Array.from({ length: entries }, (_, i) => pickleOf("q", i)), ".");
  const cases: [keyof typeof DEFAULT_LIMITS, number, (size: number) => Uint8Array][] = [
    ["depth", 5, lists],
    ["depth", 1_000, lists],
    ["depth", 1_000, (depth) => pickleOf(")", "\x85".repeat(depth - 1), ".")],
    ["depth", 1_000, (depth) => pickleOf("(".repeat(depth), "\x91".repeat(depth), ".")],
    ["digits", 10, ints],
    ["digits", 4_300, ints],
    ["entries", 5, dict],
    ["memo", 5, memo],
    ["opcodes", 5, (size) => pickleOf("N".repeat(size - 1), ".")],
  ];
  for (const [limit, size, make] of cases) {
    const limits = { [limit]: size };
    decode(make(size), { limits });
    const error = assertThrows(() => decode(make(size + 1), { limits }), PickleError);
    assertEquals([error.code, error.limit], ["limit", limit]);
  }
});

Deno.test("decode charges the objects that it makes to the limit on memory", () => {
  const parts = ["](" + "}".repeat(100) + "e", "(" + ")".repeat(100) + "l", "C\xff" + "x".repeat(255)];
  for (const part of parts) {
    const error = assertThrows(() => decode(pickleOf(part, "."), { limits: { memory: 300 } }), PickleError);
    assertEquals(error.limit, "memory");
  }
});

Deno.test("decode charges at least the memory that V8 takes for the objects that cost most per byte", () => {
  const count = 1_000;
  // What each takes was measured by the heap's growth over 200,000 of them.
  const taken: [string, number][] = [
    ["]", 40],
    ["]Na", 192],
    ["}", 171],
    ["}\x88Ns", 873],
    ["\x8f", 160],
    ["\x8f(\x88\x90", 840],
    ["(\x91", 192],
    ["(\x88\x91", 872],
    [")", 40],
    ["N\x85", 96],
    ["C\0", 208],
  ];
  for (const [part, bytes] of taken) {
    const pickle = pickleOf("(", part.repeat(count), "l.");
    const memory = count * bytes;
    const error = assertThrows(() => decode(pickle, { limits: { memory: memory - 1 } }), PickleError);
    assertEquals([error.limit, part], ["memory", part]);
  }
});

const SYSTEM = new Global("os", "system");

Deno.test("decode makes only inert objects of the known tricks against scanners", () => {
  const call = new Inert("reduce", SYSTEM, new Tuple(["ls"]));
  const tricks: [string, Uint8Array, Value][] = [
    ["INST as a hidden call", pickleOf("(", text("ls"), "ios\nsystem\n."), call],
    ["OBJ as a hidden call", pickleOf("(cos\nsystem\n", text("ls"), "o."), call],
    ["a dotted name", pickleOf(text("a"), text("b.c.d"), 0x93, "."), new Global("a", "b.c.d")],
    [
      "a memo that feeds STACK_GLOBAL",
      pickleOf(
        text("os"),
        0x94,
        text("path"),
        0x94,
        "00",
        text("system"),
        "q\x010h\0h\x01",
        0x93,
        text("ls"),
        0x85,
        "R.",
      ),
      call,
    ],
    ["a call hidden by POP", pickleOf("cos\nsystem\n", text("ls"), 0x85, "R0N."), null],
    ["a call below what is left", pickleOf("cos\nsystem\n", text("ls"), 0x85, "RN."), null],
    ["a call behind POP_MARK", pickleOf("(cos\nsystem\n", text("ls"), 0x85, "R1N."), null],
    ["__builtin__ in protocol 0", pickleOf("c__builtin__\neval\n."), new Global("builtins", "eval")],
    [
      "__builtin__ in protocol 4",
      pickleOf(0x80, 4, "c__builtin__\neval\n."),
      new Global("__builtin__", "eval"),
    ],
    ["a pickle in a pickle", pickleOf("C\x0ecos\nsystem\n)R.."), pickleOf("cos\nsystem\n)R.")],
    [
      "__reduce_ex__ by BUILD",
      pickleOf("cm\nC\n)\x81", "}", text("__reduce_ex__"), "cos\nsystem\nsb0N."),
      null,
    ],
  ];
  for (const [name, bytes, value] of tricks) {
    assertEquals(decode(bytes), value, name);
  }
  assertEquals(assertThrows(() => decode(pickleOf("N.cos\nsystem\n.")), PickleError).code, "trailing-data");
  assertEquals(assertThrows(() => decode(pickleOf("cos\xff\nsystem\n.")), PickleError).code, "bad-argument");
  assertEquals(
    assertThrows(() => decode(pickleOf("cos\n\xed\xa0\x80\n.")), PickleError).code,
    "bad-argument",
  );
});

/** Nested tuples, each of which holds the one below twice. */
function laughs(levels: number): Value {
  let value: Value = new Tuple([]);
  for (let level = 0; level < levels; level++) value = new Tuple([value, value]);
  return value;
}

Deno.test("a decoded billion-laughs pickle encodes to a similar size", () => {
  const byMemo = encode(laughs(60));
  const byDup = pickleOf(")", "2\x86".repeat(60), ".");
  for (const bytes of [byMemo, byDup]) assert(encode(decode(bytes)).length <= byMemo.length + 16);
});

Deno.test("decode keeps nothing of a failed pickle", () => {
  assertThrows(() => decode(pickleOf("((((K\x01q\x05K\x02r", little(9, 4))), PickleError);
  assertEquals(assertThrows(() => decode(pickleOf("h\x05.")), PickleError).code, "bad-memo");
  assertEquals(assertThrows(() => decode(pickleOf("t.")), PickleError).code, "bad-stack");
  assertEquals(decode(pickleOf("G\x40\0\0\0\0\0\0\0.")), new Float(2));
});
