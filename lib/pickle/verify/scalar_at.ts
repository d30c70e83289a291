/**
 * Reads single values out of a pickle that was verified, by the offset of the opcode that made them.
 *
 * @module
 */
import { decodeLatin1, decodeRawUnicodeEscape, decodeStringEscapes, decodeUtf8 } from "../decode/text.ts";
import { parseFloatText, parseInt0, readInt32, readLength8, readLong, readUint32 } from "../decode/number.ts";
import { floatValue } from "../values/number.ts";
import * as op from "../values/opcodes.ts";
import type { CodePoints, Float } from "../values/values.ts";

/** What {@linkcode scalarAt} reads. */
export type Scalar = null | boolean | number | bigint | string | Float | CodePoints;

const NEWLINE = 0x0a;

/** The first and last byte of an opcode's text or bytes; set by {@linkcode locateAt}, read at once. */
export const located = { start: 0, end: 0 };

/**
 * Finds where the text or the bytes of an opcode lie: its argument without length, quotes and newline. The opcode has been
 * verified. The answer stands in {@linkcode located}.
 *
 * @returns false where the opcode has neither text nor bytes
 */
export function locateAt(bytes: Uint8Array, source: number): boolean {
  let start = source + 1, length = 0;
  switch (bytes[source]) {
    case op.SHORT_BINUNICODE:
    case op.SHORT_BINSTRING:
    case op.SHORT_BINBYTES:
    case op.LONG1:
      length = bytes[start]!;
      start += 1;
      break;
    case op.BINUNICODE:
    case op.BINSTRING:
    case op.BINBYTES:
    case op.LONG4:
      length = readUint32(bytes, start);
      start += 4;
      break;
    case op.BINUNICODE8:
    case op.BINBYTES8:
    case op.BYTEARRAY8:
      length = readLength8(bytes, start);
      start += 8;
      break;
    case op.STRING:
      length = bytes.indexOf(NEWLINE, start) - start - 2;
      start += 1;
      break;
    case op.UNICODE:
    case op.INT:
    case op.LONG:
    case op.FLOAT:
      length = bytes.indexOf(NEWLINE, start) - start;
      break;
    default:
      return false;
  }
  located.start = start;
  located.end = start + length;
  return true;
}

/**
 * Reads the value of one scalar of a verified pickle without decoding what is around it: None, a bool, an int, a float or
 * a str.
 *
 * @param bytes the pickle that {@linkcode verify} has accepted
 * @param source where the opcode is that makes the value, as in {@linkcode Entry}
 * @param maxBytes the longest text or number that is read
 * @returns undefined for any other kind, and for one that is longer
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
  if (!locateAt(bytes, source)) return undefined;
  const { start, end } = located;
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

/** Tells whether an INT says a bool: `I00` or `I01`. */
export function isBoolText(bytes: Uint8Array, source: number): boolean {
  return bytes[source + 3] === NEWLINE && bytes[source + 1] === 0x30 && (bytes[source + 2]! | 1) === 0x31;
}

function textInt(bytes: Uint8Array, start: number, end: number): number | bigint | undefined {
  const value = parseInt0(decodeLatin1(bytes, start, end), Infinity);
  return typeof value === "number" || typeof value === "bigint" ? value : undefined;
}
