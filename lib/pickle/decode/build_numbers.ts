/** Numbers and ranges, built from calls of allowed names. */
import { decimalText } from "../values/decimal.ts";
import { keyWork } from "../values/work.ts";
import { Complex, Decimal, Fraction, type Int, Range } from "../values/known.ts";
import { DEFAULT_LIMITS } from "../values/limits.ts";
import { intValue, isInt } from "../values/number.ts";
import { Float, type Value } from "../values/values.ts";

function floatOf(value: Value | undefined): number | undefined {
  if (value instanceof Float) return value.value;
  return typeof value === "number" && !isInt(value) ? value : undefined;
}

/** Builds a complex number from two floats. */
export function buildComplex(args: readonly Value[]): Complex | undefined {
  const [real, imag] = [floatOf(args[0]), floatOf(args[1])];
  return real === undefined || imag === undefined || args.length !== 2 ? undefined : new Complex(real, imag);
}

/** Builds a range from three ints. */
export function buildRange([start, stop, step, ...more]: readonly Value[]): Range | undefined {
  if (!isInt(start) || !isInt(stop) || !isInt(step) || step === 0 || more.length > 0) return undefined;
  return new Range(start, stop, step);
}

/** The cost of a character of a Decimal's text, in the unit of {@linkcode keyWork}. */
const DECIMAL_WORK = 2;

/** Builds a Decimal from a text that Python's Decimal reads. */
export function buildDecimal([given, ...more]: readonly Value[]): Decimal | undefined {
  if (typeof given !== "string" || more.length > 0) return undefined;
  keyWork.done += DECIMAL_WORK * given.length;
  const text = decimalText(given);
  return text === undefined ? undefined : new Decimal(text);
}

const RATIO = /^(-?(?:0|[1-9]\d*))(?:\/([1-9]\d*))?$/;

/** The length of two ints of as many digits as Python reads. */
const MAX_TEXT = 2 * DEFAULT_LIMITS.digits;

/** The cost of a digit of a Fraction's text, in the unit of {@linkcode keyWork}. */
const DIGIT_WORK = 8;

function intOf(digits: string): Int {
  return intValue(BigInt(digits));
}

/** Builds a Fraction from two ints, or from a text as up to CPython 3.9. */
export function buildFraction(args: readonly Value[]): Fraction | undefined {
  const [top, bottom] = args;
  if (args.length === 1 && typeof top === "string") {
    keyWork.done += DIGIT_WORK * top.length;
    const match = top.length <= MAX_TEXT ? RATIO.exec(top) : null;
    return match === null ? undefined : lowest(intOf(match[1] ?? ""), intOf(match[2] ?? "1"));
  }
  if (args.length !== 2 || !isInt(top) || !isInt(bottom) || bottom <= 0) return undefined;
  return lowest(top, bottom);
}

/** The bound on numbers whose gcd is computed, since that takes quadratic time. */
const MAX_FRACTION = 1n << 2048n;

/** The cost of a step of the gcd, in the unit of {@linkcode keyWork}. */
const DIVISION_WORK = 4;

/** Makes a Fraction of numbers in lowest terms; undefined for others. */
function lowest(top: Int, bottom: Int): Fraction | undefined {
  let [a, b] = [BigInt(top), BigInt(bottom)];
  if (a < 0n) a = -a;
  if (b > 1n && (a > MAX_FRACTION || b > MAX_FRACTION)) {
    if (a > MAX_FRACTION && b > MAX_FRACTION) return undefined;
    keyWork.done += (a > b ? a : b).toString(32).length;
  }
  while (b > 0n) {
    keyWork.done += DIVISION_WORK;
    [a, b] = [b, a % b];
  }
  return a === 1n ? new Fraction(top, bottom) : undefined;
}
