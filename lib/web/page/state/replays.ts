/** Replays that are arriving: of missed messages, of older ones, or of those that a search has found. */

/** The ref of a request for older messages. */
export const OLDER_REF = "older";
/** The ref of a search. */
export const SEARCH_REF = "search";

/** The kinds of replays: missed messages, older ones, and hits of a search. */
export type ReplayKind = "missed" | "older" | "found";

/** The messages that are still to come, by room. */
export class Replays {
  readonly #replays = new Map<string, { left: number; readonly kind: ReplayKind }>();

  /** Begins a replay of so many messages, and returns its kind. */
  begin(room: string, count: number, ref: string): ReplayKind {
    const kind = ref === OLDER_REF ? "older" : ref === SEARCH_REF ? "found" : "missed";
    if (count > 0) this.#replays.set(room, { left: count, kind });
    return kind;
  }

  /** Counts a message with an id. Returns the kind of its replay, if it is of one, and whether it is the last one. */
  next(room: string): { readonly kind: ReplayKind; readonly isLast: boolean } | null {
    const replay = this.#replays.get(room);
    if (replay === undefined) return null;
    if (--replay.left === 0) this.#replays.delete(room);
    return { kind: replay.kind, isLast: replay.left === 0 };
  }

  /** Handles the failure of a search, whose further messages do not come. */
  searchFailed(): void {
    for (const [room, { kind }] of this.#replays) if (kind === "found") this.#replays.delete(room);
  }

  /** Handles the loss of the connection. */
  clear(): void {
    this.#replays.clear();
  }
}
