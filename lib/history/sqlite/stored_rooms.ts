/** The rooms of a history's file, as they stand in memory. */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { HistoryError } from "../history.ts";
import { MAX_ID, MAX_ROOM_KEY, placeOf, readPlace } from "./places.ts";
import type { SqliteReplay } from "./replay.ts";
import { fromColumn, toColumn } from "./text_column.ts";

/** A room. */
export interface StoredRoom {
  /** Its number in the file. */
  readonly key: number;
  readonly name: string;
  topic: string;
  /** The newest id, and the newest that was dropped; 0 where there is none. */
  head: number;
  dropped: number;
  /** Up to which id the refs of its messages were written. */
  indexed: number;
  readonly replays: Set<SqliteReplay>;
}

/** All rooms of a file. A room stays for ever: its ids go on where they were. */
export class StoredRooms {
  readonly #byName = new Map<string, StoredRoom>();
  readonly #byKey: StoredRoom[] = [];
  readonly #insert: StatementSync;
  readonly #topic: StatementSync;
  readonly #indexed: StatementSync;
  /** Those that a transaction has added and that has not ended yet. */
  #added: StoredRoom[] = [];

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare("INSERT INTO room VALUES (?, ?, '', 0, 0)");
    this.#topic = database.prepare("UPDATE room SET topic = ? WHERE key = ?");
    this.#indexed = database.prepare("UPDATE room SET indexed = ? WHERE key = ?");
    const newest = database.prepare("SELECT max(place) AS place FROM message WHERE place BETWEEN ? AND ?");
    const rows = database.prepare("SELECT key, name, topic, dropped, indexed FROM room ORDER BY key").all();
    for (const row of rows as unknown as RoomRow[]) {
      const place = newest.get(placeOf(row.key, 0), placeOf(row.key, MAX_ID))!["place"] as number | null;
      const head = place === null ? row.dropped : readPlace(place).id;
      const [name, topic] = [fromColumn(row.name), fromColumn(row.topic)];
      this.#keep({ ...row, name, topic, head, replays: new Set() });
    }
  }

  [Symbol.iterator](): Iterator<StoredRoom> {
    return this.#byName.values();
  }

  get(name: string): StoredRoom | undefined {
    return this.#byName.get(name);
  }

  /** The name of the room with this number. */
  nameOf(key: number): string {
    return this.#byKey[key]!.name;
  }

  /** Gives the room, or adds it: within a transaction, whose end {@linkcode StoredRooms.ended} tells. */
  getOrAdd(name: string): StoredRoom {
    const known = this.#byName.get(name) ?? this.#added.find((room) => room.name === name);
    if (known !== undefined) return known;
    const key = this.#byName.size + this.#added.length + 1;
    if (key > MAX_ROOM_KEY) throw new HistoryError("Cannot add the room: the history holds too many");
    this.#insert.run(key, toColumn(name));
    const room: StoredRoom = { key, name, topic: "", head: 0, dropped: 0, indexed: 0, replays: new Set() };
    this.#added.push(room);
    return room;
  }

  /** Keeps the rooms that were added where the transaction went through, and forgets them where it did not. */
  ended(through: boolean): void {
    if (this.#added.length === 0) return;
    if (through) { for (const room of this.#added) this.#keep(room); }
    this.#added = [];
  }

  /** Writes a topic; a part of the caller's transaction. */
  writeTopic(room: StoredRoom, topic: string): void {
    this.#topic.run(toColumn(topic), room.key);
  }

  /** Writes that all refs up to the heads are written; a part of the caller's transaction. */
  writeIndexed(): void {
    for (const { key, head, indexed } of this) if (head > indexed) this.#indexed.run(head, key);
  }

  #keep(room: StoredRoom): void {
    this.#byName.set(room.name, room);
    this.#byKey[room.key] = room;
  }
}

interface RoomRow {
  readonly key: number;
  readonly name: string;
  readonly topic: string;
  readonly dropped: number;
  readonly indexed: number;
}
