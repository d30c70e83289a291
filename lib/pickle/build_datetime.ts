/**
 * The objects of datetime, out of the bytes and numbers that its `__reduce__` gives; the bytes are text where they came from
 * Python 2 and were read as latin1, which Python takes too. Dates that there are not stay inert.
 */
import { eightBits } from "./build_call.ts";
import { CalendarDate, DateTime, TimeDelta, type TimeFields, TimeOfDay, TimeZone } from "./known.ts";
import { CodePoints, Float, Global, PyObject, type Value } from "./values.ts";

const FOLD = 0x80;
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function daysIn(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && leap ? 29 : DAYS[month - 1] ?? 0;
}

function isDate(year: number, month: number, day: number): boolean {
  return year >= 1 && year <= 9999 && day >= 1 && day <= daysIn(year, month);
}

/** Makes a date of four bytes: the year, big-endian, the month, the day. */
export function buildDate([packed, ...more]: readonly Value[]): CalendarDate | undefined {
  const bytes = eightBits(packed);
  if (bytes?.length !== 4 || more.length > 0) return undefined;
  const [high = 0, low = 0, month = 0, day = 0] = bytes;
  const year = high * 256 + low;
  return isDate(year, month, day) ? new CalendarDate(year, month, day) : undefined;
}

/** Gives the fields that six bytes hold: hour, minute, second and three bytes of microseconds. */
function timeFields(bytes: Uint8Array, fold: 0 | 1, tzinfo: Value): TimeFields | undefined {
  const [hour = 0, minute = 0, second = 0, high = 0, middle = 0, low = 0] = bytes;
  const microsecond = (high << 16) | (middle << 8) | low;
  if (hour > 23 || minute > 59 || second > 59 || microsecond > 999_999) return undefined;
  return { hour, minute, second, microsecond, fold, tzinfo };
}

/** What may be a tzinfo: None, or an object whose class says nothing else. */
function isZone(value: Value): boolean {
  if (value === null) return true;
  return value instanceof PyObject &&
    !(value instanceof Float || value instanceof CodePoints || value instanceof Global);
}

/** Makes a time of six bytes, the top bit of the first being its fold, and perhaps a tzinfo. */
export function buildTime([packed, tzinfo = null, ...more]: readonly Value[]): TimeOfDay | undefined {
  const bytes = eightBits(packed)?.slice();
  if (bytes?.length !== 6 || !isZone(tzinfo) || more.length > 0) return undefined;
  const fold = unfold(bytes, 0);
  const fields = timeFields(bytes, fold, tzinfo);
  return fields && new TimeOfDay(fields);
}

/** Makes a datetime of ten bytes, the top bit of the month being its fold, and perhaps a tzinfo. */
export function buildDateTime([packed, tzinfo = null, ...more]: readonly Value[]): DateTime | undefined {
  const bytes = eightBits(packed)?.slice();
  if (bytes?.length !== 10 || !isZone(tzinfo) || more.length > 0) return undefined;
  const fold = unfold(bytes, 2);
  const date = buildDate([bytes.subarray(0, 4)]);
  const fields = timeFields(bytes.subarray(4), fold, tzinfo);
  return date && fields && new DateTime(date, fields);
}

/** Takes the fold out of the byte that it shares. */
function unfold(bytes: Uint8Array, at: number): 0 | 1 {
  const byte = bytes[at] as number;
  bytes[at] = byte & ~FOLD;
  return byte >= FOLD ? 1 : 0;
}

/** Makes a timedelta of days, seconds and microseconds, normalised as Python keeps them. */
export function buildTimeDelta([days, seconds, micros, ...more]: readonly Value[]): TimeDelta | undefined {
  if (!isBetween(days, -999_999_999, 999_999_999) || !isBetween(seconds, 0, 86_399)) return undefined;
  if (!isBetween(micros, 0, 999_999) || more.length > 0) return undefined;
  return new TimeDelta(days, seconds, micros);
}

function isBetween(value: Value | undefined, least: number, most: number): value is number {
  return Number.isSafeInteger(value) && !Object.is(value, -0) && (value as number) >= least &&
    (value as number) <= most;
}

/** Makes a timezone of an offset of less than a day, and perhaps a name. */
export function buildTimeZone([offset, zone = null, ...more]: readonly Value[]): TimeZone | undefined {
  if (!(offset instanceof TimeDelta) || (zone !== null && typeof zone !== "string") || more.length > 0) {
    return undefined;
  }
  const { days, seconds, microseconds } = offset;
  const isShort = days === 0 || (days === -1 && (seconds > 0 || microseconds > 0));
  return isShort ? new TimeZone(offset, zone) : undefined;
}
