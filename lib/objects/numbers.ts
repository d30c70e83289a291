/** Numbers in values: rows of them, and grids. */

import { NDArray, NumpyScalar, type TypedArray } from "../pickle/values/known_numpy.ts";
import { Float, Tuple, type Value } from "../pickle/values/values.ts";

/** A two-dimensional array of numbers. */
export interface Grid {
  readonly rows: number;
  readonly columns: number;
  /** The number in a row and column. */
  at(row: number, column: number): number;
}

/**
 * Returns the numbers of a list, a tuple or a one-dimensional array that holds nothing else; null for any other value.
 * Ints beyond 2^53 are rounded; bools are no numbers.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Float } from "../pickle/values/values.ts";
 * import { numbersOf } from "./numbers.ts";
 *
 * assertEquals(numbersOf([1, 2.5, new Float(3)]), new Float64Array([1, 2.5, 3]));
 * assertEquals(numbersOf([1, "2"]), null);
 * assertEquals(numbersOf([true, false]), null);
 * ```
 */
export function numbersOf(value: Value): Float64Array | null {
  if (value instanceof NDArray) return value.shape.length === 1 ? itemsOf(value) : null;
  const items = Array.isArray(value) ? value : value instanceof Tuple ? value.items : null;
  if (items === null) return null;
  const numbers = new Float64Array(items.length);
  for (let i = 0; i < items.length; i++) {
    const number = numberOf(items[i]!);
    if (number === null) return null;
    numbers[i] = number;
  }
  return numbers;
}

/** Returns a value as a JavaScript number; null if it is not a number. */
export function numberOf(value: Value): number | null {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Float) return value.value;
  if (value instanceof NumpyScalar) {
    const plain = value.plain();
    return plain === null || typeof plain === "boolean" ? null : numberOf(plain);
  }
  return null;
}

/**
 * Returns the grid of a two-dimensional array of numbers; null for any other value.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { DType, NDArray } from "../pickle/values/known_numpy.ts";
 * import { Tuple } from "../pickle/values/values.ts";
 * import { gridOf } from "./numbers.ts";
 *
 * const bytes = new DType("u1", new Tuple([3, "|", null, null, null, -1, -1, 0]));
 * assertEquals(gridOf(new NDArray([2, 2], bytes, false, new Uint8Array([1, 2, 3, 4])))?.at(1, 0), 3);
 * assertEquals(gridOf([[1, 2]]), null);
 * ```
 */
export function gridOf(value: Value): Grid | null {
  if (!(value instanceof NDArray) || value.shape.length !== 2) return null;
  const items = itemsOf(value);
  if (items === null) return null;
  const [rows = 0, columns = 0] = value.shape;
  const [down, right] = value.fortran ? [1, rows] : [columns, 1];
  return { rows, columns, at: (row, column) => items[row * down + column * right]! };
}

/** The items of an array of ints or floats, in the order in which they lie; null of any other, bools included. */
function itemsOf(array: NDArray): Float64Array | null {
  if (!/^[iuf]/.test(array.dtype.code)) return null;
  const typed: TypedArray | null = array.typed();
  if (typed === null) return null;
  if (typed instanceof Float64Array) return typed;
  return typed instanceof BigInt64Array || typed instanceof BigUint64Array
    ? Float64Array.from(typed, Number)
    : Float64Array.from(typed as Exclude<TypedArray, BigInt64Array | BigUint64Array>);
}

/** The least, the greatest and the mean of numbers that are none of them NaN or infinite; null if there are none. */
export interface Summary {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
}

/**
 * Sums up numbers; NaN and the infinities are left out.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { summaryOf } from "./numbers.ts";
 *
 * assertEquals(summaryOf([1, NaN, 3]), { min: 1, max: 3, mean: 2 });
 * assertEquals(summaryOf([]), null);
 * ```
 */
export function summaryOf(numbers: ArrayLike<number>): Summary | null {
  let [min, max, sum, count] = [Infinity, -Infinity, 0, 0];
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i]!;
    if (!Number.isFinite(number)) continue;
    if (number < min) min = number;
    if (number > max) max = number;
    sum += number;
    count++;
  }
  return count === 0 ? null : { min, max, mean: sum / count };
}

/** The range of the numbers at one place of a picture; NaN if there are none. */
export interface Ranges {
  readonly min: Float64Array;
  readonly max: Float64Array;
}

/**
 * Reduces numbers to the minimum and the maximum of each of `places` sections of equal length, so that no peak is lost.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { rangesOf } from "./numbers.ts";
 *
 * const { min, max } = rangesOf([1, 5, 2, 8], 2);
 * assertEquals([[...min], [...max]], [[1, 2], [5, 8]]);
 * ```
 */
export function rangesOf(numbers: ArrayLike<number>, places: number): Ranges {
  const min = new Float64Array(places).fill(NaN);
  const max = new Float64Array(places).fill(NaN);
  for (let place = 0; place < places; place++) {
    const end = Math.floor((place + 1) * numbers.length / places);
    for (let i = Math.floor(place * numbers.length / places); i < end; i++) {
      const number = numbers[i]!;
      if (!Number.isFinite(number)) continue;
      // Written so that the NaN of a place without numbers gives way to the first.
      if (!(min[place]! <= number)) min[place] = number;
      if (!(max[place]! >= number)) max[place] = number;
    }
  }
  return { min, max };
}
