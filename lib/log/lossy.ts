/** A log that drops events while its output is slow, as a pipe that nobody reads is. */

import type { Log, LogEvent } from "./log.ts";

/**
 * Passes events on, and drops those that arrive while the output is full, so that a log cannot fill the memory. An event
 * `skipped` then gives their number.
 *
 * @param write Writes an event; returns a promise where the output is full until it resolves.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { lossyLog } from "./lossy.ts";
 *
 * const slow = Promise.withResolvers<void>();
 * const written: unknown[] = [];
 * const log = lossyLog((event) => written.push(event) === 1 ? slow.promise : undefined);
 * for (let n = 0; n < 3; n++) log({ event: "failed", text: String(n) });
 * slow.resolve();
 * await slow.promise;
 * assertEquals(written, [{ event: "failed", text: "0" }, { event: "skipped", count: 2 }]);
 * ```
 */
export function lossyLog(write: (event: LogEvent) => Promise<void> | void): Log {
  let waits = false;
  let count = 0;
  const goOn = () => {
    waits = false;
    if (count === 0) return;
    const event: LogEvent = { event: "skipped", count };
    count = 0;
    pass(event);
  };
  const pass = (event: LogEvent) => {
    const full = write(event);
    if (!full) return;
    waits = true;
    full.then(goOn, goOn);
  };
  return (event) => waits ? void count++ : pass(event);
}
