/** The dock: the rows of the input line at the bottom of the terminal, and what stands right above them. */

import type { LaidOut } from "../line_rows.ts";

/** A row of the dock that is not typed. */
export interface StatusRow {
  /** Text that is safe for a terminal, with or without a style. */
  readonly text: string;
  readonly columns: number;
}

/** The content of the dock. */
export interface Picture {
  /** Rows above the input line that fit the terminal's width; none if left out. */
  readonly status?: readonly StatusRow[];
  readonly line: LaidOut;
  /** Styles the prompt; it adds no column. */
  readonly style?: ((prompt: string) => string) | undefined;
}

const UP = (rows: number) => rows > 0 ? `\x1b[${rows}A` : "";
/**
 * Goes to the beginning of the next row, downward first: where a terminal is resized between the two, a cursor at the
 * beginning of a wrapped row would be in the middle of its line, and the row below it still that line's. By IND, for
 * systems put a carriage return before each newline.
 */
const NEXT_ROW = "\x1bD\r";
const ERASE_BELOW = "\x1b[J";
/**
 * Erases a row as a whole, and with it the terminal's mark that the next row goes on with it. That mark outlives text
 * that is written over or erased in part: rows of ours would be joined where the terminal is made wider.
 */
const ERASE_ROW = "\x1b[2K";
/**
 * Erases a dock that is gone from its first column. The blank is for tmux, which puts what is erased from the very first
 * cell of the screen on into its scrollback: a line that was half typed would stand there.
 */
const ERASE_DOCK = `${ERASE_ROW} ${ERASE_BELOW}\r`;
const WRAP_OFF = "\x1b[?7l";
const WRAP_ON = "\x1b[?7h";
/** Synchronized update: a terminal that has it shows everything between the two at once; others ignore it. */
const BEGIN = "\x1b[?2026h";
const END = "\x1b[?2026l";

/**
 * The rows at the bottom of the terminal that hold the input line, and the text that changes them.
 *
 * It never trusts its measure of a character: wrapping is off while the rows are written, so that there are as many as
 * it counts; it moves by whole rows only; and it places the cursor by writing the text before it once more. Lines above
 * the dock belong to the terminal, which wraps and keeps them.
 *
 * A terminal that is resized wraps the dock's rows anew before it tells so, or tells of it late, or does not wrap. So
 * the dock goes up by no more rows than it has for certain: what the terminal has wrapped may stay above it as a copy,
 * and nothing else is ever erased.
 */
export class Dock {
  /** The content on the terminal now; null where there is none. */
  #drawn: Picture | null = null;
  /** The number of rows between the dock's first row and the cursor. */
  #rowsAbove = 0;
  /** Whether the dock's first row may go on with a row above it, which the terminal wrapped there. */
  #isJoined = false;

  /**
   * Returns what to write so that lines stand above the dock and the dock is as in the picture.
   *
   * @param above Whole lines, each with "\n" at its end, or "".
   */
  draw(above: string, picture: Picture): string {
    const { line, style } = picture;
    const status = picture.status ?? [];
    const rows = [
      ...status.map(({ text }) => text),
      ...line.rows.map((row, index) => this.#styled(row, index, line, style)),
    ];
    const below = line.rows.length - 1 - line.cursorRow;
    const atEnd = below === 0 && line.beforeCursor === line.rows.at(-1);
    const out = [
      BEGIN,
      this.#toTop(),
      above === "" ? "" : this.#erase() + above.replaceAll("\n", NEXT_ROW),
      WRAP_OFF,
      rows.map((row) => ERASE_ROW + row).join(NEXT_ROW),
      ERASE_BELOW,
      atEnd ? "" : "\r" + UP(below) + this.#styled(line.beforeCursor, line.cursorRow, line, style),
      WRAP_ON,
      END,
    ].join("");
    this.#drawn = picture;
    this.#rowsAbove = status.length + line.cursorRow;
    return out;
  }

  /** Returns what to write so that the dock is gone and the cursor stands where it began. */
  erase(): string {
    const out = this.#drawn === null ? "" : this.#toTop() + this.#erase();
    this.forget();
    return out;
  }

  /** Records that nothing of the dock is on the terminal and the cursor stands where it is to begin. */
  forget(): void {
    this.#drawn = null;
    this.#rowsAbove = 0;
    this.#isJoined = false;
  }

  /** Returns what to write so that the terminal is empty. */
  clear(): string {
    // Some terminals keep cleared text in their scrollback: the input line does not belong there.
    return this.erase() + "\x1b[H\x1b[2J";
  }

  /** Records that the terminal has another width: a row that is wider may be wrapped now. */
  resize(columns: number): void {
    const { status = [], line } = this.#drawn ?? {};
    const widths = [...status.map((row) => row.columns), ...line?.columns ?? []];
    if (widths.some((width) => width > columns)) this.#isJoined = true;
  }

  /** Erases the dock from its first row on; lines that are written next go on with nothing above. */
  #erase(): string {
    // Not quite empty: tmux loses count of its rows, and misplaces the cursor, where an empty row goes on with others.
    const apart = this.#isJoined ? ERASE_ROW + " " + NEXT_ROW : "";
    this.#isJoined = false;
    return apart + ERASE_DOCK;
  }

  #toTop(): string {
    return this.#drawn === null ? "" : "\r" + UP(this.#rowsAbove);
  }

  #styled(row: string, index: number, line: LaidOut, style: Picture["style"]): string {
    if (index !== 0 || style === undefined || !row.startsWith(line.prompt)) return row;
    return style(line.prompt) + row.slice(line.prompt.length);
  }
}
