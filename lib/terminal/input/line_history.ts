/** The history of sent lines. */

/** The most lines that are kept. */
const KEPT = 500;

/**
 * The sent lines, newest last, and the place that ↑ and ↓ moved to.
 *
 * As in a shell, changes to older lines are kept until a line is sent.
 */
export class LineHistory {
  readonly #lines: string[] = [];
  /** The distance back of the line on the screen: 0 is the one being typed. */
  #back = 0;
  /** Changed lines by their distance back. */
  readonly #changed = new Map<number, string>();

  /** Adds a sent line, unless it equals the one before. */
  add(line: string): void {
    this.leave();
    if (line === "" || line === this.#lines.at(-1)) return;
    this.#lines.push(line);
    if (this.#lines.length > KEPT) this.#lines.shift();
  }

  /** The sent lines, newest last. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Goes to the line that is so far back, and keeps the current text; 1 is the newest line. */
  goTo(back: number, current: string): string {
    return this.#go(current, back);
  }

  /** Returns to the line being typed, and drops changes. */
  leave(): void {
    this.#back = 0;
    this.#changed.clear();
  }

  /** Returns the previous line, and keeps the current text; null if there is none. */
  older(current: string): string | null {
    return this.#back < this.#lines.length ? this.#go(current, this.#back + 1) : null;
  }

  /** Returns the next line, the last of which is the one being typed; null if there is none. */
  newer(current: string): string | null {
    return this.#back > 0 ? this.#go(current, this.#back - 1) : null;
  }

  #go(current: string, back: number): string {
    this.#changed.set(this.#back, current);
    this.#back = back;
    return this.#changed.get(back) ?? this.#lines.at(-back)!;
  }
}
