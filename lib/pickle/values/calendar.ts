/** The Gregorian calendar, as Python's datetime counts it. */

/**
 * Returns the number of days of a month; 0 if there is no such month.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { daysIn } from "./calendar.ts";
 *
 * assertEquals([daysIn(1900, 2), daysIn(2000, 2), daysIn(2023, 4), daysIn(2023, 13)], [28, 29, 30, 0]);
 * ```
 */
export function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  if (month === 4 || month === 6 || month === 9 || month === 11) return 30;
  return month >= 1 && month <= 12 ? 31 : 0;
}
