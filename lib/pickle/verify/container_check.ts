/**
 * Checks of the opcodes that make and fill containers: keys and members are hashable, the receiver is of the right kind, the
 * nesting is not too deep, and the time not too long.
 *
 * @module
 */
import { CollisionCheck } from "./collisions/check.ts";
import { failure, overLimit, tooMany, wrongReceiver } from "./failure.ts";
import { Kind } from "./kinds.ts";
import type { ObjectTable } from "./object_table.ts";
import * as columns from "./columns.ts";
import { grown } from "./rows.ts";
import * as slotFunctions from "./slot.ts";
import type { SlotReader } from "./slot_reader.ts";

// Bound here, since V8 takes a module's own constants for literals but reads and checks an import at each use.
const { EXTRA, LEAVES, SIZE } = columns;
const { DEFAULTDICT, DEQUE, DICT, FROZENSET, LIST, ORDERED_DICT, SET, TUPLE } = Kind;
const { hasRow, rowOf, slotOf } = slotFunctions;

/** The most leaves of a key. */
const KEY_LEAVES = 10_000;
const SMALL = 1 << 12;
/** Arrays that grew beyond this are given back. */
const KEPT = 1 << 16;

/** Checks the containers of one pickle after another. */
export class ContainerCheck {
  readonly #table: ObjectTable;
  readonly #slots: SlotReader;
  readonly collisions: CollisionCheck;
  /** The most entries of a dict or set. */
  maxEntries = Infinity;
  /** The row of the dict whose pairs are recorded, −1 for none. */
  target = -1;
  /** The slots of its keys and values, in the order in which they were set. */
  pairs = new Int32Array(SMALL);
  pairCount = 0;
  #keptPairs = 0;

  constructor(table: ObjectTable, slots: SlotReader) {
    this.#table = table;
    this.#slots = slots;
    this.collisions = new CollisionCheck(table, slots);
  }

  /** Forgets the pickle before. */
  reset(): void {
    this.collisions.reset();
    this.target = -1;
    this.pairCount = 0;
    this.#keptPairs = 0;
    if (this.pairs.length > KEPT) this.pairs = new Int32Array(SMALL);
  }

  /** Makes every further dict of at most so many pairs keep them, for BUILD. */
  keepPairs(count: number): void {
    this.#keptPairs = Math.max(this.#keptPairs, count);
  }

  /** Makes a tuple of one to three items, as TUPLE1 does. */
  smallTuple(from: number, to: number, source: number): number {
    if (this.#table.weighs) this.#weighItems(from, to);
    return this.tuple(from, to, source);
  }

  /** Makes a tuple of the stack's slots from `from` up to `to`, and returns its slot. */
  tuple(from: number, to: number, source: number): number {
    const table = this.#table;
    const items = table.keep(table.stack, from, to);
    const id = table.make(TUPLE, source, from);
    if (table.arePlain(from, to)) table.fillPlain(id, to - from, source);
    else {
      table.gather(from, to);
      table.fill(id, to - from, source);
    }
    this.#wrapped(id, to - from);
    table.set(id, EXTRA, items);
    return slotOf(id);
  }

  // An empty tuple is one leaf, and a tuple of one item adds one.
  #wrapped(id: number, count: number): void {
    const leaves = this.#table.get(id, LEAVES);
    if (count < 2 && leaves >= 0) this.#table.set(id, LEAVES, leaves + 1);
  }

  /** Makes a list, as LIST does. */
  list(from: number, to: number, source: number): number {
    const id = this.#table.make(LIST, source, from);
    this.#fillList(id, from, to, source);
    return slotOf(id);
  }

  /** Makes a frozenset. */
  frozenSet(from: number, to: number, source: number): number {
    const table = this.#table;
    const id = table.make(FROZENSET, source, from);
    this.#fillSet(id, from, to, source);
    this.#wrapped(id, to - from);
    table.set(id, EXTRA, table.keep(table.stack, from, to));
    return slotOf(id);
  }

  /** Makes an empty dict, and returns its slot. The first dict at the bottom of the stack is taken for the message. */
  openDict(source: number, position: number, markCount: number): number {
    const id = this.#table.make(DICT, source, position);
    if (position === 0 && this.target < 0 && markCount === 0) this.target = id;
    return slotOf(id);
  }

  /** Makes a dict, as DICT does. */
  dict(from: number, to: number, source: number, markCount: number): number {
    const slot = this.openDict(source, from, markCount);
    this.#fillDict(rowOf(slot), from, to, source);
    return slot;
  }

  /** Checks APPEND. */
  appendOne(receiver: number, at: number, source: number): void {
    if (this.#table.weighs) this.#weighItems(at, at + 1);
    this.append(receiver, at, at + 1, source);
  }

  /** Checks APPENDS. */
  append(receiver: number, from: number, to: number, source: number): void {
    const kind = this.#table.kindOf(receiver);
    if (kind !== LIST && kind !== DEQUE) throw wrongReceiver("APPEND", source);
    this.#fillList(rowOf(receiver), from, to, source);
  }

  #fillList(id: number, from: number, to: number, source: number): void {
    const table = this.#table;
    if (table.arePlain(from, to)) table.fillPlain(id, to - from, source);
    else {
      table.gather(from, to);
      table.fill(id, to - from, source);
    }
    if (this.collisions.logsLists) this.collisions.addItems(id, from, to);
  }

  /** Checks SETITEM. */
  setItem(receiver: number, at: number, source: number): void {
    if (this.#table.weighs) this.#weighItems(at, at + 2);
    this.setItems(receiver, at, at + 2, source);
  }

  /** Checks SETITEMS. */
  setItems(receiver: number, from: number, to: number, source: number): void {
    const kind = this.#table.kindOf(receiver);
    if (kind !== DICT && kind !== ORDERED_DICT && kind !== DEFAULTDICT) {
      throw wrongReceiver("SETITEM", source);
    }
    this.#fillDict(rowOf(receiver), from, to, source);
  }

  /** Checks ADDITEMS. */
  addItems(receiver: number, from: number, to: number, source: number): void {
    if (this.#table.kindOf(receiver) !== SET) throw wrongReceiver("ADDITEMS", source);
    this.#fillSet(rowOf(receiver), from, to, source);
  }

  // Without a MARK it is unknown where the opcodes of the items begin.
  #weighItems(from: number, to: number): void {
    const table = this.#table;
    table.time = table.text = table.opens = 0;
    table.since = Infinity;
    for (let i = from; i < to; i++) {
      if (!hasRow(table.stack[i]!)) this.#slots.weigh(table.stack[i]!);
    }
  }

  #fillDict(id: number, from: number, to: number, source: number): void {
    const table = this.#table;
    const stack = table.stack;
    if ((to - from & 1) !== 0) throw failure("bad-stack", "a dict's key has no value", source);
    const before = table.get(id, SIZE);
    let seen = 0;
    for (let i = from; i < to; i++) seen |= stack[i]!;
    const long = table.hasLongText;
    if (seen >= 0 && !long) {
      // Plain values are hashable, and do not make the dict deeper.
      table.fillPlainDict(id, to - from >> 1, source);
    } else {
      const alone = before + to - from <= 2;
      for (let i = from; i < to; i += 2) if (hasRow(stack[i]!) || long) this.#key(stack[i]!, alone, source);
      // The keys have been checked, and the values need no hash.
      table.gatherPairs(from, to);
      table.fill(id, to - from >> 1, source);
    }
    const size = table.get(id, SIZE);
    if (size > this.maxEntries) throw tooMany(source);
    this.collisions.addPairs(id, before, from, to);
    if (this.#keptPairs > 0) this.#keepPairs(id, before, from, to);
    if (id === this.target) this.#record(from, to);
  }

  #keepPairs(id: number, before: number, from: number, to: number): void {
    const table = this.#table;
    if (before + (to - from >> 1) > this.#keptPairs) {
      table.set(id, EXTRA, -1);
    } else if (before === 0) {
      table.set(id, EXTRA, table.keep(table.stack, from, to));
    } else if (to > from && table.get(id, EXTRA) >= 0) {
      const earlier = table.get(id, EXTRA);
      const all = [...table.items.subarray(earlier, earlier + 2 * before), ...table.stack.subarray(from, to)];
      table.set(id, EXTRA, table.keep(Int32Array.from(all), 0, all.length));
    }
  }

  #record(from: number, to: number): void {
    const start = this.pairCount, count = to - from;
    if (start + count > this.pairs.length) this.pairs = grown(this.pairs, { least: start + count });
    const pairs = this.pairs, stack = this.#table.stack;
    for (let i = 0; i < count; i++) pairs[start + i] = stack[from + i]!;
    this.pairCount += count;
  }

  #fillSet(id: number, from: number, to: number, source: number): void {
    const table = this.#table;
    const stack = table.stack;
    const before = table.get(id, SIZE), size = before + to - from;
    if (table.arePlain(from, to)) table.fillPlain(id, to - from, source);
    else {
      const long = table.hasLongText;
      for (let i = from; i < to; i++) if (hasRow(stack[i]!) || long) this.#key(stack[i]!, size === 1, source);
      table.gather(from, to);
      table.fill(id, to - from, source);
    }
    if (size > this.maxEntries) throw tooMany(source);
    this.collisions.add(id, before, from, to, 1);
  }

  #key(slot: number, alone: boolean, source: number): void {
    const table = this.#table;
    const leaves = table.hashCost(slot);
    if (leaves < 0) throw failure("unhashable", "a key or member cannot be hashed", source);
    if (leaves > KEY_LEAVES) {
      throw overLimit("keyWork", `a key has ${leaves} leaves`, source);
    }
    // A frozenset caches its hash. Its members are hashed again only if it is compared with another key.
    const kept = alone && table.kindOf(slot) === FROZENSET;
    if (kept) table.chargeKeys(table.get(rowOf(slot), SIZE), 0, source);
    else table.chargeKeys(leaves, table.traitsOf(slot), source);
  }
}
