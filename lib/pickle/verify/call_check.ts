/**
 * Checks of calls: each is on the allow-list, in a shape that CPython's pickler writes and with arguments that the called
 * class takes. Nothing is called to find out.
 *
 * @module
 */
import type { AllowedName, Argument } from "../values/allowed.ts";
import { ArrayCheck } from "./array_check.ts";
import { CallResult } from "./call_result.ts";
import type { CollisionCheck } from "./collisions/check.ts";
import { PickleError } from "../values/errors.ts";
import { Kind, SHOW_COST, SHOW_WHOLE } from "./kinds.ts";
import type { ObjectTable } from "./object_table.ts";
import { EXTRA, SIZE } from "./columns.ts";
import { hasRow, rowOf } from "./slot.ts";
import type { SlotReader } from "./slot_reader.ts";
import { isUuidState } from "./uuid_check.ts";
import { failure, overLimit } from "./failure.ts";

/** CPython's pickler writes at most four, except for a path, which has one for each part. */
const MOST_ARGUMENTS = 256;

/** Checks the calls of one pickle after another. */
export class CallCheck {
  readonly #table: ObjectTable;
  readonly #slots: SlotReader;
  readonly #arrays: ArrayCheck;
  readonly #results: CallResult;
  // The position of the current call's arguments in the table's items, and their number.
  #first = 0;
  #count = 0;
  /** The names in the pickle so far. The row of a name has its index here. */
  names: AllowedName[] = [];
  /** The number of UUIDs without a state so far. */
  unbuilt = 0;

  constructor(table: ObjectTable, slots: SlotReader, collisions: CollisionCheck) {
    this.#table = table;
    this.#slots = slots;
    this.#arrays = new ArrayCheck(table, slots);
    this.#results = new CallResult(table, slots, { arrays: this.#arrays, collisions });
  }

  /** Bytes that calls have copied. */
  get copied(): number {
    return this.#results.copied + this.#arrays.copied;
  }

  /** Forgets the pickle before. */
  reset(): void {
    if (this.names.length > 0) this.names = [];
    this.unbuilt = 0;
    this.#arrays.reset();
    this.#results.reset();
  }

  /**
   * Checks REDUCE.
   *
   * @param callee the slot of the called object
   * @param args the slot of its arguments
   * @param source the offset of the opcode
   * @param position the position of the result on the stack
   * @returns the slot of the result
   */
  reduce(callee: number, args: number, source: number, position: number): number {
    const name = this.#nameOf(callee, source);
    this.#readArguments(args, source);
    if (!this.#fitsAny(name)) throw unsafe(name, "is called with arguments that no pickler writes", source);
    const made = { source, position, first: this.#first, count: this.#count };
    const slot = this.#results.make(name, made);
    if (slot === undefined) {
      throw failure("bad-argument", `${name.name} does not take its arguments`, source);
    }
    const table = this.#table;
    table.addMore(SHOW_COST[table.kindOf(slot)]!);
    table.give(args, SHOW_WHOLE[table.kindOf(slot)]! > 0 ? -1 : rowOf(slot), position);
    if (table.kindOf(slot) === Kind.UUID) this.unbuilt++;
    return slot;
  }

  /** Checks NEWOBJ: only a UUID is made that way, without arguments. */
  newobj(callee: number, args: number, source: number, position: number): number {
    const name = this.#nameOf(callee, source);
    this.#readArguments(args, source);
    if (!name.newobj || this.#count !== 0) {
      throw unsafe(name, "is made in a way that no pickler writes", source);
    }
    this.unbuilt++;
    return this.#table.makeSlot(Kind.UUID, source, position);
  }

  /** Refuses INST, OBJ and NEWOBJ_EX, which CPython's pickler writes for none of the allowed names. */
  refuse(callee: number, source: number): never {
    throw unsafe(this.#nameOf(callee, source), "is made in a way that no pickler writes", source);
  }

  /**
   * Checks BUILD.
   *
   * @param position the position of the state on the stack
   */
  build(target: number, state: number, source: number, position: number): void {
    const table = this.#table;
    if (!this.#isState(target, state)) {
      const kind = table.kindOf(target);
      const hasState = kind === Kind.UUID || kind === Kind.DTYPE || kind === Kind.NDARRAY;
      if (!hasState) throw failure("bad-stack", "BUILD meets an object without state", source);
      throw failure("bad-argument", "BUILD has a malformed state", source);
    }
    if (table.kindOf(target) === Kind.UUID) this.unbuilt--;
    table.setBuilt(rowOf(target));
    table.give(state, table.kindOf(target) === Kind.UUID ? -1 : rowOf(target), position);
  }

  #isState(target: number, state: number): boolean {
    const table = this.#table;
    const kind = table.kindOf(target);
    if (kind !== Kind.UUID && kind !== Kind.DTYPE && kind !== Kind.NDARRAY) return false;
    const id = rowOf(target);
    if (kind === Kind.DTYPE) return this.#arrays.isDtypeState(id, state);
    if (table.isBuilt(id)) return false;
    return kind === Kind.UUID ? isUuidState(table, this.#slots, state) : this.#arrays.isArrayState(id, state);
  }

  #nameOf(callee: number, source: number): AllowedName {
    if (this.#table.kindOf(callee) !== Kind.NAME) {
      throw failure("bad-stack", "what is called is no name", source);
    }
    return this.names[this.#table.get(rowOf(callee), EXTRA)]!;
  }

  #readArguments(args: number, source: number): void {
    const table = this.#table;
    this.#first = this.#count = 0;
    if (this.#slots.isEmptyTuple(args)) return;
    if (table.kindOf(args) !== Kind.TUPLE) {
      throw failure("bad-stack", "the arguments of a call are no tuple", source);
    }
    this.#first = table.get(rowOf(args), EXTRA);
    this.#count = table.get(rowOf(args), SIZE);
    if (this.#count > MOST_ARGUMENTS) {
      throw overLimit("entries", `a call has ${this.#count} arguments`, source);
    }
  }

  #fitsAny({ shapes, repeats }: AllowedName): boolean {
    for (const shape of shapes) {
      if ((repeats || shape.length === this.#count) && this.#fits(shape)) return true;
    }
    return false;
  }

  #fits(shape: readonly Argument[]): boolean {
    const items = this.#table.items;
    for (let i = 0; i < this.#count; i++) {
      if (!this.#isA(items[this.#first + i]!, shape[Math.min(i, shape.length - 1)]!)) return false;
    }
    return true;
  }

  #isA(slot: number, kind: Argument): boolean {
    const table = this.#table;
    switch (kind) {
      case "empty":
        return this.#slots.isEmptyTuple(slot);
      case "anything":
        return !hasRow(slot) && !this.#slots.isEmptyTuple(slot);
      case "factory":
        return this.#isName(slot, (name) => name.factory);
      case "OBJECT":
        return this.#isName(slot, (name) => name.allowed === "object");
      case "UUID":
        return this.#isName(slot, (name) => name.allowed === "UUID");
      case "NDARRAY":
        return this.#isName(slot, (name) => name.allowed === "ndarray");
      case "TIMEDELTA":
        return table.kindOf(slot) === Kind.TIMEDELTA;
      case "TIMEZONE":
        return table.kindOf(slot) === Kind.TIMEZONE;
      case "DTYPE":
        return table.kindOf(slot) === Kind.DTYPE;
    }
    return this.#slots.kindOf(slot) === kind;
  }

  #isName(slot: number, test: (name: AllowedName) => boolean): boolean {
    return this.#table.kindOf(slot) === Kind.NAME &&
      test(this.names[this.#table.get(rowOf(slot), EXTRA)]!);
  }
}

function unsafe(name: AllowedName, what: string, source: number): PickleError {
  const global = `${name.module}.${name.name}`;
  return new PickleError("unsafe", `Cannot verify the pickle: ${global} ${what}`, { offset: source, global });
}
