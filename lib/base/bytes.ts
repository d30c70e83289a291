/** Bytes that lie in pieces. */

/**
 * Gives pieces as one: a copy, except where there is but one.
 *
 * @param size The bytes of all of them together.
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
