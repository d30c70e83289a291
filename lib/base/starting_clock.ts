/** The clock of a program that starts: its first timers avoid those of the runtime, which take long to load. */

import { type Clock, SYSTEM_CLOCK } from "./clock.ts";

/** The time since the start of the program, in milliseconds, after which the runtime's own timers are used. */
const STARTED_AFTER_MS = 1000;

/**
 * The machine's clock, for programs that should do something at once and perhaps end soon after. Loading the runtime's timers
 * takes a fifth of the time from the start to the first prompt, and a signal that times out does the same.
 *
 * A timer that was cancelled may keep a little memory until its time has come.
 */
export const STARTING_CLOCK: Clock = {
  ...SYSTEM_CLOCK,
  after(ms, then) {
    if (performance.now() > STARTED_AFTER_MS) return SYSTEM_CLOCK.after(ms, then);
    const signal = AbortSignal.timeout(Math.max(0, ms));
    // Without a listener the signal does not keep the program running.
    const listener = () => then();
    signal.addEventListener("abort", listener, { once: true });
    return () => signal.removeEventListener("abort", listener);
  },
};
