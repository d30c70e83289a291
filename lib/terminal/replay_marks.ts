/** Marks around replayed messages. */

import { clean } from "../base/text.ts";
import { FOUND } from "./last_search.ts";

/** The reason for a replay: messages missed during a loss, from before this end came, asked for, or found by a search. */
export type Old = "missed" | "before" | "asked" | "found";

const ENDS: Readonly<Record<Exclude<Old, "before" | "found">, string>> = {
  missed: "now",
  asked: "end of older messages",
};

/** A replay that begins. */
export interface Begun {
  readonly count: number;
  readonly old: Old;
  /** The words that were searched. */
  readonly words?: string | undefined;
  /** Whether a search goes on with an earlier one. */
  readonly goesOn?: boolean;
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
 * marks.came("lobby", { isHidden: false });
 * assertEquals(marks.end("lobby"), "now");
 * ```
 */
export class ReplayMarks {
  /** The replays under way, and how many messages of each were shown. */
  readonly #replays = new Map<string, { readonly old: Old; readonly count: number; shown: number }>();

  /** The rooms whose next message of somebody else is the first new one. */
  readonly #fresh = new Set<string>();

  /** Begins a replay of so many messages; returns the mark at its beginning, if any. */
  begin(room: string, { count, old, words = "", goesOn = false }: Begun): string | null {
    this.#replays.set(room, { old, count, shown: 0 });
    if (count === 0 || old === "before") return null;
    if (old === "found") return `${count} ${goesOn ? "older " : ""}found in ${clean(room)}: ${clean(words)}`;
    return old === "missed"
      ? `you were away: ${count} missed in ${clean(room)}`
      : `older messages of ${clean(room)}`;
  }

  /** Takes a message, and counts it if it is shown; returns the reason for the replay that it belongs to. */
  came(room: string, { isHidden }: { readonly isHidden: boolean }): Old | undefined {
    const replay = this.#replays.get(room);
    if (replay !== undefined && !isHidden) replay.shown++;
    return replay?.old;
  }

  /** Ends a replay; returns the mark at its end, if a message was shown. */
  end(room: string): string | null {
    const replay = this.#replays.get(room);
    this.#replays.delete(room);
    if (replay === undefined || replay.shown === 0) return null;
    if (replay.old === "found") {
      return replay.count < FOUND ? "end of what was found" : "older ones: /search";
    }
    if (replay.old !== "before") return ENDS[replay.old];
    this.#fresh.add(room);
    return null;
  }

  /** Returns the mark above the first message of somebody else after those from before this end came, once. */
  fresh(room: string): string | null {
    return this.#fresh.delete(room) ? "new from here" : null;
  }
}
