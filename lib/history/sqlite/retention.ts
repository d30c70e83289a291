/** Retention of a history file: the bounds on what it keeps, and the deletion of old messages in small steps. */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { HistoryError } from "../history.ts";
import type { Retain } from "../retain.ts";
import { fromColumn, placeOf, readPlace, refFromColumn } from "./columns.ts";
import type { RefEntry, Refs } from "./refs.ts";
import type { SearchIndex } from "./search/search_index.ts";
import type { Transactions } from "./statements.ts";
import type { StoredRoom, StoredRooms } from "./stored_rooms.ts";

/** The most messages, and bytes of messages, that one step deletes. */
const STEP_MESSAGES = 512;
const STEP_BYTES = 1024 * 1024;

/** The parts of a history file that a {@linkcode Retention} works on. */
export interface RetentionParts {
  readonly database: DatabaseSync;
  readonly transactions: Transactions;
  readonly rooms: StoredRooms;
  readonly refs: Refs;
  readonly index: Pick<SearchIndex, "drop"> | undefined;
}

/** The messages of a room up to an id that were posted before a time. */
interface Range {
  readonly room: StoredRoom;
  readonly last: number;
  /** In seconds since 1970; all of them if undefined. */
  readonly before: number | undefined;
}

/** A step, which deletes the messages of a room up to the id `last`. */
interface Step {
  readonly last: number;
  readonly refs: readonly RefEntry[];
  /** Whether the range has more to delete. */
  readonly more: boolean;
}

/** Deletes messages that a file need not keep any longer. */
export class Retention {
  readonly #retain: Retain;
  readonly #parts: RetentionParts;
  readonly #look: StatementSync;
  readonly #delete: StatementSync;
  readonly #mark: StatementSync;
  readonly #at: StatementSync;
  readonly #pages: StatementSync;
  readonly #freePages: StatementSync;
  readonly #pageSize: number;
  /** The number of messages, and of their bytes, stored since old messages were last deleted to make room. */
  #messages = 0;
  #bytes = 0;

  constructor(retain: Retain, parts: RetentionParts) {
    this.#retain = retain;
    this.#parts = parts;
    const { database } = parts;
    this.#look = database.prepare(
      `SELECT place, at, session, ref, length(frame) AS size FROM message WHERE place BETWEEN ? AND ?
       ORDER BY place LIMIT ${STEP_MESSAGES}`,
    );
    this.#delete = database.prepare("DELETE FROM message WHERE place BETWEEN ? AND ?");
    this.#mark = database.prepare("UPDATE room SET dropped = ?, indexed = max(indexed, ?) WHERE key = ?");
    this.#at = database.prepare("SELECT at FROM message WHERE place = ?");
    this.#pages = database.prepare("PRAGMA page_count");
    this.#freePages = database.prepare("PRAGMA freelist_count");
    this.#pageSize = numberOf(database.prepare("PRAGMA page_size"));
  }

  /**
   * Deletes some of the messages that need not be kept: a step of some milliseconds.
   *
   * @param now In seconds since 1970.
   * @returns Whether there is more to delete.
   */
  step(now: number): boolean {
    const { age, count } = this.#retain;
    let sum = 0;
    for (const room of this.#parts.rooms) {
      for (
        const range of [
          ...(count === undefined ? [] : [{ room, last: room.head - count, before: undefined }]),
          ...(age === undefined ? [] : [{ room, last: room.head, before: now - age }]),
        ]
      ) {
        const { deleted, more } = this.#deleteSome(range, now);
        sum += deleted;
        if (more || sum >= STEP_MESSAGES) return true;
      }
    }
    return this.#shrink(now);
  }

  /**
   * Makes room for messages that were stored: deletes up to twice as many, if they need not be kept, so that a file
   * stays within its bounds however fast messages come.
   */
  makeRoom(stored: { readonly messages: number; readonly bytes: number }, now: number): void {
    this.#messages += stored.messages;
    this.#bytes += stored.bytes;
    try {
      while (this.#messages >= STEP_MESSAGES || this.#bytes >= STEP_BYTES) {
        this.#messages = Math.max(0, this.#messages - STEP_MESSAGES);
        this.#bytes = Math.max(0, this.#bytes - STEP_BYTES);
        if (!this.step(now) || !this.step(now)) this.#messages = this.#bytes = 0;
      }
    } catch (error) {
      // The messages are stored; the deletion of old ones is tried again.
      if (!(error instanceof HistoryError)) throw error;
    }
  }

  /** Deletes some of the oldest messages where the file is too large. */
  #shrink(now: number): boolean {
    const { size = Infinity } = this.#retain;
    if (size === Infinity || this.#usedSize() <= size) return false;
    const rooms = [...this.#parts.rooms].filter((room) => room.dropped < room.head);
    rooms.sort((a, b) => this.#oldestAt(a) - this.#oldestAt(b));
    for (const room of rooms) {
      // The newest message of a room stays.
      if (this.#deleteSome({ room, last: room.head - 1, before: undefined }, now).deleted > 0) return true;
    }
    return false;
  }

  #usedSize(): number {
    return (numberOf(this.#pages) - numberOf(this.#freePages)) * this.#pageSize;
  }

  #oldestAt(room: StoredRoom): number {
    return room.oldestAt ??= Number(this.#at.get(placeOf(room.key, room.dropped + 1))?.["at"] ?? Infinity);
  }

  #deleteSome(range: Range, now: number): { readonly deleted: number; readonly more: boolean } {
    const { transactions, refs, index } = this.#parts;
    const { room } = range;
    const oldest = room.dropped + 1;
    const step = transactions.read("look for old messages", () => this.#next(range, now));
    if (step === null) return { deleted: 0, more: false };
    transactions.write("delete old messages", () => {
      this.#delete.run(placeOf(room.key, oldest), placeOf(room.key, step.last));
      this.#mark.run(step.last, step.last, room.key);
      refs.drop(step.refs);
    });
    refs.dropped(step.refs);
    room.dropped = step.last;
    room.indexed = Math.max(room.indexed, step.last);
    room.oldestAt = undefined;
    index?.drop(room, step.last);
    return { deleted: step.last - oldest + 1, more: step.more };
  }

  /** Finds the next step in a range; null if nothing is to be deleted. */
  #next({ room, last, before }: Range, now: number): Step | null {
    const oldest = room.dropped + 1;
    let free = last;
    for (const replay of room.replays) if (replay.pins(now)) free = Math.min(free, replay.position - 1);
    if (free < oldest) return null;
    const refs: RefEntry[] = [];
    let dropped = oldest - 1;
    let size = 0;
    const rows = this.#look.iterate(placeOf(room.key, oldest), placeOf(room.key, free));
    for (const row of rows as unknown as Iterable<Row>) {
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
    return dropped < oldest ? null : { last: dropped, refs, more: dropped < free };
  }
}

interface Row {
  readonly place: number;
  readonly at: number;
  readonly session: string | null;
  readonly ref: string | number | null;
  readonly size: number;
}

function numberOf(statement: StatementSync): number {
  return Number(Object.values(statement.get() ?? {})[0]);
}
