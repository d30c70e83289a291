/** Wrapping of a line into rows: words stay whole, and further rows are indented to the column of the text. */

import { columnsOfText, graphemes } from "../width.ts";

/**
 * Marks the beginning of the text in a line, after the time and the nick. It is never written. Text from the network has no
 * control characters once it is cleaned.
 */
export const HANG = "\x1f";

/** The parts of a line: styles, links, the bell, newlines with the beginning of the next row, blanks, words. */
const TOKEN = new RegExp(
  [
    "\x1b\\[[\\d;]*m",
    "\x1b\\]8;;[^\x1b]*\x1b\\\\",
    "\x07",
    HANG,
    "\n(?: *│ )?",
    " +",
    // A command to type stays in one row.
    "/show \\w+",
    "[^ \n\x07\x1b\x1f]+",
  ].join("|"),
  "g",
);
const UNSEEN = new RegExp(`\x1b\\[[\\d;]*m|\x1b\\]8;;[^\x1b]*\x1b\\\\|\x07|${HANG}`, "g");
/** One row of characters of at most one column each. */
const NARROW = /^[^\n\u1100-\uFFFF]*$/;
const URL_START = /^[("'<[]*https?:\/\//;
const RESET = "\x1b[0m";
const LINK_END = "\x1b]8;;\x1b\\";
/** The indentation below a time and a nick that take too much of the row. */
const SHORT_INDENT = " ".repeat(6);
/** The indentation below a note, which begins with "-- ". */
const NOTE_INDENT = "   ";

/** Returns a line without its invisible parts. */
export function seenOf(line: string): string {
  return line.replace(UNSEEN, "");
}

/** Returns a line as one row for each of its newlines: a terminal wraps it. */
export function unwrapped(line: string): string {
  return line.replace(HANG, "");
}

/**
 * Wraps a line at blanks. A word that is wider than a row is broken, but no URL: that gets rows of its own, which the
 * terminal wraps, so that it can be opened and copied.
 *
 * @param line Text with newlines, SGR sequences, links, the bell and at most one {@linkcode HANG}.
 * @returns The rows, with newlines between them.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { HANG, wrapped } from "./wrap.ts";
 *
 * assertEquals(wrapped(`12:00 bob: ${HANG}one two three`, 22), "12:00 bob: one two\n           three");
 * assertEquals(wrapped(`bob: ${HANG}see https://a.example/long`, 20), "bob: see\nhttps://a.example/long");
 * ```
 */
export function wrapped(line: string, columns: number): string {
  if (line.length <= columns && NARROW.test(line)) return unwrapped(line);
  const rows = new Rows(columns, line);
  for (const { 0: token, index } of line.matchAll(TOKEN)) rows.add(token, index);
  return rows.end();
}

/** The rows for the beginning of a line. */
export interface RowsOfLine {
  readonly columns: number;
  readonly rows: number;
  /** The columns of the last row that may be taken if the line does not end in it. */
  readonly lastColumns: number;
}

/**
 * Returns the number of UTF-16 code units of a line that {@linkcode wrapped} puts into the given rows: all of them, or as
 * many as leave the rest of the last row free.
 *
 * @param line As for {@linkcode wrapped}.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { endInRows } from "./wrap.ts";
 *
 * assertEquals(endInRows("one two three", { columns: 12, rows: 2, lastColumns: 4 }), 13);
 * assertEquals(endInRows("one two three four", { columns: 13, rows: 1, lastColumns: 10 }), 7);
 * ```
 */
export function endInRows(line: string, { columns, ...most }: RowsOfLine): number {
  const rows = new Rows(columns, line, most);
  for (const { 0: token, index } of line.matchAll(TOKEN)) {
    rows.add(token, index);
    if (rows.number > most.rows) return rows.last;
  }
  return line.length;
}

/** Returns the number of rows that {@linkcode wrapped} gives a line on a terminal, which wraps long URLs. */
export function rowsIn(line: string, columns: number): number {
  if (line.length <= columns && NARROW.test(line)) return 1;
  const rows = new Rows(columns, line);
  for (const { 0: token, index } of line.matchAll(TOKEN)) rows.add(token, index);
  return rows.number;
}

class Rows {
  #text = "";
  readonly #columns: number;
  readonly #most: Omit<RowsOfLine, "columns"> | undefined;
  #indent: string;
  #used = 0;
  /** Blanks and escape sequences behind the last word. The blanks are written only where a word follows in the same row. */
  #gap = "";
  #gapColumns = 0;
  #hasWord = false;
  /** The style and the link that are set; rows end without them, so that no blank has one. */
  #style = "";
  #link = "";
  /** The number of the row. */
  number = 1;
  /** The end of the last word that is in the rows of the options. */
  last = 0;

  constructor(columns: number, line: string, most?: Omit<RowsOfLine, "columns">) {
    this.#columns = columns;
    this.#most = most;
    this.#indent = seenOf(line).startsWith("-- ") ? NOTE_INDENT : SHORT_INDENT;
  }

  /** Adds a token, which begins at an index of the line. */
  add(token: string, index: number): void {
    switch (token[0]) {
      case "\x1b":
        this.#gap += token;
        if (token[1] === "[") this.#style = token === RESET ? "" : token;
        else this.#link = token === LINK_END ? "" : token;
        return;
      case "\x07":
        this.#gap += token;
        return;
      case HANG:
        this.#fill();
        if (this.#used <= this.#columns >> 1) this.#indent = " ".repeat(this.#used);
        return;
      case "\n":
        if (token.length > 1) this.#indent = token.slice(1);
        return this.#break(token.slice(1));
      case " ":
        this.#gap += token;
        this.#gapColumns += token.length;
        return;
    }
    this.#word(token, index);
  }

  /** Returns the rows, with newlines between them. */
  end(): string {
    return this.#text + this.#gap.replaceAll(" ", "");
  }

  #word(word: string, index: number): void {
    const width = columnsOfText(word);
    if (this.#used + this.#gapColumns + width <= this.#columns) return this.#put(word, width, index);
    // Blanks at the beginning of a row are left out where they leave too little of it.
    if (!this.#hasWord) this.#dropBlanks();
    const isUrl = URL_START.test(word);
    const fits = this.#indent.length + width <= this.#columns;
    if (fits || isUrl) {
      // A URL has its row even where the row before has room for its beginning.
      if (this.#hasWord || isUrl && this.#used > 0) this.#break(fits ? this.#indent : "");
      return this.#put(word, width, index);
    }
    for (const grapheme of graphemes(word)) {
      const columns = columnsOfText(grapheme);
      if (this.#used + this.#gapColumns + columns > this.#columns && this.#hasWord) this.#break(this.#indent);
      this.#put(grapheme, columns, index);
      index += grapheme.length;
    }
  }

  #put(word: string, width: number, index: number): void {
    this.#fill();
    this.#text += word;
    this.#used += width;
    this.#hasWord = true;
    // The terminal wraps a URL that is wider than a row.
    const more = Math.max(0, Math.ceil(this.#used / this.#columns) - 1);
    this.number += more;
    this.#used -= more * this.#columns;
    if (this.#most === undefined || this.number > this.#most.rows) return;
    if (this.number < this.#most.rows || this.#used <= this.#most.lastColumns) {
      this.last = index + word.length;
    }
  }

  #fill(): void {
    this.#text += this.#gap;
    this.#used += this.#gapColumns;
    this.#gap = "";
    this.#gapColumns = 0;
  }

  #dropBlanks(): void {
    this.#gap = this.#gap.replaceAll(" ", "");
    this.#gapColumns = 0;
  }

  #break(indent: string): void {
    const [style, link] = [this.#style, this.#link];
    this.#text = this.end() + (link === "" ? "" : LINK_END) + (style === "" ? "" : RESET) + "\n" + indent +
      style + link;
    this.#used = columnsOfText(indent);
    this.#gap = "";
    this.#gapColumns = 0;
    this.#hasWord = false;
    this.number++;
  }
}
