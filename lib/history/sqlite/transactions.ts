/** All or nothing: what is done to a history's file at once, and how its failures are told. */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { HistoryError } from "../history.ts";
import { reason } from "./schema.ts";

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
   * Runs `body`, which writes: all of it is in the file, or nothing where this throws.
   *
   * @param what What is not possible where it fails: "store the messages".
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
        // SQLite has done so itself after some errors, a full disk among them.
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
