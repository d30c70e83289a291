/**
 * Spill: a temporary SQLite file for messages that drop out of memory while a slow reader still needs them.
 *
 * It is created for the first message, deleted at once if the system allows that, else at the end, and closed when it
 * is empty.
 */

import type { StatementSync } from "node:sqlite";
import { DatabaseSync, reason } from "../driver.ts";
import type { Messages } from "../history.ts";

/** The options of a {@linkcode Spill}. */
export interface SpillOptions {
  /** The most bytes of messages that it keeps; 0 for none. */
  readonly maxSize: number;
  /** Called with the reason when it cannot be written or read. Its messages are lost in that case. */
  readonly onFailure?: (text: string) => void;
  /** The folder of the file; the system's for temporary files if not given. */
  readonly folder?: string | undefined;
}

/** A row of the file. */
interface Stored {
  readonly key: number;
  readonly size: number;
}

/** Some messages of a room in the file. */
interface Row extends Stored {
  readonly first: number;
  readonly last: number;
  /** The frames as they were read last, as long as somebody uses them: many readers are often at the same place. */
  read?: WeakRef<Uint8Array>;
}

/** The messages of one room: consecutive rows, oldest first. */
export class SpilledRoom {
  readonly rows: Row[] = [];

  /** The ids of the oldest and the newest message; 0 if there is none. */
  get first(): number {
    return this.rows[0]?.first ?? 0;
  }

  get last(): number {
    return this.rows.at(-1)?.last ?? 0;
  }
}

interface Statements {
  readonly database: DatabaseSync;
  readonly insert: StatementSync;
  readonly get: StatementSync;
  readonly delete: StatementSync;
  /** The path of the file, if it could not be deleted yet. */
  readonly path: string | null;
}

/** How much is deleted each time that the file is tidied, in bytes. */
const TIDIED_SIZE = 4 * 1024 * 1024;

/** The messages of several rooms, within one size. */
export class Spill {
  readonly #options: SpillOptions;
  readonly #rooms = new Set<SpilledRoom>();
  #file: Statements | null = null;
  #hasFailed = false;
  #lastKey = 0;
  #size = 0;
  /**
   * The rows that nobody needs any more, oldest first. A reader that leaves may leave a gigabyte of them, which takes SQLite a
   * second to delete: they are deleted a few at a time, as their place is needed.
   */
  #dropped: Stored[] = [];
  #droppedSize = 0;

  constructor(options: SpillOptions) {
    this.#options = options;
  }

  /** The bytes of the messages that it keeps. */
  get size(): number {
    return this.#size;
  }

  /** The bytes of all messages in the file, with those that nobody needs any more; at most the size that it may keep. */
  get fileSize(): number {
    return this.#size + this.#droppedSize;
  }

  /** Whether there is a file. */
  get isOpen(): boolean {
    return this.#file !== null;
  }

  /**
   * Adds messages of a room. If the spill is full, the messages kept longest are dropped. Messages that do not directly
   * follow those of their room replace them.
   */
  add(room: SpilledRoom, { first, last, frames }: Messages): void {
    if (room.rows.length > 0 && first !== room.last + 1) this.drop(room);
    const size = frames.length;
    if (this.#hasFailed || size > this.#options.maxSize) return this.drop(room);
    this.#try("keep messages for slow readers", () => {
      while (this.#size + size > this.#options.maxSize) this.#dropOldest();
      const file = this.#file ??= open(this.#options.folder);
      this.#deleteDropped(size);
      const key = this.#lastKey + 1;
      file.insert.run(key, frames);
      this.#lastKey = key;
      room.rows.push({ key, first, last, size });
      this.#rooms.add(room);
      this.#size += size;
    });
  }

  /** Reads the row that holds a message; null if there is none. */
  read(room: SpilledRoom, id: number): Messages | null {
    const row = room.rows[indexOf(room.rows, id)];
    if (row === undefined || id < row.first) return null;
    const { first, last } = row;
    let frames = row.read?.deref();
    if (frames === undefined) {
      const found = this.#try("read messages for slow readers", () => this.#file!.get.get(row.key));
      if (found === undefined) return null;
      frames = found["frames"] as Uint8Array;
      row.read = new WeakRef(frames);
    }
    return { first, last, frames };
  }

  /** Drops the messages of a room before the id `first`, as far as whole rows go. */
  release(room: SpilledRoom, first: number): void {
    let count = 0;
    while (count < room.rows.length && room.rows[count]!.last < first) count++;
    this.#dropRows(room, count);
  }

  /** Drops the messages of a room. */
  drop(room: SpilledRoom): void {
    this.#dropRows(room, room.rows.length);
  }

  /** Closes the file if it is empty, and tries again if it has failed. Call it from time to time. */
  tidy(): void {
    this.#hasFailed = false;
    if (this.#size === 0) this.#close();
    else this.#try("drop messages for slow readers", () => this.#deleteDropped(TIDIED_SIZE));
  }

  /** Deletes dropped rows of so many bytes together, or a little more. */
  #deleteDropped(size: number): void {
    let count = 0;
    for (let deleted = 0; deleted < size && count < this.#dropped.length; count++) {
      const row = this.#dropped[count]!;
      this.#file!.delete.run(row.key);
      this.#droppedSize -= row.size;
      deleted += row.size;
    }
    if (count > 0) this.#dropped = this.#dropped.slice(count);
  }

  close(): void {
    for (const room of this.#rooms) room.rows.length = 0;
    this.#rooms.clear();
    this.#size = 0;
    this.#close();
  }

  #dropOldest(): void {
    let oldest: SpilledRoom | undefined;
    for (const room of this.#rooms) {
      if (oldest === undefined || room.rows[0]!.key < oldest.rows[0]!.key) oldest = room;
    }
    this.#dropRows(oldest!, 1);
  }

  #dropRows(room: SpilledRoom, count: number): void {
    if (count === 0) return;
    const rows = room.rows.splice(0, count);
    if (room.rows.length === 0) this.#rooms.delete(room);
    for (const { key, size } of rows) {
      this.#size -= size;
      this.#droppedSize += size;
      this.#dropped.push({ key, size });
    }
  }

  #try<T>(what: string, body: () => T): T | undefined {
    try {
      return body();
    } catch (error) {
      this.close();
      this.#hasFailed = true;
      this.#options.onFailure?.(`Cannot ${what}: ${reason(error)}`);
      return undefined;
    }
  }

  #close(): void {
    const file = this.#file;
    this.#file = null;
    this.#dropped = [];
    this.#droppedSize = 0;
    if (file === null) return;
    try {
      file.database.close();
      if (file.path !== null) Deno.removeSync(file.path);
    } catch {
      // The disk is gone, and so is the file.
    }
  }
}

/** Returns the index of the row that holds a message, if there is one. */
function indexOf(rows: readonly Row[], id: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle]!.last < id) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Returns a folder on a disk if there is one, because on many systems `/tmp` is in memory. */
const DISK_FOLDER = "/var/tmp";

function open(folder: string | undefined): Statements {
  let path: string | null = makeFile(folder);
  const database = new DatabaseSync(path);
  // The file does not outlive the process, so it is never synced and its journal is in memory.
  database.exec(`PRAGMA page_size = 16384; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF;
    PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -2048;
    CREATE TABLE spill (key INTEGER PRIMARY KEY, frames BLOB NOT NULL) STRICT`);
  try {
    Deno.removeSync(path);
    path = null;
  } catch {
    // Some systems cannot delete an open file.
  }
  return {
    database,
    insert: database.prepare("INSERT INTO spill VALUES (?, ?)"),
    get: database.prepare("SELECT frames FROM spill WHERE key = ?"),
    delete: database.prepare("DELETE FROM spill WHERE key = ?"),
    path,
  };
}

function makeFile(folder: string | undefined): string {
  const options = { prefix: "chat-spill-" };
  if (folder !== undefined) return Deno.makeTempFileSync({ ...options, dir: folder });
  const path = Deno.makeTempFileSync(options);
  if (!path.startsWith("/tmp/")) return path;
  try {
    const better = Deno.makeTempFileSync({ ...options, dir: DISK_FOLDER });
    Deno.removeSync(path);
    return better;
  } catch {
    return path;
  }
}
