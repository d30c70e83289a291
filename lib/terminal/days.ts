/** Days of messages: the mark where another day begins. */

import { localSeconds } from "../base/local_time.ts";
import { showDay } from "../view/show.ts";

const DAY_SECONDS = 86_400;

/**
 * Follows the days of messages as they are shown.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Days } from "./days.ts";
 *
 * const days = new Days();
 * const [noon, now] = [Date.UTC(2026, 10, 23, 12) / 1000, Date.UTC(2026, 10, 24, 12)];
 * assertEquals(days.at(noon, now), "2026-11-23");
 * assertEquals([days.at(noon + 60, now), days.at(noon + 86_400, now)], [null, "2026-11-24"]);
 * ```
 */
export class Days {
  /** The day of the last message; undefined before the first one. */
  #last: number | undefined;

  /**
   * Takes the time of a message, in seconds since 1970, and the time now, in milliseconds. Returns the day if it is another
   * than that of the message before; for the first message, if it is not today.
   */
  at(at: number, now: number): string | null {
    const day = dayOf(at);
    if (day === this.#last || Number.isNaN(day)) return null;
    const isFirst = this.#last === undefined;
    this.#last = day;
    return isFirst && day === dayOf(now / 1000) ? null : showDay(at);
  }
}

function dayOf(at: number): number {
  return Math.floor(localSeconds(at) / DAY_SECONDS);
}
