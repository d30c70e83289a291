/** Encodings of text: UTF-8 with surrogates, and the escapes of protocol 0. */
import type { Writer } from "./writer.ts";

const encoder = new TextEncoder();

/** The number of characters below which a loop is faster than TextEncoder. */
const LOOPED = 64;

/**
 * Writes a string as UTF-8 with lone surrogates as three bytes each (Python's `surrogatepass`). The writer must have room for
 * three bytes per character.
 *
 * @param w The writer.
 * @param text The string.
 */
export function writeUtf8(w: Writer, text: string): void {
  if (text.length < LOOPED || !text.isWellFormed()) {
    w.pos = loopUtf8(w.buf, w.pos, text);
  } else {
    w.pos += encoder.encodeInto(text, w.buf.subarray(w.pos)).written;
  }
}

/**
 * Writes a string of any length as {@linkcode writeUtf8} does, and makes room as needed, since most texts take little more than
 * a byte per character.
 */
export function writeLongUtf8(w: Writer, text: string): void {
  if (text.length < LOOPED || !text.isWellFormed()) {
    w.room(text.length * 3);
    w.pos = loopUtf8(w.buf, w.pos, text);
    return;
  }
  let rest = text;
  while (true) {
    const { read, written } = encoder.encodeInto(rest, w.buf.subarray(w.pos));
    w.pos += written;
    if (read === rest.length) return;
    rest = rest.slice(read);
    w.room(rest.length * 3);
  }
}

/** Writes the UTF-8 of a string at `pos`, and returns the position after it. */
export function loopUtf8(buf: Uint8Array, pos: number, text: string): number {
  const end = text.length;
  for (let i = 0; i < end; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      buf[pos++] = unit;
    } else if (unit < 0x800) {
      buf[pos++] = 0xc0 | unit >> 6;
      buf[pos++] = 0x80 | unit & 0x3f;
    } else {
      const low = (unit & 0xfc00) === 0xd800 && i + 1 < end ? text.charCodeAt(i + 1) : 0;
      if ((low & 0xfc00) === 0xdc00) {
        const point = 0x10000 + ((unit & 0x3ff) << 10 | low & 0x3ff);
        buf[pos++] = 0xf0 | point >> 18;
        buf[pos++] = 0x80 | point >> 12 & 0x3f;
        buf[pos++] = 0x80 | point >> 6 & 0x3f;
        buf[pos++] = 0x80 | point & 0x3f;
        i++;
      } else {
        pos = writeThree(buf, pos, unit);
      }
    }
  }
  return pos;
}

/** Writes the UTF-8 of code points, in which adjacent surrogates stay separate. */
export function pointsUtf8(buf: Uint8Array, pos: number, points: readonly number[]): number {
  for (const point of points) {
    pos = point >= 0xd800 && point < 0xe000
      ? writeThree(buf, pos, point)
      : loopUtf8(buf, pos, String.fromCodePoint(point));
  }
  return pos;
}

function writeThree(buf: Uint8Array, pos: number, unit: number): number {
  buf[pos] = 0xe0 | unit >> 12;
  buf[pos + 1] = 0x80 | unit >> 6 & 0x3f;
  buf[pos + 2] = 0x80 | unit & 0x3f;
  return pos + 3;
}

/**
 * Escapes a str for protocol 0: Python's `raw-unicode-escape`, and the characters that would end the line or the escape.
 *
 * @param points The code points.
 * @returns Text whose characters are one byte each.
 */
export function escapePoints(points: Iterable<number>): string {
  let text = "";
  for (const point of points) {
    if (point > 0xffff) text += "\\U" + point.toString(16).padStart(8, "0");
    else if (point > 0xff || ESCAPED.has(point)) text += "\\u" + point.toString(16).padStart(4, "0");
    else text += String.fromCharCode(point);
  }
  return text;
}

/** NUL, newline, carriage return, the end-of-file character of DOS and the backslash. */
const ESCAPED: ReadonlySet<number> = new Set([0, 10, 13, 26, 92]);

/** Iterates over the code points of a string; a lone surrogate is one. */
export function* pointsOf(text: string): Generator<number> {
  for (const character of text) yield character.codePointAt(0) as number;
}
