/** The one form of each number among values: an int is a number where that is exact, and no float looks like an int. */
import type { Int } from "./known.ts";
import { Float, type Value } from "./values.ts";

const MAX_SAFE = Number.MAX_SAFE_INTEGER;

/** Gives an int as a value: a number where it is a safe integer, else the bigint. */
export function intValue(value: bigint): Int {
  const near = Number(value);
  return Number.isSafeInteger(near) ? near : value;
}

/** Gives a float as a value: a {@linkcode Float} where a plain number would read as an int. */
export function floatValue(value: number): number | Float {
  if (Math.floor(value) !== value || value > MAX_SAFE || value < -MAX_SAFE) return value;
  return value === 0 && 1 / value < 0 ? value : new Float(value);
}

/** Tells whether a value is an int of Python. */
export function isInt(value: Value | undefined): value is Int {
  return typeof value === "bigint" || (Number.isSafeInteger(value) && !Object.is(value, -0));
}

/** Gives the number that an int or a float is, rounded where it is a large int; undefined for any other value. */
export function realOf(value: Value | undefined): number | undefined {
  if (value instanceof Float) return value.value;
  return typeof value === "number" || typeof value === "bigint" ? Number(value) : undefined;
}
