/** Opcodes of numbers. */
import { BINFLOAT, BININT, BININT1, BININT2, FLOAT, INT, LONG, LONG1, LONG4 } from "../values/opcodes.ts";
import { reprFloat } from "../repr/number.ts";
import type { Writer } from "./writer.ts";

const NEWLINE = 10;
/** The size of BINFLOAT, the longest of these opcodes, and how many fit into the 1,024 bytes that a flush ensures. */
const FLOAT_SIZE = 9;
const MOST_NUMBERS = 113;
const INT32_MIN = -0x80000000;
const INT32_MAX = 0x7fffffff;

/** Returns whether an int fits into BININT, and into INT on every machine. */
export function isInt32(value: number | bigint): boolean {
  return value >= INT32_MIN && value <= INT32_MAX;
}

/** Writes an int of 32 bits with the shortest opcode. */
export function writeInt32(w: Writer, value: number, protocol: number): void {
  if (protocol === 0) return writeLine(w, INT, String(value));
  const { buf, pos } = w;
  if (value >= 0 && value <= 0xffff) {
    buf[pos + 1] = value;
    if (value <= 0xff) {
      buf[pos] = BININT1;
      w.pos = pos + 2;
    } else {
      buf[pos] = BININT2;
      buf[pos + 2] = value >> 8;
      w.pos = pos + 3;
    }
    return;
  }
  buf[pos] = BININT;
  w.view.setInt32(pos + 1, value, true);
  w.pos = pos + 5;
}

/** Writes an int beyond 32 bits: in bytes from protocol 2 on, in decimal digits before. */
export function writeLong(w: Writer, value: bigint, protocol: number): void {
  if (protocol < 2) return writeLine(w, LONG, value.toString() + "L");
  const { buf, pos } = w;
  if (BigInt.asIntN(64, value) === value) {
    w.view.setBigInt64(pos + 2, value, true);
    // Bytes at the end that only repeat the sign are omitted.
    let length = 8;
    const sign = value < 0n ? 0xff : 0;
    while (length > 1 && buf[pos + 1 + length] === sign && (buf[pos + length] as number) >> 7 === sign >> 7) {
      length--;
    }
    buf[pos] = LONG1;
    buf[pos + 1] = length;
    w.pos = pos + 2 + length;
    return;
  }
  // By hexadecimal digits, since shifting the bigint takes quadratic time.
  const flip = value < 0n ? 0xff : 0;
  const digits = (value < 0n ? ~value : value).toString(16);
  // Eight bits for each byte, and one more for the sign.
  const length = (digits.length >> 1) + (digits.length % 2 === 0 && digits >= "8" ? 1 : digits.length & 1);
  w.room(length + 5);
  if (length <= 0xff) {
    w.byte(LONG1);
    w.byte(length);
  } else {
    w.byte(LONG4);
    w.uint32(length);
  }
  for (let i = 0, end = digits.length; i < length; i++, end -= 2) {
    w.byte((end > 0 ? parseInt(digits.slice(Math.max(end - 2, 0), end), 16) : 0) ^ flip);
  }
}

/**
 * Writes a run of numbers from the index `from` on, in one loop: a call for each takes three times as long. Not for protocol 0.
 *
 * @returns The index of the first item that is not a number or needs a call of its own; `to` where all were written.
 */
export function writeNumbers(w: Writer, items: readonly unknown[], from: number, to: number): number {
  for (let i = from; i < to;) {
    if (w.pos > w.soft) w.flush();
    const stop = Math.min(to, i + MOST_NUMBERS);
    const { buf, view } = w;
    let { pos } = w;
    for (; i < stop; i++) {
      const value = items[i];
      if (typeof value !== "number") break;
      if (value === (value | 0)) {
        if (value >= 0 && value <= 0xffff) {
          if (value === 0 && 1 / value < 0) break;
          buf[pos + 1] = value;
          if (value <= 0xff) {
            buf[pos] = BININT1;
            pos += 2;
          } else {
            buf[pos] = BININT2;
            buf[pos + 2] = value >> 8;
            pos += 3;
          }
        } else {
          buf[pos] = BININT;
          view.setInt32(pos + 1, value, true);
          pos += 5;
        }
      } else if (Number.isSafeInteger(value)) {
        break;
      } else {
        buf[pos] = BINFLOAT;
        view.setFloat64(pos + 1, value);
        pos += FLOAT_SIZE;
      }
    }
    w.pos = pos;
    if (i < stop) return i;
  }
  return to;
}

/** Writes a float. */
export function writeFloat(w: Writer, value: number, protocol: number): void {
  if (protocol === 0) return writeLine(w, FLOAT, reprFloat(value));
  w.buf[w.pos] = BINFLOAT;
  w.view.setFloat64(w.pos + 1, value);
  w.pos += 9;
}

/** Writes an opcode with an argument that is a line of text. */
export function writeLine(w: Writer, opcode: number, text: string): void {
  w.room(text.length + 2);
  w.byte(opcode);
  w.ascii(text);
  w.byte(NEWLINE);
}
