/** A clock that stands still until a test moves it. */

import type { Clock } from "../lib/base/clock.ts";

/** A {@linkcode Clock} that a test moves. */
export class ManualClock implements Clock {
  #now = 1_700_000_000_000;
  #lastTicks = this.#now;
  readonly #timers = new Set<{ readonly at: number; readonly then: () => void }>();

  now(): number {
    return this.#now;
  }

  ticks(): number {
    return this.#lastTicks = this.#now;
  }

  lastTicks(): number {
    return this.#lastTicks;
  }

  after(ms: number, then: () => void): () => void {
    const timer = { at: this.#now + ms, then };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Lets time pass: what is due is called in its order, each at its time. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      let next: { readonly at: number; readonly then: () => void } | undefined;
      for (const timer of this.#timers) {
        if (timer.at <= end && timer.at < (next?.at ?? Infinity)) next = timer;
      }
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.then();
    }
    this.#now = end;
  }

  /** Lets time pass at once, as where the machine slept: what was due meanwhile is called after it. */
  jump(ms: number): void {
    this.#now += ms;
    for (const timer of [...this.#timers]) {
      if (timer.at > this.#now || !this.#timers.delete(timer)) continue;
      timer.then();
    }
  }

  /** Lets time pass as where the machine sleeps: what is due waits for the next {@linkcode ManualClock.advance}. */
  sleep(ms: number): void {
    this.#now += ms;
  }

  /** Lets time pass, some in each turn of the event loop, until a promise is settled. */
  async pass<T>(promise: Promise<T>, stepMs = 100): Promise<T> {
    let isSettled = false;
    const settle = () => isSettled = true;
    promise.then(settle, settle);
    while (!isSettled) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      this.advance(stepMs);
    }
    return await promise;
  }
}
