/** Literals of numbers. */
import { Complex } from "../values/known.ts";
import { floatValue, intValue } from "../values/number.ts";
import type { Scanner } from "./scanner.ts";
import type { Value } from "../values/values.ts";

/** An unsigned number: an int, a float, or the float before a `j`. */
type Unsigned =
  | { readonly kind: "int"; readonly value: number | bigint }
  | { readonly kind: "float" | "imaginary"; readonly value: number };

const BASED = /0[xX][0-9a-fA-F_]*|0[oO][0-9_]*|0[bB][0-9_]*/y;
const DECIMAL = /[0-9][0-9_]*/y;
const FRACTION = /\.[0-9_]*/y;
const EXPONENT = /[eE][+-]?[0-9_]+/y;
const IMAGINARY = /[jJ]/y;
const BEHIND = /[\p{ID_Continue}.]/uy;

/** The names of numbers that repr shows. */
const NAMED: ReadonlyMap<string, Unsigned> = new Map<string, Unsigned>([
  ["nan", { kind: "float", value: NaN }],
  ["inf", { kind: "float", value: Infinity }],
  ["nanj", { kind: "imaginary", value: NaN }],
  ["infj", { kind: "imaginary", value: Infinity }],
]);

/**
 * Reads an int, a float or a complex number in any of Python's forms, with its sign; also `nan` and `inf`.
 *
 * A complex number is read as a whole, not as a sum: `-0-1j` keeps both signs.
 *
 * @param scanner A scanner at the start of the number.
 * @param maxDigits The most decimal digits of an int.
 * @returns The number; undefined where the text there is not a number.
 * @throws {PickleError} With code "syntax" where the number is malformed, "limit" where it has too many digits.
 */
export function readNumber(scanner: Scanner, maxDigits: number): Value | undefined {
  const sign = scanner.take("-") ? "-" : scanner.take("+") ? "+" : "";
  const first = readUnsigned(scanner, maxDigits);
  if (first === undefined) {
    if (sign === "") return undefined;
    throw scanner.error(`expected a number, found ${scanner.found()}`);
  }
  const operator = scanner.next();
  if (operator !== "+" && operator !== "-") return signed(first, sign);
  const at = scanner.at++;
  const second = readUnsigned(scanner, maxDigits);
  if (second?.kind !== "imaginary" || first.kind === "imaginary") {
    throw scanner.error(`only a complex number has a ${operator} inside`, at);
  }
  const real = Number(first.value);
  return new Complex(sign === "-" ? -real : real, operator === "-" ? -second.value : second.value);
}

function signed({ kind, value }: Unsigned, sign: string): Value {
  // An int has no negative zero.
  if (kind === "int" && value === 0) return 0;
  const whole = sign === "-" ? -value : value;
  if (kind === "int") return whole;
  return kind === "float" ? floatValue(Number(whole)) : new Complex(0, Number(whole));
}

/** Reads an unsigned number or the name of one. */
function readUnsigned(scanner: Scanner, maxDigits: number): Unsigned | undefined {
  scanner.next();
  const start = scanner.at;
  const number = readDigits(scanner, maxDigits) ?? NAMED.get(scanner.name());
  if (number === undefined) scanner.at = start;
  return number;
}

function readDigits(scanner: Scanner, maxDigits: number): Unsigned | undefined {
  const start = scanner.at;
  const based = scanner.match(BASED);
  if (based !== "") {
    checkDigits(scanner, start, based.slice(2).replace(/^_/, ""));
    return { kind: "int", value: toInt(scanner, start, based.replaceAll("_", "")) };
  }
  if (!/^\.?[0-9]/.test(scanner.text.slice(start, start + 2))) return undefined;
  const whole = scanner.match(DECIMAL);
  const fraction = scanner.match(FRACTION);
  const exponent = scanner.match(EXPONENT);
  const imaginary = scanner.match(IMAGINARY);
  for (const digits of [whole, fraction.slice(1), exponent.replace(/^[eE][+-]?/, "")]) {
    if (digits !== "") checkDigits(scanner, start, digits);
  }
  const text = (whole + fraction + exponent).replaceAll("_", "");
  if (imaginary !== "" || fraction !== "" || exponent !== "") {
    checkEnd(scanner, start);
    return { kind: imaginary === "" ? "float" : "imaginary", value: Number(text) };
  }
  if (/^0+[1-9]/.test(text)) throw scanner.error(`an int does not begin with 0 (octal is 0o…)`, start);
  if (text.length > maxDigits) {
    const problem = `an int has more than ${maxDigits} digits (hexadecimal has no limit)`;
    throw scanner.limit("digits", { problem, at: start });
  }
  return { kind: "int", value: toInt(scanner, start, text) };
}

/** Checks that underscores are single and between digits. */
function checkDigits(scanner: Scanner, start: number, digits: string): void {
  if (digits === "" || digits.startsWith("_") || digits.endsWith("_") || digits.includes("__")) {
    throw scanner.error("a malformed number", start);
  }
}

function checkEnd(scanner: Scanner, start: number): void {
  if (scanner.match(BEHIND) !== "") throw scanner.error("a malformed number", start);
}

function toInt(scanner: Scanner, start: number, text: string): number | bigint {
  checkEnd(scanner, start);
  if (text.length <= 15) {
    const value = Number(text);
    if (Number.isNaN(value)) throw scanner.error("a malformed number", start);
    return value;
  }
  try {
    return intValue(BigInt(text));
  } catch (error) {
    if (error instanceof SyntaxError) throw scanner.error("a malformed number", start);
    throw error;
  }
}
