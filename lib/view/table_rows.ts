/** Tables as aligned rows of text. */

import type { Table } from "../objects/table.ts";
import { format } from "../pickle/repr/format.ts";
import type { Value } from "../pickle/values/values.ts";
import { clean } from "../base/text.ts";
import type { ScreenSpace } from "./screen_space.ts";

/** The most columns of the screen that one column of a table takes. */
const WIDEST = 32;

/**
 * Lays a table out: a row of names, then as many rows as fit. Numbers stand on the right. A table wider than the room
 * loses its last columns.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { tableOf } from "../objects/table.ts";
 * import { tableRows } from "./table_rows.ts";
 *
 * const row = (x: number, name: string) => new Map<string, string | number>([["x", x], ["name", name]]);
 * const table = tableOf([row(1, "ann"), row(10, "bob")])!;
 * assertEquals(tableRows(table, { width: 40, rows: 10, widthOf: (text) => text.length }), {
 *   rows: [" x  name", " 1  ann", "10  bob"],
 *   isWhole: true,
 * });
 * ```
 */
export function tableRows(
  table: Table,
  { width, rows, widthOf }: ScreenSpace,
): { rows: string[]; isWhole: boolean } {
  const shown = Math.min(table.rows, Math.max(1, rows - 1));
  const columns: string[][] = [];
  let used = 0;
  for (const [column, name] of table.columns.entries()) {
    const values = Array.from({ length: shown }, (_, row) => table.cell(row, column));
    const cells = [name, ...values.map(cellText)].map((text) => cut(clean(text), widthOf));
    const widest = Math.max(...cells.map(widthOf));
    used += widest + (column === 0 ? 0 : 2);
    if (used > width && columns.length > 0) break;
    const isNumeric = values.every(isNumber);
    columns.push(cells.map((text) => {
      const padding = " ".repeat(widest - widthOf(text));
      return isNumeric ? padding + text : text + padding;
    }));
  }
  return {
    rows: Array.from(
      { length: shown + 1 },
      (_, row) => columns.map((cells) => cells[row]).join("  ").trimEnd(),
    ),
    isWhole: shown === table.rows && columns.length === table.columns.length,
  };
}

function cellText(value: Value): string {
  return typeof value === "string" ? value : format(value, { limit: WIDEST + 1, style: "print" });
}

function isNumber(value: Value): boolean {
  return /^-?[\d.]+(?:e[+-]?\d+)?$|^-?inf$|^nan$/.test(typeof value === "string" ? "" : cellText(value));
}

function cut(text: string, widthOf: (text: string) => number): string {
  if (widthOf(text) <= WIDEST) return text;
  const characters = [...text];
  while (widthOf(characters.join("")) >= WIDEST) characters.pop();
  return `${characters.join("")}…`;
}
