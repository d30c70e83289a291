/**
 * Checks of the text in a pickle: CPython's unpicklers can decode it, and print can write it. Also the length of its `repr`.
 *
 * @module
 */
import { isPrintable } from "../repr/printable.ts";

const BACKSLASH = 0x5c;
const QUOTE = 0x27;
const DOUBLE_QUOTE = 0x22;

/** Returns whether the bytes from `from` up to `to` are ASCII. */
export function isAscii(bytes: Uint8Array, from: number, to: number): boolean {
  let seen = 0;
  for (let at = from; at < to; at++) seen |= bytes[at]!;
  return seen < 0x80;
}

/** Returns whether the bytes from `from` up to `to` are UTF-8 without lone surrogates, which print refuses. */
export function isUtf8(bytes: Uint8Array, from: number, to: number): boolean {
  let at = from;
  while (at < to) {
    const lead = bytes[at]!;
    if (lead < 0x80) {
      at += 1;
      continue;
    }
    if (lead < 0xe0) {
      if (lead < 0xc2 || at + 2 > to || (bytes[at + 1]! & 0xc0) !== 0x80) return false;
      at += 2;
    } else if (lead < 0xf0) {
      if (at + 3 > to) return false;
      const second = bytes[at + 1]!;
      if (((second & 0xc0) ^ 0x80 | (bytes[at + 2]! & 0xc0) ^ 0x80) !== 0) return false;
      if ((lead === 0xe0 && second < 0xa0) || (lead === 0xed && second > 0x9f)) return false;
      at += 3;
    } else {
      if (lead > 0xf4 || at + 4 > to) return false;
      const second = bytes[at + 1]!;
      if (((second & 0xc0) ^ 0x80 | (bytes[at + 2]! & 0xc0) ^ 0x80 | (bytes[at + 3]! & 0xc0) ^ 0x80) !== 0) {
        return false;
      }
      if ((lead === 0xf0 && second < 0x90) || (lead === 0xf4 && second > 0x8f)) return false;
      at += 4;
    }
  }
  return true;
}

/**
 * Returns the number of characters between the quotes of `repr` of a text.
 *
 * @param bytes valid UTF-8 from `from` up to `to`
 *
 * @example
 * ```ts
 * import { shownLength } from "./text_check.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(shownLength(new TextEncoder().encode("naïve\n"), 0, 7), "naïve\\n".length);
 * ```
 */
export function shownLength(bytes: Uint8Array, from: number, to: number): number {
  let count = 0, singles = 0, doubles = 0;
  for (let at = from; at < to;) {
    const lead = bytes[at++]!;
    if (lead >= 0x80) {
      const more = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
      let point = lead & (0x3f >> more);
      for (const stop = at + more; at < stop; at++) point = point << 6 | (bytes[at]! & 0x3f);
      count += isPrintable(point) ? 1 : point < 0x100 ? 4 : point < 0x10000 ? 6 : 10;
    } else if (lead < 0x20 || lead === 0x7f) {
      count += lead === 0x09 || lead === 0x0a || lead === 0x0d ? 2 : 4;
    } else {
      count += lead === BACKSLASH ? 2 : 1;
      if (lead === QUOTE) singles++;
      else if (lead === DOUBLE_QUOTE) doubles++;
    }
  }
  return doubles > 0 ? count + singles : count;
}

/**
 * Returns whether the bytes are the argument of STRING: in quotes, with the escapes of Python's bytes literals, ASCII once
 * the escapes are resolved.
 */
export function isQuotedAscii(bytes: Uint8Array, from: number, to: number): boolean {
  const quote = bytes[from];
  if (to - from < 2 || (quote !== QUOTE && quote !== DOUBLE_QUOTE) || bytes[to - 1] !== quote) return false;
  const end = to - 1;
  let at = from + 1;
  while (at < end) {
    const byte = bytes[at++]!;
    if (byte >= 0x80) return false;
    if (byte !== BACKSLASH) continue;
    if (at >= end) return false;
    const escape = bytes[at++]!;
    if (escape === 0x78) { // \xHH
      if (at + 2 > end || hexDigit(bytes[at]!) > 7 || hexDigit(bytes[at + 1]!) > 15) return false;
      at += 2;
    } else if (escape >= 0x30 && escape <= 0x37) { // up to three octal digits
      let value = escape - 0x30;
      for (let i = 0; i < 2 && at < end && bytes[at]! >= 0x30 && bytes[at]! <= 0x37; i++) {
        value = value * 8 + bytes[at++]! - 0x30;
      }
      if (value >= 0x80) return false;
    } else if (!isPlainEscape(escape)) {
      return false;
    }
  }
  return true;
}

/** Returns whether the bytes are the argument of UNICODE: Latin-1 with `\uXXXX` and `\UXXXXXXXX`, without surrogates. */
export function isRawUnicodeEscape(bytes: Uint8Array, from: number, to: number): boolean {
  let at = from;
  while (at < to) {
    if (bytes[at++] !== BACKSLASH || at >= to) continue;
    const escape = bytes[at++]!;
    const digits = escape === 0x75 ? 4 : escape === 0x55 ? 8 : 0;
    if (at + digits > to) return false;
    let value = 0;
    for (let i = 0; i < digits; i++) {
      const digit = hexDigit(bytes[at++]!);
      if (digit > 15) return false;
      value = value * 16 + digit;
    }
    if (value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) return false;
  }
  return true;
}

/** Returns the value of a hexadecimal digit, or 16 for any other byte. */
export function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : 16;
}

// Python leaves an unknown escape as it is, with a warning that some programs turn into an error.
function isPlainEscape(escape: number): boolean {
  return escape === BACKSLASH || escape === QUOTE || escape === DOUBLE_QUOTE ||
    escape === 0x61 || escape === 0x62 || escape === 0x66 || escape === 0x6e ||
    escape === 0x72 || escape === 0x74 || escape === 0x76;
}
