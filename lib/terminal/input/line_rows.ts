/** The layout of the input line in rows. */

import { type Edit, graphemeEdge } from "./edit.ts";
import { columnsOf, cutToColumns, graphemes, mostColumnsOf } from "../width.ts";

/** The options of {@linkcode layOut}. */
export interface LayOutOptions {
  /** The prompt, without control characters; it may be cut to half of a row. */
  readonly prompt: string;
  /** The width of the terminal. */
  readonly columns: number;
  /** The most rows. Of a longer line, the rows around the cursor are shown. No limit if left out. */
  readonly maxRows?: number | undefined;
  /** Returns the text that a grapheme is shown as; the grapheme itself if left out. */
  readonly show?: ((grapheme: string) => string) | undefined;
}

/** A line in rows that no terminal wraps, even if it measures characters differently. */
export interface LaidOut {
  /** The prompt as shown at the beginning of the first row; "" if that row is not shown. */
  readonly prompt: string;
  readonly rows: readonly string[];
  /** The width of each row on most terminals. */
  readonly columns: readonly number[];
  /** The index of the cursor's row. */
  readonly cursorRow: number;
  /**
   * The text before the cursor in that row. Writing it places the cursor correctly even if the terminal measures
   * characters differently.
   */
  readonly beforeCursor: string;
}

/** The replacements for characters that would move the cursor. */
const SHOWN: Readonly<Record<string, string>> = { "\n": "↵", "\t": "⇥" };

/**
 * Lays a text with a prompt out in rows that leave the last column free. A newline shows as ↵ and begins a row, a tab as ⇥.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { layOut } from "./line_rows.ts";
 *
 * const { rows, cursorRow, beforeCursor } = layOut({ text: "abcdef", cursor: 4 }, { prompt: "> ", columns: 6 });
 * assertEquals([rows, cursorRow, beforeCursor], [["> abc", "def"], 1, "d"]);
 * ```
 */
export function layOut(edit: Edit, options: LayOutOptions): LaidOut {
  const width = Math.max(2, options.columns - 1);
  const prompt = cutToColumns(options.prompt, width >> 1);
  const cursor = graphemeEdge(edit.text, edit.cursor);
  const rows = new Rows(width);
  for (const grapheme of graphemes(prompt)) rows.add(grapheme);
  let place = 0;
  for (const grapheme of graphemes(edit.text)) {
    if (place === cursor) rows.mark();
    place += grapheme.length;
    rows.add(SHOWN[grapheme] ?? options.show?.(grapheme) ?? grapheme);
    if (grapheme === "\n") rows.break();
  }
  if (place === cursor) rows.mark();
  return rows.around(Math.max(1, options.maxRows ?? Infinity), prompt);
}

class Rows {
  readonly #width: number;
  readonly #rows = [""];
  readonly #columns = [0];
  #room: number;
  #cursorRow = 0;
  #beforeCursor = "";

  constructor(width: number) {
    this.#width = width;
    this.#room = width;
  }

  add(shown: string): void {
    const most = graphemes(shown).reduce((sum, grapheme) => sum + mostColumnsOf(grapheme), 0);
    if (most > this.#room && this.#rows.at(-1) !== "") this.break();
    this.#room -= most;
    this.#rows[this.#rows.length - 1] += shown;
    this.#columns[this.#columns.length - 1]! += graphemes(shown).reduce((sum, g) => sum + columnsOf(g), 0);
  }

  break(): void {
    this.#rows.push("");
    this.#columns.push(0);
    this.#room = this.#width;
  }

  mark(): void {
    // At the end of a full row, the cursor is at the place of the next character.
    if (this.#room <= 0) this.break();
    this.#cursorRow = this.#rows.length - 1;
    this.#beforeCursor = this.#rows.at(-1)!;
  }

  around(maxRows: number, prompt: string): LaidOut {
    const first = Math.max(0, Math.min(this.#cursorRow - (maxRows >> 1), this.#rows.length - maxRows));
    return {
      prompt: first === 0 ? prompt : "",
      rows: this.#rows.slice(first, first + maxRows),
      columns: this.#columns.slice(first, first + maxRows),
      cursorRow: this.#cursorRow - first,
      beforeCursor: this.#beforeCursor,
    };
  }
}
