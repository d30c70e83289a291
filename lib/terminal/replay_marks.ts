/** Marks around replayed messages. */

import { clean } from "../base/text.ts";

/** The reason for a replay: messages missed during a loss, from before this end came, asked for, or found by a search. */
export type Old = "missed" | "before" | "asked" | "found";

const ENDS: Readonly<Record<Exclude<Old, "before">, string>> = {
  missed: "now",
  asked: "end of older messages",
  found: "end of what was found",
};

/** A replay that begins. */
export interface Begun {
  readonly count: number;
  readonly old: Old;
  /** The words that were searched. */
  readonly words?: string | undefined;
}

/**
 * Marks the beginning and the end of replayed messages.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ReplayMarks } from "./replay_marks.ts";
 *
 * const marks = new ReplayMarks();
 * assertEquals(marks.begin("lobby", { count: 2, old: "missed" }), "you were away: 2 missed in lobby");
 * marks.shown("lobby");
 * assertEquals(marks.end("lobby"), "now");
 * ```
 */
export class ReplayMarks {
  /** The replays under way, and how many messages of each were shown. */
  readonly #replays = new Map<string, { readonly old: Old; shown: number }>();

  /** The rooms whose next message of somebody else is the first new one. */
  readonly #fresh = new Set<string>();

  /** Begins a replay of so many messages; returns the mark at its beginning, if any. */
  begin(room: string, { count, old, words = "" }: Begun): string | null {
    this.#replays.set(room, { old, shown: 0 });
    if (count === 0 || old === "before") return null;
    if (old === "found") return `${count} found in ${clean(room)}: ${clean(words)}`;
    return old === "missed"
      ? `you were away: ${count} missed in ${clean(room)}`
      : `older messages of ${clean(room)}`;
  }

  /** Counts a shown message; returns the reason for the replay that it belongs to. */
  shown(room: string): Old | undefined {
    const replay = this.#replays.get(room);
    if (replay !== undefined) replay.shown++;
    return replay?.old;
  }

  /** Ends a replay; returns the mark at its end, if a message was shown. */
  end(room: string): string | null {
    const replay = this.#replays.get(room);
    this.#replays.delete(room);
    if (replay === undefined || replay.shown === 0) return null;
    if (replay.old !== "before") return ENDS[replay.old];
    this.#fresh.add(room);
    return null;
  }

  /** Returns the mark above the first message of somebody else after those from before this end came, once. */
  fresh(room: string): string | null {
    return this.#fresh.delete(room) ? "new from here" : null;
  }
}
