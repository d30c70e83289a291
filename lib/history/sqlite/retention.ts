/** What a history is asked to keep, and which messages it drops next: a few at a time, so that nobody waits. */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { RefEntry } from "./refs.ts";
import { placeOf, readPlace } from "./places.ts";
import { fromColumn } from "./text_column.ts";

/** How long messages are kept, how many of each room, or both; without either: all. */
export interface Retain {
  /** In seconds. */
  readonly age?: number;
  readonly count?: number;
}

/** What one step drops at most: messages, and bytes of them. */
export const STEP_MESSAGES = 512;
const STEP_BYTES = 1024 * 1024;

/** The ids of a room that may be dropped: `oldest` to `last`. */
export interface Droppable {
  readonly roomKey: number;
  readonly oldest: number;
  readonly last: number;
  /** Messages from before this time go; in seconds since 1970. If not given, all. */
  readonly before: number | undefined;
}

/** A step: the messages up to the id `last` go. */
export interface Step {
  readonly last: number;
  readonly refs: readonly RefEntry[];
  /** Whether the room may have more to drop. */
  readonly more: boolean;
}

/** Drops the messages of a file. */
export class Dropper {
  readonly #look: StatementSync;
  readonly #delete: StatementSync;
  readonly #mark: StatementSync;

  constructor(database: DatabaseSync) {
    this.#look = database.prepare(
      `SELECT place, at, session, ref, length(frame) AS size FROM message WHERE place BETWEEN ? AND ?
       ORDER BY place LIMIT ${STEP_MESSAGES}`,
    );
    this.#delete = database.prepare("DELETE FROM message WHERE place BETWEEN ? AND ?");
    this.#mark = database.prepare("UPDATE room SET dropped = ?, indexed = max(indexed, ?) WHERE key = ?");
  }

  /** Finds what goes next, or null where nothing does. */
  next({ roomKey, oldest, last, before }: Droppable): Step | null {
    if (last < oldest) return null;
    const refs: RefEntry[] = [];
    let dropped = oldest - 1;
    let size = 0;
    const rows = this.#look.iterate(placeOf(roomKey, oldest), placeOf(roomKey, last));
    for (const row of rows as Iterable<Row>) {
      if (size >= STEP_BYTES) return { last: dropped, refs, more: true };
      if (before !== undefined && row.at >= before) {
        return dropped < oldest ? null : { last: dropped, refs, more: false };
      }
      size += row.size;
      dropped = readPlace(row.place).id;
      if (row.session !== null && row.ref !== null) {
        const ref = typeof row.ref === "string" ? fromColumn(row.ref) : row.ref;
        refs.push({ session: fromColumn(row.session), ref, place: row.place });
      }
    }
    return dropped < oldest ? null : { last: dropped, refs, more: dropped < last };
  }

  /** Drops them; a part of the caller's transaction. */
  drop(roomKey: number, oldest: number, last: number): void {
    this.#delete.run(placeOf(roomKey, oldest), placeOf(roomKey, last));
    this.#mark.run(last, last, roomKey);
  }
}

interface Row {
  readonly place: number;
  readonly at: number;
  readonly session: string | null;
  readonly ref: string | number | null;
  readonly size: number;
}
