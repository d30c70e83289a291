/**
 * Whether a call in a pickle is one of the allow-list, in a shape that CPython's pickler writes and with arguments that the
 * called class takes: nothing is called to find out.
 *
 * @module
 */
import type { AllowedName, Argument } from "./allowed.ts";
import { ArrayCheck } from "./array_check.ts";
import { MOST_CHOSEN } from "./collision_check.ts";
import { isClock, isDate, isOffset } from "./datetime_check.ts";
import { PickleError } from "./errors.ts";
import { EXTRA, Kind, LEAVES, type ObjectTable, SIZE } from "./object_table.ts";
import type { SlotReader } from "./slot_reader.ts";
import { tooMuchWork } from "./verify_failure.ts";

const DECIMAL = /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,8})?$/;
const SPECIAL = /^[+-]?(?:Infinity|NaN[0-9]{0,20})$/;
const SIGNALING = /^[+-]?sNaN[0-9]{0,20}$/;
const FRACTION = /^-?[0-9]{1,4300}(?:\/0*[1-9][0-9]{0,4298})?$/;
const LONGEST_NUMBER = 10_000;
const DAYS = 999_999_999;

/** Checks the calls of one pickle after another. */
export class CallCheck {
  readonly #table: ObjectTable;
  readonly #slots: SlotReader;
  readonly #arrays: ArrayCheck;
  /** The names that the pickle has taken, by the number in their row. */
  names: AllowedName[] = [];
  /** Items and bytes that calls have copied. */
  copied = 0;
  /** Deques: an empty one takes as much memory as several other containers. */
  deques = 0;

  constructor(table: ObjectTable, slots: SlotReader) {
    this.#table = table;
    this.#slots = slots;
    this.#arrays = new ArrayCheck(table, slots);
  }

  /** Forgets the pickle before. */
  reset(): void {
    if (this.names.length > 0) this.names = [];
    this.copied = 0;
    this.deques = 0;
    this.#arrays.reset();
  }

  /**
   * Checks REDUCE.
   *
   * @param callee the slot of what is called
   * @param args the slot of its arguments
   * @param source the offset of the opcode
   * @param position where on the stack the result comes to stand
   * @returns the slot of the result
   */
  reduce(callee: number, args: number, source: number, position: number): number {
    const name = this.#nameOf(callee, source);
    const { table, count, first } = this.#argumentsOf(args, source);
    if (!name.shapes.some((shape) => this.#fits(shape, name.repeats, first, count))) {
      throw unsafe(name, "is called with arguments that no pickler writes", source);
    }
    const slot = this.#make(name, table.items.subarray(first, first + count), source, position);
    if (slot === undefined) throw badArguments(name, source);
    return slot;
  }

  /** Checks NEWOBJ: only UUID is made that way, with no arguments. */
  newobj(callee: number, args: number, source: number, position: number): number {
    const name = this.#nameOf(callee, source);
    if (!name.newobj || this.#argumentsOf(args, source).count !== 0) {
      throw unsafe(name, "is made in a way that no pickler writes", source);
    }
    return ~this.#table.make(Kind.UUID, source, position);
  }

  /** Refuses INST, OBJ and NEWOBJ_EX, which CPython's pickler writes for none of the allowed names. */
  refuse(callee: number, source: number): never {
    throw unsafe(this.#nameOf(callee, source), "is made in a way that no pickler writes", source);
  }

  /** Checks BUILD. */
  build(target: number, state: number, source: number): void {
    const table = this.#table;
    const kind = target < 0 ? table.kind(~target) : 0;
    const good = kind === Kind.UUID
      ? !table.isBuilt(~target) && this.#isUuidState(~target, state)
      : kind === Kind.DTYPE
      ? this.#arrays.isDtypeState(~target, state)
      : kind === Kind.NDARRAY
      ? !table.isBuilt(~target) && this.#arrays.isArrayState(state)
      : undefined;
    if (good === undefined) {
      throw new PickleError("bad-stack", "Cannot verify the pickle: BUILD meets an object without state", {
        offset: source,
      });
    }
    if (!good) {
      throw new PickleError("bad-argument", "Cannot verify the pickle: BUILD has a malformed state", {
        offset: source,
      });
    }
    table.setBuilt(~target);
    this.copied += this.#arrays.takeCopied();
  }

  #nameOf(callee: number, source: number): AllowedName {
    if (callee >= 0 || this.#table.kind(~callee) !== Kind.NAME) {
      throw new PickleError("bad-stack", "Cannot verify the pickle: what is called is no name", {
        offset: source,
      });
    }
    return this.names[this.#table.get(~callee, EXTRA)]!;
  }

  #argumentsOf(args: number, source: number): { table: ObjectTable; count: number; first: number } {
    const table = this.#table;
    if (this.#slots.isEmptyTuple(args)) return { table, count: 0, first: 0 };
    if (args >= 0 || table.kind(~args) !== Kind.TUPLE) {
      throw new PickleError("bad-stack", "Cannot verify the pickle: the arguments of a call are no tuple", {
        offset: source,
      });
    }
    const first = table.get(~args, EXTRA), count = table.get(~args, SIZE);
    if (first < 0) {
      throw new PickleError("limit", `Cannot verify the pickle: a call has ${count} arguments`, {
        offset: source,
        limit: "entries",
      });
    }
    return { table, count, first };
  }

  #fits(shape: readonly Argument[], repeats: boolean, first: number, count: number): boolean {
    if (repeats) {
      for (let i = 0; i < count; i++) {
        if (!this.#isA(this.#table.items[first + i]!, shape[Math.min(i, shape.length - 1)]!)) return false;
      }
      return true;
    }
    return count === shape.length && shape.every((kind, i) => this.#isA(this.#table.items[first + i]!, kind));
  }

  #isA(slot: number, kind: Argument): boolean {
    const table = this.#table;
    switch (kind) {
      case "empty":
        return this.#slots.isEmptyTuple(slot);
      case "anything":
        return slot >= 0 && !this.#slots.isEmptyTuple(slot);
      case "factory":
        return this.#isName(slot, (name) => name.factory);
      case "OBJECT":
        return this.#isName(slot, (name) => name.allowed === "object");
      case "UUID":
        return this.#isName(slot, (name) => name.allowed === "UUID");
      case "NDARRAY":
        return this.#isName(slot, (name) => name.allowed === "ndarray");
      case "TIMEDELTA":
        return slot < 0 && table.kind(~slot) === Kind.TIMEDELTA;
      case "TIMEZONE":
        return slot < 0 && table.kind(~slot) === Kind.TIMEZONE;
      case "DTYPE":
        return slot < 0 && table.kind(~slot) === Kind.DTYPE;
    }
    return this.#slots.kindOf(slot) === kind;
  }

  #isName(slot: number, test: (name: AllowedName) => boolean): boolean {
    return slot < 0 && this.#table.kind(~slot) === Kind.NAME &&
      test(this.names[this.#table.get(~slot, EXTRA)]!);
  }

  // Undefined where the class would raise.
  #make(name: AllowedName, args: Int32Array, source: number, position: number): number | undefined {
    const slots = this.#slots, table = this.#table;
    const plain = (kind: number, leaves = 1): number => {
      const id = table.make(kind, source, position);
      table.set(id, LEAVES, leaves);
      return ~id;
    };
    const [first = 0, second = 0, third = 0] = args;
    switch (name.allowed) {
      case "encode":
        return this.#encode(first, second, source, position);
      case "bytes": {
        const id = table.make(Kind.BYTES, source, position);
        return ~id;
      }
      case "bytearray":
        return this.#bytearray(args, plain(Kind.BYTEARRAY));
      case "set":
        return this.#copyOf(Kind.SET, first, source, position);
      case "frozenset":
        return this.#copyOf(Kind.FROZENSET, first, source, position);
      case "Counter":
        return this.#copyOf(Kind.COUNTER, first, source, position);
      case "OrderedDict":
        return plain(Kind.ORDERED_DICT, 0);
      case "defaultdict":
        return plain(Kind.DEFAULTDICT, 0);
      case "deque": {
        if (args.length === 2) {
          const most = slots.int(second);
          if (typeof most !== "number" || most < 0 || most > 0x7fffffff) return undefined;
        }
        this.deques++;
        return plain(Kind.DEQUE, 0);
      }
      case "complex":
        return plain(Kind.PLAIN, 2);
      case "range":
        return this.#isRange(first, second, third) ? plain(Kind.PLAIN, 3) : undefined;
      case "slice":
        return plain(Kind.UNHASHABLE);
      case "reconstructor":
        return plain(Kind.UUID);
      case "date":
        return isDate(slots.bytes(first, 4), 4) ? plain(Kind.PLAIN) : undefined;
      case "time":
        return isClock(slots.bytes(first, 6), 6, 0) ? plain(Kind.PLAIN) : undefined;
      case "datetime":
        return this.#isDatetime(first) ? plain(Kind.PLAIN) : undefined;
      case "timedelta":
        return this.#timedelta(first, second, third, source, position);
      case "timezone":
        return this.#isOffset(first) ? plain(Kind.TIMEZONE) : undefined;
      case "Decimal":
        return this.#decimal(first, plain);
      case "Fraction":
        return this.#isFraction(args) ? plain(Kind.PLAIN, 100) : undefined;
      case "path":
        return plain(Kind.PLAIN, this.#pathLength(args));
      case "dtype":
        return this.#arrays.dtype(args, source, position);
      case "reconstructArray":
        return this.#arrays.isEmptyArray(args) ? plain(Kind.NDARRAY) : undefined;
      case "arrayFromBuffer": {
        if (!this.#arrays.isBuffer(args)) return undefined;
        const slot = plain(Kind.NDARRAY);
        table.setBuilt(~slot);
        return slot;
      }
      case "scalar":
        this.copied += slots.length(second);
        return this.#arrays.isScalar(args) ? plain(Kind.UNHASHABLE) : undefined;
    }
    return undefined;
  }

  #encode(text: number, encoding: number, source: number, position: number): number | undefined {
    const name = this.#slots.text(encoding, 10);
    if (name !== "latin1" && name !== "latin-1") return undefined;
    const length = this.#slots.latin1Length(text);
    if (length < 0) return undefined;
    this.copied += this.#slots.length(text);
    const id = this.#table.make(Kind.BYTES, source, position);
    this.#table.set(id, SIZE, length);
    this.#table.set(id, EXTRA, text);
    return ~id;
  }

  #bytearray(args: Int32Array, slot: number): number | undefined {
    let length = 0;
    if (args.length === 2) {
      const name = this.#slots.text(args[1]!, 10);
      length = this.#slots.latin1Length(args[0]!);
      if ((name !== "latin1" && name !== "latin-1") || length < 0) return undefined;
      this.copied += this.#slots.length(args[0]!);
    } else if (args.length === 1) {
      length = this.#slots.length(args[0]!);
      this.copied += length;
    }
    this.#table.set(~slot, SIZE, length);
    return slot;
  }

  // A set, frozenset or Counter has the items of the list or dict that it is made of.
  #copyOf(kind: number, from: number, source: number, position: number): number | undefined {
    const table = this.#table;
    const leaves = table.get(~from, LEAVES), size = table.get(~from, SIZE);
    if (leaves < 0) {
      throw new PickleError("unhashable", "Cannot verify the pickle: a set's member cannot be hashed", {
        offset: source,
      });
    }
    this.copied += size;
    if (kind !== Kind.COUNTER) {
      table.chargeKeys(leaves);
      if (table.get(~from, EXTRA) > MOST_CHOSEN) throw tooMuchWork(source);
    }
    const id = table.make(kind, source, position);
    table.set(id, LEAVES, size < 2 ? leaves + 1 : leaves);
    table.set(id, SIZE, size);
    table.inherit(id, ~from);
    return ~id;
  }

  #isRange(start: number, stop: number, step: number): boolean {
    const by = this.#slots.int(step);
    return by !== undefined && by != 0 && this.#slots.int(start) !== undefined &&
      this.#slots.int(stop) !== undefined;
  }

  #isDatetime(slot: number): boolean {
    const bytes = this.#slots.bytes(slot, 10);
    if (bytes?.length !== 10) return false;
    const date = bytes.slice(0, 4);
    date[2]! &= 0x7f; // above the month stands the fold
    return isDate(date, 4) && isClock(bytes, 10, 4);
  }

  #timedelta(first: number, second: number, third: number, source: number, position: number) {
    const days = this.#slots.int(first), seconds = this.#slots.int(second), micros = this.#slots.int(third);
    if (typeof days !== "number" || Math.abs(days) > DAYS) return undefined;
    if (typeof seconds !== "number" || seconds < 0 || seconds >= 86_400) return undefined;
    if (typeof micros !== "number" || micros < 0 || micros >= 1_000_000) return undefined;
    const id = this.#table.make(Kind.TIMEDELTA, source, position);
    this.#table.set(id, EXTRA, isOffset(days, seconds, micros) ? 1 : 0);
    return ~id;
  }

  #isOffset(timedelta: number): boolean {
    return this.#table.get(~timedelta, EXTRA) === 1;
  }

  #decimal(slot: number, plain: (kind: number, leaves: number) => number): number | undefined {
    const text = this.#slots.text(slot, LONGEST_NUMBER);
    if (text === undefined) return undefined;
    const leaves = 1 + (text.length >> 3);
    if (DECIMAL.test(text) || SPECIAL.test(text)) return plain(Kind.PLAIN, leaves);
    // A signalling NaN raises where it is hashed or compared.
    return SIGNALING.test(text) ? plain(Kind.UNHASHABLE, leaves) : undefined;
  }

  #isFraction(args: Int32Array): boolean {
    if (args.length === 1) {
      const text = this.#slots.text(args[0]!, LONGEST_NUMBER);
      return text !== undefined && FRACTION.test(text);
    }
    const numerator = this.#slots.int(args[0]!), denominator = this.#slots.int(args[1]!);
    return numerator !== undefined && denominator !== undefined && denominator != 0;
  }

  #pathLength(args: Int32Array): number {
    let length = 1;
    for (const slot of args) length += this.#slots.length(slot) + 1;
    this.copied += length;
    return length;
  }

  // {'int': …}, and where the system told how it was made, 'is_safe'.
  #isUuidState(uuid: number, state: number): boolean {
    const table = this.#table;
    if (this.#slots.kindOf(state) !== "dict") return false;
    const size = table.get(~state, SIZE), pairs = table.get(~state, EXTRA);
    if (size < 1 || size > 2 || pairs < 0) return false;
    let known = false;
    let number = -1;
    for (let i = 0; i < size; i++) {
      const key = this.#slots.text(table.items[pairs + 2 * i]!, 10);
      const value = this.#slots.int(table.items[pairs + 2 * i + 1]!);
      if (value === undefined) return false;
      if (key === "int" && !known) {
        if (value < 0n || BigInt(value) >> 128n !== 0n) return false;
        known = true;
        number = table.items[pairs + 2 * i + 1]!;
      } else if (key !== "is_safe" || (value !== 0 && value !== -1)) {
        return false;
      }
    }
    // Its hash is that of its number.
    if (known) table.set(uuid, EXTRA, number);
    table.choosable++;
    return known;
  }
}

function unsafe(name: AllowedName, what: string, source: number): PickleError {
  const global = `${name.module}.${name.name}`;
  return new PickleError("unsafe", `Cannot verify the pickle: ${global} ${what}`, { offset: source, global });
}

function badArguments(name: AllowedName, source: number): PickleError {
  return new PickleError(
    "bad-argument",
    `Cannot verify the pickle: ${name.name} does not take its arguments`,
    {
      offset: source,
    },
  );
}
