import { assertEquals } from "../../assert.ts";
import { encode } from "../../../lib/pickle/encode/encode.ts";
import { textsIn } from "../../../lib/pickle/verify/texts_in.ts";
import type { Value } from "../../../lib/pickle/values/values.ts";
import { verify } from "../../../lib/pickle/verify/verify.ts";
import { envelopeLength, writeEnvelope } from "../../../lib/pickle/stamp.ts";
import { findPython } from "../python.ts";
import { randomOf } from "../../random.ts";

const BOUNDS = { maxBytes: 1 << 16, maxOpcodes: 100_000 };

/** A pickle with the listener's keys behind it, as it is stored. */
function stamped(bytes: Uint8Array, plain: boolean): Uint8Array {
  const stamp = { id: 7, room: "lobby", from: "ann", at: 1.5 };
  const envelope = { bytes, verified: verify(bytes), stamp, plain };
  const target = new Uint8Array(envelopeLength(envelope));
  writeEnvelope(target, 0, envelope);
  return target;
}

/** What is found in a message with that body. */
function found(body: Value, more: [Value, Value][] = []): string[] {
  const dict = new Map<Value, Value>([["type", "message"], ...more, ["body", body], ["ref", "a ref"]]);
  return textsIn(stamped(encode(dict), false), "body", BOUNDS);
}

Deno.test("the texts of a body are found, and none around it", () => {
  assertEquals(found("tea"), ["tea"]);
  assertEquals(found(""), [""]);
  assertEquals(found(7), []);
  assertEquals(found(new TextEncoder().encode("bytes are no text")), []);
  assertEquals(found(["a", ["b", 1], new Map([["c", "d"]])]), ["a", "b", "c", "d"]);
  assertEquals(found("tea", [["room", "lobby"], ["x", ["extra"]], ["note", "extra"]]), ["tea"]);
  assertEquals(textsIn(stamped(encode(["plain", "object"]), true), "body", BOUNDS), ["plain", "object"]);
  assertEquals(textsIn(encode("no dict"), "body", BOUNDS), []);
  assertEquals(textsIn(encode(new Map([["other", "x"]])), "body", BOUNDS), []);
});

Deno.test("a text that stands twice in the pickle is found in the body too", () => {
  // As Python does where room and body are one object: the body is read from the memo.
  const ops = [0x80, 4, 0x7d, 0x28, ...text("room"), ...text("ops"), 0x94, ...text("body")];
  assertEquals(textsIn(Uint8Array.of(...ops, 0x68, 0, 0x75, 0x2e), "body", BOUNDS), ["ops"]);
  assertEquals(textsIn(Uint8Array.of(...ops, 0x68, 0, 0x85, 0x75, 0x2e), "body", BOUNDS), ["ops"]);
});

function text(value: string): number[] {
  return [0x8c, value.length, ...new TextEncoder().encode(value)];
}

Deno.test("text is cut behind maxBytes, between two characters, and what follows is left out", () => {
  const cut = (body: Value, maxBytes: number) =>
    textsIn(encode(new Map([["body", body]])), "body", { ...BOUNDS, maxBytes });
  assertEquals(cut("abcdef", 6), ["abcdef"]);
  assertEquals(cut("abcdef", 5), ["abcde"]);
  assertEquals(cut(["abc", "def", "ghi"], 4), ["abc", "d"]);
  assertEquals(cut("äöü", 4), ["äö"]);
  assertEquals(cut("x".repeat(1 << 20), 1 << 16), ["x".repeat(1 << 16)]);
});

Deno.test("a body of more opcodes than are read has the texts before them", () => {
  const body = Array.from({ length: 1000 }, (_, index) => `word${index}`);
  const bytes = encode(new Map<string, Value>([["type", "message"], ["body", body], ["ref", 1]]));
  const some = textsIn(bytes, "body", { ...BOUNDS, maxOpcodes: 100 });
  assertEquals(some, body.slice(0, some.length));
  assertEquals(some.length > 20, true);
});

Deno.test("whatever the bytes are, it ends, and reads no more than it may", () => {
  const random = randomOf(21);
  const bytes = encode(
    new Map<string, Value>([["body", ["a", new Map([["b", [1, "c"]]]), "d"]], ["x", "y"]]),
  );
  for (let round = 0; round < 5000; round++) {
    const broken = bytes.slice(0, random(2) === 0 ? bytes.length : random(bytes.length));
    for (let change = random(4); change >= 0; change--) broken[random(broken.length)] = random(256);
    const texts = textsIn(broken, "body", { maxBytes: 100, maxOpcodes: 200 });
    assertEquals(texts.join("").length <= 100, true);
  }
});

const PYTHON = findPython();
const PROGRAM = `
import pickle, base64, datetime, decimal, collections, json
word = "ops"
bodies = [
  "tea", "tée ☕ \\ud83e\\uded6".encode("utf-16", "surrogatepass").decode("utf-16"), "line\\nbreak \\\\ and 'quote'",
  ["a", ("b", "c"), {"d": "e"}, word], {"k": ["v", {"deep": ("er",)}]}, ("x",), ("x", "y"), ("p", "q", "r"), tuple("abcde"),
  {"s1"}, frozenset(["f1"]), collections.OrderedDict([("ok", "ov")]), [datetime.datetime(2026, 1, 2), "after"],
  [decimal.Decimal("1.5"), "money"], [b"bytes", bytearray(b"array"), "text"], ["same", "same"], [], None, "x" * 300,
]
def texts(value):
  if isinstance(value, str): return [value]
  if isinstance(value, dict): return [t for pair in value.items() for item in pair for t in texts(item)]
  if isinstance(value, (list, tuple, set, frozenset)): return [t for item in value for t in texts(item)]
  return []
for protocol in range(6):
  for body in bodies:
    for message in ({"type": "message", "room": word, "body": body, "ref": "r"}, {"body": body, "type": "message"}):
      print(json.dumps([protocol, base64.b64encode(pickle.dumps(message, protocol)).decode(), texts(body)]))
`;

Deno.test({
  name: "the texts that Python sees in a body are found in each protocol",
  ignore: PYTHON === null,
  fn() {
    const { stdout } = new Deno.Command(PYTHON!, { args: ["-c", PROGRAM] }).outputSync();
    const lines = new TextDecoder().decode(stdout).trim().split("\n");
    assertEquals(lines.length, 6 * 19 * 2);
    for (const line of lines) {
      const [protocol, base64, texts] = JSON.parse(line) as [number, string, string[]];
      const bytes = stamped(Uint8Array.fromBase64(base64), false);
      assertEquals([protocol, textsIn(bytes, "body", BOUNDS)], [protocol, texts]);
    }
  },
});
