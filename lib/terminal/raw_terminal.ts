/** The terminal in raw mode: taken, lent to a shell by Ctrl-Z, and given back however the program ends. */

import { STANDARD_OUTPUT } from "../base/descriptor.ts";

/** What a {@linkcode RawTerminal} asks and tells. */
export interface RawTerminalOptions {
  /** Gives what is to be written before the terminal is given back. */
  readonly last: () => string;
  /** Is told that the terminal may have another size. */
  readonly resized: () => void;
  /** Is told that a shell has had the terminal, and that it is the program's again. */
  readonly returned: () => void;
  /** Is told that the terminal is gone. */
  readonly lost: () => void;
}

/** Windows stops no program, and tells of no size: it is seen at the next write. */
const HAS_SIGNALS = Deno.build.os !== "windows";

/** How long after Ctrl-Z the program is stopped or will not be: where nobody controls jobs, nothing comes of it. */
const STOPPED_MS = 100;

/** After an error that nobody caught, and wherever the program ends without having given the terminal back. */
const ENDS = ["error", "unhandledrejection", "unload"];

const BRACKETED_PASTE = "\x1b[?2004h";
/** Brings back whatever a crash may have left: pasting, wrapping, the end of an update. */
const RESTORE = "\x1b[?2004l\x1b[?7h\x1b[?2026l";

/** The terminal that standard input and output are. */
export class RawTerminal {
  readonly #options: RawTerminalOptions;
  readonly #encoder = new TextEncoder();
  #isTaken = false;
  #isAway = false;
  #writing = 0;

  constructor(options: RawTerminalOptions) {
    this.#options = options;
  }

  /** Whether it is a shell's for now. */
  get isAway(): boolean {
    return this.#isAway;
  }

  /** Its size now; what most have where it does not tell. */
  get size(): { readonly columns: number; readonly rows: number } {
    try {
      const { columns, rows } = Deno.consoleSize();
      if (columns > 0 && rows > 0) return { columns, rows };
    } catch {
      // Some terminals do not tell.
    }
    return { columns: 80, rows: 24 };
  }

  /** Takes it, and listens to what happens to it. */
  take(): void {
    this.#enter();
    for (const event of ENDS) addEventListener(event, this.#restore);
    if (!HAS_SIGNALS) return;
    Deno.addSignalListener("SIGWINCH", this.#options.resized);
    Deno.addSignalListener("SIGCONT", this.#onContinued);
  }

  /** Writes a text. One write is under way at a time. */
  async write(text: string): Promise<void> {
    const bytes = this.#encoder.encode(text);
    this.#writing++;
    try {
      await STANDARD_OUTPUT.write(bytes);
    } finally {
      this.#writing--;
    }
  }

  /** Gives it back as it was found, and listens to nothing more. */
  giveBack(): void {
    this.#leave("");
    for (const event of ENDS) removeEventListener(event, this.#restore);
    if (!HAS_SIGNALS) return;
    Deno.removeSignalListener("SIGWINCH", this.#options.resized);
    Deno.removeSignalListener("SIGCONT", this.#onContinued);
  }

  /**
   * Gives it to the shell and stops the program, as Ctrl-Z does anywhere.
   *
   * @param written Resolves when nothing is being written any more.
   */
  async stop(written: Promise<void> | null): Promise<void> {
    if (!HAS_SIGNALS || this.#isAway) return;
    this.#isAway = true;
    await written;
    if (!this.#isTaken) return;
    this.#leave(this.#options.last());
    Deno.kill(Deno.pid, "SIGTSTP");
    // Here it is stopped. Twice, so that the signal by which it goes on is seen first where it came.
    await sleep(STOPPED_MS);
    await sleep(STOPPED_MS);
    if (this.#isAway) this.#onContinued();
  }

  /** Takes it again: a shell has used it since, and left it as shells do. */
  readonly #onContinued = (): void => {
    this.#isAway = false;
    try {
      this.#enter();
    } catch {
      return this.#options.lost();
    }
    this.#options.returned();
  };

  readonly #restore = (): void => {
    if (this.#isTaken) this.#leave(this.#options.last());
  };

  #enter(): void {
    this.#isTaken = true;
    Deno.stdin.setRaw(true);
    this.#writeNow(BRACKETED_PASTE);
  }

  /** Where there is no terminal any more there is nothing to bring back. */
  #leave(last: string): void {
    if (!this.#isTaken) return;
    this.#isTaken = false;
    try {
      Deno.stdin.setRaw(false);
      // One that takes nothing would hold up the exit for ever.
      if (this.#writing === 0) this.#writeNow(last + RESTORE);
    } catch {
      // It is gone.
    }
  }

  #writeNow(text: string): void {
    STANDARD_OUTPUT.writeSync(this.#encoder.encode(text));
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
