/** Folding of long texts. */

import { clean } from "../../base/text.ts";
import { columnsOfText } from "../width.ts";

/** The columns that are reserved in the last row for the remark about the rest. */
const REST_COLUMNS = 34;
const TOKEN = /\n|[^\S\n]+|\S+/g;
/** Printable ASCII: one column a character. */
const PLAIN = /^[\x20-\x7E]*$/;

/** The room for a text. */
export interface TextRoom {
  readonly columns: number;
  /** The most rows. */
  readonly rows: number;
}

/**
 * Returns the number of UTF-16 code units of a text that are shown in the given rows: all, or as many as leave space
 * for the remark about the rest.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { textEnd } from "./fold.ts";
 *
 * assertEquals(textEnd("one\ntwo\nthree", { columns: 40, rows: 3 }), 13);
 * assertEquals("one\ntwo\nthree\nfour".slice(0, textEnd("one\ntwo\nthree\nfour", { columns: 40, rows: 3 })), "one\ntwo\nthree");
 * ```
 */
export function textEnd(text: string, { columns, rows }: TextRoom): number {
  if (text.length <= columns && !text.includes("\n")) return text.length;
  if (PLAIN.test(text) && fits(text, columns, rows)) return text.length;
  const lastColumns = Math.max(columns - REST_COLUMNS, columns >> 1);
  let [row, used] = [1, 0];
  /** The end of the last row that has space for the remark about the rest. */
  let end = 0;
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (token === "\n") {
      if (++row > rows) return end;
      used = 0;
      continue;
    }
    for (const [piece, at] of piecesOf(token, columns)) {
      const width = columnsOfText(clean(piece));
      if (used + width > columns && used > 0) {
        if (++row > rows) return end;
        used = 0;
      }
      used += width;
      if (row < rows || used <= lastColumns) end = index + at + piece.length;
    }
  }
  return text.length;
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

/** Returns a word in pieces that fit half of a row. Of a very long word only the beginning is examined. */
function* piecesOf(word: string, columns: number): Iterable<[string, number]> {
  const most = Math.max(1, columns >> 1);
  if (word.length <= columns) return yield [word, 0];
  for (let at = 0; at < word.length;) {
    const last = word.charCodeAt(at + most - 1);
    const end = at + most + (last >= 0xD800 && last < 0xDC00 ? 1 : 0);
    yield [word.slice(at, end), at];
    at = end;
  }
}
