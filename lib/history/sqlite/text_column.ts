/**
 * Text on its way into a column and back. A database takes UTF-8 and some readers end a text at NUL, but two texts that
 * differ must stay two: NUL, half a surrogate pair, and the sign that marks them go as that sign and four digits.
 */

const MARK = "\x01";
// deno-lint-ignore no-control-regex
const AWKWARD = /[\0\x01\p{Surrogate}]/u;
// deno-lint-ignore no-control-regex
const MARKED = /\x01(....)/g;

/**
 * Writes a text as it goes into a column.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fromColumn, toColumn } from "./text_column.ts";
 *
 * assertEquals(toColumn("tea"), "tea");
 * assertEquals(toColumn("\ud800"), "\x01d800");
 * assertEquals(fromColumn("\x01d800"), "\ud800");
 * ```
 */
export function toColumn(text: string): string {
  if (!AWKWARD.test(text)) return text;
  return text.replaceAll(
    new RegExp(AWKWARD, "gu"),
    (unit) => MARK + unit.charCodeAt(0).toString(16).padStart(4, "0"),
  );
}

/** Reads a text that {@linkcode toColumn} wrote. */
export function fromColumn(text: string): string {
  if (!text.includes(MARK)) return text;
  return text.replaceAll(MARKED, (_all, digits: string) => String.fromCharCode(parseInt(digits, 16)));
}
