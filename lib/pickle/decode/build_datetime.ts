/**
 * Objects of datetime, built from the arguments of their `__reduce__`. Bytes may be a text, from Python 2 and read as latin1,
 * as Python accepts it. An invalid date stays inert.
 */
import { daysIn } from "../values/calendar.ts";
import { eightBits } from "../values/eight_bits.ts";
import { CalendarDate, DateTime, TimeDelta, type TimeFields, TimeOfDay, TimeZone } from "../values/known.ts";
import { CodePoints, Float, Global, PyObject, type Value } from "../values/values.ts";

const FOLD = 0x80;

function isDate(year: number, month: number, day: number): boolean {
  return year >= 1 && year <= 9999 && day >= 1 && day <= daysIn(year, month);
}

// Byte by byte, since destructuring an array or making a view takes longer than everything else here.

/** Builds a date from four bytes: the big-endian year, the month, the day. */
export function buildDate([packed, ...more]: readonly Value[]): CalendarDate | undefined {
  const bytes = eightBits(packed);
  if (bytes?.length !== 4 || more.length > 0) return undefined;
  return dateOf(bytes, bytes[2] as number);
}

function dateOf(bytes: Uint8Array, month: number): CalendarDate | undefined {
  const year = (bytes[0] as number) << 8 | (bytes[1] as number);
  const day = bytes[3] as number;
  return isDate(year, month, day) ? new CalendarDate(year, month, day) : undefined;
}

/** Reads the fields of a time at an offset: hour, minute, second and three bytes of microseconds. */
function timeFields(
  bytes: Uint8Array,
  { at, hour, fold, tzinfo }: { at: number; hour: number; fold: 0 | 1; tzinfo: Value },
): TimeFields | undefined {
  const minute = bytes[at + 1] as number;
  const second = bytes[at + 2] as number;
  const microsecond = (bytes[at + 3] as number) << 16 | (bytes[at + 4] as number) << 8 |
    (bytes[at + 5] as number);
  if (hour > 23 || minute > 59 || second > 59 || microsecond > 999_999) return undefined;
  return { hour, minute, second, microsecond, fold, tzinfo };
}

/** Returns whether a value can be a tzinfo: null, or an object of a class that does not rule it out. */
function isZone(value: Value): boolean {
  if (value === null) return true;
  return value instanceof PyObject &&
    !(value instanceof Float || value instanceof CodePoints || value instanceof Global);
}

/** Builds a time from six bytes, the top bit of the first being its fold, and an optional tzinfo. */
export function buildTime(args: readonly Value[]): TimeOfDay | undefined {
  const bytes = eightBits(args[0]);
  const tzinfo = args[1] ?? null;
  if (bytes?.length !== 6 || !isZone(tzinfo) || args.length > 2) return undefined;
  const first = bytes[0] as number;
  const fields = timeFields(bytes, { at: 0, hour: first & ~FOLD, fold: foldOf(first), tzinfo });
  return fields && new TimeOfDay(fields);
}

/** Builds a datetime from ten bytes, the top bit of the month being its fold, and an optional tzinfo. */
export function buildDateTime(args: readonly Value[]): DateTime | undefined {
  const bytes = eightBits(args[0]);
  const tzinfo = args[1] ?? null;
  if (bytes?.length !== 10 || !isZone(tzinfo) || args.length > 2) return undefined;
  const month = bytes[2] as number;
  const date = dateOf(bytes, month & ~FOLD);
  const fields = timeFields(bytes, { at: 4, hour: bytes[4] as number, fold: foldOf(month), tzinfo });
  return date && fields && new DateTime(date, fields);
}

function foldOf(byte: number): 0 | 1 {
  return byte >= FOLD ? 1 : 0;
}

/** Builds a timedelta from days, seconds and microseconds, which must be normalised. */
export function buildTimeDelta([days, seconds, micros, ...more]: readonly Value[]): TimeDelta | undefined {
  if (!isBetween(days, -999_999_999, 999_999_999) || !isBetween(seconds, 0, 86_399)) return undefined;
  if (!isBetween(micros, 0, 999_999) || more.length > 0) return undefined;
  return new TimeDelta(days, seconds, micros);
}

function isBetween(value: Value | undefined, least: number, most: number): value is number {
  return Number.isSafeInteger(value) && !Object.is(value, -0) && (value as number) >= least &&
    (value as number) <= most;
}

/** Builds a timezone from an offset of less than a day and an optional name. */
export function buildTimeZone([offset, zone = null, ...more]: readonly Value[]): TimeZone | undefined {
  if (!(offset instanceof TimeDelta) || (zone !== null && typeof zone !== "string") || more.length > 0) {
    return undefined;
  }
  const { days, seconds, microseconds } = offset;
  const isShort = days === 0 || (days === -1 && (seconds > 0 || microseconds > 0));
  return isShort ? new TimeZone(offset, zone) : undefined;
}
