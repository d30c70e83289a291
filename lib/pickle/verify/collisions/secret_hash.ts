/** Hash of text and bytes with a secret, in place of CPython's, whose secret is unknown here. */
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

/** Returns the hash of bytes with one more byte, from the hash of those before. */
export function byteHash(hash: number, byte: number): number {
  const next = Math.imul(hash ^ byte, A);
  return next ^ next >>> 15;
}

/** The hash of no bytes. */
export const NO_BYTES = D;

/**
 * Returns the hash of the bytes from `start` up to `end`.
 *
 * @param hash the hash of bytes before them
 */
export function bytesHash(bytes: Uint8Array, start: number, end: number, hash = NO_BYTES): number {
  for (let at = start; at < end; at++) hash = byteHash(hash, bytes[at]!);
  return hash;
}

/**
 * Returns the hash of a text: that of its bytes in CPython, which has one, two or four for each code point, as many as the
 * largest needs.
 */
export function textHash(text: string | CodePoints): number {
  const points = typeof text === "string" ? Array.from(text, (char) => char.codePointAt(0)!) : text.points;
  let largest = 0;
  for (const point of points) largest = Math.max(largest, point);
  let hash = NO_BYTES;
  for (const point of points) hash = pointStep(hash, point, largest);
  return hash;
}

/** Returns the same hash for a text in UTF-8, in which lone surrogates are allowed. */
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
