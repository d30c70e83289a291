/** Stall timer: fires when something makes no progress. */

import type { Clock } from "../base/clock.ts";

/** The number of checks without a change that count as a stall. */
const LOOKS = 8;

/** The options of a {@linkcode StallTimer}. */
export interface StallTimerOptions {
  /** The longest time without a change, in milliseconds. The timer fires up to an eighth of it later. */
  readonly ms: number;
  /** Returns a mark that differs after each step of progress, or null while nothing is awaited. */
  readonly mark: () => unknown;
  /** Called once, if the mark did not change for that time. */
  readonly lost: () => void;
}

/**
 * Checks at intervals whether a mark has changed, and fires once if it has not.
 *
 * It counts checks instead of reading the clock, so that the time that a machine sleeps does not count.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { StallTimer } from "./stall_timer.ts";
 *
 * let look = () => {};
 * const [now, ticks, lastTicks] = [() => 0, () => 0, () => 0];
 * const clock = { now, ticks, lastTicks, after: (_: number, then: () => void) => (look = then, () => {}) };
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
