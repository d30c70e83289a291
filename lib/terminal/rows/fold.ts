/** Folding of long texts. */

import { columnsOfText } from "../width.ts";
import { endInRows, HANG, rowsIn } from "./wrap.ts";

/** Printable ASCII: one column a character. */
const PLAIN = /^[\x20-\x7E]*$/;

/** The room for a text. */
export interface TextRoom {
  /** The text before it in its first row. */
  readonly head: string;
  readonly columns: number;
  /** The most rows, as they are wrapped on the screen. */
  readonly rows: number;
}

/** The remark about the rest of a text. */
export interface Remark {
  /** How long the text is, which is left out on a narrow screen: "(2,289 characters)". */
  readonly size: string;
  /** The command that shows the rest, which is written behind the remark. */
  readonly command: string;
}

/**
 * Returns a text, or the beginning of it with an ellipsis and its size, so that it takes no more than the given rows with
 * the command behind it.
 *
 * @param text Text that is cleaned for a terminal.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { folded } from "./fold.ts";
 *
 * const room = { head: "12:00 bob: ", columns: 40, rows: 1 };
 * const remark = { size: "(35 characters)", command: "/show 7" };
 * assertEquals(folded("short", remark, room), "short");
 * assertEquals(folded("one two three four five six seven 8", remark, room), "one… (35 characters)");
 * ```
 */
export function folded(text: string, { size, command }: Remark, { head, columns, rows }: TextRoom): string {
  if (PLAIN.test(text) && fits(text, columns - head.length, rows)) return text;
  const withSize = `… ${size}`;
  const remark = columnsOfText(withSize) + 1 + command.length <= columns * 2 / 3 ? withSize : "…";
  const start = head + HANG;
  const lastColumns = columns - columnsOfText(remark) - 1 - command.length;
  for (let most = rows;; most--) {
    const end = endInRows(start + text, { columns, rows: most, lastColumns });
    if (end === start.length + text.length) return text;
    const shown = text.slice(0, Math.max(0, end - start.length)) + remark;
    // The part of a word may be wrapped elsewhere than the word.
    if (most === 1 || rowsIn(`${start}${shown} ${command}`, columns) <= rows) return shown;
  }
}

/**
 * Returns whether a plain text, wrapped at blanks, has at most so many rows. It looks at the ends of rows alone, since most
 * messages of a replay fit. Where a word is wider than a row it returns false.
 */
function fits(text: string, columns: number, rows: number): boolean {
  let start = 0;
  for (let row = 1; text.length - start > columns; row++) {
    if (row === rows) return false;
    let next = start + columns;
    const isBlank = text[next] === " ";
    while (next > start && (text[next - 1] === " ") === isBlank) next--;
    if (next === start) return false;
    start = next;
  }
  return true;
}
