import type { Clock } from "../lib/base/clock.ts";

/** A clock that a test turns. */
export class HandClock implements Clock {
  #now = 0;
  #alarms: { at: number; then: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, then: () => void): () => void {
    const alarm = { at: this.#now + ms, then };
    this.#alarms.push(alarm);
    return () => this.#alarms = this.#alarms.filter((other) => other !== alarm);
  }

  turn(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const next = this.#alarms.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#alarms = this.#alarms.filter((other) => other !== next);
      this.#now = Math.max(this.#now, next.at);
      next.then();
    }
    this.#now = end;
  }

  /** The machine sleeps: time goes on and nobody is woken. */
  sleep(ms: number): void {
    this.#now += ms;
  }

  /** Lets time pass, so much in each turn of the event loop, until a promise is settled. */
  async pass<T>(promise: Promise<T>, stepMs = 100): Promise<T> {
    let isSettled = false;
    const settle = () => isSettled = true;
    promise.then(settle, settle);
    while (!isSettled) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      this.turn(stepMs);
    }
    return await promise;
  }
}
