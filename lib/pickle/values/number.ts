/** The canonical form of numbers among values: each int and each float has exactly one. */
import type { Int } from "./known.ts";
import { Float, type Value } from "./values.ts";

const MAX_SAFE = Number.MAX_SAFE_INTEGER;

/** Converts an int to a value: a number where it is a safe integer, else the bigint. */
export function intValue(value: bigint): Int {
  const near = Number(value);
  return Number.isSafeInteger(near) ? near : value;
}

/** Converts a float to a value: a {@linkcode Float} where a plain number would mean an int. */
export function floatValue(value: number): number | Float {
  if (Math.floor(value) !== value || value > MAX_SAFE || value < -MAX_SAFE) return value;
  return value === 0 && 1 / value < 0 ? value : new Float(value);
}

/** Returns whether a value is an int of Python. */
export function isInt(value: Value | undefined): value is Int {
  return typeof value === "bigint" || (Number.isSafeInteger(value) && !Object.is(value, -0));
}

/** Returns an int or a float as a number, rounded where the int is large; undefined for any other value. */
export function realOf(value: Value | undefined): number | undefined {
  if (value instanceof Float) return value.value;
  return typeof value === "number" || typeof value === "bigint" ? Number(value) : undefined;
}
