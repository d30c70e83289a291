import { encode } from "../../lib/pickle/encode/encode.ts";
import { Global, Inert, Tuple, type Value } from "../../lib/pickle/values/values.ts";
import { refOfRefused } from "../../lib/protocol/refused_ref.ts";
import { assertEquals } from "../assert.ts";
import { randomOf } from "../random.ts";

const message = (entries: [string, Value][]) => encode(new Map(entries));
const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** Makes a pickle that nothing can read, with an opcode that does not exist in the place of its STOP. */
function damaged(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  copy[copy.lastIndexOf(0x2e)] = 0xff;
  return copy;
}

Deno.test("the ref of an unsafe post is read, whatever its body holds", () => {
  const body = new Inert("reduce", new Global("os", "system"), new Tuple(["ls"]));
  assertEquals(refOfRefused(message([["type", "message"], ["body", body], ["ref", 7]])), 7);
  assertEquals(refOfRefused(message([["ref", "r-1"], ["type", "message"], ["body", body]])), "r-1");
  const nested = new Map<string, Value>([["ref", 1]]);
  assertEquals(refOfRefused(message([["ref", 2], ["type", "message"], ["body", [nested, body]]])), 2);
});

Deno.test("the ref of a damaged post is read in every protocol", () => {
  const pickles = [
    "(dp0\nVtype\np1\nVmessage\np2\nsVref\np3\nI7\nsVbody\np4\n\xff",
    "(dp0\nS'type'\np1\nS'message'\np2\nsS'ref'\np3\nI7\ns\xff",
    "}q\x00(X\x04\0\0\0typeq\x01X\x07\0\0\0messageq\x02X\x03\0\0\0refq\x03K\x07u\xff",
    "\x80\x02}q\x00(U\x03refq\x03K\x07U\x04bodyu\xff",
    "\x80\x04\x95\x10\0\0\0\0\0\0\0}\x94(\x8c\x03ref\x94K\x07\x8c\x04body\x94",
    "\x80\x04}(X\x03\0\0\0refr\x01\0\0\0M\x07\0\xff",
  ];
  for (const pickle of pickles) assertEquals(refOfRefused(latin1(pickle)), 7, pickle);
});

Deno.test("the ref of a long damaged post is read at either end of it", () => {
  const long: [string, Value] = ["body", "x".repeat(1 << 20)];
  const type: [string, Value] = ["type", "message"];
  assertEquals(refOfRefused(damaged(message([type, long, ["ref", 5]]))), 5);
  assertEquals(refOfRefused(damaged(message([["ref", "five"], type, long]))), "five");
  assertEquals(refOfRefused(damaged(message([type, long]))), undefined);
  const inside: Value = ["x".repeat(1 << 17), new Map([["ref", 5]]), "y".repeat(1 << 17)];
  assertEquals(refOfRefused(damaged(message([type, ["body", inside]]))), undefined);
});

Deno.test("no ref is read if there is none, if there are two, or if the value is not a ref", () => {
  const body = new Map<string, Value>([["ref", 1]]);
  const cases: Uint8Array[] = [
    new Uint8Array(),
    encode([1, 2, 3]),
    message([["type", "message"], ["body", "ref"]]),
    damaged(message([["type", "message"], ["body", body], ["ref", 2]])),
    damaged(message([["ref", null], ["type", "message"]])),
    damaged(message([["ref", [1]], ["type", "message"]])),
    damaged(message([["ref", "x".repeat(129)], ["type", "message"]])),
    damaged(message([["ref", "\ud800"], ["type", "message"]])),
    latin1("(dX\x03\0\0\0ref"),
    latin1("(dX\x03\0\0\0refX\xff\xff\xff\x7f"),
    latin1("(dX\x03\0\0\0refr"),
  ];
  for (const payload of cases) assertEquals(refOfRefused(payload), undefined);
  assertEquals(refOfRefused(damaged(message([["type", "message"], ["body", body], ["ref", 1]]))), 1);
});

Deno.test("no damaged payload makes the reading of its ref fail", () => {
  const random = randomOf(18);
  const good = message([["type", "message"], ["body", ["x", 1n << 70n]], ["ref", 7]]);
  for (let n = 0; n < 2000; n++) {
    const copy = good.slice(0, 1 + random(good.length));
    for (let change = random(4); change > 0; change--) copy[random(copy.length)] = random(256);
    const ref = refOfRefused(copy);
    assertEquals(ref === undefined || typeof ref === "string" || Number.isSafeInteger(ref), true);
  }
});
