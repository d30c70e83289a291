/** Folding of long texts. */

import { clean } from "../../base/text.ts";
import { columnsOfText } from "../width.ts";

/** The columns that are left in the last row for what is said of the rest. */
const REST_COLUMNS = 34;
const TOKEN = /\n|[^\S\n]+|\S+/g;

/** The room for a text. */
export interface TextRoom {
  readonly columns: number;
  /** The most rows. */
  readonly rows: number;
}

/**
 * Returns how many UTF-16 code units of a text are shown in so many rows: all, or so many that what is said of the rest
 * fits behind them.
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
  const lastColumns = Math.max(columns - REST_COLUMNS, columns >> 1);
  let [row, used] = [1, 0];
  /** Where the last row with room for what is said of the rest ends. */
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

/** A word in pieces of which one fits half of a row: of a very long one only the beginning is looked at. */
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
