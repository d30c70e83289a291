/**
 * The history's file: how it is recognized, made, and locked against a second listener.
 *
 * What is no history of ours is found out before SQLite may write a byte: first by the file's own header, then by a
 * read-only connection that walks all of it. Only then is it opened for writing.
 */

import { HistoryError } from "../history.ts";

// Not a static import: in the executable, which is one module, that would load SQLite whatever is to be done.
const { DatabaseSync } = await import("node:sqlite");
type DatabaseSync = InstanceType<typeof DatabaseSync>;

/** "chat" in ASCII: what SQLite keeps at byte 68 of the file. */
const APPLICATION_ID = 0x63686174;
/** Grows when the tables change. SQLite keeps it at byte 60. */
const USER_VERSION = 1;

const SQLITE_HEADER = "SQLite format 3\0";
const PAGE_SIZE_OFFSET = 16;
const USER_VERSION_OFFSET = 60;
const APPLICATION_ID_OFFSET = 68;
const HEADER_BYTES = 100;

/**
 * message.place is places.ts's number. A message's ref is found in message_ref, where it gets some messages later, or
 * among the room's messages above `indexed`. What was dropped is told by `dropped`: ids have no holes.
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

/** When what was posted is safe: against the end of the process, or against the end of the power too. */
export type Durability = "os" | "disk";

/** What {@linkcode openDatabase} is asked for. */
export interface DatabaseOptions {
  readonly durability: Durability;
  /** Names a history that is new. */
  readonly randomEpoch: () => string;
}

/** Tells what keeps `path` from being the history, in one line. */
export function refusal(path: string, why: string, cause?: unknown): HistoryError {
  return new HistoryError(`Cannot keep the history in ${path}: ${why}`, { cause });
}

/** Says the first line of what SQLite or the system said. */
export function reason(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n", 1)[0]!;
}

/**
 * Opens a history's file for this process alone; a missing or empty one is made. The lock ends with the process,
 * however that ends.
 *
 * @throws {HistoryError} Where the file is another program's, damaged, newer than this version, open in another
 * listener, or not to be opened. It is then as it was.
 */
export function openDatabase(path: string, options: DatabaseOptions): DatabaseSync {
  if (fileSize(path) <= 0) makeEmpty(path);
  const key = fileKey(path);
  // To read a file's header is to close the file, which would end the lock that this process has on it.
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

/** Deno's option `timeout` does not reach SQLite: without this a locked file is waited for, 5 s long. */
const NO_WAIT = "PRAGMA busy_timeout = 0";
/** SQLite's page cache, in KiB: the inner pages of the index of refs are to stay in it. */
const CACHE_KIB = 16 * 1024;
/** What the write-ahead log is cut down to after it had to grow, in bytes. */
const KEPT_LOG_BYTES = 64 * 1024 * 1024;

/** What this process has open, by device and file number. */
const OPEN = new Map<string, DatabaseSync>();
const IN_USE = "another listener has it open; stop that one, or give --history another file";
const DAMAGED = "it is damaged; put a copy of it back, or give --history another file";

function fileKey(path: string): string {
  const { dev, ino } = Deno.statSync(path);
  return `${dev}:${ino ?? path}`;
}

/** Refuses what is no whole history of a version that is known here. Writes nothing. */
function check(path: string): void {
  const header = readHeader(path);
  const view = new DataView(header.buffer);
  const magic = new TextDecoder("latin1").decode(header.subarray(0, SQLITE_HEADER.length));
  if (
    header.length < HEADER_BYTES || magic !== SQLITE_HEADER ||
    view.getUint32(APPLICATION_ID_OFFSET) !== APPLICATION_ID
  ) {
    throw refusal(path, "it is no history of chat; give --history another file");
  }
  const version = view.getUint32(USER_VERSION_OFFSET);
  if (version !== USER_VERSION) {
    throw refusal(path, `its version is ${version} and this chat knows ${USER_VERSION}; use a newer chat`);
  }
  // A rollback journal is there only where the making of the file was cut off: SQLite will take that back.
  if (fileSize(`${path}-journal`) > 0) return;
  // With a log beside it a file may end anywhere: the end may be in the log.
  const pageSize = view.getUint16(PAGE_SIZE_OFFSET);
  if (fileSize(`${path}-wal`) <= 0 && fileSize(path) % pageSize !== 0) throw refusal(path, DAMAGED);
  walk(path);
}

/**
 * Walks the whole file through a read-only connection, which leaves the index of the log, and an empty log where there
 * was none, beside it. A log is taken away only beside a damaged file: nobody else can have opened that.
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

/** Makes the file where it is missing, for its owner's eyes only: sessions are secrets. */
function makeEmpty(path: string): void {
  try {
    Deno.openSync(path, { read: true, write: true, create: true, mode: 0o600 }).close();
  } catch (error) {
    throw explained(path, error);
  }
}

function explained(path: string, error: unknown): HistoryError {
  if (error instanceof HistoryError) return error;
  const text = reason(error);
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

/** The file's size, or −1 where there is none. */
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
