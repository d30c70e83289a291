/**
 * Single values of a verified pickle, read at the offset of their opcode.
 *
 * @module
 */
import { decodeLatin1, decodeRawUnicodeEscape, decodeStringEscapes, decodeUtf8 } from "../decode/text.ts";
import { parseFloatText, parseInt0, readInt32, readLength8, readLong, readUint32 } from "../decode/number.ts";
import { floatValue } from "../values/number.ts";
import * as op from "../values/opcodes.ts";
import type { CodePoints, Float } from "../values/values.ts";

/** The values that {@linkcode scalarAt} reads. */
export type Scalar = null | boolean | number | bigint | string | Float | CodePoints;

const NEWLINE = 0x0a;

/** The form of an argument: the size of the length before it (1, 4 or 8 bytes), a line, or quotes in a line. */
const LINE = 9;
const QUOTED = 10;
const FORM = new Uint8Array(256);
for (const opcode of [op.SHORT_BINUNICODE, op.SHORT_BINSTRING, op.SHORT_BINBYTES, op.LONG1]) FORM[opcode] = 1;
for (const opcode of [op.BINUNICODE, op.BINSTRING, op.BINBYTES, op.LONG4]) FORM[opcode] = 4;
for (const opcode of [op.BINUNICODE8, op.BINBYTES8, op.BYTEARRAY8]) FORM[opcode] = 8;
for (const opcode of [op.UNICODE, op.INT, op.LONG, op.FLOAT]) FORM[opcode] = LINE;
FORM[op.STRING] = QUOTED;

/**
 * Returns the offset of the text, bytes or digits of a verified opcode: its argument without the length or the quotes.
 *
 * @returns −1 for an opcode without such an argument
 */
export function argumentStart(bytes: Uint8Array, source: number): number {
  const form = FORM[bytes[source]!]!;
  if (form === 0) return -1;
  return form === LINE ? source + 1 : form === QUOTED ? source + 2 : source + 1 + form;
}

/** Returns the end of the argument that begins at {@linkcode argumentStart}. */
export function argumentEnd(bytes: Uint8Array, source: number): number {
  switch (FORM[bytes[source]!]) {
    case 1:
      return source + 2 + bytes[source + 1]!;
    case 4:
      return source + 5 + readUint32(bytes, source + 1);
    case 8:
      return source + 9 + readLength8(bytes, source + 1);
    case LINE:
      return bytes.indexOf(NEWLINE, source + 1);
    case QUOTED:
      return bytes.indexOf(NEWLINE, source + 1) - 1;
  }
  return -1;
}

/**
 * Reads one scalar of a verified pickle without decoding the rest: None, a bool, an int, a float or a str.
 *
 * @param bytes the pickle that {@linkcode verify} has accepted
 * @param source the offset of the opcode that makes the value, as in {@linkcode Entry}
 * @param maxBytes the longest text or number that is read
 * @returns undefined for a value of any other kind, and for a longer one
 *
 * @example
 * ```ts
 * import { scalarAt } from "./scalar_at.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(scalarAt(Uint8Array.of(0x8c, 2, 0x68, 0x69), 0, 64), "hi");
 * ```
 */
export function scalarAt(bytes: Uint8Array, source: number, maxBytes: number): Scalar | undefined {
  switch (bytes[source]) {
    case op.NONE:
      return null;
    case op.NEWTRUE:
      return true;
    case op.NEWFALSE:
      return false;
    case op.BININT1:
      return bytes[source + 1]!;
    case op.BININT2:
      return bytes[source + 1]! | bytes[source + 2]! << 8;
    case op.BININT:
      return readInt32(bytes, source + 1);
    case op.BINFLOAT:
      return floatValue(new DataView(bytes.buffer, bytes.byteOffset + source + 1, 8).getFloat64(0));
  }
  const start = argumentStart(bytes, source), end = argumentEnd(bytes, source);
  if (start < 0) return undefined;
  if (end - start > maxBytes) return undefined;
  switch (bytes[source]) {
    case op.INT:
      if (isBoolText(bytes, source)) return bytes[start + 1] === 0x31;
      return textInt(bytes, start, end);
    case op.LONG:
      return textInt(bytes, start, bytes[end - 1] === 0x4c ? end - 1 : end);
    case op.LONG1:
    case op.LONG4:
      return readLong(bytes, start, end - start);
    case op.FLOAT:
      return parseFloatText(decodeLatin1(bytes, start, end)) ?? undefined;
    case op.STRING: {
      const text = decodeStringEscapes(bytes, start, end);
      return text ? decodeLatin1(text, 0, text.length) : undefined;
    }
    case op.BINSTRING:
    case op.SHORT_BINSTRING:
      return decodeLatin1(bytes, start, end);
    case op.UNICODE:
      return decodeRawUnicodeEscape(bytes, start, end) ?? undefined;
    case op.BINUNICODE:
    case op.SHORT_BINUNICODE:
    case op.BINUNICODE8:
      return decodeUtf8(bytes, start, end) ?? undefined;
  }
  return undefined;
}

/** Returns whether an INT is a bool: `I00` or `I01`. */
export function isBoolText(bytes: Uint8Array, source: number): boolean {
  return bytes[source + 3] === NEWLINE && bytes[source + 1] === 0x30 && (bytes[source + 2]! | 1) === 0x31;
}

function textInt(bytes: Uint8Array, start: number, end: number): number | bigint | undefined {
  const value = parseInt0(decodeLatin1(bytes, start, end), Infinity);
  return typeof value === "number" || typeof value === "bigint" ? value : undefined;
}
