import { grown } from "../../../lib/pickle/verify/rows.ts";
import { verify } from "../../../lib/pickle/verify/verify.ts";
import { assertEquals } from "../../assert.ts";
import { pickleOf } from "../bytes.ts";

const KEPT = 65_536;

Deno.test("an array grows to twice its size, and once it is large to the most that the pickle can need", () => {
  const lengths = (size: number, options: { least?: number; most?: number }) => {
    const array = new Int32Array(size).fill(7);
    const larger = grown(array, options);
    assertEquals(larger.subarray(0, size), array);
    assertEquals(larger.subarray(size).every((slot) => slot === 0), true);
    return larger.length;
  };
  assertEquals(lengths(4, {}), 8);
  assertEquals(lengths(4, { least: 9 }), 9);
  assertEquals(lengths(KEPT / 2, { most: 1e6 }), KEPT);
  assertEquals(lengths(KEPT / 2 + 1, { most: 1e6 }), 1e6);
  assertEquals(lengths(KEPT, { most: KEPT * 2 + 1 }), KEPT * 2 + 1);
  assertEquals(lengths(KEPT, { most: KEPT }), KEPT * 2);
  assertEquals(lengths(KEPT, { least: 2e6, most: 1e6 }), 2e6);
});

Deno.test("verify takes more containers, slots, marks and memo entries than it has room for at first", () => {
  const many = (part: string) => part.repeat(3 * KEPT);
  // The dict at the end is not the first one, so all of it is read twice.
  const bytes = pickleOf(
    "\x80\x04}0(",
    many(")\x94"),
    "l0(",
    many("]"),
    "l0",
    many("("),
    many("1"),
    "}(Vkey\nNu.",
  );
  assertEquals(verify(bytes).find("key") !== undefined, true);
  assertEquals(verify(bytes).end, bytes.length);
});
