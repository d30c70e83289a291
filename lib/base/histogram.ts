/** A histogram of durations: counts by upper bounds, for as long as the process runs. */

/** The counts of a {@linkcode Histogram} at one moment. */
export interface HistogramCounts {
  /** The upper bound of each bucket, in seconds, ascending. */
  readonly bounds: readonly number[];
  /** The number of durations up to each bound. */
  readonly counts: readonly number[];
  readonly count: number;
  /** The sum of all durations, in seconds. */
  readonly sum: number;
}

/**
 * Counts durations.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Histogram } from "./histogram.ts";
 *
 * const delays = new Histogram([0.001, 0.1]);
 * for (const seconds of [0, 0.05, 3]) delays.add(seconds);
 * assertEquals(delays.counts, { bounds: [0.001, 0.1], counts: [1, 2], count: 3, sum: 3.05 });
 * ```
 */
export class Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #count = 0;
  #sum = 0;

  /** @param bounds The upper bounds of the buckets, in seconds, ascending. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = bounds.map(() => 0);
  }

  add(seconds: number): void {
    this.#count++;
    this.#sum += seconds;
    for (let at = this.#bounds.length - 1; at >= 0 && seconds <= this.#bounds[at]!; at--) this.#counts[at]!++;
  }

  get counts(): HistogramCounts {
    return { bounds: this.#bounds, counts: [...this.#counts], count: this.#count, sum: this.#sum };
  }
}
