/** The log on its way to something that may be slow: a pipe that nobody reads, a terminal that stands still. */

import type { Log, LogEvent } from "./log.ts";

/**
 * Passes events on, and leaves out those that come while what shows them cannot keep up: a log may cost its reader
 * lines, and never the listener its memory. How many were left out is told.
 *
 * @param write Takes an event; gives a promise where nothing more should come until it resolves.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { patientLog } from "./lines.ts";
 *
 * const slow = Promise.withResolvers<void>();
 * const written: unknown[] = [];
 * const log = patientLog((event) => written.push(event) === 1 ? slow.promise : undefined);
 * for (let n = 0; n < 3; n++) log({ event: "failed", text: String(n) });
 * slow.resolve();
 * await slow.promise;
 * assertEquals(written, [{ event: "failed", text: "0" }, { event: "skipped", count: 2 }]);
 * ```
 */
export function patientLog(write: (event: LogEvent) => Promise<void> | void): Log {
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
