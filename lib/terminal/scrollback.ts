/** The lines above the input line. */

import { columnsOfText } from "./width.ts";

/** The most that is written at once, so that a key does not wait long. */
const PIECE = 1 << 15;
/** The number of lines that are kept for Ctrl-L. */
const REDRAWN = 200;

/** A sequence that sets text off. */
const SGR = new RegExp("\u001b\\[[\\d;]*m", "g");

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

  /** Adds lines. One may hold newlines and SGR sequences. */
  add(lines: readonly string[]): void {
    for (const line of lines) {
      this.#waiting.push(line);
      this.#size += line.length + 1;
    }
  }

  /** Removes and returns some lines, each with "\n" at its end, or "". */
  take(): string {
    const lines: string[] = [];
    for (let size = 0; this.#first < this.#waiting.length && size < PIECE; this.#first++) {
      const line = this.#waiting[this.#first]!;
      lines.push(line, "\n");
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
  takeAll(): string {
    let text = "";
    while (this.#size > 0) text += this.take();
    return text;
  }

  /** Returns the newest written lines, as many as fit into so many rows. */
  again({ columns, rows }: { readonly columns: number; readonly rows: number }): string {
    let room = rows;
    let first = this.#recent.length;
    while (first > 0) {
      room -= rowsOf(this.#recent[first - 1]!, columns);
      if (room < 0) break;
      first--;
    }
    return this.#recent.slice(first).map((line) => line + "\n").join("");
  }

  /** Forgets the written lines. */
  forget(): void {
    this.#recent.length = 0;
  }
}

function rowsOf(text: string, columns: number): number {
  const plain = text.replace(SGR, "").split("\n");
  return plain.reduce((rows, line) => rows + Math.max(1, Math.ceil(columnsOfText(line) / columns)), 0);
}
