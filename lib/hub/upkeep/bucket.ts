/** Token bucket for rates. */

/** A rate, and the burst that is allowed above it. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/**
 * Counts amounts against a rate. {@linkcode Bucket.take} may leave a debt, {@linkcode Bucket.tryTake} does not.
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
 * assertEquals(bucket.tryTake(1, 100), false);
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
   * @returns The milliseconds until the debt is paid off; 0 if there is none.
   */
  take(amount: number, now: number): number {
    if (this.#isBottomless) return 0;
    this.#fill(now);
    this.#left -= amount;
    return this.#left >= 0 ? 0 : Math.ceil(-this.#left / this.#rate.perSecond * 1000);
  }

  /** Takes an amount if that much is left, and else nothing. */
  tryTake(amount: number, now: number): boolean {
    if (this.#isBottomless) return true;
    this.#fill(now);
    if (this.#left < amount) return false;
    this.#left -= amount;
    return true;
  }

  /** The amount that is left; negative if there is a debt. */
  level(now: number): number {
    if (this.#isBottomless) return Infinity;
    this.#fill(now);
    return this.#left;
  }

  get #isBottomless(): boolean {
    return this.#rate.burst === Infinity || this.#rate.perSecond === Infinity;
  }

  /** Adds the tokens for the time that has passed. A clock that was set back neither adds nor removes any. */
  #fill(now: number): void {
    const { perSecond, burst } = this.#rate;
    const passed = Math.max(0, now - this.#filledAt);
    this.#left = Math.min(burst, this.#left + passed * perSecond / 1000);
    this.#filledAt = now;
  }
}
