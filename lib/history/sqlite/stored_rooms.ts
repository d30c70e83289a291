/** Rooms of a history file, held in memory. */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { HistoryError } from "../history.ts";
import { fromColumn, MAX_ID, MAX_ROOM_KEY, placeOf, readPlace, toColumn } from "./columns.ts";
import type { PinnedReplay } from "./replay.ts";

/** A room of the file. */
export interface StoredRoom {
  /** Its number in this file. */
  readonly key: number;
  readonly name: string;
  topic: string;
  /** The newest id, and the newest id that was deleted; 0 if there is none. */
  head: number;
  dropped: number;
  /** The id up to which the refs of its messages are in the table. */
  indexed: number;
  readonly replays: Set<PinnedReplay>;
  /** The time at which its oldest message was posted, if it was looked up. */
  oldestAt?: number | undefined;
}

/** The rooms of a file. A room is never deleted, so its ids always continue. */
export class StoredRooms {
  readonly #byName = new Map<string, StoredRoom>();
  readonly #byKey: StoredRoom[] = [];
  readonly #insert: StatementSync;
  readonly #topic: StatementSync;
  readonly #indexed: StatementSync;
  /** The rooms that the current transaction has added. */
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

  /** The name of the room with this key. */
  nameOf(key: number): string {
    return this.#byKey[key]!.name;
  }

  /** Returns the room, or adds it as part of the caller's transaction. Call {@linkcode StoredRooms.ended} afterwards. */
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

  /** Keeps the rooms that a transaction has added if it was committed, and forgets them if it was not. */
  ended(isCommitted: boolean): void {
    if (this.#added.length === 0) return;
    if (isCommitted) { for (const room of this.#added) this.#keep(room); }
    this.#added = [];
  }

  /** Writes a topic, as a part of the caller's transaction. */
  writeTopic(room: StoredRoom, topic: string): void {
    this.#topic.run(toColumn(topic), room.key);
  }

  /** Writes that all refs are in the table, as a part of the caller's transaction. */
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
