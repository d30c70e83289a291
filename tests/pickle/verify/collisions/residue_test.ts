import { assertEquals, assertNotEquals } from "../../../assert.ts";
import { Residue } from "../../../../lib/pickle/verify/collisions/residue.ts";
import { randomOf } from "../../../random.ts";
import { MODULUS } from "./collisions.ts";

function valueOf({ high, low }: Residue): bigint {
  return BigInt(high) << 32n | BigInt(low >>> 0);
}

function bigOf(random: (n: number) => number, words: number): bigint {
  return Array.from({ length: words }, () => BigInt(random(2 ** 31))).reduce(
    (sum, word) => sum << 31n | word,
    0n,
  );
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let square = base; exponent > 0n; exponent >>= 1n, square = square * square % MODULUS) {
    if (exponent & 1n) result = result * square % MODULUS;
  }
  return result;
}

const random = randomOf(2);
const numbers = [
  0n,
  1n,
  2n ** 21n,
  2n ** 42n,
  2n ** 61n,
  MODULUS,
  MODULUS - 1n,
  2n * MODULUS + 1n,
  10n ** 40n,
];
for (let i = 0; i < 300; i++) numbers.push(bigOf(random, 1 + i % 9));

Deno.test("a Residue of digits is the number modulo 2^61 - 1", () => {
  for (const number of numbers) {
    assertEquals(valueOf(new Residue().setDigits(String(number))), number % MODULUS);
  }
  assertEquals(valueOf(new Residue().setDigits("")), 0n);
});

Deno.test("a Residue of little-endian two's complement is that of the magnitude, whatever stands before the number", () => {
  for (const number of numbers) {
    for (const signed of [number, -number]) {
      for (let extra = 1; extra < 5; extra++) {
        const size = (number.toString(16).length >> 1) + extra;
        const bytes = new Uint8Array(size + 2).fill(0xff);
        let rest = BigInt.asUintN(8 * size, signed);
        for (let i = 0; i < size; i++, rest >>= 8n) bytes[i + 1] = Number(rest & 0xffn);
        const residue = new Residue().setBytes(bytes, 1, size + 1);
        assertEquals(valueOf(residue), number % MODULUS, `${signed}`);
        assertEquals(residue.secret, new Residue().setDigits(String(number)).secret);
      }
    }
  }
});

Deno.test("residues add, multiply, invert and shift as their numbers do", () => {
  const residueOf = (number: bigint) => new Residue().setDigits(String(number));
  for (const [i, number] of numbers.entries()) {
    const other = numbers[numbers.length - 1 - i]!;
    assertEquals(valueOf(residueOf(number).times(residueOf(other))), number * other % MODULUS);
    assertEquals(residueOf(number).times(residueOf(other)).secret, residueOf(number * other).secret);
    assertEquals(valueOf(residueOf(number).add(2 ** 50 - i)), (number + 2n ** 50n - BigInt(i)) % MODULUS);
    const inverse = residueOf(number).invert();
    assertEquals(valueOf(inverse), power(number % MODULUS, MODULUS - 2n));
    if (number % MODULUS > 0n) assertEquals(inverse.times(residueOf(number)).secret, 1);
    for (const exponent of [0, 1, 60, 61, 62, 1000, 123_456]) {
      assertEquals(
        valueOf(residueOf(number).shift(10, exponent)),
        number * power(10n, BigInt(exponent)) % MODULUS,
      );
      assertEquals(valueOf(residueOf(number).shift(2, exponent).shift(2, -exponent)), number % MODULUS);
    }
  }
});

Deno.test("numbers that are equal modulo 2^61 - 1 are told apart by the secret prime", () => {
  for (let i = 1n; i < 100n; i++) {
    const one = new Residue().setDigits(String(i)), other = new Residue().setDigits(String(i + i * MODULUS));
    assertEquals(valueOf(one), valueOf(other));
    assertNotEquals(one.secret, other.secret);
  }
});
