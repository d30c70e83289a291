/**
 * History in a SQLite file. The posts of a turn are one transaction in the write-ahead log: after its commit they are in
 * the hands of the system and survive the process; with the durability `disk` they are on the disk.
 */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { isSystemError, messageOf } from "../../base/errors.ts";
import type { Ref } from "../../base/ref.ts";
import { reason } from "../driver.ts";
import { Batch, type Waiting } from "../embedded.ts";
import {
  type Ban,
  type History,
  HistoryError,
  type Place,
  type Post,
  type RoomLog,
  type RoomReader,
  type RoomRecord,
} from "../history.ts";
import { fromColumn, MAX_ID, placeOf, readPlace, refToColumn, toColumn } from "./columns.ts";
import { SqliteLog } from "./log.ts";
import { type Mark, openMark } from "./mark.ts";
import { type RefEntry, Refs } from "./refs.ts";
import type { MessageRow } from "./replay.ts";
import type { Retain } from "../retain.ts";
import { Retention } from "./retention.ts";
import { type DatabaseOptions, openDatabase } from "./schema.ts";
import { findPlace, refusal } from "./place.ts";
import { SearchIndex, type SearchOptions } from "./search/search_index.ts";
import { type Column, Inserter, Transactions } from "./statements.ts";
import { type StoredRoom, StoredRooms } from "./stored_rooms.ts";

/** The options of {@linkcode openHistory}. */
export interface HistoryOptions extends DatabaseOptions {
  readonly retain?: Retain | undefined;
  /** The time at which the machine was started, in seconds since 1970; undefined if not known. */
  readonly systemStart?: number | undefined;
  /** The parts that searching needs. If not given, there is no index, and the rooms cannot be searched. */
  readonly search?: SearchOptions | undefined;
}

/** Messages of this length or more, in bytes, are inserted alone, because SQLite copies the rows of one statement. */
const LONG = 16 * 1024;

/** The interval at which a history checks that its file still exists, in seconds. */
const LOOK_EVERY = 1;

/**
 * Opens the history in the file `path`, for this process alone; a missing or empty file is created.
 *
 * It reads the whole file once, to find damage: about a second for 500 MB in the system's cache. If an earlier listener
 * did not end in order, and acked messages may be missing, the history gets a new epoch.
 *
 * @throws {HistoryError} If the file is not a history, is damaged, from a newer version, or open in another listener. Its
 * message is one line that says what to do, and the file is unchanged.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openHistory } from "./sqlite.ts";
 *
 * const path = await Deno.makeTempFile({ suffix: ".db" });
 * const history = openHistory(path, { durability: "os", randomEpoch: () => crypto.randomUUID() });
 * const recent = { oldestId: 1, messages: () => ({ first: 1, last: 0, frames: new Uint8Array(0) }) };
 * const arrived = (id: number) => assertEquals(id, 1);
 * const log = history.open("lobby", { recent, arrived, repeated() {}, refused() {} });
 * const frame = new TextEncoder().encode("6         N.\0\0\0\0");
 * log.post({ at: 1.5, frame, session: "s", ref: 7, origin: "192.0.2.1" });
 * history.flush();
 * assertEquals(history.find("s", 7), { room: "lobby", id: 1, at: 1.5 });
 * assertEquals(log.replay(1, 1).next(1024), frame);
 * history.close();
 * await Deno.remove(path);
 * ```
 */
export function openHistory(path: string, options: HistoryOptions): SqliteHistory {
  const place = findPlace(path);
  const database = openDatabase(place, options);
  try {
    return new SqliteHistory(database, place, options);
  } catch (error) {
    database.close();
    const advice = isSystemError(error)
      ? "give --history a file that can be written"
      : "put a copy of it back, or give --history another file";
    throw refusal(path, `${messageOf(new Error(reason(error)))}; ${advice}`, error);
  }
}

/** A {@linkcode History} in a SQLite file; made by {@linkcode openHistory}. */
export class SqliteHistory implements History {
  readonly epoch: string;
  readonly backpressure = undefined;
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #inode: number | null;
  readonly #mark: Mark;
  readonly #transactions: Transactions;
  readonly #rooms: StoredRooms;
  readonly #refs: Refs;
  readonly #messages: Inserter;
  readonly #index: SearchIndex | undefined;
  readonly #retention: Retention;
  readonly #batch = new Batch<SqliteLog>((session, ref) => this.find(session, ref));
  readonly #sql: Readonly<Record<keyof typeof SQL, StatementSync>>;
  #lookedAt = 0;
  /** The number of messages that were ever stored. */
  #stored = 0;

  constructor(database: DatabaseSync, path: string, options: HistoryOptions) {
    const { retain = {}, durability, systemStart, search } = options;
    this.#database = database;
    this.#path = path;
    this.#inode = inodeOf(path);
    const transactions = this.#transactions = new Transactions(database);
    const rooms = this.#rooms = new StoredRooms(database);
    const refs = this.#refs = new Refs(database);
    for (const room of rooms) {
      refs.load(room.key, room);
      this.#stored += room.head;
    }
    this.#messages = new Inserter(database, "INSERT INTO message", 5);
    const sql = Object.entries(SQL).map(([name, text]) => [name, database.prepare(text)]);
    this.#sql = Object.fromEntries(sql) as Record<keyof typeof SQL, StatementSync>;
    const { mark, mayLack } = openMark(path, { durability, systemStart, stored: this.#stored });
    this.#mark = mark;
    if (mayLack) database.prepare("UPDATE history SET epoch = ?").run(options.randomEpoch());
    this.epoch = String(database.prepare("SELECT epoch FROM history").get()!["epoch"]);
    const index = this.#index = search && new SearchIndex({
      ...search,
      path: `${path}-search`,
      epoch: this.epoch,
      rooms,
      read: (room, first, last) => this.#readRows(room, first, last),
    });
    this.#retention = new Retention(retain, { database, transactions, rooms, refs, index });
  }

  rooms(): RoomRecord[] {
    return Array.from(this.#rooms, ({ name, head, topic }) => ({ room: name, head, topic }));
  }

  open(room: string, reader: RoomReader): RoomLog {
    return new SqliteLog(room, reader, {
      batch: this.#batch,
      rooms: this.#rooms,
      index: this.#index,
      read: (room, first, last) => this.#readRows(room, first, last),
    });
  }

  #readRows({ key }: StoredRoom, first: number, last: number): Iterable<MessageRow> {
    return this.#sql.range.iterate(placeOf(key, first), placeOf(key, last)) as unknown as Iterable<
      MessageRow
    >;
  }

  flush(): void {
    this.#batch.flush((posts) => this.#store(posts));
  }

  #store(posts: readonly Waiting<SqliteLog>[]): void {
    const at = posts[0]!.post.at;
    this.#lookForFile(at);
    const heads = new Map<StoredRoom, number>();
    const refs: RefEntry[] = [];
    const rows: Column[] = [];
    let bytes = 0;
    const writeRefs = this.#refs.isDue;
    this.#write("store the messages", () => {
      for (const { log, post, id } of posts) {
        const room = this.#rooms.getOrAdd(log.name);
        if (id > MAX_ID) throw new HistoryError(`Cannot store the message: ${log.name} has too many`);
        heads.set(room, id);
        bytes += post.frame.length;
        const place = placeOf(room.key, id);
        if (post.ref !== undefined) refs.push({ session: post.session, ref: post.ref, place });
        const row = rowOf(post, place);
        if (post.frame.length > LONG) this.#messages.insert(row);
        else rows.push(...row);
      }
      this.#messages.insert(rows);
      if (!writeRefs) return;
      this.#refs.write();
      this.#rooms.writeIndexed();
    });
    if (writeRefs) {
      this.#refs.written();
      for (const room of this.#rooms) room.indexed = room.head;
    }
    for (const [room, head] of heads) room.head = head;
    this.#refs.add(refs, posts.length);
    if (this.#index?.isReady) {
      for (const { log, post, id } of posts) this.#index.stored(this.#rooms.get(log.name)!, id, post.frame);
      this.#index.turnEnded();
    }
    this.#stored += posts.length;
    this.#mark.write(this.#stored);
    this.#retention.makeRoom({ messages: posts.length, bytes }, at);
  }

  find(session: string, ref: Ref): Place | undefined {
    return this.#transactions.read("look for a message", () => {
      const place = this.#refs.find(session, ref);
      if (place === undefined) return undefined;
      const { roomKey, id } = readPlace(place);
      return { room: this.#rooms.nameOf(roomKey), id, at: this.#sql.at.get(place)!["at"] as number };
    });
  }

  /** Does nothing, because the file keeps a ref as long as its message. */
  sessionEnded(): void {}

  setTopic(name: string, topic: string): void {
    this.#write("store the topic", () => this.#rooms.writeTopic(this.#rooms.getOrAdd(name), topic));
    this.#rooms.get(name)!.topic = topic;
  }

  bans(): Ban[] {
    const rows = this.#transactions.read("read the bans", () => this.#sql.bans.all() as unknown as Ban[]);
    return rows.map(({ kind, value, text }) => ({ kind, value: fromColumn(value), text: fromColumn(text) }));
  }

  ban({ kind, value, text }: Ban): void {
    this.#write("store the ban", () => this.#sql.ban.run(kind, toColumn(value), toColumn(text)));
  }

  unban({ kind, value }: Pick<Ban, "kind" | "value">): void {
    this.#write("lift the ban", () => this.#sql.unban.run(kind, toColumn(value)));
  }

  /** @returns Whether there is more to drop, in a later turn. */
  expire(now: number): boolean {
    this.#index?.tick();
    return this.#retention.step(now);
  }

  close(): void | Promise<void> {
    if (!this.#database.isOpen) return;
    const closed = this.#index?.close();
    for (const room of this.#rooms) for (const replay of [...room.replays]) replay.close();
    this.#database.close();
    this.#mark.remove();
    return closed;
  }

  #write<T>(what: string, body: () => T): T {
    let isCommitted = false;
    try {
      const result = this.#transactions.write(what, body);
      isCommitted = true;
      return result;
    } finally {
      this.#rooms.ended(isCommitted);
    }
  }

  /** Refuses to write to a file that was deleted. Such a file would still take messages and lose them all at the end. */
  #lookForFile(now: number): void {
    if (Math.abs(now - this.#lookedAt) < LOOK_EVERY) return;
    const inode = this.#transactions.read("store the messages", () => inodeOf(this.#path));
    if (inode !== this.#inode) {
      throw new HistoryError(`Cannot store the messages: ${this.#path} is gone; start the listener again`);
    }
    this.#lookedAt = now;
  }
}

const SQL = {
  at: "SELECT at FROM message WHERE place = ?",
  range: "SELECT place, frame FROM message WHERE place BETWEEN ? AND ? ORDER BY place",
  bans: "SELECT kind, value, text FROM ban",
  ban: "INSERT OR REPLACE INTO ban VALUES (?, ?, ?)",
  unban: "DELETE FROM ban WHERE kind = ? AND value = ?",
};

/** Returns the row of a message. Without a ref the session is not needed. */
function rowOf({ session, ref, at, frame }: Post, place: number): Column[] {
  if (ref === undefined) return [place, at, null, null, frame];
  return [place, at, toColumn(session), refToColumn(ref), frame];
}

function inodeOf(path: string): number | null {
  try {
    return Deno.statSync(path).ino;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return NaN;
    throw error;
  }
}
