/** How many lines are kept. */
const KEPT = 500;

/** The lines that were sent, newest last, and the place in them that ↑ and ↓ went to. */
export class LineHistory {
  readonly #lines: string[] = [];
  /** How far back the line on the screen is: 0 is the one that is being typed. */
  #back = 0;
  #draft = "";

  /** Keeps a line that was sent, unless it is the same as the one before. */
  add(line: string): void {
    this.#back = 0;
    if (line === "" || line === this.#lines.at(-1)) return;
    this.#lines.push(line);
    if (this.#lines.length > KEPT) this.#lines.shift();
  }

  /** Gives the line before, keeping what is being typed; null where there is none. */
  older(current: string): string | null {
    if (this.#back >= this.#lines.length) return null;
    if (this.#back === 0) this.#draft = current;
    this.#back++;
    return this.#lines.at(-this.#back)!;
  }

  /** Gives the line after, in the end what was being typed; null where there is none. */
  newer(): string | null {
    if (this.#back === 0) return null;
    this.#back--;
    return this.#back === 0 ? this.#draft : this.#lines.at(-this.#back)!;
  }
}
