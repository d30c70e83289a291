/** Codes that let a person into a private chat: 16 letters and digits, in groups, in upper or lower case. */

import { inGroups } from "../base/token.ts";

/** A code without dashes, in lower case. Its UTF-8 is the key of every HMAC. */
const CODE = /^[a-z0-9]{16}$/;

/**
 * Reads a code as people type or paste it: dashes and blanks are ignored, and so is the case.
 *
 * @returns Its 16 characters; null if the text is not a code.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatCode, parseCode } from "./code.ts";
 *
 * assertEquals(parseCode(" K7QM-2xhp-9dnv-c4ta\n"), "k7qm2xhp9dnvc4ta");
 * assertEquals(parseCode("k7qm-2xhp-9dnv"), null);
 * assertEquals(formatCode("k7qm2xhp9dnvc4ta"), "k7qm-2xhp-9dnv-c4ta");
 * ```
 */
export function parseCode(text: string): string | null {
  // Longer texts are not codes, even if removing the dashes leaves 16 characters.
  if (text.length > 64) return null;
  const code = text.replace(/[\s-]/g, "").toLowerCase();
  return CODE.test(code) ? code : null;
}

/** Writes the 16 characters of a code in groups of four. */
export function formatCode(code: string): string {
  return inGroups(code);
}

/** Gives the key of a code's HMACs. */
export function keyOfCode(code: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(code);
}
