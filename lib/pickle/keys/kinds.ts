/** Canonical forms of keys: a number for all equal numbers, and a text for equal objects of the same kind. */
import {
  CalendarDate,
  Complex,
  DateTime,
  Decimal,
  Fraction,
  type Int,
  PurePath,
  Range,
  TimeDelta,
  type TimeFields,
  TimeOfDay,
  TimeZone,
  UUID,
} from "../values/known.ts";
import { keyWork } from "../values/work.ts";
import { NumpyScalar } from "../values/known_numpy.ts";
import { type DecimalParts, decimalParts } from "../values/decimal.ts";
import { intValue } from "../values/number.ts";
import { isWindows, pathText } from "../values/pure_path.ts";
import { CodePoints, Float, Global, type PyObject, type Value } from "../values/values.ts";

/** The most digits of a Decimal that is compared as a number; longer ones are compared as text, to bound the time. */
const MAX_EXACT_DIGITS = 400;

/**
 * Returns the canonical form of a number, the same for all equal ones (True, 1, 1.0 and Fraction(1, 1) are 1): a number for a
 * safe integer and for a float with a fraction, a bigint for any other integer; undefined for nan and for other values.
 */
export function numberOf(value: Value): number | bigint | undefined {
  switch (typeof value) {
    case "number":
      return fromFloat(value);
    case "boolean":
      return value ? 1 : 0;
    case "bigint":
      return intValue(value);
    case "object":
      if (value instanceof Float) return fromFloat(value.value);
      if (value instanceof Complex) return value.imag === 0 ? fromFloat(value.real) : undefined;
      if (value instanceof Fraction) return fromFraction(BigInt(value.numerator), BigInt(value.denominator));
      if (value instanceof Decimal) return fromDecimal(value.text);
      if (value instanceof NumpyScalar) {
        const plain = value.plain();
        return plain === null ? undefined : numberOf(plain);
      }
  }
  return undefined;
}

function fromFloat(value: number): number | bigint | undefined {
  if (Number.isSafeInteger(value)) return value === 0 ? 0 : value;
  if (Number.isInteger(value)) return BigInt(value);
  return Number.isNaN(value) ? undefined : value;
}

function fromFraction(numerator: bigint, denominator: bigint): number | bigint | undefined {
  if (denominator === 1n) return intValue(numerator);
  // Only a power of two can be the denominator of a float.
  if (denominator <= 0n || (denominator & (denominator - 1n)) !== 0n) return undefined;
  const top = Number(numerator);
  const bottom = Number(denominator);
  return Number.isSafeInteger(top) && bottom <= 2 ** 1000 ? top / bottom : undefined;
}

function withoutTrailingZeros(digits: string): string {
  let end = digits.length;
  while (end > 0 && digits.charCodeAt(end - 1) === 0x30) end--;
  return digits.slice(0, end);
}

/** A Decimal without the zeros at its end. */
function trimmedDecimal(text: string): DecimalParts | undefined {
  const parts = decimalParts(text);
  if (parts?.kind !== "finite") return parts;
  const digits = withoutTrailingZeros(parts.digits);
  if (digits === "") return { ...parts, digits: "0", exponent: 0 };
  return { ...parts, digits, exponent: parts.exponent + parts.digits.length - digits.length };
}

function fromDecimal(text: string): number | bigint | undefined {
  const parts = trimmedDecimal(text);
  if (parts?.kind === "Infinity") return parts.sign === "-" ? -Infinity : Infinity;
  if (parts?.kind !== "finite") return undefined;
  const { sign, digits, exponent } = parts;
  if (digits.length > MAX_EXACT_DIGITS || Math.abs(exponent) > MAX_EXACT_DIGITS) return undefined;
  const top = BigInt(sign + digits);
  if (exponent >= 0) return intValue(top * 10n ** BigInt(exponent));
  // c / 10^k is a float only where 5^k divides c.
  const fives = 5n ** BigInt(-exponent);
  return top % fives === 0n ? fromFraction(top / fives, 2n ** BigInt(-exponent)) : undefined;
}

/**
 * Returns a text that is the same for two objects exactly if they are equal in Python; undefined for objects that are
 * compared by identity, and for tuples, bytes and frozensets.
 */
export function leafText(value: PyObject): string | undefined {
  if (value instanceof Global) return `global ${value.module}\n${value.name}`;
  if (value instanceof CodePoints) return `str ${value.points.join(" ")}`;
  if (value instanceof UUID) return `uuid ${value.int}`;
  if (value instanceof CalendarDate) return `date ${dayNumber(value)}`;
  if (value instanceof DateTime) return zoned(value, dayNumber(value), "datetime");
  if (value instanceof TimeOfDay) return zoned(value, 0, "time");
  if (value instanceof TimeDelta) return `timedelta ${value.days} ${value.seconds} ${value.microseconds}`;
  if (value instanceof TimeZone) return `timezone ${microseconds(value.offset)}`;
  // A complex number with a nan equals only itself.
  if (value instanceof Complex) {
    return Number.isNaN(value.real) || Number.isNaN(value.imag)
      ? undefined
      : `complex ${value.real} ${value.imag}`;
  }
  if (value instanceof Fraction) return `fraction ${digits(value.numerator)}/${digits(value.denominator)}`;
  if (value instanceof Decimal) return decimalKey(value.text);
  if (value instanceof Range) return rangeText(value);
  if (value instanceof PurePath) return pathKey(value);
  return undefined;
}

function dayNumber(date: { readonly year: number; readonly month: number; readonly day: number }): number {
  return (date.year * 12 + date.month) * 31 + date.day;
}

function microseconds(delta: TimeDelta): number {
  return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds;
}

function zoned(time: TimeFields, days: number, family: string): string | undefined {
  const { hour, minute, second, microsecond, tzinfo } = time;
  const local = ((hour * 60 + minute) * 60 + second) * 1_000_000 + microsecond;
  if (tzinfo === null) return `${family} ${days} ${local}`;
  // Two times of different zones may be equal; the offset of an unknown tzinfo object is not known.
  if (!(tzinfo instanceof TimeZone)) return undefined;
  if (!(time instanceof DateTime)) return `${family} utc ${local - microseconds(tzinfo.offset)}`;
  const midnight = BigInt(new Date(0).setUTCFullYear(time.year, time.month - 1, time.day));
  return `${family} utc ${midnight * 1000n + BigInt(local - microseconds(tzinfo.offset))}`;
}

function decimalKey(text: string): string | undefined {
  const parts = trimmedDecimal(text);
  return parts?.kind === "finite" ? `decimal ${parts.sign}${parts.digits}e${parts.exponent}` : undefined;
}

/** Writes an int in a base that is a power of two; decimal digits take more than linear time. */
function digits(int: Int): string {
  return int.toString(32);
}

function rangeText(range: Range): string {
  const start = BigInt(range.start);
  const stop = BigInt(range.stop);
  const step = BigInt(range.step);
  const span = step > 0n ? stop - start : start - stop;
  const stride = step > 0n ? step : -step;
  const count = span > 0n && stride > 0n ? (span + stride - 1n) / stride : 0n;
  if (count === 0n) return "range 0";
  const first = digits(start);
  return count === 1n ? `range 1 ${first}` : `range ${digits(count)} ${first} ${digits(step)}`;
}

/** The cost of reading a character of a path, in the unit of {@linkcode keyWork}. */
const PATH_WORK = 8;

function pathKey(path: PurePath): string {
  for (const part of path.parts) keyWork.done += PATH_WORK * (part.length + 1);
  const text = pathText(path);
  return isWindows(path.kind) ? `path windows ${text.toLowerCase()}` : `path ${text}`;
}
