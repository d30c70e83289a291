/**
 * What is known about the containers and called objects of a pickle while it is verified. Each is a row of numbers, so that
 * a flood of them costs memory in proportion and no garbage.
 *
 * A *slot* is how the stack and the memo say which object: the offset of its opcode for what is plain (None, numbers, text,
 * bytes, the empty tuple), and the complement of its row, which is negative, for anything else.
 *
 * @module
 */
import { tooDeep, tooMuch, tooMuchWork } from "./failure.ts";

/** The kinds of objects in the table; containers come first. */
export const Kind = {
  TUPLE: 1,
  LIST: 2,
  DICT: 3,
  SET: 4,
  FROZENSET: 5,
  ORDERED_DICT: 6,
  DEFAULTDICT: 7,
  COUNTER: 8,
  DEQUE: 9,
  BYTEARRAY: 10,
  MEMORYVIEW: 11,
  LONG: 12,
  NAME: 13,
  BYTES: 14,
  TIMEDELTA: 15,
  TIMEZONE: 16,
  UUID: 17,
  DTYPE: 18,
  NDARRAY: 19,
  COMPLEX: 20,
  RANGE: 21,
  DATE: 22,
  TIME: 23,
  DATETIME: 24,
  DECIMAL: 25,
  FRACTION: 26,
  POSIX_PATH: 27,
  WINDOWS_PATH: 28,
  /** Of the flavour of the system that loads it. */
  LOCAL_PATH: 29,
  /** One of numpy's. */
  SCALAR: 30,
  /** One whose bytes stand in the order that is not this machine's. */
  SWAPPED_SCALAR: 31,
  /** Any other that was called and cannot be hashed: a slice. */
  UNHASHABLE: 32,
} as const;

/** The columns of a row. */
export const KIND = 0;
/** The offset of the opcode that made it. */
export const SOURCE = 1;
/** The position on the stack where it was made. It is *open* while it stands there: only then does a pickler fill it. */
export const POSITION = 2;
/** How deep it nests, itself counted; what it holds of open objects is not. */
export const HEIGHT = 3;
/** One more than the row of the innermost open object that it holds, or 0; that one's root is the next further out. */
export const ROOT = 4;
/**
 * What hashing it, or all its items, touches; −1 where something in it cannot be hashed. A tuple of one counts as a leaf of
 * its own, so that a chain of them is no deeper than it is long.
 */
export const LEAVES = 5;
/** The number of its items. */
export const SIZE = 6;
/**
 * For what can be hashed and holds others, where their slots begin in {@linkcode ObjectTable.items}, −1 if they are not
 * kept; for what the log has keys of, where in the log the last are; otherwise as the kind has it.
 */
export const EXTRA = 7;
/** Set in the column of the kind as soon as a container has it as an item: it may then not become deeper. */
const PLACED = 0x100;
/** Set in the column of the kind once BUILD has given it its state. */
export const BUILT = 0x200;
const KIND_MASK = 0xff;
/** What an object is or holds somewhere inside that takes care where it becomes a key; bits in the column of the kind. */
export const Trait = {
  /** A scalar of numpy: it cannot be compared with everything. */
  NUMPY: 0x400,
  /** A long int; and a Decimal: to compare one with the other takes time in proportion to the square of the length. */
  LONG: 0x800,
  DECIMAL: 0x1000,
} as const;
const TRAITS = Trait.NUMPY | Trait.LONG | Trait.DECIMAL;

/** What hashing an object takes whose class does so in Python. */
export const METHOD_COST = 4;
/** Text and bytes of more than so many count as more than one leaf. */
export const BYTES_PER_LEAF = 1024;
/** Leaves are counted up to this. */
const MANY = 0x3fffffff;
/** Tuples with more items are neither keys nor the arguments of a call. */
const KEPT_ITEMS = 10_000;
const SMALL = 1 << 12;
/** What a large pickle took beyond this is given back. */
const KEPT = 1 << 16;

/** The rows of one pickle; used again for the next. */
export class ObjectTable {
  rows = new Int32Array(SMALL * 8);
  items = new Int32Array(SMALL);
  count = 0;
  /** The most rows. */
  maxCount = Infinity;
  itemCount = 0;
  depth = 500;
  /** Steps taken beyond one an item: the verifier bounds them, and with them the time. */
  work = 0;
  maxWork = Infinity;
  /** What {@linkcode gather} found. */
  height = 0;
  root = 0;
  leaves = 0;
  traits = 0;
  /** Whether the pickle has text or bytes so long that to compare them takes more than a step. */
  hasLongText = false;
  // What each of them takes, by its source.
  readonly #longTexts = new Map<number, number>();
  stack: Int32Array = new Int32Array(0);

  /** Forgets everything, and gives back what a large pickle took. */
  reset(): void {
    this.count = 0;
    this.itemCount = 0;
    this.work = 0;
    if (this.hasLongText) this.#longTexts.clear();
    this.hasLongText = false;
    if (this.rows.length > KEPT * 8) this.rows = new Int32Array(SMALL * 8);
    if (this.items.length > KEPT) this.items = new Int32Array(SMALL);
  }

  /** Adds a row and gives its number. */
  make(kind: number, source: number, position: number): number {
    const id = this.count++;
    if (id >= this.maxCount) throw tooMuch(source);
    const row = id << 3;
    if (row + 8 > this.rows.length) this.rows = grown(this.rows);
    const rows = this.rows;
    rows[row] = kind;
    rows[row + SOURCE] = source;
    rows[row + POSITION] = position;
    rows[row + HEIGHT] = kind <= Kind.DEQUE ? 1 : 0;
    rows[row + ROOT] = 0;
    rows[row + LEAVES] = 0;
    rows[row + SIZE] = 0;
    rows[row + EXTRA] = -1;
    return id;
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

  /** Notes a text, or bytes, of more than {@linkcode BYTES_PER_LEAF}. */
  addLongText(source: number, length: number): void {
    this.hasLongText = true;
    this.#longTexts.set(source, 1 + Math.floor(length / BYTES_PER_LEAF));
  }

  traitsOf(id: number): number {
    return this.rows[id << 3]! & TRAITS;
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

  /** Gives the slots that {@linkcode keep} kept for a row as many as its size says. */
  args(id: number): Int32Array {
    const first = this.get(id, EXTRA);
    return this.items.subarray(first, first + this.get(id, SIZE));
  }

  /** Keeps slots of the stack and tells where. */
  keep(stack: Int32Array, from: number, to: number): number {
    const length = to - from;
    if (length > KEPT_ITEMS) return -1;
    const start = this.itemCount;
    if (start + length > this.items.length) this.items = grown(this.items, start + length);
    for (let i = 0; i < length; i++) this.items[start + i] = stack[from + i]!;
    this.itemCount += length;
    return start;
  }

  /** Tells what hashing a slot's object touches, or −1 where Python cannot hash it. */
  hashCost(slot: number): number {
    if (slot >= 0) return this.hasLongText ? this.#longTexts.get(slot) ?? 1 : 1;
    const row = ~slot << 3;
    const rows = this.rows;
    const kind = rows[row]! & KIND_MASK;
    if (kind >= Kind.COMPLEX && kind < Kind.UNHASHABLE) return rows[row + LEAVES]!;
    switch (kind) {
      case Kind.TUPLE:
      case Kind.FROZENSET:
      case Kind.LONG:
        return rows[row + LEAVES]!;
      case Kind.BYTES:
        return 1 + Math.floor(rows[row + SIZE]! / BYTES_PER_LEAF);
      case Kind.NAME:
      case Kind.TIMEDELTA:
      case Kind.TIMEZONE:
        return 1;
      case Kind.UUID:
      case Kind.DTYPE:
        return (rows[row]! & BUILT) !== 0 ? METHOD_COST : -1;
    }
    return -1;
  }

  /**
   * Looks at slots that are about to become the items of one container: {@linkcode height}, {@linkcode root} and
   * {@linkcode leaves} then say how deep they nest, the innermost open object they hold, and what hashing all takes.
   *
   * @param from the position of the first; what stands below is still open
   */
  gather(from: number, to: number): void {
    const stack = this.stack;
    this.height = 0;
    this.root = 0;
    this.traits = 0;
    let seen = 0;
    for (let i = from; i < to; i++) seen |= stack[i]!;
    this.leaves = seen < 0 || this.hasLongText ? 0 : to - from;
    if (seen >= 0 && !this.hasLongText) return;
    for (let i = from; i < to; i++) {
      const slot = stack[i]!;
      if (slot >= 0 && !this.hasLongText) {
        if (this.leaves >= 0) this.leaves++;
        continue;
      }
      const cost = this.leaves < 0 ? -1 : this.hashCost(slot);
      this.leaves = cost < 0 ? -1 : Math.min(this.leaves + cost, MANY);
      if (slot >= 0) continue;
      this.traits |= this.rows[~slot << 3]! & TRAITS;
      this.#place(~slot, from);
    }
  }

  /** Makes what {@linkcode gather} found part of a container. */
  fill(id: number, count: number, source: number): void {
    if (this.work > this.maxWork) throw tooMuchWork(source);
    const rows = this.rows;
    const row = id << 3;
    rows[row]! |= this.traits;
    rows[row + SIZE]! += count;
    const leaves = rows[row + LEAVES]!;
    if (leaves >= 0) rows[row + LEAVES] = this.leaves < 0 ? -1 : Math.min(leaves + this.leaves, MANY);
    const placed = (rows[row]! & PLACED) !== 0;
    const before = rows[row + ROOT]!;
    // An object that holds only itself and what it was made around has come full circle.
    const root = this.root === id + 1 ? rows[(id << 3) + ROOT]! : this.root;
    if (root !== before && root !== 0) {
      if (placed) throw tooDeep(source, this.depth);
      rows[row + ROOT] = this.#join(before, root);
    }
    if (this.height >= rows[row + HEIGHT]!) {
      if (placed || this.height >= this.depth) throw tooDeep(source, this.depth);
      rows[row + HEIGHT] = this.height + 1;
    }
  }

  /**
   * Charges the hashing of keys, each as often as it is a key: CPython keeps no hash of a tuple.
   *
   * @param leaves what {@linkcode hashCost} said; no more tuples than leaves are around them
   */
  chargeKeys(leaves: number, source: number): void {
    this.work += 2 * leaves;
    if (this.work > this.maxWork) throw tooMuchWork(source);
  }

  /** Gives an object that a call made from another the depth of that other. */
  inherit(id: number, from: number): void {
    this.set(id, HEIGHT, this.get(from, HEIGHT));
    this.set(id, ROOT, this.get(from, ROOT));
  }

  #place(id: number, from: number): void {
    const rows = this.rows;
    const row = id << 3;
    if (this.#isOpen(id, from)) {
      this.root = this.#join(this.root, id + 1);
      return;
    }
    rows[row]! |= PLACED;
    if (rows[row + ROOT] !== 0) this.#settle(id, from);
    if (rows[row + HEIGHT]! > this.height) this.height = rows[row + HEIGHT]!;
    this.root = this.#join(this.root, rows[row + ROOT]!);
  }

  // What it holds was open when it was put in and is not any more: now its whole depth is known.
  #settle(id: number, from: number): void {
    const rows = this.rows;
    const chain: number[] = [];
    for (let at = id; rows[(at << 3) + ROOT] !== 0 && !this.#isOpen(rows[(at << 3) + ROOT]! - 1, from);) {
      chain.push(at);
      at = rows[(at << 3) + ROOT]! - 1;
      if (chain.length > this.depth) break;
    }
    this.work += chain.length;
    for (let i = chain.length - 1; i >= 0; i--) {
      const row = chain[i]! << 3;
      const above = (rows[row + ROOT]! - 1) << 3;
      rows[above]! |= PLACED;
      rows[row + HEIGHT] = Math.min(rows[row + HEIGHT]! + rows[above + HEIGHT]!, this.depth + 1);
      rows[row + ROOT] = rows[above + ROOT]!;
    }
  }

  // Of two open objects the inner one becomes the root, and the outer one hangs on it: whatever becomes of each counts.
  #join(a: number, b: number): number {
    if (a === b || b === 0) return a;
    if (a === 0) return b;
    const rows = this.rows;
    let inner = a, outer = b;
    if (rows[((a - 1) << 3) + POSITION]! < rows[((b - 1) << 3) + POSITION]!) [inner, outer] = [b, a];
    let row = (inner - 1) << 3;
    for (;;) {
      this.work++;
      const next = rows[row + ROOT]!;
      if (next === outer || next === inner) break;
      if (next === 0) {
        rows[row + ROOT] = outer;
        break;
      }
      const nextRow = (next - 1) << 3;
      // Positions sink along a chain of open objects. Where they do not, somebody plays tricks: that is over the bound.
      if (rows[nextRow + POSITION]! >= rows[row + POSITION]!) {
        this.work = Infinity;
        break;
      }
      if (rows[nextRow + POSITION]! < rows[((outer - 1) << 3) + POSITION]!) {
        rows[row + ROOT] = outer;
        outer = next;
      }
      row = (rows[row + ROOT]! - 1) << 3;
    }
    return inner;
  }

  #isOpen(id: number, below: number): boolean {
    const position = this.rows[(id << 3) + POSITION]!;
    return position < below && this.stack[position] === ~id;
  }
}

/** Gives a copy of twice the size, or as large as it must be. */
export function grown(array: Int32Array<ArrayBuffer>, least = 0): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(array.length * 2, least));
  larger.set(array);
  return larger;
}
