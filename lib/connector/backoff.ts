/** Backoff between attempts to reconnect. */

import {
  RECONNECT_EARLY_MS,
  RECONNECT_FIRST_MS,
  RECONNECT_LAST_MS,
  RECONNECT_SOON_MS,
} from "../base/limits.ts";

/**
 * Doubles the wait from 1 s up to 10 s, or up to 30 s after five minutes of waiting. It shortens each wait by up to
 * half at random, so that connectors that lost a listener together do not reconnect together.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Backoff } from "./backoff.ts";
 *
 * const backoff = new Backoff(() => 1);
 * assertEquals([backoff.next(), backoff.next(), backoff.next()], [1000, 2000, 4000]);
 * backoff.reset();
 * assertEquals(backoff.next(), 1000);
 * ```
 */
export class Backoff {
  readonly #random: () => number;
  #attempts = 0;
  /** The sum of the waits. */
  #waited = 0;

  /** @param random Gives a number from 0 to 1. */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** Gives the next wait in milliseconds. */
  next(): number {
    const longest = this.#waited < RECONNECT_EARLY_MS ? RECONNECT_SOON_MS : RECONNECT_LAST_MS;
    const most = Math.min(RECONNECT_FIRST_MS * 2 ** this.#attempts++, longest);
    const wait = Math.round(most * (0.5 + this.#random() / 2));
    this.#waited += wait;
    return wait;
  }

  /** Begins again with the shortest wait. */
  reset(): void {
    this.#attempts = this.#waited = 0;
  }
}
