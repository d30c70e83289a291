/**
 * Reads CPython's hashes of the keys of a pickle that is being verified.
 *
 * @module
 */
import { KnownHash } from "./known_hash.ts";
import { EXTRA, Kind, LEAVES, type ObjectTable, SIZE, SOURCE } from "../object_table.ts";
import * as op from "../../values/opcodes.ts";
import { HashTrait, PythonHash, Salt } from "./python_hash.ts";
import { FrozenSetHash, TupleHash } from "./python_hash_items.ts";
import { setIntHash, setScalarHash } from "./scalar_hash.ts";
import { locateAt, located } from "../scalar_at.ts";
import { mixed } from "./secret_hash.ts";
import type { SlotReader } from "../slot_reader.ts";

/** Hashes of what is longer are kept, since it may come again and again. */
const LONG_TEXT = 64;
const MANY_LEAVES = 16;
/** Up to so many members an array is searched faster than a Set. */
const FEW_MEMBERS = 16;
/**
 * How many wide numbers a key may hold beside something secret. That decides then which of the keys collide, but with so few
 * numbers a good part always does, so what was arranged shows. With more it might show with one secret in a hundred only.
 */
const MOST_WIDE = 4;

type Kept = Pick<PythonHash, "high" | "low" | "mark" | "form" | "traits" | "wide">;

/** Hashes the keys of one pickle after another. */
export class KeyHasher {
  readonly #hash = new PythonHash();
  readonly #table: ObjectTable;
  readonly #slots: SlotReader;
  readonly #known: KnownHash;
  readonly #kept = new Map<number, Kept>();

  constructor(table: ObjectTable, slots: SlotReader) {
    this.#table = table;
    this.#slots = slots;
    this.#known = new KnownHash(table, slots, this.#hash);
  }

  /** Forgets the pickle before. */
  reset(): void {
    if (this.#kept.size > 0) this.#kept.clear();
  }

  /** Gives the hash of a key that can be hashed; it is valid up to the next. */
  hashOf(slot: number): PythonHash {
    const hash = this.#hash;
    hash.begin();
    this.#set(slot);
    if ((hash.traits & HashTrait.SECRET) !== 0 && hash.wide > MOST_WIDE) hash.traits |= HashTrait.DOUBTFUL;
    return hash;
  }

  #set(slot: number): void {
    if (slot < 0) return this.#setObject(~slot);
    const pickle = this.#slots.pickle;
    switch (pickle[slot]) {
      case op.BININT1:
        return this.#hash.setInt(pickle[slot + 1]!);
      case op.EMPTY_TUPLE:
        return new TupleHash().end(this.#hash, Salt.TUPLE);
      case op.BINUNICODE:
      case op.BINUNICODE8:
      case op.UNICODE:
      case op.STRING:
      case op.BINSTRING:
      case op.BINBYTES:
      case op.BINBYTES8:
        if (locateAt(pickle, slot) && located.end - located.start > LONG_TEXT) {
          return this.#keep(slot, () => setScalarHash(this.#hash, pickle, slot));
        }
    }
    setScalarHash(this.#hash, pickle, slot);
  }

  #setObject(id: number): void {
    const table = this.#table;
    if (table.get(id, LEAVES) > MANY_LEAVES) this.#keep(~id, () => this.#setItems(id));
    else this.#setItems(id);
  }

  #setItems(id: number): void {
    switch (this.#table.kind(id)) {
      case Kind.TUPLE:
        return this.#setTuple(id);
      case Kind.FROZENSET:
        return this.#setFrozenSet(id);
      case Kind.LONG:
        this.#hash.traits |= HashTrait.LONG;
        return setIntHash(this.#hash, this.#slots.pickle, this.#table.get(id, SOURCE));
    }
    this.#known.set(id);
  }

  #setTuple(id: number): void {
    const table = this.#table;
    const first = table.get(id, EXTRA), size = table.get(id, SIZE);
    const tuple = new TupleHash();
    for (let i = 0; i < size; i++) {
      this.#set(table.items[first + i]!);
      tuple.add(this.#hash);
    }
    tuple.end(this.#hash, Salt.TUPLE);
  }

  #setFrozenSet(id: number): void {
    const table = this.#table;
    const first = table.get(id, EXTRA), size = table.get(id, SIZE);
    if (first < 0) return this.#hash.setDoubtful(id);
    const set = new FrozenSetHash();
    const seen: number[] | Set<number> = size > FEW_MEMBERS ? new Set() : [];
    for (let i = 0; i < size; i++) {
      this.#set(table.items[first + i]!);
      const { high, low, mark } = this.#hash;
      // 52 bits of all three: a text would be exact, and take three times as long.
      const whole = mixed(mixed(high, low), mark) * 2 ** 20 + (mixed(mark, low) >>> 12);
      if (seen instanceof Set ? seen.has(whole) : seen.includes(whole)) continue;
      if (seen instanceof Set) seen.add(whole);
      else seen.push(whole);
      set.add(this.#hash);
    }
    set.end(this.#hash);
  }

  #keep(slot: number, set: () => void): void {
    const hash = this.#hash;
    const { traits, wide } = hash;
    let kept = this.#kept.get(slot);
    if (kept === undefined) {
      hash.begin();
      set();
      this.#kept.set(slot, kept = { ...hash });
    } else hash.set(kept.high, kept.low, kept.mark, kept.form);
    hash.traits = traits | kept.traits;
    hash.wide = wide + kept.wide;
  }
}
