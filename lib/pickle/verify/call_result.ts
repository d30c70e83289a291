/**
 * Results of the calls on the allow-list: makes their rows, and checks that the called class accepts the arguments.
 *
 * @module
 */
import type { AllowedName } from "../values/allowed.ts";
import type { ArrayCheck } from "./array_check.ts";
import type { CollisionCheck } from "./collisions/check.ts";
import { DATE_BYTES, DATETIME_BYTES, isClock, isDate, isOffset, TIME_BYTES } from "./datetime_check.ts";
import { Kind } from "./kinds.ts";
import type { ObjectTable } from "./object_table.ts";
import { EXTRA, LEAVES, SIZE, Trait } from "./columns.ts";
import { rowOf, slotOf } from "./slot.ts";
import type { SlotReader } from "./slot_reader.ts";
import { failure } from "./failure.ts";

const DECIMAL = /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE]([+-]?[0-9]{1,8}))?$/;
const SPECIAL = /^[+-]?(?:Infinity|NaN[0-9]{0,20})$/;
const SIGNALING = /^[+-]?sNaN[0-9]{0,20}$/;
const FRACTION = /^-?[0-9]{1,4300}(?:\/(?!0+$)[0-9]{1,4300})?$/;
const LONGEST_NUMBER = 10_000;
const DAYS = 999_999_999;
/** Leaves for the hash of an object whose `__hash__` is written in Python. */
const FRACTION_LEAVES = 15;
const DECIMAL_LEAVES = 3;
/** A Decimal or Fraction of more digits, or bytes, takes long to multiply. */
const LARGE_NUMBER = 64;
const AWARE_LEAVES = 6;
const PATH_LEAVES = 20;
const NUMPY_LEAVES = 8;
/** Characters of a path, or digits of a Decimal, that take as long to hash as one leaf. */
const TEXT_PER_LEAF = 16;
/** Bytes of the numbers of a range that take as long to hash as one leaf: its length takes a division. */
const BYTES_PER_RANGE_LEAF = 4;
/** Nanoseconds for a character of a number's text; for the square of the bytes, or digits, of a fraction that is reduced. */
const DIGIT_COST = 5;
const SQUARE_COST = 1 / 40;
const SQUARE_DIGITS_COST = 1 / 150;
/** Nanoseconds for an entry of a dict that is copied into a Counter. */
const COUNT_COST = 100;
/** Nanoseconds for a part of a path, and for a character in it. */
const PART_COST = 400;
const CHARACTER_COST = 6;

/** A call with arguments of an allowed shape. */
export interface Call {
  /** The offset of the opcode. */
  readonly source: number;
  /** The position of the result on the stack. */
  readonly position: number;
  /** The position of the arguments in the table's items. */
  readonly first: number;
  readonly count: number;
}

/** Makes the rows of the objects that calls return, for one pickle after another. */
export class CallResult {
  readonly #table: ObjectTable;
  readonly #slots: SlotReader;
  readonly #arrays: ArrayCheck;
  readonly #collisions: CollisionCheck;
  /** Bytes that calls have copied. */
  copied = 0;

  constructor(
    table: ObjectTable,
    slots: SlotReader,
    { arrays, collisions }: { arrays: ArrayCheck; collisions: CollisionCheck },
  ) {
    this.#table = table;
    this.#slots = slots;
    this.#arrays = arrays;
    this.#collisions = collisions;
  }

  /** Forgets the pickle before. */
  reset(): void {
    this.copied = 0;
  }

  /** Returns the slot of the object that a call makes; undefined if the class would raise. */
  make({ allowed }: AllowedName, call: Call): number | undefined {
    const items = this.#table.items;
    const first = items[call.first]!, second = items[call.first + 1]!;
    switch (allowed) {
      case "encode":
        return this.#encode(first, second, call);
      case "bytes":
        return this.#table.makeSlot(Kind.BYTES, call.source, call.position);
      case "bytearray":
        return this.#bytearray(first, second, call);
      case "set":
        return this.#copyOf(Kind.SET, first, call);
      case "frozenset":
        return this.#copyOf(Kind.FROZENSET, first, call);
      case "Counter":
        return this.#copyOf(Kind.COUNTER, first, call);
      case "OrderedDict":
        return this.#table.makeSlot(Kind.ORDERED_DICT, call.source, call.position);
      case "defaultdict":
        return this.#table.makeSlot(Kind.DEFAULTDICT, call.source, call.position);
      case "deque":
        return this.#deque(second, call);
      case "complex":
        return this.#row(Kind.COMPLEX, 2, call);
      case "range":
        return this.#isRange(call.first) ? this.#row(Kind.RANGE, this.#rangeLeaves(call), call) : undefined;
      case "slice":
        return this.#row(Kind.UNHASHABLE, 1, call);
      case "reconstructor":
        return this.#table.makeSlot(Kind.UUID, call.source, call.position);
      case "date":
        return this.#isDate(first) ? this.#row(Kind.DATE, 1, call) : undefined;
      case "time":
        return this.#isTime(first) ? this.#time(Kind.TIME, call) : undefined;
      case "datetime":
        return this.#isDatetime(first) ? this.#time(Kind.DATETIME, call) : undefined;
      case "timedelta":
        return this.#isTimedelta(call.first) ? this.#row(Kind.TIMEDELTA, 1, call) : undefined;
      case "timezone":
        return this.#isOffset(first) ? this.#row(Kind.TIMEZONE, 1, call) : undefined;
      case "Decimal":
        return this.#decimal(first, call);
      case "Fraction":
        return this.#fraction(first, second, call);
      case "path":
        return this.#path(call);
      case "dtype":
        return this.#arrays.dtype(this.#argumentsOf(call), call.source, call.position);
      case "reconstructArray":
        return this.#arrays.isEmptyArray(this.#argumentsOf(call))
          ? this.#row(Kind.NDARRAY, 1, call)
          : undefined;
      case "arrayFromBuffer":
        return this.#arrayFromBuffer(call);
      case "scalar":
        return this.#scalar(first, second, call);
    }
    return undefined;
  }

  #argumentsOf({ first, count }: Call): Int32Array {
    return this.#table.items.subarray(first, first + count);
  }

  // The row keeps the arguments, since the hash of a key is computed from them.
  #row(kind: number, leaves: number, { source, position, first, count }: Call): number {
    const table = this.#table;
    const id = table.make(kind, source, position);
    table.set(id, LEAVES, leaves);
    table.set(id, SIZE, count);
    table.set(id, EXTRA, first);
    return slotOf(id);
  }

  // The hash of a naive time is that of its bytes.
  #time(kind: number, call: Call): number {
    if (call.count === 1) return this.#row(kind, 1, call);
    const slot = this.#row(kind, AWARE_LEAVES, call);
    this.#table.setTraits(rowOf(slot), Trait.UNFORESEEN);
    return slot;
  }

  #number(kind: number, length: number, call: Call): number {
    const leaves = kind === Kind.DECIMAL ? DECIMAL_LEAVES : FRACTION_LEAVES;
    const slot = this.#row(kind, leaves + Math.ceil(length / TEXT_PER_LEAF), call);
    if (length > LARGE_NUMBER) this.#table.setTraits(rowOf(slot), Trait.LARGE);
    return slot;
  }

  #lengthOf(call: Call): number {
    let length = 0;
    for (const slot of this.#argumentsOf(call)) length += this.#slots.length(slot);
    return length;
  }

  #encode(text: number, encoding: number, { source, position }: Call): number | undefined {
    if (!this.#isLatin1(encoding)) return undefined;
    const length = this.#slots.latin1Length(text);
    if (length < 0) return undefined;
    this.copied += this.#slots.length(text);
    const id = this.#table.make(Kind.BYTES, source, position);
    this.#table.set(id, SIZE, length);
    this.#table.set(id, EXTRA, text);
    return slotOf(id);
  }

  #bytearray(first: number, second: number, { source, position, count }: Call): number | undefined {
    const slots = this.#slots;
    const length = count === 0 ? 0 : count === 1 ? slots.length(first) : slots.latin1Length(first);
    if (count === 2 && (length < 0 || !this.#isLatin1(second))) return undefined;
    if (count > 0) this.copied += slots.length(first);
    const id = this.#table.make(Kind.BYTEARRAY, source, position);
    this.#table.set(id, SIZE, length);
    return slotOf(id);
  }

  #isLatin1(encoding: number): boolean {
    const name = this.#slots.text(encoding, 10);
    return name === "latin1" || name === "latin-1";
  }

  // A set, frozenset or Counter is made of a list or dict, which a pickler writes for this one call.
  #copyOf(kind: number, from: number, { source, position }: Call): number {
    const table = this.#table, list = rowOf(from);
    if (table.isBuilt(list)) throw failure("bad-stack", "two objects are made of one list or dict", source);
    table.setBuilt(list);
    const leaves = table.get(list, LEAVES), size = table.get(list, SIZE);
    if (leaves < 0) throw failure("unhashable", "a set's member cannot be hashed", source);
    const id = table.make(kind, source, position);
    table.set(id, LEAVES, size < 2 ? leaves + 1 : leaves);
    table.set(id, SIZE, size);
    table.inherit(id, list);
    if (kind === Kind.COUNTER) {
      table.charge(COUNT_COST * size, source);
      this.#collisions.addCounter(id, list);
      return slotOf(id);
    }
    table.chargeKeys(leaves, table.traitsOf(from), source);
    this.#collisions.addCopy(id, list, source);
    if (kind === Kind.FROZENSET) table.setTraits(id, table.traitsOf(from));
    return slotOf(id);
  }

  #deque(maxlen: number, call: Call): number | undefined {
    if (call.count === 2) {
      const most = this.#slots.int(maxlen);
      if (typeof most !== "number" || most < 0 || most > 0x7fffffff) return undefined;
    }
    return this.#table.makeSlot(Kind.DEQUE, call.source, call.position);
  }

  #isRange(first: number): boolean {
    const slots = this.#slots, items = this.#table.items;
    return slots.isInt(items[first]!) && slots.isInt(items[first + 1]!) &&
      slots.isInt(items[first + 2]!, true);
  }

  #rangeLeaves(call: Call): number {
    const length = this.#lengthOf(call);
    this.#table.charge(length + SQUARE_COST * length * length, call.source);
    return 3 + Math.ceil(length / BYTES_PER_RANGE_LEAF);
  }

  #isDate(slot: number): boolean {
    const span = this.#slots.span(slot, DATE_BYTES);
    return span !== undefined && isDate(span, false);
  }

  #isTime(slot: number): boolean {
    const span = this.#slots.span(slot, TIME_BYTES);
    return span !== undefined && isClock(span, true);
  }

  #isDatetime(slot: number): boolean {
    const span = this.#slots.span(slot, DATETIME_BYTES);
    return span !== undefined && isDate(span, true) &&
      isClock({ bytes: span.bytes, start: span.start + DATE_BYTES }, false);
  }

  #isTimedelta(first: number): boolean {
    const slots = this.#slots, items = this.#table.items;
    const days = slots.int(items[first]!);
    const seconds = slots.int(items[first + 1]!);
    const micros = slots.int(items[first + 2]!);
    return typeof days === "number" && Math.abs(days) <= DAYS &&
      typeof seconds === "number" && seconds >= 0 && seconds < 86_400 &&
      typeof micros === "number" && micros >= 0 && micros < 1_000_000;
  }

  #isOffset(timedelta: number): boolean {
    const [days = 0, seconds = 0, micros = 0] = this.#table.args(rowOf(timedelta));
    const slots = this.#slots;
    return isOffset(Number(slots.int(days)), Number(slots.int(seconds)), Number(slots.int(micros)));
  }

  #decimal(slot: number, call: Call): number | undefined {
    const text = this.#slots.text(slot, LONGEST_NUMBER);
    if (text === undefined) return undefined;
    this.#table.charge(DIGIT_COST * text.length, call.source);
    // Hashing or comparing a signalling NaN raises.
    if (SIGNALING.test(text)) return this.#row(Kind.UNHASHABLE, 1, call);
    if (!DECIMAL.test(text) && !SPECIAL.test(text)) return undefined;
    return this.#number(Kind.DECIMAL, text.length, call);
  }

  #fraction(first: number, second: number, call: Call): number | undefined {
    const slots = this.#slots;
    const length = this.#lengthOf(call);
    if (call.count === 1) {
      if (!FRACTION.test(slots.text(first, LONGEST_NUMBER) ?? "")) return undefined;
    } else if (!slots.isInt(first) || !slots.isInt(second, true)) return undefined;
    const square = call.count === 1 ? SQUARE_DIGITS_COST : SQUARE_COST;
    this.#table.charge(DIGIT_COST * length + square * length * length, call.source);
    return this.#number(Kind.FRACTION, call.count === 1 ? length : 2 * length, call);
  }

  #path(call: Call): number {
    const length = this.#lengthOf(call) + call.count;
    this.copied += length;
    this.#table.charge(PART_COST * call.count + CHARACTER_COST * length, call.source);
    return this.#row(Kind.PATH, PATH_LEAVES + Math.ceil(length / TEXT_PER_LEAF), call);
  }

  #arrayFromBuffer(call: Call): number | undefined {
    const slot = this.#row(Kind.NDARRAY, 1, call);
    if (!this.#arrays.isBuffer(rowOf(slot), this.#argumentsOf(call))) return undefined;
    this.#table.setBuilt(rowOf(slot));
    return slot;
  }

  #scalar(dtype: number, bytes: number, call: Call): number | undefined {
    const length = this.#slots.length(bytes);
    this.copied += length;
    if (!this.#arrays.isScalar(this.#argumentsOf(call))) return undefined;
    const leaves = NUMPY_LEAVES + Math.ceil(length / TEXT_PER_LEAF);
    const sort = this.#arrays.sortOf(rowOf(dtype));
    if (sort !== "other") {
      return this.#row(sort === "number" ? Kind.NUMPY_NUMBER : Kind.NUMPY_OTHER, leaves, call);
    }
    // Versions of numpy disagree about comparisons of times, and a record cannot be hashed.
    return this.#row(Kind.UNHASHABLE, 1, call);
  }
}
