/** The unread messages of one room, or of one person. */

/** The most lines that are kept. */
const LINES = 10;

/** The number of unread messages, and the lines of the newest ones. */
export class Unread {
  readonly #lines: string[] = [];
  #count = 0;
  #isMention = false;

  get count(): number {
    return this.#count;
  }

  /** Whether one of them names this person, or is private. */
  get isMention(): boolean {
    return this.#isMention;
  }

  /** Adds a message, with the line that shows it. */
  add(line: string, isMention: boolean): void {
    this.#count++;
    this.#isMention ||= isMention;
    this.#lines.push(line);
    if (this.#lines.length > LINES) this.#lines.shift();
  }

  /** Whether all of them are among the lines that are shown. */
  isOn(isShown: (line: string) => boolean): boolean {
    return this.#count === this.#lines.length && this.#lines.every(isShown);
  }

  /** Marks all as read. Returns their number, and the lines of the newest ones. */
  read(): { readonly count: number; readonly lines: readonly string[] } {
    const count = this.#count;
    const lines = this.#lines.splice(0);
    this.#count = 0;
    this.#isMention = false;
    return { count, lines };
  }
}
