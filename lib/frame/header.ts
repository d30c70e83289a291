/** Headers of frames: ten bytes with the payload's length. */

import { FrameError } from "../base/errors.ts";

/** The header's size in bytes. */
export const HEADER_SIZE = 10;

const SPACE = 0x20;
const ZERO = 0x30;

/**
 * Parses a header.
 *
 * The header is a decimal number, padded with spaces on either side or both; leading zeros are accepted.
 *
 * @param bytes The bytes that contain the header.
 * @param offset The header's first byte.
 * @returns The payload's length in bytes, 0 to 9,999,999,999.
 * @throws {FrameError} `bad-header`, for anything else: a sign, a point, a letter, an empty field.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseHeader } from "./header.ts";
 *
 * assertEquals(parseHeader(new TextEncoder().encode("33        ")), 33);
 * ```
 */
export function parseHeader(bytes: Uint8Array, offset = 0): number {
  const end = offset + HEADER_SIZE;
  let at = offset;
  while (at < end && bytes[at] === SPACE) at++;
  const first = at;
  let length = 0;
  for (; at < end; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) break;
    length = length * 10 + digit;
  }
  const digits = at - first;
  while (at < end && bytes[at] === SPACE) at++;
  if (digits === 0 || at !== end) throw badHeader(bytes.subarray(offset, end));
  return length;
}

function badHeader(header: Uint8Array): FrameError {
  const shown = Array.from(
    header,
    (byte) =>
      byte >= SPACE && byte < 0x7f && byte !== 0x27 && byte !== 0x5c
        ? String.fromCharCode(byte)
        : `\\x${byte.toString(16).padStart(2, "0")}`,
  );
  return new FrameError("bad-header", `Cannot read the header: b'${shown.join("")}' is not a length`);
}

/** Writes a header: the length as a decimal number, left-aligned, padded with spaces. */
export function writeHeader(target: Uint8Array, offset: number, length: number): void {
  let digits = 1;
  for (let rest = length; rest >= 10; rest = Math.floor(rest / 10)) digits++;
  let rest = length;
  for (let at = offset + digits - 1; at >= offset; at--) {
    const next = Math.floor(rest / 10);
    target[at] = ZERO + rest - next * 10;
    rest = next;
  }
  target.fill(SPACE, offset + digits, offset + HEADER_SIZE);
}
