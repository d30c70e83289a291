/** Insertion-ordered hash table with Python's equality of keys, the storage of {@linkcode Dict} and {@linkcode PySet}. */
import { equalKeys } from "./equal.ts";
import { hashKey, hashNumber, hashText } from "./hash.ts";
import type { Value } from "../values/values.ts";

/** The placeholder of a removed entry. */
const HOLE = Symbol("hole");
type Slot = Value | typeof HOLE;

const NONE = -1;

/** Up to this many keys are searched linearly: allocating three typed arrays takes ten times as long as making a small dict. */
const FEW = 8;
const NOTHING = new Int32Array();

/** A table of keys and values, chained by a seeded hash. */
export class KeyTable {
  size = 0;
  #keys: Slot[] = [];
  #values: Value[] = [];
  /** The hashes of the keys while they are few; after that the three arrays below are used. */
  #fewHashes: number[] = [];
  #hashes = NOTHING;
  #next = NOTHING;
  #heads = NOTHING;

  /** Returns the slot of a key, or −1. */
  find(key: Value): number {
    return this.#lookUp(key, hashOf(key));
  }

  #lookUp(key: Value, hash: number): number {
    if (this.#heads === NOTHING) return this.#lookAmongFew(key, hash);
    for (let slot = this.#heads[hash & (this.#heads.length - 1)] as number; slot !== NONE;) {
      if (this.#hashes[slot] === hash) {
        const other = this.#keys[slot] as Value;
        if (other === key || equalKeys(other, key)) return slot;
      }
      slot = this.#next[slot] as number;
    }
    return NONE;
  }

  #lookAmongFew(key: Value, hash: number): number {
    for (let slot = 0; slot < this.#fewHashes.length; slot++) {
      if (this.#fewHashes[slot] !== hash) continue;
      const other = this.#keys[slot] as Slot;
      if (other !== HOLE && (other === key || equalKeys(other, key))) return slot;
    }
    return NONE;
  }

  /** Returns the value in a slot. */
  valueAt(slot: number): Value {
    return this.#values[slot] as Value;
  }

  /** Sets the value of a key. An equal key that is already there stays. */
  set(key: Value, value: Value): void {
    const hash = hashOf(key);
    const slot = this.#lookUp(key, hash);
    if (slot !== NONE) this.#values[slot] = value;
    else this.#append(key, value, hash);
  }

  #append(key: Value, value: Value, hash: number): void {
    const slot = this.#keys.length;
    if (slot === FEW && this.#heads === NOTHING) this.#grow(Int32Array.from(this.#fewHashes));
    else if (slot > FEW && slot === this.#next.length) this.#grow(this.#hashes);
    this.size++;
    if (slot === 0) {
      // Many tables hold one key: an array literal of one item is an eighth as large as an array that it is pushed to.
      this.#keys = [key];
      this.#values = [value];
      this.#fewHashes = [hash];
      return;
    }
    this.#keys.push(key);
    this.#values.push(value);
    if (this.#heads === NOTHING) this.#fewHashes.push(hash);
    else this.#chain(slot, hash);
  }

  #chain(slot: number, hash: number): void {
    const bucket = hash & (this.#heads.length - 1);
    this.#hashes[slot] = hash;
    this.#next[slot] = this.#heads[bucket] as number;
    this.#heads[bucket] = slot;
  }

  #grow(known: Int32Array): void {
    const length = known.length * 2;
    const hashes = new Int32Array(length);
    hashes.set(known);
    this.#hashes = hashes;
    this.#fewHashes = [];
    this.#next = new Int32Array(length);
    this.#heads = new Int32Array(length).fill(NONE);
    for (let slot = 0; slot < this.#keys.length; slot++) {
      const key = this.#keys[slot] as Slot;
      if (key !== HOLE) this.#chain(slot, hashes[slot] as number);
    }
  }

  /** Removes a key, and tells whether it was there. */
  delete(key: Value): boolean {
    const slot = this.find(key);
    if (slot === NONE) return false;
    if (this.#heads !== NOTHING) this.#unchain(slot);
    this.#keys[slot] = HOLE;
    this.#values[slot] = null;
    this.size--;
    return true;
  }

  #unchain(slot: number): void {
    const bucket = (this.#hashes[slot] as number) & (this.#heads.length - 1);
    let at = this.#heads[bucket] as number;
    if (at === slot) {
      this.#heads[bucket] = this.#next[slot] as number;
      return;
    }
    while (this.#next[at] !== slot) at = this.#next[at] as number;
    this.#next[at] = this.#next[slot] as number;
  }

  /** Removes all entries. */
  clear(): void {
    this.size = 0;
    this.#keys = [];
    this.#values = [];
    this.#fewHashes = [];
    this.#hashes = this.#next = this.#heads = NOTHING;
  }

  /** Whether no entry was removed, so that the slots are 0 to `size` − 1. */
  get isDense(): boolean {
    return this.size === this.#keys.length;
  }

  /** Iterates over the slots in order, including those added meanwhile, as a Map does. */
  *slots(): Generator<number, undefined> {
    for (let slot = 0; slot < this.#keys.length; slot++) {
      if (this.#keys[slot] !== HOLE) yield slot;
    }
    return undefined;
  }

  /** Returns the key in a slot. */
  keyAt(slot: number): Value {
    return this.#keys[slot] as Value;
  }
}

function hashOf(key: Value): number {
  if (typeof key === "number" && (key | 0) === key) return hashNumber(key | 0);
  return typeof key === "string" ? hashText(key) : hashKey(key);
}
