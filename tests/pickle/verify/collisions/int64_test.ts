import { assertEquals } from "../../../assert.ts";
import { Int64 } from "../../../../lib/pickle/verify/collisions/int64.ts";
import { randomOf } from "../../../random.ts";

const EDGES = [0n, 1n, 2n ** 16n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 63n, 2n ** 64n - 1n];

function halves(value: bigint): [number, number] {
  return [Number(value >> 32n) | 0, Number(value & 0xffffffffn) | 0];
}

function valueOf({ high, low }: Int64): bigint {
  return BigInt.asUintN(64, BigInt(high) << 32n | BigInt(low >>> 0));
}

Deno.test("an Int64 adds, multiplies and rotates modulo 2^64", () => {
  const random = randomOf(4);
  const any = () => BigInt(random(2 ** 32)) << 32n | BigInt(random(2 ** 32));
  const pairs = EDGES.flatMap((a) => EDGES.map((b): [bigint, bigint] => [a, b]));
  for (let i = 0; i < 1000; i++) pairs.push([any(), any()]);
  for (const [a, b] of pairs) {
    const sum = new Int64(...halves(a)), product = new Int64(...halves(a)), moved = new Int64(...halves(a));
    sum.plus(...halves(b));
    assertEquals(valueOf(sum), BigInt.asUintN(64, a + b));
    product.times(...halves(b));
    assertEquals(valueOf(product), BigInt.asUintN(64, a * b));
    const count = 1 + Number(b % 31n);
    moved.rotate(count);
    assertEquals(valueOf(moved), BigInt.asUintN(64, a << BigInt(count) | a >> BigInt(64 - count)));
  }
});
