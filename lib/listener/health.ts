/** The health of a listener: whether something is failing, as its log tells. */

import type { Log, LogEvent } from "../log/log.ts";

/** Follows a log. */
export class Health {
  readonly #failing = new Map<string, string>();
  #isEnding = false;

  /** Gives a log that is followed. */
  watch(log: Log): Log {
    return (event) => {
      this.#take(event);
      log(event);
    };
  }

  /** What is wrong, in words; null where all is well. */
  get trouble(): string | null {
    if (this.#isEnding) return "the listener is ending";
    const [text] = this.#failing.values();
    return text ?? null;
  }

  #take(event: LogEvent): void {
    if (event.event === "failing") this.#failing.set(event.what, event.text);
    else if (event.event === "working") this.#failing.delete(event.what);
    else if (event.event === "ending") this.#isEnding = true;
  }
}
