/** Numbers of a pickle, read from bytes and from text. */
import { floatValue, intValue } from "../values/number.ts";
import type { Float } from "../values/values.ts";

/** Reads an int of a given length in bytes: little-endian two's complement, as in LONG1 and LONG4. */
export function readLong(bytes: Uint8Array, start: number, length: number): number | bigint {
  if (length === 0) return 0;
  const last = bytes[start + length - 1] as number;
  if (length <= 6) {
    let value = 0;
    for (let i = length - 1; i >= 0; i--) value = value * 256 + (bytes[start + i] as number);
    return last < 128 ? value : value - 2 ** (8 * length);
  }
  const value = BigInt(hexadecimalOf(bytes, start, length));
  // A shift takes one copy less than asIntN.
  return intValue(last < 128 ? value : value - (1n << BigInt(8 * length)));
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Writes bytes as hexadecimal, which V8 reads in linear time; adding them up one by one takes quadratic time. */
function hexadecimalOf(bytes: Uint8Array, start: number, length: number): string {
  if (length > 64) return "0x" + bytes.slice(start, start + length).reverse().toHex();
  let text = "0x";
  for (let i = start + length - 1; i >= start; i--) text += HEX[bytes[i] as number];
  return text;
}

/** Reads eight bytes as an unsigned little-endian length, rounded beyond the safe integers. */
export function readLength8(bytes: Uint8Array, pos: number): number {
  return readUint32(bytes, pos) + readUint32(bytes, pos + 4) * 2 ** 32;
}

/** Reads four bytes as an unsigned little-endian number. */
export function readUint32(bytes: Uint8Array, pos: number): number {
  return readInt32(bytes, pos) >>> 0;
}

/** Reads four bytes as a signed little-endian number. */
export function readInt32(bytes: Uint8Array, pos: number): number {
  return (bytes[pos] as number) | ((bytes[pos + 1] as number) << 8) | ((bytes[pos + 2] as number) << 16) |
    ((bytes[pos + 3] as number) << 24);
}

const DECIMAL = /^[+-]?(?:[1-9][0-9]*(?:_[0-9]+)*|0+(?:_0+)*)$/;
const PREFIXED = /^[+-]?0(?:x(?:_?[0-9a-f])+|o(?:_?[0-7])+|b(?:_?[01])+)$/i;

/** The result for an int with more digits than the limit. */
export const TOO_LONG = Symbol("too long");

/**
 * Trims the blanks of C's isspace; JavaScript's `trim` removes others too, such as the no-break space. A loop, since a pattern
 * at the end of a text takes quadratic time.
 */
function trimBlanks(text: string): string {
  let start = 0, end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(char: number): boolean {
  return char === 0x20 || (char >= 0x09 && char <= 0x0d);
}

const INDEX = /^[+-]?[0-9]+(?:_[0-9]+)*$/;

/**
 * Reads the text of GET and PUT as Python's `int(text)` does.
 *
 * @returns null where it is not an int, {@linkcode TOO_LONG} where it has too many digits
 */
export function parseInt10(text: string, maxDigits: number): number | bigint | null | typeof TOO_LONG {
  const trimmed = trimBlanks(text);
  if (!INDEX.test(trimmed)) return null;
  const digits = trimmed.replaceAll("_", "").replace(/^\+/, "");
  if (digits.replace("-", "").length > maxDigits) return TOO_LONG;
  return intValue(BigInt(digits));
}

/**
 * Reads the text of INT and LONG as Python's `int(text, 0)` does.
 *
 * @returns null where it is not an int, {@linkcode TOO_LONG} where a decimal int has too many digits
 */
export function parseInt0(text: string, maxDigits: number): number | bigint | null | typeof TOO_LONG {
  const trimmed = trimBlanks(text);
  if (trimmed.length <= Math.min(15, maxDigits) && /^-?[1-9][0-9]*$/.test(trimmed)) return Number(trimmed);
  // Checked before the conversion, which takes more than linear time.
  const prefixed = /^[+-]?0[xob]/i.test(trimmed);
  if (!prefixed && trimmed.length > maxDigits * 2 + 1) return DECIMAL.test(trimmed) ? TOO_LONG : null;
  const digits = trimmed.replaceAll("_", "");
  if (prefixed) {
    if (!PREFIXED.test(trimmed)) return null;
    const negative = digits.startsWith("-");
    const magnitude = BigInt(digits.replace(/^[+-]/, ""));
    return intValue(negative ? -magnitude : magnitude);
  }
  if (!DECIMAL.test(trimmed)) return null;
  if (digits.replace(/^[+-]/, "").length > maxDigits) return TOO_LONG;
  return intValue(BigInt(digits.replace(/^\+/, "")));
}

const FLOAT = /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:e[+-]?[0-9]+)?$/i;
const INFINITE = /^[+-]?inf(?:inity)?$/i;
const NAN = /^[+-]?nan$/i;

/** Reads the text of FLOAT as CPython's repr writes a float; null where it is not one. */
export function parseFloatText(text: string): number | Float | null {
  if (FLOAT.test(text)) return floatValue(Number(text));
  if (INFINITE.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  return NAN.test(text) ? NaN : null;
}
