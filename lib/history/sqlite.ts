/**
 * The history in a SQLite file. A batch is one transaction in the write-ahead log: at its commit the messages are in the
 * system's hands and outlive the process; with the durability `disk` they are on the disk.
 */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import {
  type Ban,
  type History,
  HistoryError,
  type Place,
  type Post,
  type Ref,
  type Replay,
  type RoomRecord,
} from "./history.ts";
import { MAX_ID, MAX_ROOM_KEY, placeOf, readPlace } from "./places.ts";
import { refColumn, type RefEntry, Refs } from "./refs.ts";
import { Dropper, type Retain, STEP_MESSAGES } from "./retention.ts";
import { type DatabaseOptions, openDatabase, reason, refusal } from "./schema.ts";
import { SqliteReplay } from "./sqlite_replay.ts";
import { fromColumn, toColumn } from "./text_column.ts";

/** The options of {@linkcode openHistory}. */
export interface HistoryOptions extends DatabaseOptions {
  readonly retain?: Retain | undefined;
}

/** How often a history looks whether its file still stands where it was, in seconds. */
const LOOK_EVERY = 1;

/** A room as it stands in memory. */
interface StoredRoom {
  readonly key: number;
  readonly name: string;
  topic: string;
  head: number;
  dropped: number;
  /** Up to where the refs of its messages were written. */
  indexed: number;
  readonly replays: Set<SqliteReplay>;
}

/**
 * Opens the history in the file `path`, for this process alone; a missing or empty file is made.
 *
 * It reads the whole file once, to find damage: about a second for 500 MB that the system has in memory.
 *
 * @throws {HistoryError} Where the file is no history, damaged, from a newer version, or open in another listener. Its
 * message is one line that says what to do, and the file is as it was.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openHistory } from "./sqlite.ts";
 *
 * const path = await Deno.makeTempFile({ suffix: ".db" });
 * const history = openHistory(path, { durability: "os", randomEpoch: () => crypto.randomUUID() });
 * const frame = new TextEncoder().encode("6         N.\0\0\0\0");
 * history.append([{ room: "lobby", id: 1, at: 1.5, frame, session: "s", ref: 7 }]);
 * assertEquals(history.find("s", 7), { room: "lobby", id: 1, at: 1.5 });
 * history.close();
 * await Deno.remove(path);
 * ```
 */
export function openHistory(path: string, options: HistoryOptions): SqliteHistory {
  const database = openDatabase(path, options);
  try {
    return new SqliteHistory(database, { path, retain: options.retain ?? {} });
  } catch (error) {
    database.close();
    throw refusal(path, `${reason(error)}; put a copy of it back, or give --history another file`, error);
  }
}

/** A {@linkcode History} in a SQLite file; made by {@linkcode openHistory}. */
export class SqliteHistory implements History {
  readonly epoch: string;
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #inode: number | null;
  readonly #retain: Retain;
  readonly #rooms = new Map<string, StoredRoom>();
  readonly #roomsByKey = new Map<number, StoredRoom>();
  readonly #refs: Refs;
  readonly #dropper: Dropper;
  readonly #sql: Readonly<Record<keyof typeof SQL, StatementSync>>;
  #lookedAt = 0;

  constructor(database: DatabaseSync, options: { readonly path: string; readonly retain: Retain }) {
    this.#database = database;
    this.#path = options.path;
    this.#inode = inodeOf(options.path);
    this.#retain = options.retain;
    this.#refs = new Refs(database);
    this.#dropper = new Dropper(database);
    const sql = Object.entries(SQL).map(([name, text]) => [name, database.prepare(text)]);
    this.#sql = Object.fromEntries(sql) as Record<keyof typeof SQL, StatementSync>;
    this.epoch = String(this.#sql.epoch.get()!["epoch"]);
    for (const row of this.#sql.rooms.all() as unknown as RoomRow[]) {
      const { key, name, topic, dropped, indexed } = row;
      const newest = this.#sql.newest.get(placeOf(key, 0), placeOf(key, MAX_ID))!["place"] as number | null;
      const head = newest === null ? dropped : readPlace(newest).id;
      this.#keep({ ...row, name: fromColumn(name), topic: fromColumn(topic), head, replays: new Set() });
      this.#refs.load(key, { indexed, head });
    }
  }

  rooms(): RoomRecord[] {
    return Array.from(this.#rooms.values(), ({ name, head, topic }) => ({ room: name, head, topic }));
  }

  append(batch: readonly Post[]): void {
    const at = batch[0]?.at;
    if (at === undefined) return;
    this.#lookForFile(at);
    const heads = new Map<StoredRoom, number>();
    const made: StoredRoom[] = [];
    const refs: RefEntry[] = [];
    const writeRefs = this.#refs.isDue;
    this.#transaction("store the messages", () => {
      for (const post of batch) {
        const room = this.#rooms.get(post.room) ?? made.find((room) => room.name === post.room) ??
          this.#make(post.room, made);
        const head = heads.get(room) ?? room.head;
        if (post.id !== head + 1 || post.id > MAX_ID) {
          throw new HistoryError(
            `Cannot store message ${post.id} of ${post.room}: the newest there is ${head}`,
          );
        }
        heads.set(room, post.id);
        const place = placeOf(room.key, post.id);
        const { session, ref } = post;
        if (ref === undefined) {
          this.#sql.insert.run(place, post.at, null, null, post.frame);
        } else {
          this.#sql.insert.run(place, post.at, toColumn(session), refColumn(ref), post.frame);
          refs.push({ session, ref, place });
        }
      }
      if (!writeRefs) return;
      this.#refs.write();
      for (const { key, head, indexed } of this.#rooms.values()) {
        if (head > indexed) this.#sql.indexed.run(head, key);
      }
    });
    if (writeRefs) {
      this.#refs.written();
      for (const room of this.#rooms.values()) room.indexed = room.head;
    }
    for (const room of made) this.#keep(room);
    for (const [room, head] of heads) room.head = head;
    this.#refs.add(refs, batch.length);
  }

  oldest(room: string): number {
    return (this.#rooms.get(room)?.dropped ?? 0) + 1;
  }

  replay(name: string, first: number, last: number): Replay {
    const room = this.#rooms.get(name);
    const from = Math.max(first, this.oldest(name));
    const to = Math.min(last, room?.head ?? 0);
    if (room === undefined || to < from) return { count: 0, first: from, next: () => null, close() {} };
    const replay = new SqliteReplay({
      read: (first, last) =>
        this.#sql.range.iterate(placeOf(room.key, first), placeOf(room.key, last)) as Iterable<
          { frame: Uint8Array }
        >,
      first: from,
      last: to,
      closed: () => room.replays.delete(replay),
    });
    room.replays.add(replay);
    return replay;
  }

  find(session: string, ref: Ref): Place | undefined {
    return this.#reading("look for a message", () => {
      const place = this.#refs.find(session, ref);
      if (place === undefined) return undefined;
      const { roomKey, id } = readPlace(place);
      const room = this.#roomsByKey.get(roomKey)!;
      return { room: room.name, id, at: this.#sql.at.get(place)!["at"] as number };
    });
  }

  setTopic(name: string, topic: string): void {
    const made: StoredRoom[] = [];
    const room = this.#transaction("store the topic", () => {
      const room = this.#rooms.get(name) ?? this.#make(name, made);
      this.#sql.topic.run(toColumn(topic), room.key);
      return room;
    });
    for (const room of made) this.#keep(room);
    room.topic = topic;
  }

  bans(): Ban[] {
    return this.#reading(
      "read the bans",
      () => this.#sql.bans.all().map((row) => ({ ...row }) as unknown as Ban),
    );
  }

  ban(ban: Ban): void {
    this.#transaction(
      "store the ban",
      () => this.#sql.ban.run(ban.kind, toColumn(ban.value), toColumn(ban.text)),
    );
  }

  unban(ban: Pick<Ban, "kind" | "value">): void {
    this.#transaction("lift the ban", () => this.#sql.unban.run(ban.kind, toColumn(ban.value)));
  }

  /**
   * Drops what is older than was asked for: a step of some milliseconds.
   *
   * @returns Whether there is more to drop: call it again in a later turn.
   */
  expire(now: number): boolean {
    const { age, count } = this.#retain;
    let sum = 0;
    for (const room of this.#rooms.values()) {
      const pinned = Math.min(...Array.from(room.replays, (replay) => replay.position - 1));
      const asked = [
        { last: count === undefined ? 0 : room.head - count, before: undefined },
        { last: age === undefined ? 0 : room.head, before: now - (age ?? 0) },
      ];
      for (const { last, before } of asked) {
        const oldest = room.dropped + 1;
        const step = this.#reading(
          "look for old messages",
          () => this.#dropper.next({ roomKey: room.key, oldest, last: Math.min(last, pinned), before }),
        );
        if (step === null) continue;
        this.#transaction("drop old messages", () => {
          this.#dropper.drop(room.key, oldest, step.last);
          this.#refs.drop(step.refs);
        });
        this.#refs.dropped(step.refs);
        room.dropped = step.last;
        room.indexed = Math.max(room.indexed, step.last);
        sum += step.last - oldest + 1;
        if (step.more || sum >= STEP_MESSAGES) return true;
      }
    }
    return false;
  }

  close(): void {
    if (!this.#database.isOpen) return;
    for (const room of this.#rooms.values()) for (const replay of [...room.replays]) replay.close();
    this.#database.close();
  }

  #keep(room: StoredRoom): void {
    this.#rooms.set(room.name, room);
    this.#roomsByKey.set(room.key, room);
  }

  /** Adds a room to the file, within a transaction; it is kept in memory when that is through. */
  #make(name: string, made: StoredRoom[]): StoredRoom {
    const key = this.#rooms.size + made.length + 1;
    if (key > MAX_ROOM_KEY) throw new HistoryError("Cannot make the room: the history holds too many");
    this.#sql.room.run(key, toColumn(name));
    const room = { key, name, topic: "", head: 0, dropped: 0, indexed: 0, replays: new Set<SqliteReplay>() };
    made.push(room);
    return room;
  }

  /** A file that was taken away goes on to take messages, which then go with it: so look whether it is there. */
  #lookForFile(now: number): void {
    if (Math.abs(now - this.#lookedAt) < LOOK_EVERY) return;
    if (inodeOf(this.#path) !== this.#inode) {
      throw new HistoryError(`Cannot store the messages: ${this.#path} is gone; start the listener again`);
    }
    this.#lookedAt = now;
  }

  #transaction<T>(what: string, body: () => T): T {
    return this.#reading(what, () => {
      this.#sql.begin.run();
      try {
        const result = body();
        this.#sql.commit.run();
        return result;
      } catch (error) {
        // SQLite has done so itself after some errors, a full disk among them.
        if (this.#database.isTransaction) this.#sql.rollback.run();
        throw error;
      }
    });
  }

  #reading<T>(what: string, body: () => T): T {
    try {
      return body();
    } catch (error) {
      if (error instanceof HistoryError) throw error;
      throw new HistoryError(`Cannot ${what}: ${reason(error)}`, { cause: error });
    }
  }
}

const SQL = {
  begin: "BEGIN IMMEDIATE",
  commit: "COMMIT",
  rollback: "ROLLBACK",
  epoch: "SELECT epoch FROM history",
  rooms: "SELECT key, name, topic, dropped, indexed FROM room",
  newest: "SELECT max(place) AS place FROM message WHERE place BETWEEN ? AND ?",
  room: "INSERT INTO room VALUES (?, ?, '', 0, 0)",
  topic: "UPDATE room SET topic = ? WHERE key = ?",
  indexed: "UPDATE room SET indexed = ? WHERE key = ?",
  insert: "INSERT INTO message VALUES (?, ?, ?, ?, ?)",
  at: "SELECT at FROM message WHERE place = ?",
  range: "SELECT frame FROM message WHERE place BETWEEN ? AND ? ORDER BY place",
  bans: "SELECT kind, value, text FROM ban",
  ban: "INSERT OR REPLACE INTO ban VALUES (?, ?, ?)",
  unban: "DELETE FROM ban WHERE kind = ? AND value = ?",
};

interface RoomRow {
  readonly key: number;
  readonly name: string;
  readonly topic: string;
  readonly dropped: number;
  readonly indexed: number;
}

function inodeOf(path: string): number | null {
  try {
    return Deno.statSync(path).ino;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return NaN;
    throw error;
  }
}
