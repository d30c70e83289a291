/**
 * Whether the keys of a large dict or set were chosen to have one hash in CPython, which makes it compare each with all the
 * others. Texts and bytes are hashed there with a secret, but an int is hashed as its rest modulo 2^61 − 1, and each nan
 * was hashed as 0 before 3.10.
 *
 * @module
 */
import { EXTRA, Kind, type ObjectTable, SIZE, SOURCE } from "./object_table.ts";
import * as op from "./opcodes.ts";
import { locateAt, located, scalarAt } from "./scalar_at.ts";
import type { SlotReader } from "./slot_reader.ts";

const BUCKETS = 1 << 12;
/** So many may share a bucket, and one more for each so many: chance fills buckets far less, and the time stays linear. */
const SHARED = 256;
/** In a container up to this size any collision is cheap. */
const FEW = 256;
/** Ints of fewer bytes have few others with the same rest. */
export const CHOOSABLE_BYTES = 9;
/** And so have ints of fewer digits. */
export const CHOOSABLE_DIGITS = 20;
/** A set is made of no list with more items whose hashes can be chosen. */
export const MOST_CHOSEN = 1024;
// What chooses the bucket must not be guessed, or honest keys could be made to fail and hostile ones to hide.
const SECRETS = crypto.getRandomValues(new Int32Array(4)).map((secret) => secret | 1);

/** Counts the keys of one pickle after another. */
export class CollisionCheck {
  readonly #table: ObjectTable;
  readonly #slots: SlotReader;
  readonly #counts = new Uint32Array(BUCKETS);
  // The mixed rest of each int by its source: an int that is named again is not hashed again.
  readonly #rests = new Map<number, number>();
  #keys = 0;

  constructor(table: ObjectTable, slots: SlotReader) {
    this.#table = table;
    this.#slots = slots;
  }

  /** Forgets the pickle before. */
  reset(): void {
    if (this.#keys > 0) this.#counts.fill(0);
    if (this.#rests.size > 0) this.#rests.clear();
    this.#keys = 0;
  }

  /**
   * Counts keys that a container is given.
   *
   * @param id the row of the container
   * @param keys where on the stack they stand: every `step`-th from `from` on
   * @returns false where too many have one hash
   */
  add(id: number, { from, to, step }: { from: number; to: number; step: 1 | 2 }): boolean {
    const table = this.#table;
    if (table.choosable === 0 || table.get(id, SIZE) <= FEW) return true;
    const stack = table.stack;
    for (let i = from; i < to; i += step) {
      const source = this.#chosen(stack[i]!);
      if (source === NOT_CHOSEN) continue;
      const rest = source === NAN ? 0 : this.#rest(source);
      const bucket = Math.imul(rest ^ Math.imul(id, SECRETS[2]!), SECRETS[3]!) >>> 20;
      this.#keys++;
      if (++this.#counts[bucket]! > SHARED + this.#keys / SHARED) return false;
    }
    return true;
  }

  /**
   * Counts, in the column EXTRA, the items of a list whose hashes can be chosen: a set may be made of it, and where they
   * are is then not known any more.
   */
  addItems(id: number, from: number, to: number): void {
    const table = this.#table;
    if (table.choosable === 0) return;
    let count = Math.max(table.get(id, EXTRA), 0);
    for (let i = from; i < to; i++) if (this.#chosen(table.stack[i]!) !== NOT_CHOSEN) count++;
    table.set(id, EXTRA, count);
  }

  // The source of the int that decides about a key's hash, or one of the two words below.
  #chosen(slot: number): number {
    const pickle = this.#slots.pickle;
    if (slot < 0) {
      const kind = this.#table.kind(~slot);
      if (kind === Kind.LONG) return this.#table.get(~slot, SOURCE);
      const number = kind === Kind.UUID ? this.#table.get(~slot, EXTRA) : -1;
      return number < 0 ? NOT_CHOSEN : this.#chosen(number);
    }
    switch (pickle[slot]) {
      case op.LONG1:
      case op.LONG4:
        return locateAt(pickle, slot) && located.end - located.start >= CHOOSABLE_BYTES ? slot : NOT_CHOSEN;
      case op.INT:
      case op.LONG:
        return locateAt(pickle, slot) && located.end - located.start >= CHOOSABLE_DIGITS ? slot : NOT_CHOSEN;
      case op.BINFLOAT:
        if ((pickle[slot + 1]! & 0x7f) !== 0x7f || pickle[slot + 2]! < 0xf0) return NOT_CHOSEN;
        return Number.isNaN(scalarAt(pickle, slot, 8)) ? NAN : NOT_CHOSEN;
      case op.FLOAT:
        return Number.isNaN(scalarAt(pickle, slot, 8)) ? NAN : NOT_CHOSEN;
    }
    return NOT_CHOSEN;
  }

  #rest(source: number): number {
    let rest = this.#rests.get(source);
    if (rest === undefined) this.#rests.set(source, rest = restOf(this.#slots.pickle, source));
    return rest;
  }
}

const NOT_CHOSEN = -1;
const NAN = -2;
const TOP = 0x1fffffff;

// The rest of an int modulo 2^61 − 1, mixed into 32 bits. It is kept as 29 and 32 bits, in which times 256 is a rotation.
function restOf(pickle: Uint8Array, source: number): number {
  locateAt(pickle, source);
  const { start, end } = located;
  if (pickle[source] !== op.LONG1 && pickle[source] !== op.LONG4) {
    const value = BigInt(scalarAt(pickle, source, pickle.length) as number | bigint) % (2n ** 61n - 1n);
    return mixed(Number(BigInt.asUintN(29, value >> 32n)), Number(BigInt.asIntN(32, value)));
  }
  let high = 0, low = 0;
  for (let at = end - 1; at >= start; at--) {
    const out = high >>> 21;
    high = (high << 8 & TOP) | low >>> 24;
    let sum = ((low << 8) >>> 0) + out + pickle[at]!;
    if (sum > 0xffffffff) {
      sum -= 0x100000000;
      high += 1;
      if (high > TOP) {
        high = 0;
        sum += 1;
      }
    }
    low = sum;
  }
  if (pickle[end - 1]! > 0x7f) {
    // A negative one was read as 2^bits too large, of which the rest is a power of two as well.
    const bit = 8 * (end - start) % 61;
    if (bit < 32) low -= 2 ** bit;
    else high -= 2 ** (bit - 32);
    if (low < 0) {
      low += 0x100000000;
      high -= 1;
    }
    if (high < 0) {
      high += TOP + 1;
      low -= 1;
      if (low < 0) {
        low += 0x100000000;
        high -= 1;
      }
    }
  }
  return mixed(high, low | 0);
}

function mixed(high: number, low: number): number {
  const first = Math.imul(low ^ SECRETS[0]!, SECRETS[1]!);
  return Math.imul(first ^ first >>> 15 ^ high, SECRETS[0]!);
}
