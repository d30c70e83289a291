/** Stall timer: fires where something makes no progress. */

import type { Clock } from "../base/clock.ts";

/** How many looks without a change make a stall. */
const LOOKS = 8;

/** The options of a {@linkcode StallTimer}. */
export interface StallTimerOptions {
  /** How long nothing may change, in milliseconds; the timer fires up to an eighth of it later. */
  readonly ms: number;
  /** Gives a mark that differs after each step of progress, or null while nothing is waited for. */
  readonly mark: () => unknown;
  /** Is called once, where the mark did not change for so long. */
  readonly lost: () => void;
}

/**
 * Looks from time to time whether a mark has changed, and fires once where it has not.
 *
 * It counts its looks instead of reading the time, so that the sleep of a machine does not count.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { StallTimer } from "./stall_timer.ts";
 *
 * let look = () => {};
 * const clock = { now: () => 0, ticks: () => 0, after: (_: number, then: () => void) => (look = then, () => {}) };
 * let lost = 0;
 * let mark: number | null = 1;
 * new StallTimer(clock, { ms: 800, mark: () => mark, lost: () => lost++ });
 * for (let n = 0; n < 8; n++) look();
 * mark = 2;
 * for (let n = 0; n < 8; n++) look();
 * assertEquals(lost, 0);
 * look();
 * assertEquals(lost, 1);
 * ```
 */
export class StallTimer {
  readonly #clock: Clock;
  readonly #options: StallTimerOptions;
  #mark: unknown = null;
  #looks = 0;
  #stop: () => void;

  constructor(clock: Clock, options: StallTimerOptions) {
    this.#clock = clock;
    this.#options = options;
    this.#stop = this.#next();
  }

  /** Stops the timer. */
  stop(): void {
    this.#stop();
  }

  #next(): () => void {
    return this.#clock.after(this.#options.ms / LOOKS, () => this.#look());
  }

  #look(): void {
    const mark = this.#options.mark();
    this.#looks = mark !== null && mark === this.#mark ? this.#looks + 1 : 0;
    this.#mark = mark;
    if (this.#looks === LOOKS) return this.#options.lost();
    this.#stop = this.#next();
  }
}
