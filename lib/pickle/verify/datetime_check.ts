/** Checks of the bytes in which the classes of datetime pickle their state, field by field. */
import { daysIn } from "../values/calendar.ts";
import type { Span } from "./slot_reader.ts";

/** The sizes of the states. */
export const DATE_BYTES = 4;
export const TIME_BYTES = 6;
export const DATETIME_BYTES = 10;

/**
 * Returns whether bytes begin with a valid date: two bytes of the year, the month, the day.
 *
 * @param fold whether the highest bit of the month is the fold, as in a datetime
 */
export function isDate({ bytes, start }: Span, fold: boolean): boolean {
  const year = bytes[start]! << 8 | bytes[start + 1]!;
  const month = fold ? bytes[start + 2]! & 0x7f : bytes[start + 2]!;
  const day = bytes[start + 3]!;
  return year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
}

/**
 * Returns whether bytes begin with a valid time: hour, minute, second, three bytes of the microsecond.
 *
 * @param fold whether the highest bit of the hour is the fold, as in a time alone
 */
export function isClock({ bytes, start }: Span, fold: boolean): boolean {
  const hour = fold ? bytes[start]! & 0x7f : bytes[start]!;
  const micros = bytes[start + 3]! << 16 | bytes[start + 4]! << 8 | bytes[start + 5]!;
  return hour < 24 && bytes[start + 1]! < 60 && bytes[start + 2]! < 60 && micros < 1_000_000;
}

/** Returns whether a timedelta is an offset that timezone accepts: more than −24 and less than 24 hours. */
export function isOffset(days: number, seconds: number, micros: number): boolean {
  return days === 0 || (days === -1 && (seconds > 0 || micros > 0));
}
