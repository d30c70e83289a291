/** The health of a listener: whether something is failing, according to its log. */

import type { Log, LogEvent } from "../log/log.ts";

/** Follows a log. */
export class Health {
  readonly #failing = new Map<string, string>();
  #isEnding = false;

  /** Returns a log whose events are followed. */
  watch(log: Log): Log {
    return (event) => {
      this.#take(event);
      log(event);
    };
  }

  /** A description of the failures; null if there are none. */
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
