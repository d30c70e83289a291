/** Encoding of frames. */

import { HEADER_SIZE, writeHeader } from "./header.ts";

/** Frames are padded to a multiple of this: the best-known client of the format reads 16 bytes at a time. */
const FRAME_MULTIPLE = 16;

/** The size of the frame that carries a payload of `length` bytes: with its header and its padding. */
export function frameSize(length: number): number {
  return Math.ceil((HEADER_SIZE + length) / FRAME_MULTIPLE) * FRAME_MULTIPLE;
}

/**
 * Encodes a payload as a frame: header, payload, zero bytes up to a multiple of 16.
 *
 * The header's length counts the padding, which readers of pickles ignore.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodeFrame } from "./encode.ts";
 *
 * const frame = encodeFrame(new TextEncoder().encode("N."));
 * assertEquals(new TextDecoder().decode(frame), "6         N.\0\0\0\0");
 * ```
 */
export function encodeFrame(payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(frameSize(payload.length));
  writeHeader(frame, 0, frame.length - HEADER_SIZE);
  frame.set(payload, HEADER_SIZE);
  return frame;
}
