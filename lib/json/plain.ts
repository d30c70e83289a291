/** Plain JSON: Python's values as other programs expect them, which cannot be read back exactly. */

import { PickleError } from "../pickle/values/errors.ts";
import { format } from "../pickle/repr/format.ts";
import { reprFloat, reprInt } from "../pickle/repr/number.ts";
import { CalendarDate, DateTime, Deque, TimeDelta, TimeOfDay } from "../pickle/values/known.ts";
import { NDArray, NumpyScalar } from "../pickle/values/known_numpy.ts";
import { ByteArray, Float, FrozenSet, PyObject, Tuple, type Value } from "../pickle/values/values.ts";

/** The most characters of a text: half of what a string of V8 can hold. */
const LIMIT = 2 ** 28;

/**
 * Writes a value as JSON on one line: dates and times as ISO 8601, tuples, sets and arrays as arrays, bytes as base64,
 * keys as text, floats that JSON lacks as null, timedeltas as seconds, any other object as the text that Python prints.
 *
 * @throws {PickleError} With code "unsupported" for a value that holds itself, "limit" where the text is too long.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { toPlainJson } from "./plain.ts";
 * import { Tuple } from "../pickle/values/values.ts";
 *
 * assertEquals(toPlainJson(new Map([[1, new Tuple(["a", null])]])), '{"1": ["a", null]}');
 * ```
 */
export function toPlainJson(value: Value): string {
  const writer = new Writer();
  writer.write(value);
  return writer.text;
}

class Writer {
  readonly #open = new Set<Value>();
  readonly #pieces: string[] = [];
  #length = 0;

  get text(): string {
    return this.#pieces.join("");
  }

  write(value: Value): void {
    const scalar = scalarText(value);
    if (scalar !== undefined) return this.#add(scalar);
    if (this.#open.has(value)) {
      throw new PickleError("unsupported", "Cannot write the value as JSON: it holds itself");
    }
    this.#open.add(value);
    const entries = entriesOf(value);
    if (entries !== undefined) this.#writeObject(entries);
    else this.#writeList(itemsOf(value)!);
    this.#open.delete(value);
  }

  #writeObject(entries: ReadonlyMap<Value, Value>): void {
    let before = "{";
    for (const [key, value] of entries) {
      this.#add(`${before}${JSON.stringify(keyText(key))}: `);
      before = ", ";
      this.write(value);
    }
    this.#add(entries.size === 0 ? "{}" : "}");
  }

  #writeList(items: Iterable<Value>): void {
    this.#add("[");
    let before = "";
    for (const item of items) {
      this.#add(before);
      before = ", ";
      this.write(item);
    }
    this.#add("]");
  }

  #add(piece: string): void {
    this.#length += piece.length;
    if (this.#length > LIMIT) {
      throw new PickleError(
        "limit",
        `Cannot write the value as JSON: it takes more than ${LIMIT} characters`,
        {
          limit: "length",
        },
      );
    }
    this.#pieces.push(piece);
  }
}

/** The text of a value that holds no others. */
function scalarText(value: Value): string | undefined {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return reprInt(value);
  if (typeof value === "number") return Number.isSafeInteger(value) ? String(value) : floatText(value);
  if (value instanceof Float) return floatText(value.value);
  if (value instanceof Uint8Array) return `"${value.toBase64()}"`;
  if (value instanceof ByteArray) return `"${value.bytes.toBase64()}"`;
  if (value instanceof DateTime) return JSON.stringify(printed(value).replace(" ", "T"));
  if (value instanceof CalendarDate || value instanceof TimeOfDay) return JSON.stringify(printed(value));
  if (value instanceof TimeDelta) {
    return floatText(value.days * 86_400 + value.seconds + value.microseconds / 1e6);
  }
  if (value instanceof NumpyScalar) return numpyScalarText(value);
  if (entriesOf(value) === undefined && itemsOf(value) === undefined) return JSON.stringify(printed(value));
  return undefined;
}

function floatText(value: number): string {
  return Number.isFinite(value) ? reprFloat(value) : "null";
}

/** A number of numpy as JSON's, where it is one; else as it is printed. */
function numpyScalarText(value: NumpyScalar): string {
  const text = printed(value);
  if (text === "True" || text === "False") return text.toLowerCase();
  if (/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[-+]?\d+)?$/.test(text)) return text;
  if (/^-?\d+\.(?:e[-+]?\d+)?$/.test(text)) return text.replace(".", ".0");
  return /^-?(?:nan|inf)$/.test(text) ? "null" : JSON.stringify(text);
}

function printed(value: Value): string {
  return format(value, { style: "print" });
}

function keyText(key: Value): string {
  if (typeof key === "string") return key;
  const text = scalarText(key) ?? printed(key);
  return text.startsWith('"') ? JSON.parse(text) : text;
}

/** The entries of a dict, or of an object that is one. */
function entriesOf(value: Value): ReadonlyMap<Value, Value> | undefined {
  if (value instanceof Map) return value;
  const entries = value instanceof PyObject && "entries" in value ? value.entries : undefined;
  return entries instanceof Map ? entries : undefined;
}

/** The items of a list, a tuple, a set or an array. */
function itemsOf(value: Value): Iterable<Value> | undefined {
  if (Array.isArray(value) || value instanceof Set) return value;
  if (value instanceof Tuple || value instanceof Deque) return value.items;
  if (value instanceof FrozenSet) return value.members;
  return value instanceof NDArray ? rowsOf(value) : undefined;
}

/** The rows of an array along its first axis; the items of one with one axis. */
function rowsOf({ shape, dtype, fortran, data }: NDArray): Value[] {
  const [side = 1, ...rest] = shape;
  const size = shape.reduce((product, one) => product * one, 1);
  const itemSize = data instanceof Uint8Array && size > 0 ? data.length / size : 1;
  const strides = stridesOf(shape, fortran);
  const count = rest.reduce((product, one) => product * one, 1);
  return Array.from({ length: side }, (_, row) => {
    const at = (index: number) => placeOf(index, rest, strides) + row * strides[0]!;
    if (!(data instanceof Uint8Array)) {
      const items = Array.from({ length: count }, (_, index) => data[at(index)]!);
      return rest.length === 0 ? items[0]! : new NDArray(rest, dtype, false, items);
    }
    const bytes = new Uint8Array(count * itemSize);
    for (let index = 0; index < count; index++) {
      bytes.set(data.subarray(at(index) * itemSize, (at(index) + 1) * itemSize), index * itemSize);
    }
    return rest.length === 0 ? new NumpyScalar(dtype, bytes) : new NDArray(rest, dtype, false, bytes);
  });
}

/** Returns the distance of neighbours along each axis, in items. */
function stridesOf(shape: readonly number[], fortran: boolean): number[] {
  const strides: number[] = [];
  let stride = 1;
  for (const axis of fortran ? shape.keys() : [...shape.keys()].reverse()) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

/** The place of the item with that index within a row. */
function placeOf(index: number, rest: readonly number[], strides: readonly number[]): number {
  let place = 0;
  for (let axis = rest.length - 1; axis >= 0; axis--) {
    place += (index % rest[axis]!) * strides[axis + 1]!;
    index = Math.floor(index / rest[axis]!);
  }
  return place;
}
