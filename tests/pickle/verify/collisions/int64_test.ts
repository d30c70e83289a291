import { assertEquals } from "../../../assert.ts";
import { multiply, plus, upper } from "../../../../lib/pickle/verify/collisions/int64.ts";
import { randomOf } from "../../../random.ts";

const whole = (high: number, low: number): bigint =>
  BigInt.asUintN(64, BigInt(high) << 32n | BigInt(low >>> 0));

Deno.test("64-bit sums and products are those of their words modulo 2^64", () => {
  const random = randomOf(4);
  const edges = [0, 1, -1, 0x7fffffff, -0x80000000, 0xffff, 0x10000];
  for (let i = 0; i < 5000; i++) {
    const [a, b, c, d] = [0, 0, 0, 0].map(() =>
      i < 2401 ? edges[random(edges.length)]! : random(2 ** 31) * 2 + random(2) | 0
    ) as [number, number, number, number];
    const sum = plus(a, b, c, d);
    assertEquals(whole(upper, sum), BigInt.asUintN(64, whole(a, b) + whole(c, d)));
    const product = multiply(a, b, c, d);
    assertEquals(whole(upper, product), BigInt.asUintN(64, whole(a, b) * whole(c, d)));
  }
});
