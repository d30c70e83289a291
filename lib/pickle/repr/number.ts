/** Text of numbers, as repr shows them. */
import { DEFAULT_LIMITS } from "../values/limits.ts";

/** The smallest int that CPython refuses to write in decimal (`sys.get_int_max_str_digits`). */
const TOO_LONG = 10n ** BigInt(DEFAULT_LIMITS.digits);

/**
 * Shows an int as Python's repr does; in hexadecimal where Python refuses because of its length. Hexadecimal takes linear time
 * and is read without a limit.
 *
 * @param value The int.
 * @returns The literal.
 */
export function reprInt(value: number | bigint): string {
  if (typeof value === "number") return String(value);
  if (value < TOO_LONG && value > -TOO_LONG) return value.toString();
  return value < 0n ? "-0x" + (-value).toString(16) : "0x" + value.toString(16);
}

/**
 * Shows a float as Python's repr does: with the fewest digits that read back as the same number, and with an exponent below
 * 1e-4 and from 1e16 on.
 *
 * @param value The float.
 * @returns The literal, or `nan`, `inf`, `-inf`, which are names.
 *
 * @example
 * ```ts
 * import { reprFloat } from "./number.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([2, 1e16, 1e-5, -0].map(reprFloat), ["2.0", "1e+16", "1e-05", "-0.0"]);
 * ```
 */
export function reprFloat(value: number): string {
  const text = shortFloat(value);
  return Number.isInteger(value) && !text.includes("e") ? text + ".0" : text;
}

/**
 * Shows a complex number as Python's repr does; without a real part of positive 0.
 *
 * @param real The real part.
 * @param imag The imaginary part.
 * @returns The text, such as `2j` or `(1-2j)`.
 */
export function reprComplex(real: number, imag: number): string {
  const tail = shortFloat(imag) + "j";
  if (Object.is(real, 0)) return tail;
  return `(${shortFloat(real)}${tail.startsWith("-") ? "" : "+"}${tail})`;
}

/** Returns the shortest form of a float, without `.0`. */
function shortFloat(value: number): string {
  if (value !== value) return "nan";
  const size = Math.abs(value);
  if (size === Infinity) return value < 0 ? "-inf" : "inf";
  if (size === 0) return Object.is(value, -0) ? "-0" : "0";
  // Between these bounds JavaScript writes no exponent either.
  if (size >= 1e-4 && size < 1e16) return String(value);
  const [digits, exponent] = value.toExponential().split("e") as [string, string];
  return `${digits}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
}
