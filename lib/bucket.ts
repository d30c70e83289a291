/** A token bucket: how much somebody may do at once, and for how long to wait where it was too much. */

/** A rate, and what may be done above it at once. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/**
 * Counts what is done against a rate. Nothing is ever refused: a debt is waited out.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Bucket } from "./bucket.ts";
 *
 * const bucket = new Bucket({ perSecond: 10, burst: 5 }, 0);
 * assertEquals(bucket.take(5, 0), 0);
 * assertEquals(bucket.take(1, 0), 100);
 * assertEquals(bucket.take(0, 100), 0);
 * ```
 */
export class Bucket {
  readonly #rate: Rate;
  #left: number;
  #filledAt: number;

  /** @param now Milliseconds, of any clock. */
  constructor(rate: Rate, now: number) {
    this.#rate = rate;
    this.#left = rate.burst;
    this.#filledAt = now;
  }

  /**
   * Takes an amount.
   *
   * @returns The milliseconds to wait until it is paid for, 0 where it is.
   */
  take(amount: number, now: number): number {
    const { perSecond, burst } = this.#rate;
    if (burst === Infinity || perSecond === Infinity) return 0;
    // A clock that was set back gives nothing, and takes nothing.
    const passed = Math.max(0, now - this.#filledAt);
    this.#left = Math.min(burst, this.#left + passed * perSecond / 1000) - amount;
    this.#filledAt = now;
    return this.#left >= 0 ? 0 : Math.ceil(-this.#left / perSecond * 1000);
  }
}
