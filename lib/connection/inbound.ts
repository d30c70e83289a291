/** The memory for what is half received: one sum for all peers, shared out so that every frame gets done. */

import type { Budget } from "../frame/mod.ts";

interface Waiting {
  readonly size: number;
  readonly since: number;
  readonly then: () => void;
}

/**
 * A {@linkcode Budget} that never comes to a standstill. Half of it goes to readers that could do without, so that the
 * other half is always there for a frame that cannot; who has what a frame needs waits for nothing more, and the others
 * are served in the order in which they asked.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Inbound } from "./inbound.ts";
 *
 * const inbound = new Inbound(1000, () => 0);
 * const served: string[] = [];
 * inbound.take(700, () => {});
 * inbound.take(400, () => served.push("first"));
 * inbound.take(100, () => served.push("second"));
 * inbound.give(700);
 * assertEquals(served, ["first", "second"]);
 * ```
 */
export class Inbound implements Budget {
  readonly #size: number;
  readonly #now: () => number;
  /** In the order in which they asked; a Set, because some are called off. */
  readonly #waiting = new Set<Waiting>();
  #taken = 0;

  /**
   * @param size In bytes; at least {@linkcode leastBudget} of the longest frame.
   * @param now Milliseconds, of any clock.
   */
  constructor(size: number, now: () => number) {
    this.#size = size;
    this.#now = now;
  }

  /** The bytes that are taken. */
  get taken(): number {
    return this.#taken;
  }

  /** For how long the first of those who wait has waited, in milliseconds; 0 where nobody does. */
  get waitedMs(): number {
    for (const { since } of this.#waiting) return this.#now() - since;
    return 0;
  }

  tryTake(size: number): boolean {
    if (this.#waiting.size > 0 || this.#taken + size > this.#size / 2) return false;
    this.#taken += size;
    return true;
  }

  take(size: number, then: () => void): (() => void) | null {
    if (this.#waiting.size === 0 && this.#taken + size <= this.#size) {
      this.#taken += size;
      return null;
    }
    const waiting: Waiting = { size, since: this.#now(), then };
    this.#waiting.add(waiting);
    return () => {
      if (this.#waiting.delete(waiting)) this.#serve();
    };
  }

  give(size: number): void {
    this.#taken -= size;
    this.#serve();
  }

  #serve(): void {
    for (const waiting of this.#waiting) {
      if (this.#taken + waiting.size > this.#size) return;
      this.#waiting.delete(waiting);
      this.#taken += waiting.size;
      waiting.then();
    }
  }
}
