/** The terminal in raw mode. It is suspended by Ctrl-Z, and restored in whatever way the program ends. */

import { STANDARD_OUTPUT } from "../base/descriptor.ts";

/** The callbacks of a {@linkcode RawTerminal}. */
export interface RawTerminalOptions {
  /** Returns the text to write before the terminal is restored. */
  readonly last: () => string;
  /** Called when the terminal may have another size. */
  readonly resized: () => void;
  /** Called when the terminal is back after another program used it. */
  readonly returned: () => void;
  /** Called when the terminal is gone. */
  readonly lost: () => void;
}

/** Windows has neither SIGTSTP nor SIGWINCH: another size is noticed at the next write. */
const HAS_SIGNALS = Deno.build.os !== "windows";

/** The time after which SIGTSTP has stopped the program, or has no effect because no shell controls jobs. */
const STOPPED_MS = 100;

/** The events at which the program may end with the terminal still in raw mode. */
const ENDS = ["error", "unhandledrejection", "unload"];

/** A write that takes longer than this belongs to a terminal that accepts nothing. */
const STUCK_MS = 1000;

/** Sets bracketed paste and reports of the focus, and saves the title of the window. */
const ENTER = "\x1b[?2004h\x1b[?1004h\x1b[22;2t";
/** Resets the modes, with those that are set while drawing: wrapping, synchronized update. Brings back the title. */
const RESTORE = "\x1b[?2004l\x1b[?1004l\x1b[?7h\x1b[?2026l\x1b[23;2t";

/** The terminal of standard input and output. */
export class RawTerminal {
  readonly #options: RawTerminalOptions;
  readonly #encoder = new TextEncoder();
  #isTaken = false;
  #isAway = false;
  /** Whether the terminal was taken back without SIGCONT, which may still come. */
  #mayBeContinued = false;
  #stops = 0;
  /** The time at which the write under way began; null if there is none. */
  #writingSince: number | null = null;

  constructor(options: RawTerminalOptions) {
    this.#options = options;
  }

  /** Whether the program is suspended and another one uses the terminal. */
  get isAway(): boolean {
    return this.#isAway;
  }

  /** The size of the terminal now; 80 × 24 if it is not known. */
  get size(): { readonly columns: number; readonly rows: number } {
    try {
      const { columns, rows } = Deno.consoleSize();
      if (columns > 0 && rows > 0) return { columns, rows };
    } catch {
      // Some terminals have no size to ask for.
    }
    return { columns: 80, rows: 24 };
  }

  /** Enters raw mode and listens to the terminal's signals. */
  take(): void {
    this.#enter();
    for (const event of ENDS) addEventListener(event, this.#restore);
    if (!HAS_SIGNALS) return;
    Deno.addSignalListener("SIGWINCH", this.#options.resized);
    Deno.addSignalListener("SIGCONT", this.#onContinued);
  }

  /** Writes a text. The caller runs one write at a time. */
  async write(text: string): Promise<void> {
    const bytes = this.#encoder.encode(text);
    this.#writingSince = performance.now();
    try {
      await STANDARD_OUTPUT.write(bytes);
    } finally {
      this.#writingSince = null;
    }
  }

  /** Restores the terminal as it was found and stops listening. */
  giveBack(): void {
    this.#leave("");
    for (const event of ENDS) removeEventListener(event, this.#restore);
    if (!HAS_SIGNALS) return;
    Deno.removeSignalListener("SIGWINCH", this.#options.resized);
    Deno.removeSignalListener("SIGCONT", this.#onContinued);
  }

  /**
   * Restores the terminal and suspends the program, as Ctrl-Z does elsewhere.
   *
   * @param written Resolves when no write is under way.
   */
  async stop(written: Promise<void> | null): Promise<void> {
    if (!HAS_SIGNALS || this.#isAway) return;
    this.#isAway = true;
    const stop = ++this.#stops;
    await written;
    if (!this.#isTaken) return;
    this.#leave(this.#options.last());
    Deno.kill(Deno.pid, "SIGTSTP");
    // The program is suspended here. It waits twice, so that a SIGCONT that came is handled first.
    await sleep(STOPPED_MS);
    await sleep(STOPPED_MS);
    if (!this.#isAway || stop !== this.#stops) return;
    this.#mayBeContinued = true;
    this.#takeBack();
  }

  readonly #onContinued = (): void => {
    // On a busy machine the signal comes long after the program goes on, when all is drawn again, or even away again.
    if (!this.#mayBeContinued) return this.#takeBack();
    this.#mayBeContinued = false;
    if (!this.#isAway) this.#options.resized();
  };

  /** Enters raw mode again: the shell that used the terminal has reset it. */
  #takeBack(): void {
    this.#isAway = false;
    try {
      this.#enter();
    } catch {
      return this.#options.lost();
    }
    this.#options.returned();
  }

  readonly #restore = (): void => {
    if (this.#isTaken) this.#leave(this.#options.last());
  };

  #enter(): void {
    this.#isTaken = true;
    Deno.stdin.setRaw(true);
    this.#writeNow(ENTER);
  }

  /** Restores the terminal, unless it is gone. */
  #leave(last: string): void {
    if (!this.#isTaken) return;
    this.#isTaken = false;
    try {
      Deno.stdin.setRaw(false);
      // A terminal that accepts nothing would block the exit for ever.
      const since = this.#writingSince;
      if (since === null || performance.now() - since < STUCK_MS) this.#writeNow(last + RESTORE);
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
