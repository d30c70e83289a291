/** A hash of text and bytes with a secret, in the place of CPython's own, whose secret only each Python knows. */
import type { CodePoints } from "../../values/values.ts";

const [A, B, C, D] = crypto.getRandomValues(new Int32Array(4)).map((secret) => secret | 1) as unknown as [
  number,
  number,
  number,
  number,
];

/** Returns a number that depends on all bits of two numbers and cannot be predicted. */
export function mixed(first: number, second: number): number {
  const once = Math.imul(first ^ Math.imul(second, C), A);
  const twice = Math.imul(once ^ once >>> 15, B);
  return twice ^ twice >>> 13;
}

/** Gives the hash of a byte behind others that have a hash. */
export function byteHash(hash: number, byte: number): number {
  const next = Math.imul(hash ^ byte, A);
  return next ^ next >>> 15;
}

/** The hash of nothing. */
export const NO_BYTES = D;

/** Gives the hash of the bytes from `start` up to `end`, or of those behind others that have a hash. */
export function bytesHash(bytes: Uint8Array, start: number, end: number, hash = NO_BYTES): number {
  for (let at = start; at < end; at++) hash = byteHash(hash, bytes[at]!);
  return hash;
}

/**
 * Gives the hash of a text, which is the same as that of the bytes in which CPython holds it: one, two or four for each code
 * point, whatever the largest needs.
 */
export function textHash(text: string | CodePoints): number {
  const points = typeof text === "string" ? Array.from(text, (char) => char.codePointAt(0)!) : text.points;
  let largest = 0;
  for (const point of points) largest = Math.max(largest, point);
  let hash = NO_BYTES;
  for (const point of points) hash = pointStep(hash, point, largest);
  return hash;
}

/** Gives the same hash of a text that stands as UTF-8, in which surrogates may stand alone. */
export function utf8Hash(bytes: Uint8Array, start: number, end: number): number {
  let lead = 0;
  for (let at = start; at < end; at++) if (bytes[at]! > lead) lead = bytes[at]!;
  const largest = lead < 0xc4 ? 0xff : lead < 0xf0 ? 0xffff : 0x10ffff;
  let hash = NO_BYTES;
  for (let at = start; at < end;) {
    const first = bytes[at++]!;
    const more = first < 0x80 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    let point = more === 0 ? first : first & 0x3f >> more;
    for (let i = 0; i < more; i++) point = point << 6 | bytes[at++]! & 0x3f;
    hash = pointStep(hash, point, largest);
  }
  return hash;
}

function pointStep(hash: number, point: number, largest: number): number {
  const low = byteHash(hash, point & 0xff);
  if (largest <= 0xff) return low;
  const middle = byteHash(low, point >> 8 & 0xff);
  return largest <= 0xffff ? middle : byteHash(byteHash(middle, point >> 16), 0);
}
