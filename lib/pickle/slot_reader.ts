/**
 * Reads what slots stand for, for the few that are arguments of a call: their kind, their length, and short values.
 *
 * @module
 */
import { decodeRawUnicodeEscape } from "./decode_text.ts";
import { EXTRA, Kind, type ObjectTable, SIZE } from "./object_table.ts";
import * as op from "./opcodes.ts";
import { isBoolText, locateAt, located, scalarAt } from "./scalar_at.ts";

/** What an entry of a dict is; anything called but the containers below is an object. */
export type ValueKind =
  | "None"
  | "bool"
  | "int"
  | "float"
  | "str"
  | "bytes"
  | "bytearray"
  | "list"
  | "tuple"
  | "dict"
  | "set"
  | "frozenset"
  | "object";

/** Ints of more bytes are never the arguments of a call. */
const LONGEST_INT = 2000;

/** Tells the kind of value that an opcode which needs nothing from the stack makes. */
export function plainKind(bytes: Uint8Array, source: number): ValueKind {
  switch (bytes[source]) {
    case op.NONE:
      return "None";
    case op.NEWTRUE:
    case op.NEWFALSE:
      return "bool";
    case op.INT:
      return isBoolText(bytes, source) ? "bool" : "int";
    case op.BININT:
    case op.BININT1:
    case op.BININT2:
    case op.LONG:
    case op.LONG1:
    case op.LONG4:
      return "int";
    case op.FLOAT:
    case op.BINFLOAT:
      return "float";
    case op.SHORT_BINBYTES:
    case op.BINBYTES:
    case op.BINBYTES8:
      return "bytes";
    case op.EMPTY_TUPLE:
      return "tuple";
  }
  return "str";
}

/** Tells the kind of value of a row. */
export function objectKind(kind: number): ValueKind {
  switch (kind) {
    case Kind.TUPLE:
      return "tuple";
    case Kind.LIST:
      return "list";
    case Kind.DICT:
      return "dict";
    case Kind.SET:
      return "set";
    case Kind.FROZENSET:
      return "frozenset";
    case Kind.BYTEARRAY:
      return "bytearray";
    case Kind.BYTES:
      return "bytes";
    case Kind.LONG:
      return "int";
  }
  return "object";
}

/** Reads the slots of one pickle after another. */
export class SlotReader {
  readonly #table: ObjectTable;
  pickle: Uint8Array = new Uint8Array(0);

  constructor(table: ObjectTable) {
    this.#table = table;
  }

  kindOf(slot: number): ValueKind {
    return slot >= 0 ? plainKind(this.pickle, slot) : objectKind(this.#table.kind(~slot));
  }

  isEmptyTuple(slot: number): boolean {
    if (slot >= 0) return this.pickle[slot] === op.EMPTY_TUPLE;
    return this.#table.kind(~slot) === Kind.TUPLE && this.#table.get(~slot, SIZE) === 0;
  }

  /** Gives an int, or undefined where the slot is none or a very long one. */
  int(slot: number): number | bigint | undefined {
    if (slot < 0 || plainKind(this.pickle, slot) !== "int") return undefined;
    const value = scalarAt(this.pickle, slot, LONGEST_INT);
    return typeof value === "number" || typeof value === "bigint" ? value : undefined;
  }

  /** Gives a bool, or undefined where the slot is none. */
  bool(slot: number): boolean | undefined {
    const value = slot >= 0 ? scalarAt(this.pickle, slot, 2) : undefined;
    return typeof value === "boolean" ? value : undefined;
  }

  /** Gives a str of so many bytes at most, or undefined. */
  text(slot: number, maxBytes: number): string | undefined {
    if (slot < 0 || plainKind(this.pickle, slot) !== "str") return undefined;
    const value = scalarAt(this.pickle, slot, maxBytes);
    return typeof value === "string" ? value : undefined;
  }

  /** Gives the length of a str, bytes or bytearray, of a str in the bytes that it takes in the pickle. */
  length(slot: number): number {
    if (slot < 0) return this.#table.get(~slot, SIZE);
    return locateAt(this.pickle, slot) ? located.end - located.start : 0;
  }

  /** Gives bytes of this very length, or undefined. */
  bytes(slot: number, length: number): Uint8Array | undefined {
    if (this.kindOf(slot) !== "bytes" || this.length(slot) !== length) return undefined;
    if (slot >= 0) {
      locateAt(this.pickle, slot);
      return this.pickle.subarray(located.start, located.end);
    }
    const text = length === 0 ? "" : this.text(this.#table.get(~slot, EXTRA), 12 * length);
    return text === undefined ? undefined : Uint8Array.from(text, (char) => char.charCodeAt(0));
  }

  /** Gives the length in code points of a str of Latin-1, −1 for any other. */
  latin1Length(slot: number): number {
    if (slot < 0 || !locateAt(this.pickle, slot)) return -1;
    const { start, end } = located;
    const bytes = this.pickle;
    if (bytes[slot] === op.UNICODE) {
      const text = decodeRawUnicodeEscape(bytes, start, end);
      return typeof text === "string" && /^[\0-\xff]*$/.test(text) ? text.length : -1;
    }
    let length = 0;
    for (let at = start; at < end; at++) {
      const byte = bytes[at]!;
      if (byte > 0xc3) return -1;
      if ((byte & 0xc0) !== 0x80) length++;
    }
    return length;
  }
}
