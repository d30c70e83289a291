/** Rows on their way into a table, several with one statement: a statement costs as much as the row that it inserts. */

import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";

/** How many rows go with one statement. Of more than that no row gets cheaper. */
const TOGETHER = 16;

/** What goes into one column. */
export type Column = SQLInputValue;

/** Inserts rows into one table. It keeps none: what the transaction around it does to them is not its business. */
export class Inserter {
  readonly #columns: number;
  readonly #one: StatementSync;
  readonly #some: StatementSync;

  /**
   * Prepares the statements.
   *
   * @param into Their beginning: "INSERT INTO message".
   * @param columns How many columns the table has.
   */
  constructor(database: DatabaseSync, into: string, columns: number) {
    this.#columns = columns;
    const row = `(${new Array(columns).fill("?").join()})`;
    this.#one = database.prepare(`${into} VALUES ${row}`);
    this.#some = database.prepare(`${into} VALUES ${new Array(TOGETHER).fill(row).join()}`);
  }

  /**
   * Inserts rows.
   *
   * @param values Their columns, row behind row. SQLite copies those of 16 rows at a time, so what is long goes alone.
   */
  insert(values: readonly Column[]): void {
    const some = TOGETHER * this.#columns;
    let at = 0;
    for (; at + some <= values.length; at += some) this.#some.run(...values.slice(at, at + some));
    for (; at < values.length; at += this.#columns) this.#one.run(...values.slice(at, at + this.#columns));
  }
}
