/** Failures that may come many times a second are told once, and again when a minute has passed. */

import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../log/log.ts";

const AGAIN_MS = 60_000;

/** Writes failures into the log. */
export class Failures {
  readonly #log: Log;
  readonly #clock: Clock;
  #text: string | null = null;
  #toldAt = 0;

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** Tells a failure, unless it is the one that was told last, less than a minute ago. */
  tell(text: string): void {
    const now = this.#clock.now();
    if (text === this.#text && now - this.#toldAt < AGAIN_MS) return;
    this.#text = text;
    this.#toldAt = now;
    this.#log({ event: "failed", text });
  }
}
