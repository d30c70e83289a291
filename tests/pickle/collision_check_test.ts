import { assertEquals } from "../assert.ts";
import { PickleError } from "../../lib/pickle/errors.ts";
import { verify } from "../../lib/pickle/verify.ts";
import { randomOf } from "../random.ts";
import { little, pickleOf } from "./bytes.ts";

const MODULUS = 2n ** 61n - 1n;
const COUNT = 2000;

function accepts(...parts: (string | Uint8Array)[]): boolean {
  try {
    verify(pickleOf(...parts));
    return true;
  } catch (error) {
    if (error instanceof PickleError && error.limit === "keyWork") return false;
    throw error;
  }
}

// LONG1 with as many bytes more than needed as asked for.
function long(value: bigint, extra = 0): Uint8Array {
  const size = Math.ceil(value.toString(2).length / 8) + 1 + extra;
  return pickleOf("\x8a", size, little(BigInt.asUintN(8 * size, value), size));
}

function each(make: (i: number) => Uint8Array | string): Uint8Array {
  return pickleOf(...Array.from({ length: COUNT }, (_, i) => make(i + 20)));
}

const same = (i: number) => 7n + MODULUS * BigInt(i) * 2n ** 10n;
const ways: Record<string, (i: number) => Uint8Array | string> = {
  "LONG1": (i) => long(same(i)),
  "LONG1 of all lengths": (i) => long(same(i), i % 200),
  "negative LONG1 of all lengths": (i) => long(-same(i), i % 200),
  "LONG4": (i) => pickleOf("\x8b", little(20, 4), little(same(i), 20)),
  "LONG": (i) => `L${same(i)}L\n`,
  "INT": (i) => `I${same(i)}\n`,
  "nan": () => "G\x7f\xf8\0\0\0\0\0\0",
  "the UUID": (i) => pickleOf("cuuid\nUUID\n)\x81}\x8c\x03int", long(same(i)), "sb"),
};

for (const [way, make] of Object.entries(ways)) {
  Deno.test(`verify refuses a dict or set with 2,000 keys of one hash, each ${way}`, () => {
    assertEquals(accepts("}(", each((i) => pickleOf(make(i), "N")), "u."), false);
    assertEquals(accepts("}", each((i) => pickleOf(make(i), "Ns")), "."), false);
    assertEquals(accepts("(", each((i) => pickleOf(make(i), "N")), "d."), false);
    assertEquals(accepts("\x8f(", each(make), "\x90."), false);
    assertEquals(accepts("(", each(make), "\x91."), false);
    assertEquals(accepts("cbuiltins\nset\n](", each(make), "e\x85R."), false);
    assertEquals(accepts("cbuiltins\nset\n", "(", each(make), "l\x85R."), false);
    assertEquals(accepts("](", each(make), "e."), true);
  });
}

Deno.test("verify sees keys of one hash that go to two dicts in turn", () => {
  const pairs = each((i) => pickleOf(i % 2 ? "h\0" : "h\x01", long(same(i)), "Ns0"));
  assertEquals(accepts("}q\0}q\x01\x86", pairs, "."), false);
});

Deno.test("verify accepts 20,000 long ints, both signs, that chance has chosen", () => {
  const random = randomOf(3);
  const number = () =>
    Array.from({ length: 4 }, () => BigInt(random(2 ** 31))).reduce((sum, part) => sum << 31n | part);
  const keys = Array.from(
    { length: 20_000 },
    (_, i) => pickleOf(long(i % 2 ? number() : -number(), i % 5), "N"),
  );
  assertEquals(accepts("}(", ...keys, "u."), true);
});

Deno.test("verify accepts 2,000 ints whose rests follow each other", () => {
  assertEquals(accepts("}(", each((i) => pickleOf(long(MODULUS * 2n ** 70n + BigInt(i)), "N")), "u."), true);
});
