/** Scrollback: the lines above the input line. */

import { rowsIn, wrapped } from "./rows/wrap.ts";

/** The most that is written at once, so that a key does not wait long. */
const PIECE = 1 << 15;
/** The number of lines that are kept for Ctrl-L. */
const REDRAWN = 200;

/** A queue of lines to write above the input line, and the newest lines that were written. */
export class Scrollback {
  #waiting: string[] = [];
  #first = 0;
  #size = 0;
  readonly #recent: string[] = [];

  /** The number of UTF-16 code units that wait to be written. */
  get size(): number {
    return this.#size;
  }

  /** Adds lines, as {@linkcode wrapped} takes them. */
  add(lines: readonly string[]): void {
    for (const line of lines) {
      this.#waiting.push(line);
      this.#size += line.length + 1;
    }
  }

  /** Removes and returns some lines in rows of so many columns, each with "\n" at its end, or "". */
  take(columns: number): string {
    const lines: string[] = [];
    for (let size = 0; this.#first < this.#waiting.length && size < PIECE; this.#first++) {
      const line = this.#waiting[this.#first]!;
      lines.push(wrapped(line, columns), "\n");
      size += line.length + 1;
      this.#size -= line.length + 1;
      // The bell rings once.
      this.#recent.push(line.replaceAll("\x07", ""));
    }
    if (this.#first >= this.#waiting.length) {
      this.#waiting = [];
      this.#first = 0;
    }
    if (this.#recent.length > 2 * REDRAWN) this.#recent.splice(0, this.#recent.length - REDRAWN);
    return lines.join("");
  }

  /** Removes and returns all lines that wait. */
  takeAll(columns: number): string {
    let text = "";
    while (this.#size > 0) text += this.take(columns);
    return text;
  }

  /** Returns the newest written lines that fit into the given number of rows. */
  again(space: { readonly columns: number; readonly rows: number }): string {
    return this.newest(space).map((line) => wrapped(line, space.columns) + "\n").join("");
  }

  /** Returns the newest written lines, which fit into the given number of rows, as they were added. */
  newest({ columns, rows }: { readonly columns: number; readonly rows: number }): string[] {
    let room = rows;
    let first = this.#recent.length;
    while (first > 0) {
      room -= rowsIn(this.#recent[first - 1]!, columns);
      if (room < 0) break;
      first--;
    }
    return this.#recent.slice(first);
  }

  /** Forgets the written lines. */
  forget(): void {
    this.#recent.length = 0;
  }
}
