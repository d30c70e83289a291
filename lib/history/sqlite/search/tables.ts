/**
 * Search index of a history: a SQLite file beside it with the words of its messages, in an FTS5 table.
 *
 * It can be rebuilt from the history at any time, so a damaged or foreign index is replaced. It is used in a worker
 * only.
 */

import { DatabaseSync, reason } from "../../driver.ts";
import type { StatementSync } from "node:sqlite";
import type { Query } from "../../search/query.ts";
import { searchableWords } from "../../search/searchable.ts";
import { MAX_ID, placeOf, readPlace } from "../columns.ts";

/**
 * "chas" in ASCII, and the version of the tables and of the splitting into words. An index of another version is
 * rebuilt.
 */
const APPLICATION_ID = 0x63686173;
const USER_VERSION = 1;

/**
 * progress holds, for each room, the id up to which its messages are in the index, and the id up to which they were
 * deleted from it. part lists the tables of words, oldest first, and the number of messages added to each.
 */
const TABLES = `
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${USER_VERSION};
  CREATE TABLE source (epoch TEXT NOT NULL) STRICT;
  CREATE TABLE progress (key INTEGER PRIMARY KEY, last INTEGER NOT NULL, dropped INTEGER NOT NULL) STRICT;
  CREATE TABLE part (number INTEGER PRIMARY KEY, size INTEGER NOT NULL) STRICT;
`;

/**
 * The number of messages in a part. A prefix is looked up in the lists of all words that begin with it, which takes 50
 * ms in a part of 260,000 messages. A search ends with the part in which it has found enough.
 */
const PART_SIZE = 100_000;

/**
 * Returns the SQL that creates the table of a part. The rowid is the place of the message. The text is split into words
 * already, so the tokenizer takes each run of characters without a blank for a word.
 */
const partTable = (number: number) => `
  CREATE VIRTUAL TABLE words_${number} USING fts5 (
    text, content = '', contentless_delete = 1,
    tokenize = "unicode61 remove_diacritics 0 categories 'L* M* N* P* S* C*'"
  );
`;

/** The time after which a search begins no further part, in milliseconds. */
export const TIME_LIMIT = 3000;

/** A table with words. */
interface Part {
  readonly number: number;
  size: number;
}

/** The state of a history that its index must agree with: its name, and its rooms. */
export interface Source {
  readonly epoch: string;
  readonly rooms: readonly SourceRoom[];
}

/** A room of the history: its key, its newest id, and the newest id that was deleted. */
export interface SourceRoom {
  readonly key: number;
  readonly head: number;
  readonly dropped: number;
}

/** Messages to add: their frames, one after the other, where each one ends, and their places. */
export interface Batch {
  readonly frames: Uint8Array;
  readonly ends: readonly number[];
  readonly places: readonly number[];
}

/** The messages to search, and the most to find: the newest ones. */
export interface Range {
  readonly roomKey: number;
  readonly first: number;
  readonly last: number;
  readonly limit: number;
}

/** The part of a room that is in the index. */
export interface Progress {
  readonly key: number;
  readonly last: number;
  readonly dropped: number;
}

/** An open index. */
export class SearchTables {
  readonly #database: DatabaseSync;
  readonly #added: StatementSync;
  readonly #dropped: StatementSync;
  readonly #sized: StatementSync;
  #parts: Part[];
  /** The statement that inserts into the newest part. */
  #insert: StatementSync | null = null;

  private constructor(database: DatabaseSync) {
    this.#database = database;
    this.#added = database.prepare(
      "INSERT INTO progress VALUES (?, ?, 0) ON CONFLICT DO UPDATE SET last = excluded.last",
    );
    this.#dropped = database.prepare(
      "INSERT INTO progress VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET last = max(last, excluded.last), " +
        "dropped = excluded.dropped",
    );
    this.#sized = database.prepare("UPDATE part SET size = ? WHERE number = ?");
    this.#parts = this.#readParts();
  }

  #readParts(): Part[] {
    const rows = this.#database.prepare("SELECT number, size FROM part ORDER BY number").all();
    return rows as unknown as Part[];
  }

  /**
   * Opens the index in the file `path`. An index that does not belong to the history is rebuilt. Messages that the
   * history has lost are deleted from it.
   *
   * @throws {Error} If the file belongs to another program, or cannot be written.
   */
  static open(path: string, source: Source): SearchTables {
    try {
      const tables = openFile(path, source.epoch);
      if (tables !== null) return SearchTables.#agreeing(tables, source);
    } catch (error) {
      if (!isDamage(error)) throw error;
    }
    SearchTables.remove(path);
    const database = openFile(path, source.epoch);
    if (database === null) throw new Error("another program is changing it");
    return SearchTables.#agreeing(database, source);
  }

  /** Removes the files of an index. It is rebuilt when it is opened again. */
  static remove(path: string): void {
    for (const suffix of ["", "-wal", "-shm"]) removeFile(path + suffix);
  }

  static #agreeing(database: DatabaseSync, { rooms }: Source): SearchTables {
    try {
      const tables = new SearchTables(database);
      const progress = new Map(tables.progress().map((row) => [row.key, row]));
      for (const { key, head, dropped } of rooms) {
        const known = progress.get(key);
        if (known !== undefined && known.last > head) tables.#cut(key, head);
        if (dropped > (known?.dropped ?? 0)) tables.drop(key, dropped);
      }
      return tables;
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /** Returns the ids up to which the rooms are in the index. */
  progress(): Progress[] {
    return this.#database.prepare("SELECT key, last, dropped FROM progress").all() as unknown as Progress[];
  }

  /** Adds messages, those of each room in their order. */
  add({ frames, ends, places }: Batch): void {
    this.#write(() => {
      const heads = new Map<number, number>();
      const insert = this.#insertStatement();
      let start = 0;
      for (const [index, end] of ends.entries()) {
        const place = places[index]!;
        const { roomKey, id } = readPlace(place);
        heads.set(roomKey, id);
        const words = searchableWords(frames.subarray(start, end));
        if (words.length > 0) insert.run(place, words.join(" "));
        start = end;
      }
      for (const [key, id] of heads) this.#added.run(key, id);
      const newest = this.#parts.at(-1)!;
      newest.size += ends.length;
      this.#sized.run(newest.size, newest.number);
    });
  }

  /** The statement for the newest part; adds a part if that one is full. */
  #insertStatement(): StatementSync {
    const newest = this.#parts.at(-1);
    if (newest === undefined || newest.size >= PART_SIZE) {
      const number = (newest?.number ?? 0) + 1;
      this.#database.exec(`${partTable(number)}; INSERT INTO part VALUES (${number}, 0)`);
      this.#parts.push({ number, size: 0 });
      this.#insert = null;
    }
    const into = `words_${this.#parts.at(-1)!.number}`;
    return this.#insert ??= this.#database.prepare(`INSERT INTO ${into} (rowid, text) VALUES (?, ?)`);
  }

  /** Deletes the messages of a room up to an id. */
  drop(roomKey: number, last: number): void {
    this.#write(() => {
      this.#delete(placeOf(roomKey, 0), placeOf(roomKey, last));
      this.#dropped.run(roomKey, last, last);
    });
  }

  /** Deletes the messages of a room above an id, which its history does not have. */
  #cut(roomKey: number, head: number): void {
    this.#write(() => {
      this.#delete(placeOf(roomKey, head + 1), placeOf(roomKey, MAX_ID));
      this.#added.run(roomKey, head);
    });
  }

  #delete(first: number, last: number): void {
    for (const { number } of this.#parts.slice()) {
      this.#database.prepare(`DELETE FROM words_${number} WHERE rowid BETWEEN ? AND ?`).run(first, last);
      // The newest part is kept: the next messages go into it.
      if (number === this.#parts.at(-1)!.number) continue;
      if (this.#database.prepare(`SELECT 1 FROM words_${number}_docsize LIMIT 1`).get() !== undefined) {
        continue;
      }
      this.#database.exec(`DROP TABLE words_${number}; DELETE FROM part WHERE number = ${number}`);
      this.#parts = this.#parts.filter((part) => part.number !== number);
    }
  }

  /**
   * Finds the newest messages in which all terms of a query occur.
   *
   * @returns Their ids, ascending; null if it took too long.
   */
  find(query: Query, { roomKey, first, last, limit }: Range): number[] | null {
    const expression = expressionOf(query);
    const ids: number[] = [];
    const end = performance.now() + TIME_LIMIT;
    for (const { number } of this.#parts.toReversed()) {
      if (ids.length >= limit) break;
      if (performance.now() > end) return null;
      const table = `words_${number}`;
      const rows = this.#database.prepare(
        `SELECT rowid AS place FROM ${table} WHERE ${table} MATCH ? AND rowid BETWEEN ? AND ?
         ORDER BY rowid DESC LIMIT ?`,
      ).all(expression, placeOf(roomKey, first), placeOf(roomKey, last), limit - ids.length);
      for (const row of rows) ids.push(readPlace(row["place"] as number).id);
    }
    return ids.reverse();
  }

  close(): void {
    this.#database.close();
  }

  #write(body: () => void): void {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      body();
      this.#database.exec("COMMIT");
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      this.#parts = this.#readParts();
      this.#insert = null;
      throw error;
    }
  }
}

/** Whether an error says that the index is damaged. */
export function isDamage(error: unknown): boolean {
  return /malformed|corrupt/.test(reason(error));
}

/** Writes a query in FTS5's language. Only words from the query go into it, each in quotes. */
function expressionOf(query: Query): string {
  return query.map(({ words, isPrefix }) => `"${words.join(" ")}"${isPrefix ? " *" : ""}`).join(" AND ");
}

/**
 * Opens a file, and makes the tables if it is empty.
 *
 * @returns Null if it is an index, but not of this history or this version.
 * @throws {Error} If it is no index at all.
 */
function openFile(path: string, epoch: string): DatabaseSync | null {
  // The words of messages are as private as the messages.
  Deno.openSync(path, { read: true, write: true, create: true, mode: 0o600 }).close();
  const database = new DatabaseSync(path);
  try {
    // A worker that was ended may still hold the file for a moment.
    database.exec("PRAGMA busy_timeout = 10000");
    if (number(database, "SELECT count(*) FROM sqlite_schema") === 0) {
      database.exec(`PRAGMA journal_mode = WAL; BEGIN IMMEDIATE; ${TABLES}`);
      database.prepare("INSERT INTO source VALUES (?)").run(epoch);
      database.exec("COMMIT");
    }
    if (number(database, "PRAGMA application_id") !== APPLICATION_ID) {
      throw new Error("it is not a search index of chat; move it elsewhere");
    }
    const isRight = number(database, "PRAGMA user_version") === USER_VERSION &&
      database.prepare("SELECT epoch FROM source").get()?.["epoch"] === epoch;
    if (isRight) {
      database.exec(`PRAGMA synchronous = NORMAL; PRAGMA cache_size = -${CACHE_KIB}`);
      return database;
    }
  } catch (error) {
    database.close();
    throw error;
  }
  database.close();
  return null;
}

const CACHE_KIB = 8 * 1024;

function number(database: DatabaseSync, sql: string): number {
  return Number(Object.values(database.prepare(sql).get() ?? {})[0]);
}

function removeFile(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
