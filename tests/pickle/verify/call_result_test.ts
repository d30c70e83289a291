import { assertEquals } from "../../assert.ts";
import { little, pickleOf } from "../bytes.ts";
import { answerOf, joined, long, type Part, text } from "./collisions/collisions.ts";

const longText = (value: string): Uint8Array =>
  pickleOf("X", value.length & 0xff, value.length >> 8, 0, 0, value);

// One call again and again, its argument out of the memo.
function repeated(name: string, times: number, ...args: Part[]): string {
  return answerOf(`c${name}\nq\x000(`, ...args, "tq\x010](", "h\x00h\x01R".repeat(times), "e.");
}

const digits = "7".repeat(4200);

Deno.test("verify bounds how often a call is given the same long number, which takes long to read", () => {
  assertEquals(repeated("decimal\nDecimal", 3, longText(digits)), "accepted");
  assertEquals(repeated("decimal\nDecimal", 10_000, longText(digits)), "keyWork");
  assertEquals(repeated("fractions\nFraction", 3, longText(`${digits}/3${digits}`)), "accepted");
  assertEquals(repeated("fractions\nFraction", 1000, longText(`${digits}/3${digits}`)), "keyWork");
  const int = pickleOf("\x8b\xd0\x06\0\0", "7".repeat(1744));
  assertEquals(repeated("fractions\nFraction", 1000, int, int), "keyWork");
  assertEquals(repeated("builtins\nrange", 10_000, "K\x00", int, "K\x07"), "keyWork");
});

Deno.test("verify accepts a short number as the argument of any number of calls, and long ones each once", () => {
  assertEquals(repeated("decimal\nDecimal", 20_000, text("1.5")), "accepted");
  assertEquals(repeated("fractions\nFraction", 10_000, text("1/5")), "accepted");
  const each = Array.from({ length: 200 }, (_, i) => joined(["h\x00", longText(`${digits}${i}`), "\x85R"]));
  assertEquals(answerOf("cdecimal\nDecimal\nq\x000](", ...each, "e."), "accepted");
});

Deno.test("verify takes a Fraction's numbers up to as many digits as int() reads, zeros in front counted", () => {
  const fraction = (over: string, under: string) =>
    answerOf("cfractions\nFraction\n", longText(`${over}/${under}`), "\x85R.");
  assertEquals(fraction("7".repeat(4300), "7".repeat(4300)), "accepted");
  assertEquals(fraction("7".repeat(4301), "7"), "bad-argument");
  assertEquals(fraction("7", "7".repeat(4301)), "bad-argument");
  assertEquals(fraction("7", "7".padStart(4300, "0")), "accepted");
  assertEquals(fraction("7", "7".padStart(4301, "0")), "bad-argument");
  assertEquals(fraction("7", "0".repeat(4300)), "bad-argument");
});

Deno.test("verify accepts ints of up to 4,300 digits, which is what Python shows, and not one more", () => {
  const answer = (value: bigint): string => {
    const size = Math.ceil(value.toString(2).length / 8) + 1;
    return answerOf("\x8b", little(size, 4), little(BigInt.asUintN(8 * size, value), size), ".");
  };
  assertEquals(answer(10n ** 4300n - 1n), "accepted");
  assertEquals(answer(-(10n ** 4300n) + 1n), "accepted");
  assertEquals(answer(10n ** 4300n), "bad-argument");
  assertEquals(answer(-(10n ** 4300n)), "bad-argument");
  assertEquals(answer(2n ** 16_000n), "bad-argument");
  assertEquals(answerOf("cfractions\nFraction\n", long(10n ** 300n), "K\x07\x86R."), "accepted");
  assertEquals(answerOf("cfractions\nFraction\nL1", "0".repeat(1900), "L\nK\x07\x86R."), "accepted");
  assertEquals(answerOf("cbuiltins\nrange\nK\x00", long(10n ** 300n), "K\x07\x87R."), "accepted");
  // A UUID's int may stand with more zeros than it needs.
  assertEquals(
    answerOf("}cuuid\nUUID\n)\x81}\x8c\x03int\x8a\x46", "\x05".padEnd(70, "\0"), "sbNs."),
    "accepted",
  );
});
