/**
 * What the calls of the allow-list make, and whether their arguments have values that the called class takes.
 *
 * @module
 */
import type { AllowedName } from "../values/allowed.ts";
import type { ArrayCheck } from "./array_check.ts";
import type { CollisionCheck } from "./collisions/check.ts";
import { isClock, isDate, isOffset } from "./datetime_check.ts";
import { EXTRA, Kind, LEAVES, METHOD_COST, type ObjectTable, SIZE, Trait } from "./object_table.ts";
import type { SlotReader } from "./slot_reader.ts";
import { failure, tooMuchWork } from "./failure.ts";

const DECIMAL = /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE]([+-]?[0-9]{1,8}))?$/;
const SPECIAL = /^[+-]?(?:Infinity|NaN[0-9]{0,20})$/;
const SIGNALING = /^[+-]?sNaN[0-9]{0,20}$/;
const FRACTION = /^-?[0-9]{1,4300}(?:\/(?!0+$)[0-9]{1,4300})?$/;
const LONGEST_NUMBER = 10_000;
const DAYS = 999_999_999;
/** Hashing a Fraction inverts its denominator modulo 2^61 − 1. */
const FRACTION_COST = 10;
/** An exponent beyond this takes longer to raise 10 to than all the rest. */
const FAR_EXPONENT = 1000;
const FAR_COST = 50;
/** Texts and ints that are longer are paid for when they are read, but not when they come again as an argument. */
const LONG_ARGUMENT = 64;
/** Reading digits and reducing a fraction takes time in proportion to the square of so many digits. */
const QUADRATIC_DIGITS = 4000;
/** So many characters of a path, or digits of a Decimal, take as long as another leaf. */
const TEXT_PER_LEAF = 16;

const BYTES_PER_RANGE_LEAF = 4;

/** A call whose arguments have the shape. */
export interface Call {
  /** The offset of the opcode. */
  readonly source: number;
  /** Where on the stack the result comes to stand. */
  readonly position: number;
  /** Where in the table's items the arguments stand. */
  readonly first: number;
  readonly count: number;
}

/** Makes the rows of what calls make, of one pickle after another. */
export class CallResult {
  readonly #table: ObjectTable;
  readonly #slots: SlotReader;
  readonly #arrays: ArrayCheck;
  readonly #collisions: CollisionCheck;
  /** Items and bytes that calls have copied. */
  copied = 0;
  /** Deques that were made. */
  deques = 0;
  // The long arguments that have come.
  #seen = new Set<number>();

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
    this.deques = 0;
    if (this.#seen.size > 0) this.#seen.clear();
  }

  /** Gives the slot of what a call makes, undefined where the class would raise. */
  make({ allowed, name }: AllowedName, call: Call): number | undefined {
    const slots = this.#slots;
    const items = this.#table.items;
    const first = items[call.first]!, second = items[call.first + 1]!;
    switch (allowed) {
      case "encode":
        return this.#encode(first, second, call);
      case "bytes":
        return ~this.#table.make(Kind.BYTES, call.source, call.position);
      case "bytearray":
        return this.#bytearray(first, second, call);
      case "set":
        return this.#copyOf(Kind.SET, first, call);
      case "frozenset":
        return this.#copyOf(Kind.FROZENSET, first, call);
      case "Counter":
        return this.#copyOf(Kind.COUNTER, first, call);
      case "OrderedDict":
        return ~this.#table.make(Kind.ORDERED_DICT, call.source, call.position);
      case "defaultdict":
        return ~this.#table.make(Kind.DEFAULTDICT, call.source, call.position);
      case "deque":
        return this.#deque(second, call);
      case "complex":
        return this.#row(Kind.COMPLEX, 2, call);
      case "range":
        this.#chargeAgain(call);
        return this.#isRange(call.first) ? this.#row(Kind.RANGE, this.#rangeCost(call), call) : undefined;
      case "slice":
        return this.#row(Kind.UNHASHABLE, 1, call);
      case "reconstructor":
        return ~this.#table.make(Kind.UUID, call.source, call.position);
      case "date":
        return isDate(slots.bytes(first, 4), 4) ? this.#row(Kind.DATE, 1, call) : undefined;
      case "time":
        return isClock(slots.bytes(first, 6), 6, 0) ? this.#row(Kind.TIME, call.count, call) : undefined;
      case "datetime":
        return this.#isDatetime(first) ? this.#row(Kind.DATETIME, call.count, call) : undefined;
      case "timedelta":
        return this.#isTimedelta(call.first) ? this.#row(Kind.TIMEDELTA, 1, call) : undefined;
      case "timezone":
        return this.#isOffset(first) ? this.#row(Kind.TIMEZONE, 1, call) : undefined;
      case "Decimal":
        this.#chargeAgain(call);
        return this.#decimal(first, call);
      case "Fraction":
        this.#chargeAgain(call);
        return this.#fraction(first, second, call);
      case "path":
        return this.#path(name, call);
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

  // The arguments are kept: should it become a key, they decide about its hash.
  #row(kind: number, leaves: number, { source, position, first, count }: Call): number {
    const table = this.#table;
    const id = table.make(kind, source, position);
    table.set(id, LEAVES, leaves);
    table.set(id, SIZE, count);
    table.set(id, EXTRA, first);
    return ~id;
  }

  // Without this a megabyte of calls with one long argument would take hours, of us as well.
  #chargeAgain({ first, count, source }: Call): void {
    const table = this.#table;
    for (let i = first; i < first + count; i++) {
      const slot = table.items[i]!;
      const length = this.#slots.length(slot);
      if (length <= LONG_ARGUMENT) continue;
      if (this.#seen.has(slot)) table.work += length + length * length / QUADRATIC_DIGITS;
      this.#seen.add(slot);
    }
    if (table.work > table.maxWork) throw tooMuchWork(source);
  }

  #encode(text: number, encoding: number, { source, position }: Call): number | undefined {
    if (!this.#isLatin1(encoding)) return undefined;
    const length = this.#slots.latin1Length(text);
    if (length < 0) return undefined;
    this.copied += this.#slots.length(text);
    const id = this.#table.make(Kind.BYTES, source, position);
    this.#table.set(id, SIZE, length);
    this.#table.set(id, EXTRA, text);
    return ~id;
  }

  #bytearray(first: number, second: number, { source, position, count }: Call): number | undefined {
    const slots = this.#slots;
    const length = count === 0 ? 0 : count === 1 ? slots.length(first) : slots.latin1Length(first);
    if (count === 2 && (length < 0 || !this.#isLatin1(second))) return undefined;
    if (count > 0) this.copied += slots.length(first);
    const id = this.#table.make(Kind.BYTEARRAY, source, position);
    this.#table.set(id, SIZE, length);
    return ~id;
  }

  #isLatin1(encoding: number): boolean {
    const name = this.#slots.text(encoding, 10);
    return name === "latin1" || name === "latin-1";
  }

  // A set, frozenset or Counter has the items of the list or dict that it is made of.
  #copyOf(kind: number, from: number, { source, position }: Call): number {
    const table = this.#table;
    const leaves = table.get(~from, LEAVES), size = table.get(~from, SIZE);
    if (leaves < 0) throw failure("unhashable", "a set's member cannot be hashed", source);
    const traits = table.traitsOf(~from);
    this.copied += size;
    const id = table.make(kind, source, position);
    table.set(id, LEAVES, size < 2 ? leaves + 1 : leaves);
    table.set(id, SIZE, size);
    table.inherit(id, ~from);
    if (kind === Kind.COUNTER) return ~id;
    table.chargeKeys(leaves, source);
    table.setTraits(id, traits);
    this.#collisions.note(traits);
    if (kind === Kind.SET) {
      this.#collisions.addCopy(id, ~from, source);
    } else {
      const members = this.#collisions.itemsOf(~from, source);
      if (size > this.#collisions.few) this.#collisions.checkMembers(members, source);
      table.set(id, EXTRA, table.keep(members, 0, members.length));
    }
    return ~id;
  }

  #deque(maxlen: number, call: Call): number | undefined {
    if (call.count === 2) {
      const most = this.#slots.int(maxlen);
      if (typeof most !== "number" || most < 0 || most > 0x7fffffff) return undefined;
    }
    this.deques++;
    return ~this.#table.make(Kind.DEQUE, call.source, call.position);
  }

  #isRange(first: number): boolean {
    const slots = this.#slots, items = this.#table.items;
    return slots.isInt(items[first]!) && slots.isInt(items[first + 1]!) &&
      slots.isInt(items[first + 2]!, true);
  }

  // Of long ints the length takes a division.
  #rangeCost(call: Call): number {
    let length = 0;
    for (const slot of this.#argumentsOf(call)) length += this.#slots.length(slot);
    return 3 + Math.ceil(length / BYTES_PER_RANGE_LEAF);
  }

  #isDatetime(slot: number): boolean {
    const bytes = this.#slots.bytes(slot, 10);
    return isDate(bytes, 10) && isClock(bytes, 10, 4);
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
    const [days = 0, seconds = 0, micros = 0] = this.#table.args(~timedelta);
    const slots = this.#slots;
    return isOffset(Number(slots.int(days)), Number(slots.int(seconds)), Number(slots.int(micros)));
  }

  #decimal(slot: number, call: Call): number | undefined {
    const text = this.#slots.text(slot, LONGEST_NUMBER);
    if (text === undefined) return undefined;
    // A signalling NaN raises where it is hashed or compared.
    if (SIGNALING.test(text)) return this.#row(Kind.UNHASHABLE, 1, call);
    const match = DECIMAL.exec(text);
    if (match === null && !SPECIAL.test(text)) return undefined;
    const far = Math.abs(Number(match?.[1] ?? 0)) > FAR_EXPONENT ? FAR_COST : 0;
    const made = this.#row(Kind.DECIMAL, 1 + Math.ceil(text.length / TEXT_PER_LEAF) + far, call);
    this.#table.setTraits(~made, Trait.DECIMAL);
    return made;
  }

  #fraction(first: number, second: number, call: Call): number | undefined {
    const slots = this.#slots;
    let length = slots.length(first);
    if (call.count === 1) {
      if (!FRACTION.test(slots.text(first, LONGEST_NUMBER) ?? "")) return undefined;
    } else {
      if (!slots.isInt(first) || !slots.isInt(second, true)) return undefined;
      length += slots.length(second);
    }
    return this.#row(Kind.FRACTION, FRACTION_COST + Math.ceil(length / TEXT_PER_LEAF), call);
  }

  #path(name: string, call: Call): number {
    let length = 0;
    for (const slot of this.#argumentsOf(call)) length += this.#slots.length(slot) + 1;
    this.copied += length;
    const kind = name === "PurePosixPath"
      ? Kind.POSIX_PATH
      : name === "PureWindowsPath"
      ? Kind.WINDOWS_PATH
      : Kind.LOCAL_PATH;
    return this.#row(kind, METHOD_COST + Math.ceil(length / TEXT_PER_LEAF), call);
  }

  #arrayFromBuffer(call: Call): number | undefined {
    if (!this.#arrays.isBuffer(this.#argumentsOf(call))) return undefined;
    const slot = this.#row(Kind.NDARRAY, 1, call);
    this.#table.setBuilt(~slot);
    return slot;
  }

  #scalar(dtype: number, bytes: number, call: Call): number | undefined {
    this.copied += this.#slots.length(bytes);
    if (!this.#arrays.isScalar(this.#argumentsOf(call))) return undefined;
    // What numpy compares a time with is another thing in each of its versions.
    if (this.#arrays.isTime(~dtype)) return this.#row(Kind.UNHASHABLE, 1, call);
    const made = this.#row(
      this.#arrays.isSwapped(~dtype) ? Kind.SWAPPED_SCALAR : Kind.SCALAR,
      METHOD_COST + Math.ceil(this.#slots.length(bytes) / TEXT_PER_LEAF),
      call,
    );
    this.#table.setTraits(~made, Trait.NUMPY);
    return made;
  }
}
