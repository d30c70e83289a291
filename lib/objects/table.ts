/** Tables in values: rows of equal keys, columns of equal length, and numpy's structured arrays. */

import { readFloat } from "../pickle/numpy/float_bits.ts";
import { readBytes, readInt, readPoints, viewOf } from "../pickle/numpy/items.ts";
import { type Field, type Layout, layoutOf } from "../pickle/numpy/layout.ts";
import { NDArray } from "../pickle/values/known_numpy.ts";
import { Float, Tuple, type Value } from "../pickle/values/values.ts";

/** A table. Its cells are looked up when they are shown. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: number;
  /** The value in a row and column, counted from 0. */
  cell(row: number, column: number): Value;
}

/** The most columns of a table. */
const MAX_COLUMNS = 256;

/**
 * Returns a value as a table: a list or tuple of at least two dicts with the same keys, a dict of at least two lists of
 * the same length (or arrays of one dimension), or a structured array of one dimension. Keys are texts. Null for any
 * other value.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { tableOf } from "./table.ts";
 *
 * const row = (x: number) => new Map([["x", x], ["y", x * x]]);
 * const table = tableOf([row(1), row(2), row(3)])!;
 * assertEquals([table.columns, table.rows, table.cell(2, 1)], [["x", "y"], 3, 9]);
 * assertEquals(tableOf([1, 2]), null);
 * ```
 */
export function tableOf(value: Value): Table | null {
  if (value instanceof NDArray) return tableOfArray(value);
  if (value instanceof Map) return tableOfColumns(value);
  const items = Array.isArray(value) ? value : value instanceof Tuple ? value.items : [];
  return tableOfRows(items);
}

function tableOfRows(items: readonly Value[]): Table | null {
  const [first] = items;
  if (items.length < 2 || !(first instanceof Map)) return null;
  const columns = namesOf(first.keys());
  if (columns === null) return null;
  for (const item of items) {
    if (!(item instanceof Map) || item.size !== columns.length) return null;
    if (!columns.every((name) => item.has(name))) return null;
  }
  return {
    columns,
    rows: items.length,
    cell: (row, column) => (items[row] as Map<Value, Value>).get(columns[column]!)!,
  };
}

function tableOfColumns(dict: Map<Value, Value>): Table | null {
  const columns = namesOf(dict.keys());
  if (columns === null || columns.length < 2) return null;
  const lists: ((row: number) => Value)[] = [];
  const lengths = new Set<number>();
  for (const column of dict.values()) {
    const items = Array.isArray(column) ? column : column instanceof Tuple ? column.items : null;
    if (items !== null) lists.push((row) => items[row]!);
    else {
      const read = column instanceof NDArray && column.shape.length === 1 ? readerOf(column) : null;
      if (read === null) return null;
      lists.push(read);
    }
    lengths.add(items?.length ?? (column as NDArray).shape[0]!);
  }
  const [rows = 0] = lengths;
  if (lengths.size !== 1 || rows < 2) return null;
  return { columns, rows, cell: (row, column) => lists[column]!(row) };
}

function tableOfArray(array: NDArray): Table | null {
  const layout = layoutOf(array.dtype);
  if (!layout?.fields || array.shape.length !== 1 || !(array.data instanceof Uint8Array)) return null;
  const { fields } = layout;
  if (fields.length === 0 || fields.length > MAX_COLUMNS || !fields.every(({ layout }) => isPlain(layout))) {
    return null;
  }
  const view = viewOf(array.data);
  return {
    columns: fields.map(({ name }) => name),
    rows: array.shape[0]!,
    cell: (row, column) => readField(view, row * layout.size, fields[column]!),
  };
}

/** Returns a function that reads the items of a one-dimensional array; null if they are not plain. */
function readerOf({ dtype, data }: NDArray): ((row: number) => Value) | null {
  if (!(data instanceof Uint8Array)) return (row) => data[row]!;
  const layout = layoutOf(dtype);
  if (layout === undefined || !isPlain(layout)) return null;
  const view = viewOf(data);
  return (row) => readField(view, row * layout.size, { offset: 0, layout });
}

/** Whether each item is one number, text or string of bytes. */
function isPlain({ kind, sub, fields }: Layout): boolean {
  return sub === null && fields === null && /^[biufSU]$/.test(kind);
}

function readField(
  view: DataView,
  base: number,
  { offset, layout }: Pick<Field, "offset" | "layout">,
): Value {
  const at = base + offset;
  switch (layout.kind) {
    case "b":
      return view.getUint8(at) !== 0;
    case "i":
    case "u": {
      const int = readInt(view, at, layout);
      return Number.isSafeInteger(Number(int)) ? Number(int) : int;
    }
    case "f": {
      const { value } = readFloat({ view, offset: at, size: layout.size, littleEndian: layout.littleEndian });
      return Number.isSafeInteger(value) ? new Float(value) : value;
    }
    case "U":
      return String.fromCodePoint(...readPoints(view, at, layout));
    default:
      return readBytes(view, at, layout);
  }
}

/** The keys as names of columns; null where one is no text, or there are too many. */
function namesOf(keys: Iterable<Value>): string[] | null {
  const names = [...keys];
  if (names.length === 0 || names.length > MAX_COLUMNS) return null;
  return names.every((name) => typeof name === "string") ? names : null;
}
