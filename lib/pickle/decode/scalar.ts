/** Opcode arguments: numbers, lengths, text and bytes. */
import { readLength8, readLong } from "./number.ts";
import { COST, type Unpickler } from "./unpickler.ts";

const float = new Float64Array(1);
const words = new Int32Array(float.buffer);
/** The index of the word with sign and exponent. */
const HIGH = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 1 : 0;

/** Reads a big-endian float. Without a DataView, whose making costs as much as decoding a short message. */
export function readFloat(bytes: Uint8Array, pos: number): number {
  words[HIGH] = ((bytes[pos] as number) << 24) | ((bytes[pos + 1] as number) << 16) |
    ((bytes[pos + 2] as number) << 8) |
    (bytes[pos + 3] as number);
  words[1 - HIGH] = ((bytes[pos + 4] as number) << 24) | ((bytes[pos + 5] as number) << 16) |
    ((bytes[pos + 6] as number) << 8) | (bytes[pos + 7] as number);
  return float[0] as number;
}

/** Reads a length of eight bytes. */
export function readLength(u: Unpickler): number {
  u.need(8);
  u.pos += 8;
  return readLength8(u.bytes, u.pos - 8);
}

/** Pushes a str of a given length in bytes. */
export function pushText(u: Unpickler, length: number): void {
  u.need(length);
  u.charge(24 + 2 * length);
  const text = u.text.read(u.pos, length);
  if (text === null) throw u.error("bad-argument", "a str is not UTF-8");
  u.push(text);
  u.pos += length;
}

/** Pushes an int of a given length in bytes. */
export function pushLong(u: Unpickler, length: number): void {
  u.need(length);
  if (length > 6) u.charge(24 + length);
  u.push(readLong(u.bytes, u.pos, length));
  u.pos += length;
}

/** Reads bytes of a given length, as a view or a copy. */
export function takeBytes(u: Unpickler, length: number): Uint8Array {
  u.need(length);
  u.charge(COST.bytes + (u.views ? 0 : length));
  const start = u.pos;
  u.pos += length;
  const view = u.bytes.subarray(start, u.pos);
  if (u.views) return view;
  // Several times as fast as slice or set for long bytes: it does not fill the new memory with zeros first.
  return new Uint8Array(view);
}
