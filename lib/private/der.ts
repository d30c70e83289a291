/** Encoder of DER, the binary form of certificates (ITU-T X.690): only the part that one certificate needs. */

/** The tags of DER that occur in a certificate. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  oid: 0x06,
  utf8: 0x0c,
  utcTime: 0x17,
  time: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/**
 * Writes an element: its tag, its length, and its contents.
 *
 * @param parts The parts of the contents, less than 64 KiB in total.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { der, TAG } from "./der.ts";
 *
 * assertEquals(der(TAG.octets, Uint8Array.of(7, 8)), Uint8Array.of(4, 2, 7, 8));
 * ```
 */
export function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const head = length < 0x80
    ? [tag, length]
    : length < 0x100
    ? [tag, 0x81, length]
    : [tag, 0x82, length >> 8, length & 0xff];
  const bytes = new Uint8Array(head.length + length);
  bytes.set(head);
  let at = head.length;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Writes a sequence of elements. */
export function sequence(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return der(TAG.sequence, ...parts);
}

/** Writes a text of ASCII under a tag. */
export function text(tag: number, value: string): Uint8Array<ArrayBuffer> {
  return der(tag, new TextEncoder().encode(value));
}

/** Writes an object identifier. */
export function oid(dotted: string): Uint8Array<ArrayBuffer> {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes = [first * 40 + second];
  for (const number of rest) {
    const groups = [number & 0x7f];
    for (let more = number >>> 7; more > 0; more >>>= 7) groups.unshift(more & 0x7f | 0x80);
    bytes.push(...groups);
  }
  return der(TAG.oid, Uint8Array.from(bytes));
}

/** Writes a bit string of whole bytes, or one with the given number of unused bits in the last byte. */
export function bits(bytes: Uint8Array, unused = 0): Uint8Array<ArrayBuffer> {
  return der(TAG.bits, Uint8Array.of(unused), bytes);
}

/** Writes an unsigned number, given as big-endian bytes, as an integer. */
export function unsigned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const digits = bytes.subarray(start);
  // A first bit of 1 would make the number negative.
  return der(TAG.integer, ...(digits[0]! >= 0x80 ? [Uint8Array.of(0), digits] : [digits]));
}
