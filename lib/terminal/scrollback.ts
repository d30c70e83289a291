import { columnsOfText } from "./width.ts";

/** How much is written at once: little enough that a key is not kept waiting behind it. */
const PIECE = 1 << 15;
/** How many of the newest lines are kept for Ctrl-L. */
const REDRAWN = 200;

/** The lines above the input line: those that are still to be written, and the newest of those that are. */
export class Scrollback {
  #waiting: string[] = [];
  #first = 0;
  #size = 0;
  readonly #recent: string[] = [];

  /** How many UTF-16 code units wait to be written. */
  get size(): number {
    return this.#size;
  }

  /** Takes lines. One may hold newlines, and SGR sequences. */
  add(lines: readonly string[]): void {
    for (const line of lines) {
      this.#waiting.push(line);
      this.#size += line.length + 1;
    }
  }

  /** Gives some of what waits, each line with "\n" at its end, or "". */
  take(): string {
    const lines: string[] = [];
    for (let size = 0; this.#first < this.#waiting.length && size < PIECE; this.#first++) {
      const line = this.#waiting[this.#first]!;
      lines.push(line, "\n");
      size += line.length + 1;
      this.#size -= line.length + 1;
      // The bell is not to ring again.
      this.#recent.push(line.replaceAll("\x07", ""));
    }
    if (this.#first >= this.#waiting.length) {
      this.#waiting = [];
      this.#first = 0;
    }
    if (this.#recent.length > 2 * REDRAWN) this.#recent.splice(0, this.#recent.length - REDRAWN);
    return lines.join("");
  }

  /** Gives all of what waits. */
  takeAll(): string {
    let text = "";
    while (this.#size > 0) text += this.take();
    return text;
  }

  /** Gives the newest of the lines that were written, as many as fit into so many rows. */
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

  /** Forgets what was written. */
  forget(): void {
    this.#recent.length = 0;
  }
}

function rowsOf(text: string, columns: number): number {
  // deno-lint-ignore no-control-regex
  const plain = text.replace(/\x1b\[[\d;]*m/g, "").split("\n");
  return plain.reduce((rows, line) => rows + Math.max(1, Math.ceil(columnsOfText(line) / columns)), 0);
}
