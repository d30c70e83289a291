/** How many lines are kept. */
const KEPT = 500;

/**
 * The lines that were sent, newest last, and the place in them that ↑ and ↓ went to.
 *
 * What is changed on the way is still so when it is come by again, as in a shell, until a line is sent.
 */
export class LineHistory {
  readonly #lines: string[] = [];
  /** How far back the line on the screen is: 0 is the one that is being typed. */
  #back = 0;
  /** What is on the screen where it is not what was sent, by how far back it is. */
  readonly #changed = new Map<number, string>();

  /** Keeps a line that was sent, unless it is the same as the one before. */
  add(line: string): void {
    this.leave();
    if (line === "" || line === this.#lines.at(-1)) return;
    this.#lines.push(line);
    if (this.#lines.length > KEPT) this.#lines.shift();
  }

  /** Goes back to a line that is typed anew. */
  leave(): void {
    this.#back = 0;
    this.#changed.clear();
  }

  /** Gives the line before, keeping what is on the screen; null where there is none. */
  older(current: string): string | null {
    return this.#back < this.#lines.length ? this.#go(current, this.#back + 1) : null;
  }

  /** Gives the line after, in the end what was being typed; null where there is none. */
  newer(current: string): string | null {
    return this.#back > 0 ? this.#go(current, this.#back - 1) : null;
  }

  #go(current: string, back: number): string {
    this.#changed.set(this.#back, current);
    this.#back = back;
    return this.#changed.get(back) ?? this.#lines.at(-back)!;
  }
}
