/** Strings and numbers of JSON. */

import { floatValue, intValue } from "../pickle/values/number.ts";
import type { Scanner } from "../pickle/parse/scanner.ts";
import type { Value } from "../pickle/values/values.ts";

const WHOLE = /-?[0-9]+/y;
const FRACTION = /\.[0-9]+/y;
const EXPONENT = /[eE][+-]?[0-9]+/y;

/** Characters that cannot follow a number. */
const BEHIND = /[\p{ID_Continue}.]/uy;

/** The most digits that a number always holds exactly. */
const SAFE_DIGITS = 15;

/**
 * Reads a string of JSON.
 *
 * @param scanner Stands at its opening quote.
 * @throws {PickleError} With code "syntax" where it does not end, or holds a control character or a bad escape.
 */
export function readJsonString(scanner: Scanner): string {
  const { text, at: start } = scanner;
  let end = start;
  let slash: number;
  do {
    end = text.indexOf('"', end + 1);
    if (end < 0) throw scanner.error("the string does not end", start);
    for (slash = end; text[slash - 1] === "\\"; slash--);
  } while ((end - slash) % 2 === 1);
  scanner.at = end + 1;
  try {
    return JSON.parse(text.slice(start, end + 1)) as string;
  } catch {
    throw scanner.error("the string has a control character or an escape that JSON does not know", start);
  }
}

/**
 * Reads a number of JSON: with a point or exponent a float, else an int of any size.
 *
 * @returns undefined where no number begins.
 * @throws {PickleError} With code "syntax" where it is malformed, "limit" where an int has too many digits.
 */
export function readJsonNumber(scanner: Scanner, maxDigits: number): Value | undefined {
  const start = scanner.at;
  const whole = scanner.match(WHOLE);
  if (whole === "") return undefined;
  const rest = scanner.match(FRACTION) + scanner.match(EXPONENT);
  if (/^-?0[0-9]/.test(whole) || scanner.match(BEHIND) !== "") {
    throw scanner.error("a malformed number", start);
  }
  if (rest !== "") return floatValue(Number(whole + rest));
  if (whole.length <= SAFE_DIGITS) return Number(whole) + 0;
  if (whole.length - (whole.startsWith("-") ? 1 : 0) > maxDigits) {
    throw scanner.limit("digits", { problem: `an int has more than ${maxDigits} digits`, at: start });
  }
  return intValue(BigInt(whole));
}
