/**
 * CPython's hashes of the keys of a pickle, for the common kinds: None, bools, ints of up to 64 bits, floats, text, bytes,
 * naive dates and times, numpy's ints and floats, and tuples of these.
 *
 * @module
 */
import * as op from "../../values/opcodes.ts";
import { DATETIME_BYTES, TIME_BYTES } from "../datetime_check.ts";
import { Kind } from "../kinds.ts";
import type { ObjectTable } from "../object_table.ts";
import { EXTRA, LEAVES, SIZE } from "../columns.ts";
import { argumentEnd, argumentStart } from "../scalar_at.ts";
import { hasRow, rowOf, slotOf } from "../slot.ts";
import type { SlotReader } from "../slot_reader.ts";
import { setNumpyHash } from "./numpy_hash.ts";
import { HashTrait, PythonHash, Salt } from "./python_hash.ts";
import { setScalarHash, setTextHash } from "./scalar_hash.ts";
import { byteHash, bytesHash } from "./secret_hash.ts";
import { TupleHash } from "./tuple_hash.ts";

/** The hashes of longer texts, and of tuples with more leaves, are cached, since the memo can repeat them. */
const LONG_TEXT = 64;
const MANY_LEAVES = 16;
const LONGEST_CODE = 12;
/** The bits of the month, or the hour, without the fold, which does not change the hash. */
const NO_FOLD = 0x7f;
/**
 * The most wide numbers in a key whose hash depends on a secret. The secret decides which of the chosen keys collide. With
 * up to this many numbers a good part of them collides under any secret, so the check finds them; with more numbers it might
 * find them under one secret in a hundred.
 */
const MOST_WIDE = 4;

type Kept = Pick<PythonHash, "high" | "low" | "mark" | "form" | "traits" | "wide">;

/** Hashes the keys of one pickle after another. */
export class KeyHasher {
  readonly #hash = new PythonHash();
  readonly #table: ObjectTable;
  readonly #slots: SlotReader;
  readonly #kept = new Map<number, Kept>();

  constructor(table: ObjectTable, slots: SlotReader) {
    this.#table = table;
    this.#slots = slots;
  }

  /** Forgets the pickle before. */
  reset(): void {
    if (this.#kept.size > 0) this.#kept.clear();
  }

  /** Returns the hash of a key, which is valid until the next call. */
  hashOf(slot: number): PythonHash {
    const hash = this.#hash;
    hash.begin();
    this.#set(slot);
    if ((hash.traits & HashTrait.SECRET) !== 0 && hash.wide > MOST_WIDE) hash.traits |= HashTrait.DOUBTFUL;
    return hash;
  }

  #set(slot: number): void {
    if (hasRow(slot)) return this.#setObject(rowOf(slot));
    const pickle = this.#slots.pickle;
    switch (pickle[slot]) {
      case op.BININT1:
        return this.#hash.setInt(pickle[slot + 1]!);
      case op.EMPTY_TUPLE:
        return new TupleHash().end(this.#hash);
      case op.BINUNICODE:
      case op.BINUNICODE8:
      case op.UNICODE:
      case op.STRING:
      case op.BINSTRING:
      case op.BINBYTES:
      case op.BINBYTES8:
        if (argumentEnd(pickle, slot) - argumentStart(pickle, slot) > LONG_TEXT) {
          return this.#keep(slot, () => setScalarHash(this.#hash, pickle, slot));
        }
    }
    setScalarHash(this.#hash, pickle, slot);
  }

  #setObject(id: number): void {
    const table = this.#table, hash = this.#hash;
    switch (table.kind(id)) {
      case Kind.TUPLE:
        if (table.get(id, LEAVES) > MANY_LEAVES) this.#keep(slotOf(id), () => this.#setTuple(id));
        else this.#setTuple(id);
        return;
      case Kind.BYTES:
        if (table.get(id, SIZE) === 0) return hash.setText(0, 0, Salt.BYTES);
        return setTextHash(hash, this.#slots.pickle, table.get(id, EXTRA), Salt.BYTES);
      case Kind.NAME:
        return hash.setSecret(table.get(id, EXTRA), Salt.NAME);
      case Kind.DATE:
      case Kind.TIME:
      case Kind.DATETIME:
        return this.#setDate(table.items[table.get(id, EXTRA)]!);
      case Kind.NUMPY_NUMBER:
        return this.#setNumber(table.args(id));
    }
    // The hash of any other kind is not computed here.
    hash.traits |= HashTrait.DOUBTFUL;
  }

  // The hash of a date is that of the bytes of its state, without the fold.
  #setDate(state: number): void {
    const slots = this.#slots, length = slots.length(state);
    const { bytes, start } = slots.span(state, length)!;
    const fold = length === DATETIME_BYTES ? start + 2 : length === TIME_BYTES ? start : -1,
      end = start + length;
    const hash = fold < 0
      ? bytesHash(bytes, start, end)
      : bytesHash(bytes, fold + 1, end, byteHash(bytesHash(bytes, start, fold), bytes[fold]! & NO_FOLD));
    this.#hash.setText(hash, length, Salt.DATE);
  }

  #setTuple(id: number): void {
    const table = this.#table;
    const first = table.get(id, EXTRA), size = table.get(id, SIZE);
    const tuple = new TupleHash();
    for (let i = 0; i < size; i++) {
      this.#set(table.items[first + i]!);
      tuple.add(this.#hash);
    }
    tuple.end(this.#hash);
  }

  #setNumber([dtype = 0, state = 0]: Int32Array): void {
    const slots = this.#slots, table = this.#table;
    const kind = slots.text(table.get(rowOf(dtype), EXTRA), LONGEST_CODE)![0]!;
    const bytes = slots.bytes(state, slots.length(state))!;
    setNumpyHash(this.#hash, { kind, bytes, littleEndian: table.get(rowOf(dtype), SIZE) === 0 });
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
