/** Byte arrays joined together. */

/**
 * Joins byte arrays into one. A single array is returned as it is, not copied.
 *
 * @param size The total length in bytes.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { joined } from "./bytes.ts";
 *
 * assertEquals(joined([new Uint8Array([1]), new Uint8Array([2, 3])], 3), new Uint8Array([1, 2, 3]));
 * ```
 */
export function joined(pieces: readonly Uint8Array[], size: number): Uint8Array {
  if (pieces.length === 1) return pieces[0]!;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
