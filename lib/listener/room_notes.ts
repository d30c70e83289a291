/** Notes of the log on the operator's screen, except those that the operator's rooms show anyway. */

import type { Clock } from "../base/clock.ts";
import { nameKey } from "../base/text.ts";
import type { LogEvent } from "../log/log.ts";
import type { Told } from "../view/view.ts";

/** The time that a note waits for a room to show the same, in milliseconds, because the log gets an event first. */
const HOLD_MS = 150;

/** The time for which an event shown by a room is remembered, in milliseconds. */
const SHOWN_MS = 1000;

/** The most notes that may wait, and the most shown events that are remembered. */
const MOST = 1000;

/**
 * Avoids duplicates: if one of the operator's rooms also shows an event of the log, such as a join, it does not become
 * a note.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { SYSTEM_CLOCK } from "../base/clock.ts";
 * import { RoomNotes } from "./room_notes.ts";
 *
 * const noted: string[] = [];
 * const notes = new RoomNotes(SYSTEM_CLOCK, ({ event }) => void noted.push(event));
 * notes.shown({ type: "joined", room: "lobby", nick: "ann", at: 0 });
 * notes.log({ event: "came", address: "192.0.2.1:5000", nick: "ann" });
 * notes.log({ event: "ending" });
 * assertEquals(noted, ["ending"]);
 * ```
 */
export class RoomNotes {
  readonly #clock: Clock;
  readonly #note: (event: LogEvent) => Promise<void> | void;
  readonly #shownAt = new Map<string, number>();
  /** The waiting notes, by the function that cancels each. */
  readonly #held = new Map<() => void, string>();

  constructor(clock: Clock, note: (event: LogEvent) => Promise<void> | void) {
    this.#clock = clock;
    this.#note = note;
  }

  /** Records what a room shows. */
  shown(message: Told): void {
    const key = keyOfTold(message);
    if (key === null) return;
    if (this.#shownAt.size >= MOST) this.#shownAt.clear();
    this.#shownAt.set(key, this.#clock.ticks());
    for (const [cancel, held] of this.#held) {
      if (held !== key) continue;
      cancel();
      this.#held.delete(cancel);
    }
  }

  /** Shows an event as a note, at once or after a moment, unless a room shows it. */
  log(event: LogEvent): Promise<void> | void {
    const key = keyOfEvent(event);
    if (key === null || this.#held.size >= MOST) return this.#note(event);
    const shownAt = this.#shownAt.get(key);
    if (shownAt !== undefined && this.#clock.ticks() - shownAt < SHOWN_MS) return;
    const cancel = this.#clock.after(HOLD_MS, () => {
      this.#held.delete(cancel);
      this.#note(event);
    });
    this.#held.set(cancel, key);
  }

  /** Drops the notes that wait. */
  stop(): void {
    for (const cancel of this.#held.keys()) cancel();
    this.#held.clear();
  }
}

/** Returns the key of an event that a room may show. It is equal to the key of the room's message. */
function keyOfEvent(event: LogEvent): string | null {
  switch (event.event) {
    case "came":
      return `joined ${nameKey(event.nick)}`;
    case "went":
      return `left ${nameKey(event.nick)}`;
    case "kicked":
    case "banned":
      return `left ${nameKey(event.who)}`;
    case "renamed":
      return `renamed ${nameKey(event.nick)}`;
    case "topic":
      return `topic ${nameKey(event.room)}`;
    default:
      return null;
  }
}

function keyOfTold(message: Told): string | null {
  switch (message.type) {
    case "joined":
    case "left":
    case "renamed":
      return `${message.type} ${nameKey(message.nick)}`;
    case "topic":
      return `topic ${nameKey(message.room)}`;
    default:
      return null;
  }
}
