/** A hash table in order of insertion over Python's equality; {@linkcode Dict} and {@linkcode PySet} of keys.ts lie over one. */
import { equalKeys } from "./equal.ts";
import { hashKey, hashNumber, hashText } from "./hash.ts";
import type { Value } from "../values/values.ts";

/** Stands where an entry was removed. */
const HOLE = Symbol("hole");
type Slot = Value | typeof HOLE;

const NONE = -1;

/** Up to so many keys are looked for one by one: to make three typed arrays takes ten times as long as to make a small dict. */
const FEW = 8;
const NOTHING = new Int32Array();

/** Keys with a value each, chained by a seeded hash. */
export class KeyTable {
  size = 0;
  #keys: Slot[] = [];
  #values: Value[] = [];
  /** The hashes of the keys while they are few; then those below. */
  #fewHashes: number[] = [];
  #hashes = NOTHING;
  #next = NOTHING;
  #heads = NOTHING;

  /** Gives the slot of a key, or −1. */
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

  /** Gives the value in a slot. */
  valueAt(slot: number): Value {
    return this.#values[slot] as Value;
  }

  /** Sets the value of a key; a key that is there stays the one it is. */
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
      // Many hold one key only: an array that is made with it is an eighth as large as one that it is pushed into.
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

  /** Removes a key; tells whether it was there. */
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

  /** Removes all. */
  clear(): void {
    this.size = 0;
    this.#keys = [];
    this.#values = [];
    this.#fewHashes = [];
    this.#hashes = this.#next = this.#heads = NOTHING;
  }

  /** Whether nothing was removed, so that the slots are 0 to `size` − 1. */
  get isDense(): boolean {
    return this.size === this.#keys.length;
  }

  /** Gives the slots in order; what is added meanwhile comes too, as with a Map. */
  *slots(): Generator<number, undefined> {
    for (let slot = 0; slot < this.#keys.length; slot++) {
      if (this.#keys[slot] !== HOLE) yield slot;
    }
    return undefined;
  }

  /** Gives the key in a slot that {@linkcode slots} gave. */
  keyAt(slot: number): Value {
    return this.#keys[slot] as Value;
  }
}

function hashOf(key: Value): number {
  if (typeof key === "number" && (key | 0) === key) return hashNumber(key | 0);
  return typeof key === "string" ? hashText(key) : hashKey(key);
}
