/**
 * Where a session's refs are found again: on disk sorted by session, and the newest in memory.
 *
 * An index on the messages themselves would touch another page for each sender in each batch, which costs more than
 * all the rest of a batch. So refs wait in memory, at most `WRITE_AFTER`, and go to the sorted table many at a time.
 * A room's mark `indexed` tells up to where they did; above it they are read from the messages when a file is opened.
 */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Ref } from "../../base/ref.ts";
import { type Column, Inserter } from "./inserter.ts";
import { MAX_ID, placeOf } from "./places.ts";
import { fromColumn, toColumn } from "./text_column.ts";

/** After how many messages their refs are written: what a file's opening has to read, and one batch may have to write. */
const WRITE_AFTER = 2048;

/** Of how many sessions the highest ref is known at a time. */
const MOST_TOPS = 2048;

/** A ref and the place of the message that it stands for. */
export interface RefEntry {
  readonly session: string;
  readonly ref: Ref;
  readonly place: number;
}

/** The refs of a history's file. */
export class Refs {
  readonly #find: StatementSync;
  readonly #highest: StatementSync;
  readonly #inserter: Inserter;
  readonly #delete: StatementSync;
  readonly #unindexed: StatementSync;
  #waiting = new Map<string, Map<Ref, number>>();
  /** The highest number that the table has of each session which asked since the last writing. */
  readonly #tops = new Map<string, number>();
  /** How many messages came since the last writing, with refs and without. */
  #messages = 0;

  constructor(database: DatabaseSync) {
    this.#find = database.prepare("SELECT place FROM message_ref WHERE session = ? AND ref = ?");
    // Numbers come before texts in SQLite's order.
    this.#highest = database.prepare(
      "SELECT ref FROM message_ref WHERE session = ? AND ref < '' ORDER BY ref DESC LIMIT 1",
    );
    // A place that is there stays: the first message with a ref is the one.
    this.#inserter = new Inserter(database, "INSERT OR IGNORE INTO message_ref", 3);
    this.#delete = database.prepare("DELETE FROM message_ref WHERE session = ? AND ref = ?");
    this.#unindexed = database.prepare(
      "SELECT session, ref, place FROM message WHERE place > ? AND place <= ? AND ref IS NOT NULL",
    );
  }

  /** Whether it is time to write. */
  get isDue(): boolean {
    return this.#messages >= WRITE_AFTER;
  }

  /** Reads the refs of a room's messages from above the id `indexed` up to `head`. */
  load(roomKey: number, { indexed, head }: { readonly indexed: number; readonly head: number }): void {
    for (const row of this.#unindexed.all(placeOf(roomKey, indexed), placeOf(roomKey, MAX_ID))) {
      const { session, ref, place } = row as unknown as RefEntry;
      this.#add({
        session: fromColumn(session),
        ref: typeof ref === "string" ? fromColumn(ref) : ref,
        place,
      });
    }
    this.#messages += head - indexed;
  }

  /** Tells the place of the message that the session posted with this ref. */
  find(session: string, ref: Ref): number | undefined {
    const waiting = this.#waiting.get(session)?.get(ref);
    if (waiting !== undefined) return waiting;
    // Most who number what they post count up: then it is new without a look into the table.
    if (typeof ref === "number" && ref > this.#top(session)) return undefined;
    return this.#find.get(toColumn(session), refColumn(ref))?.["place"] as number | undefined;
  }

  #top(session: string): number {
    const known = this.#tops.get(session);
    if (known !== undefined) return known;
    // Who only asks stores nothing, and so has nothing written: there is an end to how many of those are known.
    if (this.#tops.size >= MOST_TOPS) this.#tops.clear();
    const highest = this.#highest.get(toColumn(session))?.["ref"] as number | undefined;
    this.#tops.set(session, highest ?? -Infinity);
    return highest ?? -Infinity;
  }

  /** Notes the refs of messages that are stored, and how many messages that were. */
  add(entries: readonly RefEntry[], messages: number): void {
    for (const entry of entries) this.#add(entry);
    this.#messages += messages;
  }

  #add({ session, ref, place }: RefEntry): void {
    let refs = this.#waiting.get(session);
    if (refs === undefined) this.#waiting.set(session, refs = new Map());
    if (!refs.has(ref)) refs.set(ref, place);
  }

  /** Writes those that wait; call {@linkcode Refs.written} when the transaction is through. */
  write(): void {
    const rows: Column[] = [];
    for (const session of [...this.#waiting.keys()].sort()) {
      const column = toColumn(session);
      for (const [ref, place] of this.#waiting.get(session)!) rows.push(column, refColumn(ref), place);
    }
    this.#inserter.insert(rows);
  }

  /** Forgets those that waited: they are in the table now. */
  written(): void {
    this.#waiting = new Map();
    this.#tops.clear();
    this.#messages = 0;
  }

  /** Deletes the refs of messages that are dropped, from the table. */
  drop(entries: readonly RefEntry[]): void {
    for (const { session, ref } of entries) this.#delete.run(toColumn(session), refColumn(ref));
  }

  /** Forgets the refs of messages that were dropped; call it when the transaction is through. */
  dropped(entries: readonly RefEntry[]): void {
    for (const { session, ref, place } of entries) {
      const refs = this.#waiting.get(session);
      if (refs?.get(ref) !== place) continue;
      refs.delete(ref);
      if (refs.size === 0) this.#waiting.delete(session);
    }
  }
}

/** Writes a ref as it goes into a column. */
export function refColumn(ref: Ref): Ref {
  return typeof ref === "string" ? toColumn(ref) : ref;
}
