/** Delay of the event loop: how late its timers are. */

import type { Clock } from "../../base/clock.ts";
import { Histogram, type HistogramCounts } from "../../base/histogram.ts";

/**
 * The interval of the measurements, in milliseconds: short enough to catch delays that a person notices, long enough to
 * let an idle machine sleep.
 */
const EVERY_MS = 250;

/** The period that the samples cover, in milliseconds. */
const PAST_MS = 60_000;
const MOST_SAMPLES = PAST_MS / EVERY_MS;

/** The bounds of the histogram of all delays since the start, in seconds. */
const BOUNDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];

/**
 * Measures how late a timer is, four times a second, and keeps the samples of a minute.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { LoopDelay } from "./loop_delay.ts";
 *
 * let [now, ring] = [0, () => {}];
 * const delay = new LoopDelay({ now: () => now, ticks: () => now, lastTicks: () => now, after: (_ms, then) => (ring = then, () => {}) });
 * for (const late of [0, 40, 1]) {
 *   now += 250 + late;
 *   ring();
 * }
 * assertEquals([delay.median, delay.longest], [1, 40]);
 * ```
 */
export class LoopDelay {
  readonly #clock: Clock;
  /** The time and the value of each sample, in milliseconds; the oldest is overwritten. */
  readonly #times = new Float64Array(MOST_SAMPLES).fill(-Infinity);
  readonly #delays = new Float64Array(MOST_SAMPLES);
  readonly #histogram = new Histogram(BOUNDS);
  #next = 0;
  #due = 0;
  #cancel: () => void;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#cancel = this.#wait();
  }

  /** The median of the delays of the last minute, in milliseconds. */
  get median(): number {
    const delays = this.#recent().sort();
    return delays[delays.length >> 1] ?? 0;
  }

  /** The longest delay of the last minute, in milliseconds, including the present one. */
  get longest(): number {
    return this.#recent().reduce((longest, delay) => Math.max(longest, delay), this.#lateness());
  }

  /** All delays since the start. */
  get histogram(): HistogramCounts {
    return this.#histogram.counts;
  }

  /** Stops its timer. */
  stop(): void {
    this.#cancel();
  }

  #wait(): () => void {
    this.#due = this.#clock.ticks() + EVERY_MS;
    return this.#clock.after(EVERY_MS, () => {
      this.#times[this.#next] = this.#clock.ticks();
      const late = this.#delays[this.#next] = this.#lateness();
      this.#histogram.add(late / 1000);
      this.#next = (this.#next + 1) % MOST_SAMPLES;
      this.#cancel = this.#wait();
    });
  }

  #lateness(): number {
    return Math.max(0, this.#clock.ticks() - this.#due);
  }

  #recent(): Float64Array {
    const since = this.#clock.ticks() - PAST_MS;
    return this.#delays.filter((_, at) => this.#times[at]! >= since);
  }
}
