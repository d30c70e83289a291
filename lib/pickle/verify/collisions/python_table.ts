/**
 * Hash tables of dicts and sets as CPython 3.8 to 3.13 fills them, which count the steps that CPython takes.
 *
 * @module
 */
import { grown } from "../rows.ts";
import { HashTrait, type PythonHash } from "./python_hash.ts";

const SMALLEST = 8;
const PERTURB_SHIFT = 5;
const LINEAR_PROBES = 9;
/** A smaller set grows fourfold, a larger one twofold. */
const LARGE_SET = 50_000;
/**
 * The cost in CPython of each occupied slot that it visits, in steps of about three nanoseconds: of the next slot, of a slot
 * further away, of a comparison with a key that has the same hash, and of each leaf of that key.
 */
const NEXT = 1;
const JUMP = 6;
const COMPARISON = 24;
const LEAF = 8;
/** The numbers of an entry: the halves of the hash, the mark, the form, and the traits. */
const WIDTH = 5;
/** Arrays that grew beyond this are given back. */
const KEPT = 1 << 16;

/** One table after another in the same memory. */
export class PythonTable {
  #slots = new Int32Array(SMALLEST);
  // Entry 0 is not used.
  #entries = new Int32Array(WIDTH * SMALLEST);
  #mask = SMALLEST - 1;
  #linear = 0;
  /** The number of further entries that there is space for. */
  #room = 0;
  /** Different keys. */
  count = 0;
  /** The cost of the searches so far, beyond the first slot of each. */
  cost = 0;
  /** Above this cost the table is no longer filled correctly. */
  maxCost = Infinity;
  /** Whether CPython had to compare a number of numpy with a key that it cannot be compared with. */
  clash = false;

  /** The number of the entry in each slot, counted from 1 in the order of insertion; 0 for an empty slot. */
  get slots(): Int32Array {
    return this.#slots.subarray(0, this.#mask + 1);
  }

  /** Begins with an empty dict or set. */
  begin(kind: "dict" | "set", maxCost: number): void {
    this.#linear = kind === "set" ? LINEAR_PROBES : 0;
    this.count = 0;
    this.cost = 0;
    this.clash = false;
    this.maxCost = maxCost;
    if (this.#entries.length > KEPT) this.#entries = new Int32Array(WIDTH * SMALLEST);
    this.#resize(SMALLEST);
  }

  /**
   * Searches for a key, and adds it if it is new.
   *
   * @param leaves the most objects that a comparison with the key visits
   */
  add(hash: PythonHash, leaves: number): void {
    const { high, low } = hash;
    let at = low & this.#mask;
    if (this.#slots[at] !== 0) {
      at = this.#find(high, low, hash, leaves);
      if (at < 0) return;
    }
    // A dict grows before the entry that would be too many, a set after it.
    if (this.#room === 0) {
      this.#grow(3 * this.count - 1);
      at = this.#find(high, low, null, 0);
    }
    const count = ++this.count;
    const entry = WIDTH * count;
    if (entry + WIDTH > this.#entries.length) this.#entries = grown(this.#entries);
    const entries = this.#entries;
    entries[entry] = high;
    entries[entry + 1] = low;
    entries[entry + 2] = hash.mark;
    entries[entry + 3] = hash.form;
    entries[entry + 4] = hash.traits;
    this.#slots[at] = count;
    if (--this.#room === 0 && this.#linear > 0) this.#grow(count > LARGE_SET ? 2 * count : 4 * count);
  }

  // Returns the free slot for a key, −1 if the key is there. With null as the hash the key is known to be new, and CPython
  // does not compare it.
  #find(high: number, low: number, hash: PythonHash | null, leaves: number): number {
    const slots = this.#slots, entries = this.#entries, mask = this.#mask, linear = this.#linear;
    let at = low & mask, base = at;
    let perturbHigh = high, perturbLow = low;
    let left = at + linear <= mask ? linear : 0;
    let cost = 0;
    for (;;) {
      const entry = WIDTH * slots[at]!;
      if (entry === 0) break;
      if (hash !== null && entries[entry + 1] === low && entries[entry] === high) {
        cost += LEAF * leaves;
        if (this.#compare(entry, hash)) {
          at = -1;
          break;
        }
      }
      if (left > 0) {
        cost += NEXT;
        left--;
        at++;
        continue;
      }
      cost += JUMP;
      perturbLow = perturbLow >>> PERTURB_SHIFT | perturbHigh << 32 - PERTURB_SHIFT;
      perturbHigh >>>= PERTURB_SHIFT;
      base = Math.imul(base, 5) + perturbLow + 1 & mask;
      at = base;
      left = at + linear <= mask ? linear : 0;
    }
    this.cost += cost;
    return at;
  }

  // Returns whether the key of an entry equals another key of the same hash.
  #compare(entry: number, { mark, form, traits }: PythonHash): boolean {
    const entries = this.#entries;
    const equal = entries[entry + 2] === mark;
    const others = entries[entry + 4]!;
    const either = traits | others;
    this.cost += COMPARISON;
    if ((either & HashTrait.NUMPY) !== 0) {
      const both = (traits & others & HashTrait.NUMPY) !== 0;
      if (entries[entry + 3] !== form || !(equal || both)) this.clash = true;
    }
    return equal;
  }

  #grow(least: number): void {
    let size = SMALLEST;
    while (size <= least) size *= 2;
    // A set inserts its members again in the order of their slots, a dict in that of their first insertion.
    const order = this.#linear > 0 ? this.slots.filter((entry) => entry > 0) : undefined;
    this.#resize(size);
    const slots = this.#slots, entries = this.#entries, mask = this.#mask;
    for (let i = 0; i < this.count && this.cost <= this.maxCost; i++) {
      const entry = order === undefined ? i + 1 : order[i]!;
      const low = entries[WIDTH * entry + 1]!;
      const first = low & mask;
      slots[slots[first] === 0 ? first : this.#find(entries[WIDTH * entry]!, low, null, 0)] = entry;
    }
  }

  #resize(size: number): void {
    this.#mask = size - 1;
    // A dict fills at most two thirds of its slots; for a set, 5 × fill stays below 3 × mask.
    this.#room = (this.#linear === 0 ? Math.floor(2 * size / 3) : Math.ceil(3 * (size - 1) / 5)) - this.count;
    if (this.#slots.length < size || this.#slots.length > KEPT) this.#slots = new Int32Array(size);
    else this.#slots.fill(0, 0, size);
  }
}
