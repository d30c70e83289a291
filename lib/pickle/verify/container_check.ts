/**
 * What verify does where opcodes fill containers: keys and members can be hashed, receivers take what they are given, and
 * nothing nests too deep or takes too long.
 *
 * @module
 */
import { CollisionCheck } from "./collisions/check.ts";
import { EXTRA, grown, Kind, LEAVES, type ObjectTable, SIZE } from "./object_table.ts";
import type { SlotReader } from "./slot_reader.ts";
import { failure, overLimit, tooMany, wrongReceiver } from "./failure.ts";

/** The most leaves of a key. */
const KEY_LEAVES = 10_000;
const SMALL = 1 << 12;
/** What a large dict took beyond this is given back. */
const KEPT = 1 << 16;

/** Checks the containers of one pickle after another. */
export class ContainerCheck {
  readonly #table: ObjectTable;
  readonly collisions: CollisionCheck;
  /** The most entries of a dict or set. */
  maxEntries = Infinity;
  /** The row of the dict whose pairs are recorded, −1 for none. */
  target = -1;
  /** The slots of its keys and values in the order set. */
  pairs = new Int32Array(SMALL);
  pairCount = 0;

  constructor(table: ObjectTable, slots: SlotReader) {
    this.#table = table;
    this.collisions = new CollisionCheck(table, slots);
  }

  /** Forgets the pickle before. */
  reset(): void {
    this.collisions.reset();
    this.target = -1;
    this.pairCount = 0;
    if (this.pairs.length > KEPT) this.pairs = new Int32Array(SMALL);
  }

  /** Makes a tuple of the stack's slots from `from` up to `to`, and gives its slot. */
  tuple(from: number, to: number, source: number): number {
    const table = this.#table;
    const items = table.keep(table.stack, from, to);
    table.gather(from, to);
    const id = table.make(Kind.TUPLE, source, from);
    table.fill(id, to - from, source);
    this.#wrapped(id, to - from);
    table.set(id, EXTRA, items);
    return ~id;
  }

  // An empty tuple is a leaf, and one around a single item adds one.
  #wrapped(id: number, count: number): void {
    const leaves = this.#table.get(id, LEAVES);
    if (count < 2 && leaves >= 0) this.#table.set(id, LEAVES, leaves + 1);
  }

  /** Makes a list, as LIST does. */
  list(from: number, to: number, source: number): number {
    const table = this.#table;
    table.gather(from, to);
    const id = table.make(Kind.LIST, source, from);
    table.fill(id, to - from, source);
    if (this.collisions.logsLists) this.collisions.addItems(id, from, to);
    return ~id;
  }

  /** Makes a frozenset. */
  frozenSet(from: number, to: number, source: number): number {
    const table = this.#table;
    table.gather(from, to);
    const id = table.make(Kind.FROZENSET, source, from);
    this.#fillSet(id, from, to, source);
    this.#wrapped(id, to - from);
    table.set(id, EXTRA, table.keep(table.stack, from, to));
    if (to - from > this.collisions.few) this.collisions.checkMembers(table.stack.subarray(from, to), source);
    return ~id;
  }

  /** Makes an empty dict, and gives its row. The first at the bottom of the stack is taken for the message. */
  openDict(source: number, position: number, markCount: number): number {
    const id = this.#table.make(Kind.DICT, source, position);
    if (position === 0 && this.target < 0 && markCount === 0) this.target = id;
    return id;
  }

  /** Makes a dict, as DICT does. */
  dict(from: number, to: number, source: number, markCount: number): number {
    const id = this.openDict(source, from, markCount);
    this.#fillDict(id, from, to, source);
    return ~id;
  }

  /** Checks APPEND and APPENDS. */
  append(receiver: number, from: number, to: number, source: number): void {
    const table = this.#table;
    const kind = receiver < 0 ? table.kind(~receiver) : 0;
    if (kind !== Kind.LIST && kind !== Kind.DEQUE) throw wrongReceiver("APPEND", source);
    table.gather(from, to);
    table.fill(~receiver, to - from, source);
    if (this.collisions.logsLists && kind === Kind.LIST) this.collisions.addItems(~receiver, from, to);
  }

  /** Checks SETITEM and SETITEMS. */
  setItems(receiver: number, from: number, to: number, source: number): void {
    const kind = receiver < 0 ? this.#table.kind(~receiver) : 0;
    if (kind !== Kind.DICT && kind !== Kind.ORDERED_DICT && kind !== Kind.DEFAULTDICT) {
      throw wrongReceiver("SETITEM", source);
    }
    this.#fillDict(~receiver, from, to, source);
  }

  /** Checks ADDITEMS. */
  addItems(receiver: number, from: number, to: number, source: number): void {
    if (receiver >= 0 || this.#table.kind(~receiver) !== Kind.SET) throw wrongReceiver("ADDITEMS", source);
    this.#table.gather(from, to);
    const before = this.#table.get(~receiver, SIZE);
    this.#fillSet(~receiver, from, to, source);
    if (before + to - from > this.collisions.few) {
      this.collisions.add(~receiver, before, { from, to, step: 1 });
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
      // Nothing but plain values: they can be hashed, and the dict does not nest deeper for them.
      table.set(id, SIZE, before + (to - from >> 1));
    } else {
      const alone = before + to - from <= 2;
      for (let i = from; i < to; i += 2) if (stack[i]! < 0 || long) this.#key(stack[i]!, alone, source);
      table.gather(from, to);
      // The leaves of a dict are those of its keys alone, which have passed: its values need no hash.
      table.leaves = 0;
      table.traits = 0;
      table.fill(id, (to - from) >> 1, source);
    }
    const size = table.get(id, SIZE);
    if (size > this.maxEntries) throw tooMany(source);
    if (size > this.collisions.few) this.collisions.add(id, before, { from, to, step: 2 });
    if (size <= 2) this.#keepPairs(id, before, from, to);
    if (id === this.target) this.#record(from, to);
  }

  // BUILD takes a dict of one or two pairs.
  #keepPairs(id: number, before: number, from: number, to: number): void {
    const table = this.#table;
    const stack = table.stack;
    const earlier = table.get(id, EXTRA);
    const first = table.keep(stack, from, to);
    if (before === 0) {
      table.set(id, EXTRA, first);
    } else if (to > from) {
      const items = table.items;
      const both = table.keep(
        Int32Array.of(items[earlier]!, items[earlier + 1]!, stack[from]!, stack[from + 1]!),
        0,
        4,
      );
      table.set(id, EXTRA, both);
    }
  }

  #record(from: number, to: number): void {
    const start = this.pairCount, count = to - from;
    if (start + count > this.pairs.length) this.pairs = grown(this.pairs, start + count);
    const pairs = this.pairs, stack = this.#table.stack;
    for (let i = 0; i < count; i++) pairs[start + i] = stack[from + i]!;
    this.pairCount += count;
  }

  #fillSet(id: number, from: number, to: number, source: number): void {
    const table = this.#table;
    const stack = table.stack;
    const size = table.get(id, SIZE) + to - from;
    const long = table.hasLongText;
    for (let i = from; i < to; i++) if (stack[i]! < 0 || long) this.#key(stack[i]!, size === 1, source);
    if (size > this.maxEntries) throw tooMany(source);
    table.fill(id, to - from, source);
  }

  #key(slot: number, alone: boolean, source: number): void {
    const table = this.#table;
    const leaves = table.hashCost(slot);
    if (leaves < 0) throw failure("unhashable", "a key or member cannot be hashed", source);
    if (leaves > KEY_LEAVES) {
      throw overLimit("keyWork", `a key has ${leaves} leaves`, source);
    }
    // A frozenset keeps its hash, made of those of its members: they are looked at again only to compare it with another.
    const kept = alone && slot < 0 && table.kind(~slot) === Kind.FROZENSET;
    if (slot < 0) this.collisions.note(table.traitsOf(~slot));
    table.chargeKeys(kept ? table.get(~slot, SIZE) : leaves, source);
  }
}
