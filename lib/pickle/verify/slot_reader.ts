/**
 * Reader of slots: kinds, lengths and short values of objects, mostly of the arguments of calls.
 *
 * @module
 */
import { readInt32 } from "../decode/number.ts";
import { decodeRawUnicodeEscape } from "../decode/text.ts";
import { asciiText } from "./number_check.ts";
import { Kind, SHOW_PER_BYTE, SHOW_PER_TEXT_BYTE, TEXT_PER_BYTE } from "./kinds.ts";
import type { ObjectTable } from "./object_table.ts";
import { EXTRA, SIZE, SOURCE } from "./columns.ts";
import * as op from "../values/opcodes.ts";
import { hasRow, rowOf } from "./slot.ts";
import { argumentEnd, argumentStart, isBoolText, scalarAt } from "./scalar_at.ts";
import { isAscii } from "./text_check.ts";

/** The kinds of values that verify distinguishes. A result of a call that is no container is an "object". */
export const VALUE_KINDS = [
  "str",
  "None",
  "bool",
  "int",
  "float",
  "bytes",
  "tuple",
  "list",
  "dict",
  "set",
  "frozenset",
  "bytearray",
  "object",
] as const;

/** A place in a byte array. */
export interface Span {
  readonly bytes: Uint8Array;
  readonly start: number;
}

/** The kind of a value. */
export type ValueKind = typeof VALUE_KINDS[number];

const BOOL = VALUE_KINDS.indexOf("bool");
const OF_OPCODE = numbersOf({
  None: [op.NONE],
  bool: [op.NEWTRUE, op.NEWFALSE],
  int: [op.INT, op.BININT, op.BININT1, op.BININT2, op.LONG, op.LONG1, op.LONG4],
  float: [op.FLOAT, op.BINFLOAT],
  bytes: [op.SHORT_BINBYTES, op.BINBYTES, op.BINBYTES8],
  tuple: [op.EMPTY_TUPLE],
}, "str");
const OF_OBJECT = numbersOf({
  tuple: [Kind.TUPLE],
  list: [Kind.LIST],
  dict: [Kind.DICT],
  set: [Kind.SET],
  frozenset: [Kind.FROZENSET],
  bytearray: [Kind.BYTEARRAY],
  bytes: [Kind.BYTES],
  int: [Kind.LONG],
}, "object");

function numbersOf(kinds: Partial<Record<ValueKind, number[]>>, other: ValueKind): Uint8Array {
  const numbers = new Uint8Array(256).fill(VALUE_KINDS.indexOf(other));
  for (const kind of VALUE_KINDS) {
    for (const code of kinds[kind] ?? []) numbers[code] = VALUE_KINDS.indexOf(kind);
  }
  return numbers;
}

/** Returns the kind of a plain object, as an index of {@linkcode VALUE_KINDS}. */
export function plainKind(bytes: Uint8Array, source: number): number {
  const opcode = bytes[source]!;
  return opcode === op.INT && isBoolText(bytes, source) ? BOOL : OF_OPCODE[opcode]!;
}

/** Returns the kind of an object with a row, as an index of {@linkcode VALUE_KINDS}. */
export function objectKind(kind: number): number {
  return OF_OBJECT[kind]!;
}

// The size of plain objects other than text. Ints in text count as much as ints in bytes.
const PLAIN_BYTES = new Uint8Array(256);
for (
  const [opcode, bytes] of [
    [op.NONE, 1],
    [op.NEWTRUE, 1],
    [op.NEWFALSE, 1],
    [op.EMPTY_TUPLE, 1],
    [op.BININT1, 2],
    [op.BININT2, 3],
    [op.BININT, 5],
    [op.BINFLOAT, 9],
    [op.FLOAT, 9],
    [op.LONG1, 10],
    [op.LONG4, 10],
    [op.INT, 10],
    [op.LONG, 10],
  ] as const
) PLAIN_BYTES[opcode] = bytes;

const EMPTY = new Uint8Array(0);
const LONGEST_NAME = 500;
/** Up to this length a loop is faster than one call of String.fromCharCode. */
const SHORT_TEXT = 24;
const SHORT_DIGITS = 15;
const NEWLINE = 0x0a;
const BACKSLASH = 0x5c;
/** An int of more bytes is refused as an argument of a call. */
const LONGEST_INT = 2000;

/** Reads the slots of one pickle after another. */
export class SlotReader {
  readonly #table: ObjectTable;
  // Texts of names, by source, so that a name from the memo is decoded once.
  readonly #names = new Map<number, string>();
  pickle: Uint8Array = EMPTY;

  constructor(table: ObjectTable) {
    this.#table = table;
  }

  /** Forgets the pickle before. */
  reset(): void {
    this.pickle = EMPTY;
    if (this.#names.size > 0) this.#names.clear();
  }

  /** Returns the offset of the opcode that made an object. */
  sourceOf(slot: number): number {
    return hasRow(slot) ? this.#table.get(rowOf(slot), SOURCE) : slot;
  }

  kindOf(slot: number): ValueKind {
    return VALUE_KINDS[hasRow(slot) ? objectKind(this.#table.kindOf(slot)) : plainKind(this.pickle, slot)]!;
  }

  isEmptyTuple(slot: number): boolean {
    if (!hasRow(slot)) return this.pickle[slot] === op.EMPTY_TUPLE;
    return this.#table.kindOf(slot) === Kind.TUPLE && this.#table.get(rowOf(slot), SIZE) === 0;
  }

  /** Returns an int; undefined if the slot is no int, or a very long one. */
  int(slot: number): number | bigint | undefined {
    const short = this.#shortInt(slot);
    if (short !== undefined) return short;
    if (this.kindOf(slot) !== "int") return undefined;
    const value = scalarAt(this.pickle, this.sourceOf(slot), LONGEST_INT);
    return typeof value === "number" || typeof value === "bigint" ? value : undefined;
  }

  /** Returns whether {@linkcode int} returns an int; with `nonzero`, one other than 0. */
  isInt(slot: number, nonzero = false): boolean {
    const source = this.sourceOf(slot);
    const opcode = this.pickle[source];
    if (opcode !== op.LONG1 && opcode !== op.LONG4) {
      const value = this.int(slot);
      return value !== undefined && !(nonzero && value == 0);
    }
    // Making a bigint takes much longer than reading its bytes.
    const start = argumentStart(this.pickle, source), end = argumentEnd(this.pickle, source);
    return end - start <= LONGEST_INT &&
      !(nonzero && this.pickle.subarray(start, end).every((byte) => byte === 0));
  }

  #shortInt(slot: number): number | undefined {
    const pickle = this.pickle;
    switch (pickle[slot]) {
      case op.BININT1:
        return pickle[slot + 1]!;
      case op.BININT2:
        return pickle[slot + 1]! | pickle[slot + 2]! << 8;
      case op.BININT:
        return readInt32(pickle, slot + 1);
      case op.INT: {
        if (isBoolText(pickle, slot)) return undefined;
        let value = 0;
        for (let at = slot + 1; at <= slot + SHORT_DIGITS; at++) {
          const digit = pickle[at]! - 0x30;
          if (digit >= 0) value = 10 * value + digit;
          // A newline, or a minus sign.
          else return pickle[at] === NEWLINE ? value : undefined;
        }
      }
    }
    return undefined;
  }

  /** Returns a bool; undefined if the slot is no bool. */
  bool(slot: number): boolean | undefined {
    switch (this.pickle[slot]) {
      case op.NEWTRUE:
        return true;
      case op.NEWFALSE:
        return false;
      case op.INT:
        return isBoolText(this.pickle, slot) ? this.pickle[slot + 2] === 0x31 : undefined;
    }
    return undefined;
  }

  /** Returns a str of at most so many bytes; undefined for any other slot. */
  text(slot: number, maxBytes: number): string | undefined {
    if (hasRow(slot)) return undefined;
    const opcode = this.pickle[slot];
    if (opcode === op.SHORT_BINUNICODE || opcode === op.BINUNICODE || opcode === op.UNICODE) {
      const ascii = this.#ascii(slot, maxBytes);
      if (ascii !== undefined) return ascii;
    }
    if (this.kindOf(slot) !== "str") return undefined;
    const value = scalarAt(this.pickle, slot, maxBytes);
    return typeof value === "string" ? value : undefined;
  }

  // Most texts that are read are a few letters or digits, which need no decoder.
  #ascii(slot: number, maxBytes: number): string | undefined {
    const pickle = this.pickle;
    const start = argumentStart(pickle, slot), end = argumentEnd(pickle, slot);
    if (end - start > maxBytes || !isAscii(pickle, start, end)) return undefined;
    let text = "";
    if (end - start > SHORT_TEXT) text = asciiText(pickle, start, end);
    else for (let at = start; at < end; at++) text += String.fromCharCode(pickle[at]!);
    return pickle[slot] === op.UNICODE && text.includes("\\") ? undefined : text;
  }

  /** Returns whether a slot is an int of at most so many bits, and not negative. */
  isUnsigned(slot: number, bits: number): boolean {
    const source = this.sourceOf(slot);
    if (this.pickle[source] === op.LONG1 && this.kindOf(slot) === "int") {
      const length = this.pickle[source + 1]!;
      const last = this.pickle[source + 1 + length]!;
      if (length > 0 && last < 0x80 && (8 * length <= bits || (8 * length === bits + 8 && last === 0))) {
        return true;
      }
    }
    const value = this.int(slot);
    return value !== undefined && value >= 0 && BigInt(value) >> BigInt(bits) === 0n;
  }

  /** Returns a str that is used as a name, or "…" for one that is too long; undefined if the slot is no str. */
  name(slot: number): string | undefined {
    let name = this.#names.get(slot);
    if (name !== undefined) return name;
    if (hasRow(slot) || this.kindOf(slot) !== "str") return undefined;
    if (this.length(slot) > LONGEST_NAME) return "…";
    name = this.text(slot, LONGEST_NAME);
    if (name !== undefined) this.#names.set(slot, name);
    return name;
  }

  /** Charges a plain object from the memo, which `repr` shows once more. */
  addAgain(slot: number): void {
    const table = this.#table;
    const bytes = PLAIN_BYTES[this.pickle[slot]!]!;
    const length = bytes > 0 ? 0 : this.length(slot);
    table.moreTime += SHOW_PER_BYTE * bytes + SHOW_PER_TEXT_BYTE * length;
    table.moreText += TEXT_PER_BYTE * (bytes + length);
  }

  /** Adds the cost of `repr` for a plain object to that of the current items. */
  weigh(slot: number): void {
    const table = this.#table;
    const bytes = PLAIN_BYTES[this.pickle[slot]!]!;
    const length = bytes > 0 ? 0 : this.length(slot);
    table.time += SHOW_PER_BYTE * (bytes + 2) + SHOW_PER_TEXT_BYTE * length;
    table.text += TEXT_PER_BYTE * (bytes + 2 + length);
  }

  /** Returns the length of bytes or a bytearray, or the size of a str or an int in the pickle. */
  length(slot: number): number {
    if (this.#table.kindOf(slot) === Kind.LONG) return this.length(this.sourceOf(slot));
    if (hasRow(slot)) return this.#table.get(rowOf(slot), SIZE);
    return argumentEnd(this.pickle, slot) - argumentStart(this.pickle, slot);
  }

  /** Returns bytes of exactly this length; undefined for any other slot. */
  bytes(slot: number, length: number): Uint8Array | undefined {
    if (this.kindOf(slot) !== "bytes" || this.length(slot) !== length) return undefined;
    if (!hasRow(slot)) {
      return this.pickle.subarray(argumentStart(this.pickle, slot), argumentEnd(this.pickle, slot));
    }
    const text = length === 0 ? "" : this.text(this.#table.get(rowOf(slot), EXTRA), 12 * length);
    if (text === undefined) return undefined;
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    return bytes;
  }

  /** The same without a view, which takes longer to make than a few bytes to read. */
  span(slot: number, length: number): Span | undefined {
    if (hasRow(slot)) {
      const bytes = this.bytes(slot, length);
      return bytes === undefined ? undefined : { bytes, start: 0 };
    }
    if (this.kindOf(slot) !== "bytes" || this.length(slot) !== length) return undefined;
    return { bytes: this.pickle, start: argumentStart(this.pickle, slot) };
  }

  /** Returns the content of bytes or of a bytearray; undefined for a bytearray that a call has made. */
  anyBytes(slot: number): Uint8Array | undefined {
    if (this.kindOf(slot) === "bytes") return this.bytes(slot, this.length(slot));
    const source = this.sourceOf(slot);
    if (this.pickle[source] !== op.BYTEARRAY8) return undefined;
    return this.pickle.subarray(argumentStart(this.pickle, source), argumentEnd(this.pickle, source));
  }

  /** Returns the length, in code points, of a str of Latin-1; −1 for any other slot. */
  latin1Length(slot: number): number {
    if (hasRow(slot)) return -1;
    const bytes = this.pickle;
    const start = argumentStart(bytes, slot), end = argumentEnd(bytes, slot);
    if (start < 0) return -1;
    if (
      bytes[slot] === op.UNICODE && isAscii(bytes, start, end) &&
      !bytes.subarray(start, end).includes(BACKSLASH)
    ) {
      return end - start;
    }
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
