/** Time as something that is handed in, so that a test may hold it still or let it run faster. */

/** Tells the time and calls back after a while. */
export interface Clock {
  /** Milliseconds since 1970. It jumps where the machine slept. */
  now(): number;
  /**
   * Calls back once, after `ms` milliseconds.
   *
   * @returns What calls it off.
   */
  after(ms: number, then: () => void): () => void;
}

/** The time that the machine keeps. */
export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  after(ms, then) {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
};
