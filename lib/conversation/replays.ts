/** Which of the messages that come are old ones: a `replay` says how many of the next of its room are. */

interface Replay {
  left: number;
  readonly asked: boolean;
}

/** What a message is part of. */
export interface Place {
  /** Whether it is one of the messages that a `history` asked for, rather than of those that a newcomer gets. */
  readonly asked: boolean;
  /** Whether it is the last of them. */
  readonly last: boolean;
}

/**
 * Counts down the replays of all rooms.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Replays } from "./replays.ts";
 *
 * const replays = new Replays();
 * replays.begin("lobby", { count: 1, asked: false });
 * assertEquals(replays.place("lobby"), { asked: false, last: true });
 * assertEquals(replays.place("lobby"), undefined);
 * ```
 */
export class Replays {
  readonly #rooms = new Map<string, Replay[]>();

  /** Takes that the next `count` messages of the room are old ones. */
  begin(room: string, { count, asked }: { count: number; asked: boolean }): void {
    if (count <= 0) return;
    const line = this.#rooms.get(room) ?? [];
    line.push({ left: count, asked });
    this.#rooms.set(room, line);
  }

  /** Counts a message of the room. Gives undefined where it is a live one. */
  place(room: string): Place | undefined {
    const line = this.#rooms.get(room);
    const replay = line?.[0];
    if (line === undefined || replay === undefined) return undefined;
    const last = --replay.left === 0;
    if (last) line.shift();
    if (line.length === 0) this.#rooms.delete(room);
    return { asked: replay.asked, last };
  }

  /** Forgets what was still to come: the connection is lost, or the room was left. */
  forget(room?: string): void {
    if (room === undefined) this.#rooms.clear();
    else this.#rooms.delete(room);
  }
}
