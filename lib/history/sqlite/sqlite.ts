/**
 * History in a SQLite file. A batch is one transaction in the write-ahead log: after its commit the messages are in the
 * hands of the system and survive the process; with the durability `disk` they are on the disk.
 */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Ref } from "../../base/ref.ts";
import {
  type Ban,
  type History,
  HistoryError,
  type Place,
  type Post,
  type Replay,
  type RoomRecord,
} from "../history.ts";
import { type Column, Inserter, Transactions } from "./statements.ts";
import { fromColumn, MAX_ID, placeOf, readPlace, refToColumn, toColumn } from "./columns.ts";
import { type RefEntry, Refs } from "./refs.ts";
import { Dropper, type Retain, STEP_MESSAGES } from "./retention.ts";
import { type DatabaseOptions, openDatabase, reason, refusal } from "./schema.ts";
import { type MessageRow, SqliteReplay } from "./replay.ts";
import { type StoredRoom, StoredRooms } from "./stored_rooms.ts";

/** The options of {@linkcode openHistory}. */
export interface HistoryOptions extends DatabaseOptions {
  readonly retain?: Retain | undefined;
}

/** The length from which on a message is inserted alone, in bytes: SQLite copies the rows of one statement. */
const LONG = 16 * 1024;

/** How often a history checks that its file still exists, in seconds. */
const LOOK_EVERY = 1;

/**
 * Opens the history in the file `path`, for this process alone; a missing or empty file is created.
 *
 * It reads the whole file once, to find damage: about a second for 500 MB in the system's cache.
 *
 * @throws {HistoryError} Where the file is no history, damaged, from a newer version, or open in another listener. Its
 * message is one line that says what to do, and the file is unchanged.
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
  readonly #transactions: Transactions;
  readonly #rooms: StoredRooms;
  readonly #refs: Refs;
  readonly #messages: Inserter;
  readonly #dropper: Dropper;
  readonly #sql: Readonly<Record<keyof typeof SQL, StatementSync>>;
  #lookedAt = 0;
  /** Messages that came since old ones were dropped for them. */
  #grown = 0;

  constructor(database: DatabaseSync, options: { readonly path: string; readonly retain: Retain }) {
    this.#database = database;
    this.#path = options.path;
    this.#inode = inodeOf(options.path);
    this.#retain = options.retain;
    this.#transactions = new Transactions(database);
    this.#rooms = new StoredRooms(database);
    this.#refs = new Refs(database);
    for (const room of this.#rooms) this.#refs.load(room.key, room);
    this.#messages = new Inserter(database, "INSERT INTO message", 5);
    this.#dropper = new Dropper(database);
    const sql = Object.entries(SQL).map(([name, text]) => [name, database.prepare(text)]);
    this.#sql = Object.fromEntries(sql) as Record<keyof typeof SQL, StatementSync>;
    this.epoch = String(database.prepare("SELECT epoch FROM history").get()!["epoch"]);
  }

  rooms(): RoomRecord[] {
    return Array.from(this.#rooms, ({ name, head, topic }) => ({ room: name, head, topic }));
  }

  append(batch: readonly Post[]): void {
    const at = batch[0]?.at;
    if (at === undefined) return;
    this.#lookForFile(at);
    const heads = new Map<StoredRoom, number>();
    const refs: RefEntry[] = [];
    const rows: Column[] = [];
    const writeRefs = this.#refs.isDue;
    this.#write("store the messages", () => {
      for (const post of batch) {
        const room = this.#rooms.getOrAdd(post.room);
        const head = heads.get(room) ?? room.head;
        if (post.id !== head + 1 || post.id > MAX_ID) {
          throw new HistoryError(
            `Cannot store message ${post.id} of ${post.room}: the newest there is ${head}`,
          );
        }
        heads.set(room, post.id);
        const place = placeOf(room.key, post.id);
        const { session, ref } = post;
        if (ref !== undefined) refs.push({ session, ref, place });
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
    this.#refs.add(refs, batch.length);
    this.#makeRoom(batch.length, at);
  }

  oldest(room: string): number {
    return (this.#rooms.get(room)?.dropped ?? 0) + 1;
  }

  replay(name: string, first: number, last: number): Replay {
    const room = this.#rooms.get(name);
    const from = Math.max(first, this.oldest(name));
    const to = Math.min(last, room?.head ?? 0);
    if (room === undefined || to < from) return NO_REPLAY;
    const replay = new SqliteReplay({
      read: (first, last) =>
        this.#sql.range.iterate(placeOf(room.key, first), placeOf(room.key, last)) as Iterable<MessageRow>,
      first: from,
      last: to,
      closed: () => room.replays.delete(replay),
    });
    room.replays.add(replay);
    return replay;
  }

  find(session: string, ref: Ref): Place | undefined {
    return this.#transactions.read("look for a message", () => {
      const place = this.#refs.find(session, ref);
      if (place === undefined) return undefined;
      const { roomKey, id } = readPlace(place);
      return { room: this.#rooms.nameOf(roomKey), id, at: this.#sql.at.get(place)!["at"] as number };
    });
  }

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

  /**
   * Drops what is older than was asked for: a step of some milliseconds.
   *
   * @returns Whether there is more to drop: call it again in a later turn.
   */
  expire(now: number): boolean {
    let sum = 0;
    for (const room of this.#rooms) {
      for (const asked of askedOf(this.#retain, room, now)) {
        const { dropped, more } = this.#drop(room, asked, now);
        sum += dropped;
        if (more || sum >= STEP_MESSAGES) return true;
      }
    }
    return false;
  }

  #drop(
    room: StoredRoom,
    { last, before }: Asked,
    now: number,
  ): { readonly dropped: number; readonly more: boolean } {
    const oldest = room.dropped + 1;
    let free = last;
    for (const replay of room.replays) if (replay.pins(now)) free = Math.min(free, replay.position - 1);
    const range = { roomKey: room.key, oldest, last: free, before };
    const step = this.#transactions.read("look for old messages", () => this.#dropper.next(range));
    if (step === null) return { dropped: 0, more: false };
    this.#write("drop old messages", () => {
      this.#dropper.drop(room.key, oldest, step.last);
      this.#refs.drop(step.refs);
    });
    this.#refs.dropped(step.refs);
    room.dropped = step.last;
    room.indexed = Math.max(room.indexed, step.last);
    return { dropped: step.last - oldest + 1, more: step.more };
  }

  /** Drops twice as many as came, where so many are too old: however fast they come, a file does not outgrow it. */
  #makeRoom(came: number, now: number): void {
    this.#grown += came;
    try {
      for (; this.#grown >= STEP_MESSAGES; this.#grown -= STEP_MESSAGES) {
        if (!this.expire(now) || !this.expire(now)) this.#grown = 0;
      }
    } catch (error) {
      // What came is stored; to drop what is old is tried again.
      if (!(error instanceof HistoryError)) throw error;
    }
  }

  close(): void {
    if (!this.#database.isOpen) return;
    for (const room of this.#rooms) for (const replay of [...room.replays]) replay.close();
    this.#database.close();
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

  /** A file that was taken away goes on to take messages, which then go with it: so look whether it is there. */
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

const NO_REPLAY: Replay = { count: 0, first: 0, position: 0, next: () => null, close() {} };

/** A message's row; without a ref nobody asks whose it was. */
function rowOf({ session, ref, at, frame }: Post, place: number): Column[] {
  if (ref === undefined) return [place, at, null, null, frame];
  return [place, at, toColumn(session), refToColumn(ref), frame];
}

/** Messages that are to go: up to the id `last`, from before the time `before`. */
interface Asked {
  readonly last: number;
  readonly before: number | undefined;
}

function askedOf({ age, count }: Retain, { head }: StoredRoom, now: number): Asked[] {
  const asked: Asked[] = [];
  if (count !== undefined) asked.push({ last: head - count, before: undefined });
  if (age !== undefined) asked.push({ last: head, before: now - age });
  return asked;
}

function inodeOf(path: string): number | null {
  try {
    return Deno.statSync(path).ino;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return NaN;
    throw error;
  }
}
