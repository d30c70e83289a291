/** The dock: the rows at the bottom of the terminal, with the input line and the status rows right above it. */

import type { LaidOut } from "../input/line_rows.ts";

/** A row of the dock above the input line. */
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
  /** Styles the prompt. It must not change its width. */
  readonly style?: ((prompt: string) => string) | undefined;
}

const UP = (rows: number) => rows > 0 ? `\x1b[${rows}A` : "";
/**
 * Moves to the beginning of the next row, down first. If the cursor went to the beginning of the row first, and the
 * terminal were resized between the two, the row could be wrapped, and the row below would still belong to the same
 * line. Uses IND, because systems put a carriage return before each newline.
 */
const NEXT_ROW = "\x1bD\r";
const ERASE_BELOW = "\x1b[J";
/**
 * Erases a whole row, and with it the terminal's mark that the next row continues its line. The mark survives
 * overwriting and partial erasing, and then the terminal would join rows of the dock when it is made wider.
 */
const ERASE_ROW = "\x1b[2K";
/**
 * Erases a removed dock from its first column. The blank is for tmux: it copies text that is erased from the very first
 * cell of the screen into its scrollback, where a half-typed line would remain.
 */
const ERASE_DOCK = `${ERASE_ROW} ${ERASE_BELOW}\r`;
const WRAP_OFF = "\x1b[?7l";
const WRAP_ON = "\x1b[?7h";
/** Synchronized update: a terminal that supports it shows everything between the two sequences at once. Others ignore it. */
const BEGIN = "\x1b[?2026h";
const END = "\x1b[?2026l";

/**
 * The rows at the bottom of the terminal that hold the input line, and the text that changes them.
 *
 * It does not rely on the measured width of characters. Wrapping is off while the rows are written, so that their
 * number is certain. The dock moves only by whole rows, and places the cursor by writing the text before it again.
 * Lines above the dock belong to the terminal, which wraps and keeps them.
 *
 * A resized terminal may rewrap the dock's rows before it reports the new size, report it late, or not rewrap at all.
 * So the dock moves up by no more rows than it certainly has: a wrapped copy of it may stay above, but nothing else is
 * ever erased.
 */
export class Dock {
  /** The content on the terminal now; null if there is none. */
  #drawn: Picture | null = null;
  /** The number of rows between the dock's first row and the cursor. */
  #rowsAbove = 0;
  /** Whether the dock's first row may continue a row above it, because the terminal wrapped it. */
  #isJoined = false;

  /**
   * Returns the text to write so that the lines are above the dock and the dock has the given content.
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

  /** Returns the text to write so that the dock is gone and the cursor is at its beginning. */
  erase(): string {
    const out = this.#drawn === null ? "" : this.#toTop() + this.#erase();
    this.forget();
    return out;
  }

  /** Records that the dock is not on the terminal, and the cursor is where it is to begin. */
  forget(): void {
    this.#drawn = null;
    this.#rowsAbove = 0;
    this.#isJoined = false;
  }

  /** Returns the text to write so that the terminal is empty. */
  clear(): string {
    // Some terminals keep cleared text in their scrollback, and the input line does not belong there.
    return this.erase() + "\x1b[H\x1b[2J";
  }

  /** Records that the terminal has another width, so that wider rows may be wrapped now. */
  resize(columns: number): void {
    const { status = [], line } = this.#drawn ?? {};
    const widths = [...status.map((row) => row.columns), ...line?.columns ?? []];
    if (widths.some((width) => width > columns)) this.#isJoined = true;
  }

  /** Erases the dock from its first row on, so that lines written next do not continue a row above. */
  #erase(): string {
    // Not quite empty: if an empty row continues on others, tmux miscounts its rows and misplaces the cursor.
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
