/** Wrapping of a line into rows: words stay whole, and further rows are indented to the column of the text. */

import { columnsOfText, graphemes } from "../width.ts";

/**
 * Marks the beginning of the text in a line, after the time and the nick. It is never written. Text from the network has no
 * control characters once it is cleaned.
 */
export const HANG = "\x1f";

/** The parts of a line: styles, links, the bell, newlines with the beginning of the next row, blanks, words. */
const TOKEN = new RegExp(
  ["\x1b\\[[\\d;]*m", "\x1b\\]8;;[^\x1b]*\x1b\\\\", "\x07", HANG, "\n(?: *│ )?", " +", "[^ \n\x07\x1b\x1f]+"]
    .join("|"),
  "g",
);
const UNSEEN = new RegExp(`\x1b\\[[\\d;]*m|\x1b\\]8;;[^\x1b]*\x1b\\\\|\x07|${HANG}`, "g");
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
  if (line.length <= columns && !line.includes("\n")) return unwrapped(line);
  const rows = new Rows(columns, line);
  for (const [token] of line.matchAll(TOKEN)) rows.add(token);
  return rows.text;
}

class Rows {
  text = "";
  readonly #columns: number;
  #indent: string;
  #used = 0;
  /** Blanks that are written only where a word follows in the same row. */
  #gap = "";
  #hasWord = false;
  /** The style and the link that are set; rows end without them, so that no blank has one. */
  #style = "";
  #link = "";

  constructor(columns: number, line: string) {
    this.#columns = columns;
    this.#indent = seenOf(line).startsWith("-- ") ? NOTE_INDENT : SHORT_INDENT;
  }

  add(token: string): void {
    switch (token[0]) {
      case "\x1b":
        this.text += this.#gap + token;
        this.#used += this.#gap.length;
        this.#gap = "";
        if (token[1] === "[") this.#style = token === RESET ? "" : token;
        else this.#link = token === LINK_END ? "" : token;
        return;
      case "\x07":
        this.text += token;
        return;
      case HANG:
        this.#used += this.#gap.length;
        this.text += this.#gap;
        this.#gap = "";
        if (this.#used <= this.#columns >> 1) this.#indent = " ".repeat(this.#used);
        return;
      case "\n":
        if (token.length > 1) this.#indent = token.slice(1);
        return this.#break(token.slice(1));
      case " ":
        this.#gap += token;
        return;
    }
    this.#word(token);
  }

  #word(word: string): void {
    const width = columnsOfText(word);
    if (this.#used + this.#gap.length + width <= this.#columns) return this.#put(word, width);
    const isUrl = URL_START.test(word);
    const fits = this.#indent.length + width <= this.#columns;
    if (fits || isUrl) {
      // A URL has its row even where the row before has room for its beginning.
      if (this.#hasWord || isUrl && this.#used > 0) this.#break(fits ? this.#indent : "");
      return this.#put(word, width);
    }
    for (const grapheme of graphemes(word)) {
      const columns = columnsOfText(grapheme);
      if (this.#used + this.#gap.length + columns > this.#columns && this.#hasWord) this.#break(this.#indent);
      this.#put(grapheme, columns);
    }
  }

  #put(word: string, width: number): void {
    this.text += this.#gap + word;
    this.#used += this.#gap.length + width;
    this.#gap = "";
    this.#hasWord = true;
  }

  #break(indent: string): void {
    const [style, link] = [this.#style, this.#link];
    this.text += (link === "" ? "" : LINK_END) + (style === "" ? "" : RESET) + "\n" + indent + style + link;
    this.#used = columnsOfText(indent);
    this.#gap = "";
    this.#hasWord = false;
  }
}
