/** Checks, field by field, of the bytes in which datetime's classes pickle their state. */
import { daysIn } from "../values/calendar.ts";
import type { Span } from "./slot_reader.ts";

/** The bytes of each state. */
export const DATE_BYTES = 4;
export const TIME_BYTES = 6;
export const DATETIME_BYTES = 10;

/** Returns whether bytes begin with a date's: two of the year, the month, the day. A datetime keeps the fold above its month. */
export function isDate({ bytes, start }: Span, fold: boolean): boolean {
  const year = bytes[start]! << 8 | bytes[start + 1]!;
  const month = fold ? bytes[start + 2]! & 0x7f : bytes[start + 2]!;
  const day = bytes[start + 3]!;
  return year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
}

/** Returns whether bytes begin with a time's: hour, minute, second, three of the microsecond. A time alone keeps the fold above its hour. */
export function isClock({ bytes, start }: Span, fold: boolean): boolean {
  const hour = fold ? bytes[start]! & 0x7f : bytes[start]!;
  const micros = bytes[start + 3]! << 16 | bytes[start + 4]! << 8 | bytes[start + 5]!;
  return hour < 24 && bytes[start + 1]! < 60 && bytes[start + 2]! < 60 && micros < 1_000_000;
}

/** Returns whether a timedelta is an offset that timezone takes: strictly between one day before and one day after. */
export function isOffset(days: number, seconds: number, micros: number): boolean {
  return days === 0 || (days === -1 && (seconds > 0 || micros > 0));
}
