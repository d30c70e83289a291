/** Dicts, lists and tuples over several rows, indented by depth. */

import { format } from "../pickle/repr/format.ts";
import { Tuple, type Value } from "../pickle/values/values.ts";
import { clean } from "../base/text.ts";
import type { ScreenSpace } from "./screen_space.ts";

const INDENT = "  ";

/** The depth to which values are laid out. Deeper ones are on one row. */
const DEEPEST = 8;

/**
 * Lays out a dict, list or tuple. A value that fits in a row is on one row; any other has its entries below it.
 *
 * @returns As many rows as there is space for, and whether they show everything; null if the value is of another type
 * or fits in one row.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { prettyRows } from "./pretty_rows.ts";
 *
 * const value = new Map<string, string | number[]>([["name", "a run"], ["losses", [1, 2, 3]]]);
 * assertEquals(prettyRows(value, { width: 24, rows: 10, widthOf: (text) => text.length })?.rows, [
 *   "{",
 *   "  'name': 'a run',",
 *   "  'losses': [1, 2, 3],",
 *   "}",
 * ]);
 * ```
 */
export function prettyRows(value: Value, room: ScreenSpace): { rows: string[]; isWhole: boolean } | null {
  if (openOf(value) === null || fits(value, room.width, room)) return null;
  const rows: string[] = [];
  const isWhole = lay(value, { rows, prefix: "", suffix: "", depth: 0 }, room);
  return { rows, isWhole };
}

/** A value to lay out in rows. */
interface Place {
  readonly rows: string[];
  /** The text before it in its row, such as its key, and the text after it. */
  readonly prefix: string;
  readonly suffix: string;
  readonly depth: number;
}

/** Adds the rows of a value. Returns false if there is not enough space for all of them. */
function lay(value: Value, { rows, prefix, suffix, depth }: Place, room: ScreenSpace): boolean {
  if (rows.length >= room.rows) return false;
  const start = INDENT.repeat(depth) + prefix;
  const brackets = openOf(value);
  const left = room.width - room.widthOf(start + suffix);
  if (brackets === null || depth >= DEEPEST || fits(value, left, room)) {
    const text = clean(format(value, { limit: room.width + 1 }));
    rows.push(
      room.widthOf(start + text + suffix) <= room.width ? start + text + suffix : cut(start + text, room),
    );
    return true;
  }
  rows.push(start + brackets[0]);
  for (const [key, item] of entriesOf(value)) {
    const isWhole = lay(item, {
      rows,
      prefix: key === null ? "" : `${clean(format(key, { limit: room.width }))}: `,
      suffix: ",",
      depth: depth + 1,
    }, room);
    if (!isWhole) return false;
  }
  if (rows.length >= room.rows) return false;
  rows.push(INDENT.repeat(depth) + brackets[1] + suffix);
  return true;
}

function fits(value: Value, width: number, { widthOf }: ScreenSpace): boolean {
  const text = format(value, { limit: Math.max(1, width + 1) });
  return text.length <= width && widthOf(clean(text)) <= width;
}

function cut(text: string, { width, widthOf }: ScreenSpace): string {
  const characters = [...text];
  while (characters.length > 0 && widthOf(characters.join("")) >= width) characters.pop();
  return `${characters.join("")}…`;
}

function openOf(value: Value): readonly [string, string] | null {
  if (value instanceof Map) return ["{", "}"];
  if (Array.isArray(value)) return ["[", "]"];
  return value instanceof Tuple ? ["(", ")"] : null;
}

function* entriesOf(value: Value): Iterable<readonly [Value | null, Value]> {
  if (value instanceof Map) yield* value;
  else for (const item of Array.isArray(value) ? value : (value as Tuple).items) yield [null, item];
}
