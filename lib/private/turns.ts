/** Turns: asynchronous work that runs one piece at a time, in the order of its requests. */

/**
 * Runs pieces of work one after the other.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Turns } from "./turns.ts";
 *
 * const turns = new Turns();
 * const order: string[] = [];
 * const first = turns.take(async () => {
 *   await Promise.resolve();
 *   order.push("first");
 * });
 * await Promise.all([first, turns.take(async () => void order.push("second"))]);
 * assertEquals(order, ["first", "second"]);
 * ```
 */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs a piece of work when the earlier ones have ended, whether they succeeded or failed. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }
}
