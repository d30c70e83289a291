/** Log events that are logged once, however often they happen. */

import type { Clock } from "../base/clock.ts";
import type { Log, LogEvent } from "./log.ts";

/** The most keys that are remembered. A new one replaces the oldest. */
const MOST_KEYS = 10_000;

const FAILURE_AGAIN_MS = 60_000;

/**
 * Writes an event into the log unless one with the same key was written before.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { SYSTEM_CLOCK } from "../base/clock.ts";
 * import { OnceLog } from "./once.ts";
 *
 * const events: string[] = [];
 * const once = new OnceLog(({ event }) => events.push(event), SYSTEM_CLOCK);
 * const failing = { event: "failing", what: "history", text: "Cannot store the messages: the disk is full" } as const;
 * once.forget("history", { event: "working", what: "history" });
 * for (let n = 0; n < 3; n++) once.tell("history", failing);
 * for (let n = 0; n < 3; n++) once.forget("history", { event: "working", what: "history" });
 * assertEquals(events, ["failing", "working"]);
 * ```
 */
export class OnceLog {
  readonly #log: Log;
  readonly #clock: Clock;
  /** The time at which each key was last logged, the oldest first; in milliseconds. */
  readonly #toldAt = new Map<string, number>();

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /**
   * Logs an event if it is the first with its key, or the first for a while.
   *
   * @param key Identifies the event, whose text may differ.
   * @param again The milliseconds after which it is logged again; never if not given.
   * @returns Whether it was logged.
   */
  tell(key: string, event: LogEvent, again = Infinity): boolean {
    const now = this.#clock.ticks();
    const toldAt = this.#toldAt.get(key);
    if (toldAt !== undefined && now - toldAt < again) return false;
    this.#toldAt.delete(key);
    if (this.#toldAt.size >= MOST_KEYS) {
      for (const oldest of this.#toldAt.keys()) {
        this.#toldAt.delete(oldest);
        break;
      }
    }
    this.#toldAt.set(key, now);
    this.#log(event);
    return true;
  }

  /** Logs a failure, and the same one again after a minute. */
  tellFailure(text: string): void {
    this.tell(`failed ${text}`, { event: "failed", text }, FAILURE_AGAIN_MS);
  }

  /**
   * Forgets a key, so that it is logged again.
   *
   * @param event The event of the recovery. It is logged if the key was logged.
   */
  forget(key: string, event?: LogEvent): void {
    if (this.#toldAt.delete(key) && event !== undefined) this.#log(event);
  }
}
