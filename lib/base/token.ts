/** Random tokens that people read out and type: operators' tokens, and the codes of private chats. */

/** The 32 letters and digits that cannot be mistaken for each other. Each stands for five bits. */
const DIGITS = "abcdefghijkmnpqrstuvwxyz23456789";
const LENGTH = 16;

/**
 * Makes a token that is easy to read out: 80 random bits in four groups of letters and digits.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeToken } from "./token.ts";
 *
 * assertEquals(makeToken((size) => new Uint8Array(size)), "aaaa-aaaa-aaaa-aaaa");
 * ```
 */
export function makeToken(random: (size: number) => Uint8Array): string {
  const digits = Array.from(random(LENGTH), (byte) => DIGITS[byte % DIGITS.length]);
  return inGroups(digits.join(""));
}

/** Writes a token in groups of four characters. */
export function inGroups(characters: string): string {
  return characters.replace(/.{4}(?=.)/g, "$&-");
}
