/** Transactions on a history file, and inserts of many rows. */

import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { HistoryError } from "../history.ts";
import { reason } from "../driver.ts";

/** The transactions of one database. */
export class Transactions {
  readonly #database: DatabaseSync;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #rollback: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#begin = database.prepare("BEGIN IMMEDIATE");
    this.#commit = database.prepare("COMMIT");
    this.#rollback = database.prepare("ROLLBACK");
  }

  /**
   * Runs `body`, which writes, as one transaction. If this throws, nothing is written.
   *
   * @param what The action that fails, for the text of the error: "store the messages".
   * @throws {HistoryError}
   */
  write<T>(what: string, body: () => T): T {
    return this.read(what, () => {
      this.#begin.run();
      try {
        const result = body();
        this.#commit.run();
        return result;
      } catch (error) {
        // After some errors, such as a full disk, SQLite has already rolled back.
        if (this.#database.isTransaction) this.#rollback.run();
        throw error;
      }
    });
  }

  /**
   * Runs `body`, which only reads.
   *
   * @throws {HistoryError}
   */
  read<T>(what: string, body: () => T): T {
    try {
      return body();
    } catch (error) {
      if (error instanceof HistoryError) throw error;
      throw new HistoryError(`Cannot ${what}: ${reason(error)}`, { cause: error });
    }
  }
}

/** The number of rows of one statement. More do not make a row cheaper. */
const ROWS_TOGETHER = 16;

/** The value of a column. */
export type Column = SQLInputValue;

/** Inserts rows into one table, several with each statement: a statement costs as much as the row that it inserts. */
export class Inserter {
  readonly #columns: number;
  readonly #one: StatementSync;
  readonly #some: StatementSync;

  /**
   * Prepares the statements.
   *
   * @param into The beginning of the statements: "INSERT INTO message".
   * @param columns The number of columns of the table.
   */
  constructor(database: DatabaseSync, into: string, columns: number) {
    this.#columns = columns;
    const row = `(${new Array(columns).fill("?").join()})`;
    this.#one = database.prepare(`${into} VALUES ${row}`);
    this.#some = database.prepare(`${into} VALUES ${new Array(ROWS_TOGETHER).fill(row).join()}`);
  }

  /**
   * Inserts rows.
   *
   * @param values The columns of the rows, one row after the other. SQLite copies those of 16 rows at a time, so a long
   * row goes alone.
   */
  insert(values: readonly Column[]): void {
    const some = ROWS_TOGETHER * this.#columns;
    let at = 0;
    for (; at + some <= values.length; at += some) this.#some.run(...values.slice(at, at + some));
    for (; at < values.length; at += this.#columns) this.#one.run(...values.slice(at, at + this.#columns));
  }
}
