/** Detection of a silent network: nothing comes, though something was asked for. */

/** The time between two looks, in milliseconds. */
export const LOOK_MS = 5000;
/** The number of looks without a line after which it is asked for one, and after which the connection is given up. */
const ASK_AT = 3;
const GIVE_UP_AT = 9;
/** The looks after a question from which the silence is told. */
const TELL_AFTER = 2;

/** The options of a {@linkcode Silence}. */
export interface SilenceOptions {
  /** Asks the listener for a line. */
  readonly ask: () => void;
  /** Called when nothing has come for so many seconds, and with 0 when something comes again. */
  readonly changed: (seconds: number) => void;
  readonly giveUp: () => void;
}

/**
 * Watches a connection. It counts looks, not time: a page that was suspended has not waited.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Silence } from "./silence.ts";
 *
 * const told: unknown[] = [];
 * const silence = new Silence({
 *   ask: () => told.push("ask"),
 *   changed: (seconds) => told.push(seconds),
 *   giveUp: () => told.push("give up"),
 * });
 * for (let look = 1; look <= 6; look++) silence.look();
 * silence.heard();
 * silence.asked();
 * for (let look = 1; look <= 6; look++) silence.look();
 * assertEquals(told, ["ask", 10, 15, 0, 10, 15, 20, 25, "give up"]);
 * ```
 */
export class Silence {
  readonly #options: SilenceOptions;
  #looks = 0;
  #isTold = false;

  constructor(options: SilenceOptions) {
    this.#options = options;
  }

  /** Begins with a new connection. */
  begin(): void {
    this.#looks = 0;
    this.#isTold = false;
  }

  /** Takes notice that something was sent which is answered. */
  asked(): void {
    this.#looks = Math.max(this.#looks, ASK_AT);
  }

  /** Takes notice of a line. */
  heard(): void {
    this.#looks = 0;
    if (this.#isTold) this.#options.changed(0);
    this.#isTold = false;
  }

  /** Looks; to be called every {@linkcode LOOK_MS}. */
  look(): void {
    this.#looks++;
    if (this.#looks === ASK_AT) this.#options.ask();
    if (this.#looks >= GIVE_UP_AT) return this.#options.giveUp();
    if (this.#looks < ASK_AT + TELL_AFTER) return;
    this.#isTold = true;
    this.#options.changed((this.#looks - ASK_AT) * LOOK_MS / 1000);
  }
}
