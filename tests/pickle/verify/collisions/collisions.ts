/** Keys that were chosen to collide in CPython's dicts and sets, as opcodes; computed here from what CPython documents. */
import { PickleError } from "../../../../lib/pickle/values/errors.ts";
import { verify } from "../../../../lib/pickle/verify/verify.ts";
import { little, pickleOf } from "../../bytes.ts";

/** A piece of a pickle; of a string each character is a byte. */
export type Part = Uint8Array | string;

/** Tells what verify makes of a pickle: that it accepted it, or by what it was refused. */
export function answerOf(...parts: Part[]): string {
  try {
    verify(joined(parts));
    return "accepted";
  } catch (error) {
    if (error instanceof PickleError) return error.limit ?? error.code;
    throw error;
  }
}

/** What CPython reduces numbers by. */
export const MODULUS = 2n ** 61n - 1n;

const PRIME_1 = 11400714785074694791n;
const PRIME_2 = 14029467366897019727n;
const PRIME_5 = 2870177450012600261n;
const INVERSE_2 = inverse64(PRIME_2);
const TARGET = 0x123456789abcdef0n;

/** Makes an int, by LONG1 with as many bytes more than needed as asked for. */
export function long(value: bigint, extra = 0): Uint8Array {
  const size = Math.ceil(value.toString(2).length / 8) + 1 + extra;
  return pickleOf("\x8a", size, little(BigInt.asUintN(8 * size, value), size));
}

/** Makes a str. */
export function text(value: string): Uint8Array {
  return pickleOf("\x8c", value.length, value);
}

/** Puts parts one behind the other. */
export function joined(parts: readonly Part[]): Uint8Array {
  const pieces = parts.map((part) => typeof part === "string" ? pickleOf(part) : part);
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

// By Newton: each round doubles the bits that are right.
function inverse64(odd: bigint): bigint {
  let inverse = odd;
  for (let round = 0; round < 6; round++) inverse = BigInt.asUintN(64, inverse * (2n - odd * inverse));
  return inverse;
}

function lane(state: bigint, hash: bigint): bigint {
  const sum = BigInt.asUintN(64, state + hash * PRIME_2);
  return BigInt.asUintN(64, (sum << 31n | sum >> 33n) * PRIME_1);
}

function isIntHash(hash: bigint): boolean {
  return hash < MODULUS && hash > -MODULUS && hash !== -1n;
}

/** Gives pairs of ints; behind `before`, the tuples of all of them have one hash. */
export function collidingPairs(count: number, before: readonly bigint[] = []): [bigint, bigint][] {
  const start = before.reduce(lane, PRIME_5);
  const pairs: [bigint, bigint][] = [];
  for (let first = 2n; pairs.length < count; first++) {
    const second = BigInt.asIntN(64, (TARGET - lane(start, first)) * INVERSE_2);
    if (isIntHash(second)) pairs.push([first, second]);
  }
  return pairs;
}

/**
 * Gives pairs of ints whose tuples have one of very few hashes, whatever stands before them: what the first changes, in the
 * upper bits alone, the second takes back.
 */
export function pairsBehindAnything(count: number): [bigint, bigint][] {
  const pairs: [bigint, bigint][] = [];
  for (let i = 0n; pairs.length < count && i < 0x10000n; i++) {
    const first = BigInt.asIntN(64, (i << 48n) * INVERSE_2);
    const second = BigInt.asIntN(64, -(i << 15n) * PRIME_1 * INVERSE_2);
    if (isIntHash(first) && isIntHash(second)) pairs.push([first, second]);
  }
  return pairs;
}

/**
 * Gives different small ints for a dict of 2^bits slots. The first fill a run of slots in the order in which CPython goes
 * on looking once it has used up a hash, and each of the others, which are below a limit, is looked for in most of that run.
 */
export function runInts(bits: number, limit: number, random: (n: number) => number): number[] {
  const size = 2 ** bits, mask = size - 1;
  const room = Math.floor(2 * size / 3);
  const run = new Map<number, number>();
  for (let slot = 1; run.size < 0.6 * room; slot = 5 * slot + 1 & mask) run.set(slot, run.size);
  const found = new Set<number>(run.keys());
  for (let tries = 0; found.size < room && tries < 500 * size; tries++) {
    const int = size + random(limit - size);
    let slot = int & mask, perturb = int;
    while (perturb > 0 && run.has(slot)) {
      perturb >>>= 5;
      slot = 5 * slot + perturb + 1 & mask;
    }
    if ((run.get(slot) ?? Infinity) < 0.3 * run.size) found.add(int);
  }
  return [...found];
}
