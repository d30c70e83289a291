/**
 * Opening of history files: recognition, creation, and the lock against a second listener.
 *
 * A file that is not a history is refused before SQLite may write a byte: its header is checked first, then a read-only
 * connection checks all of it. Only then is it opened for writing.
 */

import { messageOf } from "../../base/errors.ts";
import { DatabaseSync, reason } from "../driver.ts";
import { HistoryError } from "../history.ts";
import { refusal } from "./place.ts";

/** "chat" in ASCII: the application id, which SQLite keeps at byte 68 of the file. */
const APPLICATION_ID = 0x63686174;
/** The version of the tables, which grows when they change. SQLite keeps it at byte 60. */
const USER_VERSION = 1;

const SQLITE_HEADER = "SQLite format 3\0";
const PAGE_SIZE_OFFSET = 16;
const USER_VERSION_OFFSET = 60;
const APPLICATION_ID_OFFSET = 68;
const HEADER_BYTES = 100;

/**
 * message.place is the number of `placeOf`. The ref of a message is in message_ref, some messages later, or among the
 * room's messages above `indexed`. The messages up to `dropped` were deleted: ids have no holes.
 */
const TABLES = `
  CREATE TABLE history (epoch TEXT NOT NULL) STRICT;
  CREATE TABLE room (
    key INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    topic TEXT NOT NULL,
    dropped INTEGER NOT NULL,
    indexed INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE message (
    place INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    session TEXT,
    ref ANY,
    frame BLOB NOT NULL
  ) STRICT;
  CREATE TABLE message_ref (
    session TEXT NOT NULL,
    ref ANY NOT NULL,
    place INTEGER NOT NULL,
    PRIMARY KEY (session, ref)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE ban (
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (kind, value)
  ) STRICT, WITHOUT ROWID;
`;

/** The place where a message must be before it is acked: with the operating system, or on the disk. */
export type Durability = "os" | "disk";

/** The options of {@linkcode openDatabase}. */
export interface DatabaseOptions {
  readonly durability: Durability;
  /** Returns a name for a new history. */
  readonly randomEpoch: () => string;
}

/**
 * Opens a history file for this process alone; a missing or empty one is created. The lock ends with the process,
 * however that ends.
 *
 * @throws {HistoryError} If the file belongs to another program, is damaged, from a newer version, or open in another
 * listener, or cannot be opened. It is then unchanged.
 */
export function openDatabase(path: string, options: DatabaseOptions): DatabaseSync {
  if (fileSize(path) <= 0) makeEmpty(path);
  const key = fileKey(path);
  // Reading the header opens and closes the file, which would release the lock that this process has on it.
  if (OPEN.get(key)?.isOpen) throw refusal(path, IN_USE);
  if (fileSize(path) > 0) check(path);
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    // In this mode WAL needs no shared memory, and the lock is held until the process ends.
    database.exec(`${NO_WAIT}; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE`);
    if (number(database, "SELECT count(*) FROM sqlite_schema") === 0) {
      database.exec(
        `PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${USER_VERSION}; ${TABLES}`,
      );
      database.prepare("INSERT INTO history VALUES (?)").run(options.randomEpoch());
    }
    database.exec("COMMIT; PRAGMA journal_mode = WAL");
    database.exec(`PRAGMA synchronous = ${options.durability === "disk" ? "FULL" : "NORMAL"}`);
    database.exec(`PRAGMA cache_size = -${CACHE_KIB}; PRAGMA journal_size_limit = ${KEPT_LOG_BYTES}`);
    OPEN.set(key, database);
    return database;
  } catch (error) {
    database?.close();
    throw explained(path, error);
  }
}

/** Deno's option `timeout` does not reach SQLite: without this it waits 5 s for a locked file. */
const NO_WAIT = "PRAGMA busy_timeout = 0";
/** SQLite's page cache, in KiB: enough for the inner pages of the index of refs. */
const CACHE_KIB = 16 * 1024;
/** The size to which the write-ahead log is truncated after it had to grow, in bytes. */
const KEPT_LOG_BYTES = 64 * 1024 * 1024;

/** The databases that this process has open, by device and file number. */
const OPEN = new Map<string, DatabaseSync>();
const IN_USE = "another listener has it open; stop that one, or give --history another file";
const DAMAGED = "it is damaged; put a copy of it back, or give --history another file";

function fileKey(path: string): string {
  const { dev, ino } = Deno.statSync(path);
  return `${dev}:${ino ?? path}`;
}

/** Refuses a file that is not a complete history of a known version. Writes nothing. */
function check(path: string): void {
  const header = readHeader(path);
  const view = new DataView(header.buffer);
  const magic = new TextDecoder("latin1").decode(header.subarray(0, SQLITE_HEADER.length));
  if (
    header.length < HEADER_BYTES || magic !== SQLITE_HEADER ||
    view.getUint32(APPLICATION_ID_OFFSET) !== APPLICATION_ID
  ) {
    throw refusal(path, "it is not a history of chat; give --history another file");
  }
  const version = view.getUint32(USER_VERSION_OFFSET);
  if (version !== USER_VERSION) {
    throw refusal(path, `its version is ${version} and this chat knows ${USER_VERSION}; use a newer chat`);
  }
  // A rollback journal exists only if the creation of the file was interrupted. SQLite will roll it back.
  if (fileSize(`${path}-journal`) > 0) return;
  // With a log beside it, a file may end anywhere, because the rest may be in the log.
  const pageSize = view.getUint16(PAGE_SIZE_OFFSET);
  if (fileSize(`${path}-wal`) <= 0 && fileSize(path) % pageSize !== 0) throw refusal(path, DAMAGED);
  walk(path);
}

/**
 * Checks the whole file through a read-only connection, which leaves the index of the log, and an empty log where there
 * was none, beside it. The log is removed only beside a damaged file: nobody else can have opened that.
 */
function walk(path: string): void {
  const hadLog = fileSize(`${path}-wal`) >= 0;
  const hadLogIndex = fileSize(`${path}-shm`) >= 0;
  let damage: HistoryError | undefined;
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { readOnly: true });
    database.exec(NO_WAIT);
    const found = database.prepare("PRAGMA quick_check(1)").get()?.["quick_check"];
    if (found !== "ok") throw new Error(`malformed: ${found}`);
  } catch (error) {
    damage = explained(path, error);
  } finally {
    database?.close();
  }
  if (!hadLogIndex) remove(`${path}-shm`);
  if (damage === undefined) return;
  if (!hadLog && fileSize(`${path}-wal`) === 0 && !isLocked(damage.cause)) remove(`${path}-wal`);
  throw damage;
}

function remove(file: string): void {
  if (fileSize(file) >= 0) Deno.removeSync(file);
}

/** Creates the file, readable by its owner only: sessions are secrets. */
function makeEmpty(path: string): void {
  try {
    Deno.openSync(path, { read: true, write: true, create: true, mode: 0o600 }).close();
  } catch (error) {
    throw explained(path, error);
  }
}

function explained(path: string, error: unknown): HistoryError {
  if (error instanceof HistoryError) return error;
  const text = messageOf(new Error(reason(error)));
  if (isLocked(error)) return refusal(path, IN_USE, error);
  if (/malformed|not a database|corrupt/.test(text)) return refusal(path, DAMAGED, error);
  return refusal(path, `${text}; give --history a file that can be written`, error);
}

function isLocked(error: unknown): boolean {
  return /locked|busy/.test(reason(error));
}

function readHeader(path: string): Uint8Array<ArrayBuffer> {
  try {
    using file = Deno.openSync(path);
    const header = new Uint8Array(HEADER_BYTES);
    let have = 0;
    for (let count: number | null = 0; count !== null && have < HEADER_BYTES; have += count ?? 0) {
      count = file.readSync(header.subarray(have));
    }
    return header.subarray(0, have);
  } catch (error) {
    throw explained(path, error);
  }
}

/** Returns the size of a file, or −1 if it does not exist. */
function fileSize(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return -1;
    throw explained(path, error);
  }
}

function number(database: DatabaseSync, sql: string): number {
  return Number(Object.values(database.prepare(sql).get() ?? {})[0]);
}
