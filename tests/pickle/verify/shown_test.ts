import { assertEquals } from "../../assert.ts";
import { little, pickleOf } from "../bytes.ts";
import { answerOf, collidingPairs, joined, type Part } from "./collisions/collisions.ts";

Deno.test("verify refuses a tree that sharing makes large, however few bytes say it", () => {
  const pairs = (depth: number) => answerOf("N", "2\x86".repeat(depth), ".");
  assertEquals(pairs(14), "accepted");
  assertEquals(pairs(18), "shown");
  assertEquals(pairs(45), "shown");
  assertEquals(pairs(400), "shown");
  const doubled = (open: string, close: string) =>
    answerOf("Nq\x000", `${open}h\x00h\x00${close}q\x000`.repeat(45), "h\x00.");
  assertEquals(doubled("](", "e"), "shown");
  assertEquals(doubled("(", "t"), "shown");
  assertEquals(doubled("(", "l"), "shown");
  assertEquals(answerOf("Nq\x000", "}(K\x01h\x00K\x02h\x00uq\x000".repeat(45), "h\x00."), "shown");
  assertEquals(answerOf("Nq\x000", "]h\x00ah\x00aq\x000".repeat(45), "h\x00."), "shown");
  assertEquals(answerOf("Nq\x000", "}K\x01h\x00sK\x02h\x00sq\x000".repeat(45), "h\x00."), "shown");
});

Deno.test("verify counts what is shown through an object that is filled while another holds it", () => {
  // Y holds X twice before X is given what was there before.
  const stage = "]q\x01](h\x01h\x01eq\x020h\x00a0h\x02q\x000";
  assertEquals(answerOf("](NNNeq\x000", stage.repeat(5), "h\x00."), "accepted");
  assertEquals(answerOf("](NNNeq\x000", stage.repeat(40), "h\x00."), "shown");
  assertEquals(answerOf("](NNNeq\x000", stage.repeat(40), "h\x00\x85."), "shown");
});

Deno.test("verify lets large containers be shared a few times, and small ones often", () => {
  const list = joined(["](", "K\x05".repeat(1000), "eq\x000"]);
  assertEquals(answerOf(list, "](", "h\x00".repeat(100), "e."), "accepted");
  assertEquals(answerOf(list, "](", "h\x00".repeat(5000), "e."), "shown");
  assertEquals(answerOf("]q\x000](", "h\x00".repeat(50_000), "e."), "accepted");
});

Deno.test("verify bounds the text that is shown", () => {
  const text = (size: number) => joined(["X", little(size, 4), "a".repeat(size), "q\x000"]);
  assertEquals(answerOf(text(10_000), "](", "h\x00".repeat(20), "e."), "accepted");
  assertEquals(answerOf(text(10_000), "](", "h\x00".repeat(2000), "e."), "shown");
  assertEquals(answerOf("\x8c\xff", "a".repeat(255), "q\x000](", "h\x00".repeat(2000), "e."), "accepted");
  assertEquals(answerOf("\x8c\xff", "a".repeat(255), "q\x000](", "h\x00".repeat(20_000), "e."), "shown");
  // The greatest that a frame holds, each byte of which is shown in four characters.
  assertEquals(answerOf("B", little(2 ** 24 - 6, 4), new Uint8Array(2 ** 24 - 6), "."), "accepted");
  // Nor does a larger frame hold too much once.
  assertEquals(answerOf("B", little(5e7, 4), new Uint8Array(5e7), "."), "accepted");
});

Deno.test("verify counts a text that comes again by the characters that repr shows", () => {
  const many = (text: string, times: number) => {
    const bytes = new TextEncoder().encode(text);
    return answerOf(pickleOf("\x8c", bytes.length, bytes), "q\x000](", "h\x00".repeat(times), "e.");
  };
  // So often that a text of 34 characters is the longest.
  const TIMES = 100_000;
  assertEquals(many("a".repeat(34), TIMES), "accepted");
  assertEquals(many("a".repeat(35), TIMES), "shown");
  assertEquals(many("\x01".repeat(8), TIMES), "accepted");
  assertEquals(many("\x7f".repeat(9), TIMES), "shown");
  assertEquals(many("\n".repeat(17), TIMES), "accepted");
  assertEquals(many("\\".repeat(18), TIMES), "shown");
  assertEquals(many("'".repeat(34), TIMES), "accepted");
  assertEquals(many(`"${"'".repeat(17)}`, TIMES), "shown");
  // A character that repr shows as it is counts as one, whatever its bytes; any other is shown as a number.
  assertEquals(many("語".repeat(34), TIMES), "accepted");
  assertEquals(many("語".repeat(35), TIMES), "shown");
  assertEquals(many("\u{1f600}".repeat(34), TIMES), "accepted");
  assertEquals(many("\x85".repeat(9), TIMES), "shown");
  assertEquals(many("\u200b".repeat(5), TIMES), "accepted");
  assertEquals(many("\u200b".repeat(6), TIMES), "shown");
  assertEquals(many("\u{e0001}".repeat(3), TIMES), "accepted");
  assertEquals(many("\u{e0001}".repeat(4), TIMES), "shown");
});

Deno.test("verify bounds what arrays take to show", () => {
  const made = "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntC\x01btR";
  const array = (shape: number[], size: number): Part =>
    joined([
      made,
      `(I1\n(${shape.map((length) => `I${length}\n`).join("")}t`,
      "cnumpy\ndtype\n(Vi1\nI00\nI01\ntR(I3\nV|\nNNNI-1\nI-1\nI0\ntbI00\nB",
      little(size, 4),
      new Uint8Array(size),
      "tbq\x000",
    ]);
  assertEquals(answerOf(array([100_000], 100_000), "h\x00."), "accepted");
  assertEquals(answerOf(array([1000], 1000), "h\x00."), "accepted");
  assertEquals(answerOf(array([1000], 1000), "](", "h\x00".repeat(200), "e."), "shown");
  // numpy shows at least six of each dimension.
  assertEquals(answerOf(array(Array(6).fill(6), 6 ** 6), "h\x00."), "shown");
  assertEquals(answerOf(array([1], 1), "](", "h\x00".repeat(200), "e."), "accepted");
  assertEquals(answerOf(array([1], 1), "](", "h\x00".repeat(5000), "e."), "shown");
});

Deno.test("verify bounds the containers of a pickle by its size", () => {
  assertEquals(answerOf("(", "\x8f".repeat(50_000), "t."), "accepted");
  assertEquals(answerOf("(", "\x8f".repeat(1_000_000), "t."), "keyWork");
  const deque = "ccollections\ndeque\nq\x000(";
  assertEquals(answerOf(deque, "h\x00)R".repeat(20_000), "t."), "accepted");
  assertEquals(answerOf(deque, "h\x00)R".repeat(1_000_000), "t."), "keyWork");
  const records = pickleOf("}(K\x01NK\x02NK\x03Nu").length;
  assertEquals(
    answerOf("](", "}(K\x01NK\x02NK\x03Nu".repeat(Math.floor(2 ** 20 / records)), "e."),
    "accepted",
  );
});

Deno.test("verify charges the same few colliding keys each time that a small container has them", () => {
  const modulus = 2n ** 61n - 1n;
  const long = (value: bigint) => pickleOf("\x8a\x09", little(value, 9), "\x940");
  const keys = joined(Array.from({ length: 8 }, (_, i) => long(5n + modulus * BigInt(i))));
  const decimals = joined(
    Array.from(
      { length: 8 },
      (_, i) => joined(["cdecimal\nDecimal\n", `V${5n + modulus * BigInt(i)}\n`, "\x85R\x940"]),
    ),
  );
  const dict = (from: number) =>
    joined(["}(", ...Array.from({ length: 8 }, (_, i) => pickleOf("h", from + i, "N")), "u"]);
  for (const [from, times] of [[0, 100], [8, 100], [0, 60_000], [8, 30_000]] as const) {
    const all = joined([
      "(",
      keys,
      decimals,
      "](",
      ...Array.from({ length: times }, () => dict(from)),
      "et.",
    ]);
    assertEquals(answerOf(all) === "accepted", times === 100);
  }
});

Deno.test("verify charges the keys of one hash again wherever their container comes again", () => {
  const keys = collidingPairs(200).map(([first, second]) => joined([signed(first), signed(second), "\x86"]));
  const dict = joined(["}(", ...keys.flatMap((key) => [key, "N"]), "u\x940"]);
  const set = joined(["\x8f(", ...keys, "\x90\x940"]);
  for (const container of [dict, set]) {
    assertEquals(answerOf(container, "](", "h\x00".repeat(3), "e."), "accepted");
    assertEquals(answerOf(container, "](", "h\x00".repeat(60), "e."), "shown");
    assertEquals(answerOf(container, "(h\x00\x85\x940", "h\x01".repeat(60), "t."), "shown");
    assertEquals(answerOf(container, "]", "h\x00a".repeat(60), "."), "shown");
  }
});

function signed(value: bigint): Uint8Array {
  return pickleOf("\x8a\x08", little(BigInt.asUintN(64, value), 8));
}
