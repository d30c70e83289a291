/**
 * Rows of numbers, one for each container and each result of a call in a pickle that is being verified. Their memory is in
 * proportion to the pickle, and they make no garbage.
 *
 * @module
 */
import * as columns from "./columns.ts";
import { OPENS, OUTER_TEXT, OUTER_TIME, SHOWN_WIDTH, TEXT, Trait } from "./columns.ts";
import { tooMuch, tooMuchWork } from "./failure.ts";
import {
  EMPTY_TEXT,
  Kind,
  LOAD_COST,
  REPR_FRAMES,
  SHOW_COST,
  SHOW_PER_BYTE,
  SHOW_PER_ROW,
  SHOW_WHOLE,
  WHOLE_TEXT,
} from "./kinds.ts";
import * as slotFunctions from "./slot.ts";

// Bound here, since V8 takes a module's own constants for literals but reads and checks an import at each use.
const { BUILT, EXTRA, HEIGHT, KIND_MASK, LEAVES, POSITION, ROOT, SIZE, SOURCE, TRAITS } = columns;
const { hasRow, rowOf, slotOf } = slotFunctions;

const KIND_TRAITS = new Int32Array(32).fill(0);
for (
  const kind of [
    Kind.FROZENSET,
    Kind.LONG,
    Kind.TIMEDELTA,
    Kind.TIMEZONE,
    Kind.UUID,
    Kind.DTYPE,
    Kind.COMPLEX,
    Kind.RANGE,
    Kind.DECIMAL,
    Kind.FRACTION,
    Kind.PATH,
    Kind.NUMPY_OTHER,
  ]
) KIND_TRAITS[kind] = Trait.UNFORESEEN;
KIND_TRAITS[Kind.NUMPY_NUMBER] = Trait.NUMPY;
KIND_TRAITS[Kind.NUMPY_OTHER]! |= Trait.NUMPY_TEXT;
KIND_TRAITS[Kind.FRACTION]! |= Trait.FRACTION;

/** The columns KIND and HEIGHT of a new row in one number, by kind. */
const BEGIN_HEIGHT = 24;
const BEGIN_KIND = (1 << BEGIN_HEIGHT) - 1;
const BEGIN = KIND_TRAITS.map((traits, kind) => REPR_FRAMES[kind]! << BEGIN_HEIGHT | traits | kind);
const MOST_LOAD = Math.max(...LOAD_COST);

/** The most characters of `repr` for a container inside itself, as `[...]`. */
export const OPEN_TEXT = 8;
export const EMPTY_TIME = SHOW_PER_BYTE + SHOW_PER_ROW;
/** Bytes of a text, or of bytes, that count as one leaf. */
export const BYTES_PER_LEAF = 1024;
/** A tuple of more items is refused as a key and as the arguments of a call, so its items are not kept. */
const KEPT_ITEMS = 10_000;
const SMALL = 1 << 12;
/** Arrays that grew beyond this are given back. */
const KEPT = 1 << 16;

/** The rows of one pickle after another, in the same memory. */
export class Rows {
  rows = new Int32Array(SMALL * 8);
  /** The costs of `repr`, eight columns for each row; used only if {@linkcode weighs}. */
  shown = new Float32Array(0);
  items = new Int32Array(SMALL);
  count = 0;
  /** The most rows, and the length of the pickle: no opcode makes more than one row, or moves more than one slot. */
  maxCount = Infinity;
  length = 0;
  itemCount = 0;
  /** Nanoseconds to load the pickle in CPython so far; {@linkcode chargeRows} adds those for the rows. */
  work = 0;
  maxWork = Infinity;
  /** Whether this pass counts the cost of `repr` for each row, and whether another pass has to. */
  weighs = false;
  needsWeights = false;
  /** Nanoseconds that `==` of a large container takes to find its keys, by row; set only if {@linkcode weighs}. */
  costs: ReadonlyMap<number, number> = new Map();
  /** Whether the pickle has text or bytes that count as more than one leaf. */
  hasLongText = false;
  // Their leaves, by source.
  readonly #longTexts = new Map<number, number>();

  /**
   * Releases the rows of a pickle, and the memory that only a large pickle needs.
   *
   * @param keepsMemory whether another pass over the same pickle follows, which needs that memory again
   */
  reset(keepsMemory = false): void {
    this.count = this.itemCount = this.work = 0;
    this.needsWeights = false;
    if (this.hasLongText) this.#longTexts.clear();
    this.hasLongText = false;
    if (keepsMemory) return;
    if (this.rows.length > KEPT * 8) this.rows = new Int32Array(SMALL * 8);
    if (this.shown.length > KEPT * SHOWN_WIDTH) this.shown = new Float32Array(0);
    if (this.items.length > KEPT) this.items = new Int32Array(SMALL);
  }

  /** Begins a pass, with or without the cost of `repr` for each row. */
  begin(weighs: boolean, costs: ReadonlyMap<number, number>): void {
    this.weighs = weighs;
    this.costs = costs;
    if (weighs && this.shown.length < this.rows.length) this.shown = new Float32Array(this.rows.length);
  }

  /** Adds a row and returns its number. */
  make(kind: number, source: number, position: number): number {
    const id = this.count++;
    if (id >= this.maxCount) throw tooMuch(source);
    const row = id << 3;
    if (row === this.rows.length) this.#grow();
    const rows = this.rows;
    const begin = BEGIN[kind]!;
    rows[row] = begin & BEGIN_KIND;
    rows[row + SOURCE] = source;
    rows[row + POSITION] = position;
    rows[row + HEIGHT] = begin >> BEGIN_HEIGHT;
    rows[row + ROOT] = 0;
    rows[row + LEAVES] = 0;
    rows[row + SIZE] = 0;
    rows[row + EXTRA] = -1;
    if (this.weighs) this.beginWeight(id, kind);
    return id;
  }

  protected beginWeight(id: number, kind: number): void {
    const shown = this.shown, at = id << 3;
    const whole = SHOW_WHOLE[kind]!;
    shown[at] = whole > 0 ? whole : EMPTY_TIME + SHOW_COST[kind]!;
    shown[at + TEXT] = whole > 0 ? WHOLE_TEXT : EMPTY_TEXT[kind]!;
    shown[at + OPENS] = shown[at + OUTER_TIME] = shown[at + OUTER_TEXT] = 0;
  }

  #grow(): void {
    this.rows = grown(this.rows, { most: 8 * Math.min(this.maxCount, this.length) });
    if (!this.weighs) return;
    const shown = new Float32Array(this.rows.length);
    shown.set(this.shown);
    this.shown = shown;
  }

  get(id: number, column: number): number {
    return this.rows[(id << 3) + column]!;
  }

  set(id: number, column: number, value: number): void {
    this.rows[(id << 3) + column] = value;
  }

  kind(id: number): number {
    return this.rows[id << 3]! & KIND_MASK;
  }

  /** Returns the kind of a slot's object; 0 for a plain one. */
  kindOf(slot: number): number {
    return hasRow(slot) ? this.kind(rowOf(slot)) : 0;
  }

  /** Adds a row and returns its slot. */
  makeSlot(kind: number, source: number, position: number): number {
    return slotOf(this.make(kind, source, position));
  }

  /**
   * Charges the loading of all rows, at the end of a pickle.
   *
   * @param exactly false if nothing is charged afterwards, so that an upper bound is enough
   */
  chargeRows(exactly: boolean): void {
    if (!exactly && this.work + MOST_LOAD * this.count <= this.maxWork) return;
    for (let id = 0; id < this.count; id++) this.work += LOAD_COST[this.kind(id)]!;
  }

  /** Charges time to load an object in addition to that of its row, in nanoseconds. */
  charge(cost: number, source: number): void {
    this.work += cost;
    if (this.work > this.maxWork) throw tooMuchWork(source);
  }

  /** Notes a text, or bytes, of more than {@linkcode BYTES_PER_LEAF}. */
  addLongText(source: number, length: number): void {
    this.hasLongText = true;
    this.#longTexts.set(source, 1 + Math.floor(length / BYTES_PER_LEAF));
  }

  /** Returns the traits of a slot's object. */
  traitsOf(slot: number): number {
    return hasRow(slot) ? this.rows[rowOf(slot) << 3]! & TRAITS : 0;
  }

  setTraits(id: number, traits: number): void {
    this.rows[id << 3]! |= traits;
  }

  isBuilt(id: number): boolean {
    return (this.rows[id << 3]! & BUILT) !== 0;
  }

  setBuilt(id: number): void {
    this.rows[id << 3]! |= BUILT;
  }

  /** Returns the slots that {@linkcode keep} has kept for a row. */
  args(id: number): Int32Array {
    const first = this.get(id, EXTRA);
    return this.items.subarray(first, first + this.get(id, SIZE));
  }

  /** Keeps slots of the stack, and returns their position in {@linkcode items}; −1 if there are too many. */
  keep(stack: Int32Array, from: number, to: number): number {
    const length = to - from;
    if (length > KEPT_ITEMS) return -1;
    const start = this.itemCount;
    if (start + length > this.items.length) this.items = grown(this.items, { least: start + length });
    for (let i = 0; i < length; i++) this.items[start + i] = stack[from + i]!;
    this.itemCount += length;
    return start;
  }

  /** Returns the number of objects that are hashed for the hash of a slot's object; −1 if it is unhashable. */
  hashCost(slot: number): number {
    if (!hasRow(slot)) return this.hasLongText ? this.#longTexts.get(slot) ?? 1 : 1;
    const id = rowOf(slot), kind = this.kind(id);
    if (kind >= Kind.COMPLEX && kind < Kind.UNHASHABLE) return this.get(id, LEAVES);
    switch (kind) {
      case Kind.TUPLE:
      case Kind.FROZENSET:
      case Kind.LONG:
        return this.get(id, LEAVES);
      case Kind.BYTES:
        return 1 + Math.floor(this.get(id, SIZE) / BYTES_PER_LEAF);
      case Kind.NAME:
      case Kind.TIMEDELTA:
      case Kind.TIMEZONE:
        return 1;
      case Kind.UUID:
      case Kind.DTYPE:
        return this.isBuilt(id) ? 4 : -1;
    }
    return -1;
  }
}

/**
 * Returns a larger copy, at least of the size `least`: of twice the size, and beyond {@linkcode KEPT} of the size `most` if that is
 * given. The system provides the memory of a large array only as it is written, so the copies of larger and larger arrays would
 * cost more, and would stop the verification for longer than a slice may take.
 */
export function grown(
  array: Int32Array<ArrayBuffer>,
  { least = 0, most = 0 }: { least?: number; most?: number } = {},
): Int32Array<ArrayBuffer> {
  const twice = Math.max(array.length * 2, least);
  const larger = new Int32Array(twice > KEPT && most > twice ? most : twice);
  larger.set(array);
  return larger;
}
