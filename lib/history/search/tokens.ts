/** Words of a text as a search compares them: without case, accents and punctuation. */

/** Letters of scripts without blanks between words. Each letter counts as a word, so a query of several is a phrase. */
const UNSPACED = "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}" +
  "\\p{Script=Khmer}\\p{Script=Myanmar}";
const WORD = new RegExp(
  `[${UNSPACED}]\\p{M}*|\\p{Extended_Pictographic}|(?:(?![${UNSPACED}])[\\p{L}\\p{M}\\p{N}\\p{Co}])+`,
  "gu",
);
const ASCII_WORD = /[a-z0-9]+/g;
const ASCII = /^[\0-\x7f]*$/;
/** The combining accents of the Latin, Greek and Cyrillic scripts. */
const ACCENTS = /[\u0300-\u036f]/g;

/** The longest word, in UTF-16 code units. A longer one is cut, in messages and in queries. */
const LONGEST = 64;

/**
 * Splits a text into words: runs of letters, digits and marks, and single emoji.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { wordsOf } from "./tokens.ts";
 *
 * assertEquals(wordsOf("Crème brûlée, at 20:30!"), ["creme", "brulee", "at", "20", "30"]);
 * assertEquals(wordsOf("お茶 🍵"), ["お", "茶", "🍵"]);
 * ```
 */
export function wordsOf(text: string): string[] {
  const words = ASCII.test(text)
    ? text.toLowerCase().match(ASCII_WORD)
    : text.toLowerCase().normalize("NFKD").replace(ACCENTS, "").match(WORD);
  return words?.map((word) => word.length > LONGEST ? word.slice(0, LONGEST) : word) ?? [];
}
