/** Timers that end together. */

import type { Clock } from "./clock.ts";

/** A clock whose waits are cancelled when it is closed. */
export class Timers implements Clock {
  readonly #clock: Clock;
  readonly #cancels = new Set<() => void>();
  #isClosed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  ticks(): number {
    return this.#clock.ticks();
  }

  lastTicks(): number {
    return this.#clock.lastTicks();
  }

  after(ms: number, then: () => void): () => void {
    if (this.#isClosed) return () => {};
    const cancelTimer = this.#clock.after(ms, () => {
      this.#cancels.delete(cancel);
      then();
    });
    const cancel = () => {
      this.#cancels.delete(cancel);
      cancelTimer();
    };
    this.#cancels.add(cancel);
    return cancel;
  }

  /** Cancels every wait. Later ones never end. */
  close(): void {
    this.#isClosed = true;
    for (const cancel of [...this.#cancels]) cancel();
  }
}
