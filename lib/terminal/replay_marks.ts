import { clean } from "../base/text.ts";

/** What old messages are: missed while the connection was lost, from before this end came, or asked for. */
export type Old = "missed" | "before" | "asked";

const ENDS: Readonly<Record<Old, string>> = {
  missed: "now",
  before: "new from here",
  asked: "end of older messages",
};

/**
 * Marks where old messages begin and end among the new ones.
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
  /** The replays under way, and how much of each was shown. */
  readonly #replays = new Map<string, { readonly old: Old; shown: number }>();

  /** Takes that so many old messages of a room follow; gives what to mark their beginning with, if anything. */
  begin(room: string, { count, old }: { readonly count: number; readonly old: Old }): string | null {
    this.#replays.set(room, { old, shown: 0 });
    if (count === 0 || old === "before") return null;
    return old === "missed"
      ? `you were away: ${count} missed in ${clean(room)}`
      : `older messages of ${clean(room)}`;
  }

  /** Takes that one of them was shown; tells what it is. */
  shown(room: string): Old | undefined {
    const replay = this.#replays.get(room);
    if (replay !== undefined) replay.shown++;
    return replay?.old;
  }

  /** Takes that it was the last; gives what to mark their end with, if any was shown. */
  end(room: string): string | null {
    const replay = this.#replays.get(room);
    this.#replays.delete(room);
    return replay === undefined || replay.shown === 0 ? null : ENDS[replay.old];
  }
}
