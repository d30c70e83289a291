/** Objects as people read them on a screen: tables, aligned arrays, dicts over several rows, numbers as bars. */

import { gridOf, numbersOf } from "../objects/numbers.ts";
import { arrayName } from "../objects/array_name.ts";
import { tableOf } from "../objects/table.ts";
import { format } from "../pickle/repr/format.ts";
import { NDArray } from "../pickle/values/known_numpy.ts";
import { Tuple, type Value } from "../pickle/values/values.ts";
import { clean } from "../base/text.ts";
import type { ScreenSpace } from "./screen_space.ts";
import { prettyRows } from "./pretty_rows.ts";
import { sparkline } from "./sparkline.ts";
import { tableRows } from "./table_rows.ts";

/** An object over several rows, each safe for a terminal. */
export interface ObjectRows {
  /** A short description: "table of 3 × 2". */
  readonly summary: string;
  readonly rows: readonly string[];
  /** Whether the rows show all of it. */
  readonly isWhole: boolean;
  /** All of it on one line, if that fits. */
  readonly line?: string;
}

/** The fewest numbers that are drawn as bars. */
const FEWEST_NUMBERS = 8;

/** The most characters of an array as numpy prints it. */
const MOST_PRINTED = 1_000_000;

/**
 * Lays out an object that is clearer on several rows than on one line; null for any other value.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { objectRows } from "./object_rows.ts";
 *
 * const room = { width: 40, rows: 10, widthOf: (text: string) => text.length };
 * assertEquals(objectRows([3, 1, 4, 1, 5, 9, 2, 6], room), {
 *   summary: "list of 8",
 *   rows: ["[3, 1, 4, 1, 5, 9, 2, 6]", "▃▁▄▁▅█▂▆ min 1, mean 3.875, max 9"],
 *   isWhole: true,
 * });
 * assertEquals(objectRows([1, 2], room), null);
 * ```
 */
export function objectRows(value: Value, room: ScreenSpace): ObjectRows | null {
  const table = tableOf(value);
  if (table !== null) {
    return { summary: `table of ${table.rows} × ${table.columns.length}`, ...tableRows(table, room) };
  }
  const grid = gridOf(value);
  if (grid !== null && grid.rows > 0 && grid.columns > 0) return arrayRows(value as NDArray, room);
  const numbers = numbersOf(value);
  if (numbers !== null && numbers.length >= FEWEST_NUMBERS) {
    const bars = sparkline(numbers);
    if (bars !== null) return numberRows(value, { bars, count: numbers.length, room });
  }
  const pretty = value instanceof Map && isNested(value) ? prettyRows(value, room) : null;
  return pretty === null ? null : { summary: kindOf(value, (value as Map<Value, Value>).size), ...pretty };
}

/** Returns numbers as bars, and as Python prints them if they fit a row. */
function numberRows(
  value: Value,
  { bars, count, room }: { readonly bars: string; readonly count: number; readonly room: ScreenSpace },
): ObjectRows {
  const summary = kindOf(value, count);
  const text = clean(format(value, { style: "print", limit: room.width + 1 }), { newlines: true });
  const fits = (row: string) => !row.includes("\n") && room.widthOf(row) <= room.width;
  if (!fits(text)) return { summary, rows: [bars], isWhole: false };
  const line = `${text} ${bars}`;
  return { summary, rows: [text, bars], isWhole: true, ...fits(line) ? { line } : {} };
}

/** Returns a two-dimensional array as numpy prints it, or only its corner if the array is too large. */
function arrayRows(array: NDArray, room: ScreenSpace): ObjectRows {
  const summary = clean(arrayName(array));
  const lines = clean(format(array, { style: "print", limit: MOST_PRINTED }), { newlines: true }).split("\n");
  const rows = lines.slice(0, room.rows).map((line) =>
    room.widthOf(line) <= room.width ? line : `${line.slice(0, room.width - 1)}…`
  );
  const isWhole = rows.length === lines.length && rows.every((row, at) => row === lines[at]) &&
    !lines.some((line) => line.includes("..."));
  return { summary, rows, isWhole };
}

/** Returns whether a dict contains dicts, lists or tuples. */
function isNested(dict: ReadonlyMap<Value, Value>): boolean {
  for (const item of dict.values()) {
    if (item instanceof Map || Array.isArray(item) || item instanceof Tuple) return true;
  }
  return false;
}

function kindOf(value: Value, size: number): string {
  if (value instanceof NDArray) return clean(arrayName(value));
  const kind = value instanceof Map ? "dict" : Array.isArray(value) ? "list" : "tuple";
  return `${kind} of ${String(size).replace(/\B(?=(?:\d{3})+$)/g, ",")}`;
}
