/** Checks, field by field, of the bytes in which datetime's classes pickle their state. */
import { daysIn } from "../values/calendar.ts";

/** Returns whether bytes begin with a date's: two of the year, the month, the day. A datetime keeps the fold above its month. */
export function isDate(bytes: Uint8Array | undefined, length: 4 | 10): boolean {
  if (bytes?.length !== length) return false;
  const year = bytes[0]! << 8 | bytes[1]!;
  const month = length === 4 ? bytes[2]! : bytes[2]! & 0x7f;
  const day = bytes[3]!;
  return year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
}

/** Returns whether bytes are a time's from `at` on: hour, minute, second, three of the microsecond. */
export function isClock(bytes: Uint8Array | undefined, length: number, at: number): boolean {
  if (bytes?.length !== length) return false;
  // A time alone keeps the fold above its hour.
  const hour = at === 0 ? bytes[at]! & 0x7f : bytes[at]!;
  const micros = bytes[at + 3]! << 16 | bytes[at + 4]! << 8 | bytes[at + 5]!;
  return hour < 24 && bytes[at + 1]! < 60 && bytes[at + 2]! < 60 && micros < 1_000_000;
}

/** Returns whether a timedelta is an offset that timezone takes: strictly between one day before and one day after. */
export function isOffset(days: number, seconds: number, micros: number): boolean {
  return days === 0 || (days === -1 && (seconds > 0 || micros > 0));
}
