/** Retention: how much a history file keeps, and the deletion of old messages in small steps. */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { RefEntry } from "./refs.ts";
import { fromColumn, placeOf, readPlace, refFromColumn } from "./columns.ts";

/** How long messages are kept, how many of each room, or both; without either: all. */
export interface Retain {
  /** In seconds. */
  readonly age?: number;
  readonly count?: number;
}

/** The most that one step deletes: messages, and bytes of messages. */
export const STEP_MESSAGES = 512;
const STEP_BYTES = 1024 * 1024;

/** The ids of a room that may be dropped: `oldest` to `last`. */
export interface Droppable {
  readonly roomKey: number;
  readonly oldest: number;
  readonly last: number;
  /** Only messages from before this time, in seconds since 1970; all of them if undefined. */
  readonly before: number | undefined;
}

/** A step, which deletes the messages up to the id `last`. */
export interface Step {
  readonly last: number;
  readonly refs: readonly RefEntry[];
  /** Whether the room may have more to drop. */
  readonly more: boolean;
}

/** Deletes the messages of a file. */
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

  /** Finds the next step, or null where nothing is to be deleted. */
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
        refs.push({ session: fromColumn(row.session), ref: refFromColumn(row.ref), place: row.place });
      }
    }
    return dropped < oldest ? null : { last: dropped, refs, more: dropped < last };
  }

  /** Deletes messages, as a part of the caller's transaction. */
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
