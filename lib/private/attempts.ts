/** Failed proofs, counted by client: after five, a client is blocked for five minutes. */

/**
 * The number of failures that block a client; the time for which it is blocked, and for which failures are remembered,
 * in milliseconds.
 */
export const MAX_FAILURES = 5;
export const OFF_MS = 300_000;

/** The number of clients that are remembered. The one that failed longest ago is forgotten for a new one. */
const MOST_CLIENTS = 10_000;

/**
 * Counts failures.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Attempts, OFF_MS } from "./attempts.ts";
 *
 * const attempts = new Attempts();
 * const news = [1, 2, 3, 4, 5].map(() => attempts.failed("192.0.2.1", 0));
 * assertEquals(news, [false, false, false, false, true]);
 * assertEquals(attempts.isOff("192.0.2.1", OFF_MS - 1), true);
 * assertEquals(attempts.isOff("192.0.2.1", OFF_MS), false);
 * ```
 */
export class Attempts {
  /** The failures of each client and the time of the last one, the oldest first. */
  readonly #failures = new Map<string, { readonly count: number; readonly at: number }>();

  /** Whether a client is blocked. */
  isOff(client: string, now: number): boolean {
    return this.#count(client, now) >= MAX_FAILURES;
  }

  /**
   * Counts a failure.
   *
   * @returns Whether the failure blocks the client.
   */
  failed(client: string, now: number): boolean {
    const count = this.#count(client, now) + 1;
    this.#failures.delete(client);
    if (this.#failures.size >= MOST_CLIENTS) {
      for (const oldest of this.#failures.keys()) {
        this.#failures.delete(oldest);
        break;
      }
    }
    this.#failures.set(client, { count, at: now });
    return count === MAX_FAILURES;
  }

  /**
   * Forgets the failures of a client that has proved itself.
   *
   * @returns Whether there were any.
   */
  succeeded(client: string): boolean {
    return this.#failures.delete(client);
  }

  #count(client: string, now: number): number {
    const failures = this.#failures.get(client);
    return failures === undefined || now - failures.at >= OFF_MS ? 0 : failures.count;
  }
}
