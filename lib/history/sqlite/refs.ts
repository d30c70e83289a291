/**
 * Index of the refs in a history file, by session: a sorted table on disk, and the newest refs in memory.
 *
 * An index on the messages themselves would touch another page for each sender in each batch, which costs more than the
 * rest of the batch. So refs wait in memory, at most `WRITE_AFTER` of them, and go to the sorted table together. A
 * room's column `indexed` is the id up to which its refs are in the table. Refs above it are read from the messages
 * when a file is opened.
 */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Ref } from "../../base/ref.ts";
import { type Column, Inserter } from "./statements.ts";
import { fromColumn, MAX_ID, placeOf, refFromColumn, refToColumn, toColumn } from "./columns.ts";

/**
 * The number of messages after which refs are written. Opening a file reads at most this many, and one batch writes at
 * most this many.
 */
const WRITE_AFTER = 2048;

/** The number of sessions whose highest ref is cached. */
const MOST_TOPS = 2048;

/** A ref, and the place of its message. */
export interface RefEntry {
  readonly session: string;
  readonly ref: Ref;
  readonly place: number;
}

/** The refs of a history file. */
export class Refs {
  readonly #find: StatementSync;
  readonly #highest: StatementSync;
  readonly #inserter: Inserter;
  readonly #delete: StatementSync;
  readonly #unindexed: StatementSync;
  #waiting = new Map<string, Map<Ref, number>>();
  /** The highest number in the table for each session that was looked up since the last write. */
  readonly #tops = new Map<string, number>();
  /** The messages since the last write, with refs and without. */
  #messages = 0;

  constructor(database: DatabaseSync) {
    this.#find = database.prepare("SELECT place FROM message_ref WHERE session = ? AND ref = ?");
    // Numbers come before texts in SQLite's order.
    this.#highest = database.prepare(
      "SELECT ref FROM message_ref WHERE session = ? AND ref < '' ORDER BY ref DESC LIMIT 1",
    );
    // An existing place stays, because the first message with a ref counts.
    this.#inserter = new Inserter(database, "INSERT OR IGNORE INTO message_ref", 3);
    this.#delete = database.prepare("DELETE FROM message_ref WHERE session = ? AND ref = ?");
    this.#unindexed = database.prepare(
      "SELECT session, ref, place FROM message WHERE place > ? AND place <= ? AND ref IS NOT NULL",
    );
  }

  /** Whether {@linkcode Refs.write} is due. */
  get isDue(): boolean {
    return this.#messages >= WRITE_AFTER;
  }

  /** Reads the refs of a room's messages from above the id `indexed` up to `head`. */
  load(roomKey: number, { indexed, head }: { readonly indexed: number; readonly head: number }): void {
    for (const row of this.#unindexed.all(placeOf(roomKey, indexed), placeOf(roomKey, MAX_ID))) {
      const { session, ref, place } = row as unknown as RefEntry;
      this.#add({ session: fromColumn(session), ref: refFromColumn(ref), place });
    }
    this.#messages += head - indexed;
  }

  /** Finds the place of the message that the session posted with this ref. */
  find(session: string, ref: Ref): number | undefined {
    const waiting = this.#waiting.get(session)?.get(ref);
    if (waiting !== undefined) return waiting;
    // Most senders count up. Then a ref is known to be new without a lookup in the table.
    if (typeof ref === "number" && ref > this.#top(session)) return undefined;
    return this.#find.get(toColumn(session), refToColumn(ref))?.["place"] as number | undefined;
  }

  #top(session: string): number {
    const known = this.#tops.get(session);
    if (known !== undefined) return known;
    // Lookups alone never cause a write, which would empty the cache.
    if (this.#tops.size >= MOST_TOPS) this.#tops.clear();
    const highest = this.#highest.get(toColumn(session))?.["ref"] as number | undefined;
    this.#tops.set(session, highest ?? -Infinity);
    return highest ?? -Infinity;
  }

  /** Adds the refs of stored messages, and counts the messages. */
  add(entries: readonly RefEntry[], messages: number): void {
    for (const entry of entries) this.#add(entry);
    this.#messages += messages;
  }

  #add({ session, ref, place }: RefEntry): void {
    let refs = this.#waiting.get(session);
    if (refs === undefined) this.#waiting.set(session, refs = new Map());
    if (!refs.has(ref)) refs.set(ref, place);
  }

  /** Writes the waiting refs. Call {@linkcode Refs.written} after the commit. */
  write(): void {
    const rows: Column[] = [];
    for (const session of [...this.#waiting.keys()].sort()) {
      const column = toColumn(session);
      for (const [ref, place] of this.#waiting.get(session)!) rows.push(column, refToColumn(ref), place);
    }
    this.#inserter.insert(rows);
  }

  /** Forgets the refs that waited: they are in the table now. */
  written(): void {
    this.#waiting = new Map();
    this.#tops.clear();
    this.#messages = 0;
  }

  /** Deletes the refs of dropped messages from the table. */
  drop(entries: readonly RefEntry[]): void {
    for (const { session, ref } of entries) this.#delete.run(toColumn(session), refToColumn(ref));
  }

  /** Forgets the refs of dropped messages. Call it after the commit. */
  dropped(entries: readonly RefEntry[]): void {
    for (const { session, ref, place } of entries) {
      const refs = this.#waiting.get(session);
      if (refs?.get(ref) !== place) continue;
      refs.delete(ref);
      if (refs.size === 0) this.#waiting.delete(session);
    }
  }
}
