/** The clock interface. It is passed in wherever time matters, so that a test can control the time. */

/** The time, and timers. */
export interface Clock {
  /** Milliseconds since 1970. It jumps forward when the machine has slept. */
  now(): number;
  /** Milliseconds of a clock that is never set, for durations. */
  ticks(): number;
  /** The value that {@linkcode Clock.ticks} returned last, without a call of the system. */
  lastTicks(): number;
  /**
   * Calls back once, after `ms` milliseconds.
   *
   * @returns A function that cancels the call.
   */
  after(ms: number, then: () => void): () => void;
}

let lastTicks = performance.now();

/** The machine's clock. */
export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  ticks: () => lastTicks = performance.now(),
  lastTicks: () => lastTicks,
  after(ms, then) {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
};
