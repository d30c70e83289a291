/** Time zones: the offset from UTC at a time, from a POSIX rule or from a file of the system. */

/** A time zone. */
export interface TimeZone {
  /** Returns the offset at a time, in seconds east of UTC. The time is in seconds since 1970. */
  offsetAt(time: number): number;
}

/** A zone that always has the same offset, in seconds east of UTC. */
export function fixedZone(offset: number): TimeZone {
  return { offsetAt: () => offset };
}

const DAY = 86_400;

/** The changes for a rule that specifies none: those of the United States, as in glibc. */
const DEFAULT_CHANGES = ["M3.2.0", "M11.1.0"] as const;

/** The largest offset; glibc reduces larger ones to it. */
const LARGEST_OFFSET_HOURS = 24;

/** Returns the time of a change in a year, in seconds since 1970 by the local clock before the change. */
type Change = (year: number) => number;

/**
 * Reads a zone as POSIX writes it in TZ: `JST-9`, `<+03>-3`, `CET-1CEST,M3.5.0,M10.5.0/3`.
 *
 * Text after a complete part that cannot be read is ignored, as in glibc.
 *
 * @returns The zone; null if the text does not begin with a name and an offset.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parsePosixZone } from "./time_zone.ts";
 *
 * const paris = parsePosixZone("CET-1CEST,M3.5.0,M10.5.0/3")!;
 * assertEquals([Date.UTC(2026, 0, 1), Date.UTC(2026, 6, 1)].map((ms) => paris.offsetAt(ms / 1000)), [3600, 7200]);
 * assertEquals(parsePosixZone("Asia/Tokyo"), null);
 * ```
 */
export function parsePosixZone(text: string): TimeZone | null {
  const [head, , west] = /^(<[\w+-]{3,}>|[A-Za-z]{3,})([+-]?\d{1,3}(?::\d{1,2}){0,2})/.exec(text) ?? [];
  if (head === undefined || west === undefined) return null;
  const standard = -parseOffset(west);
  const rest = text.slice(head.length);
  const [named, , summerWest] = /^(<[\w+-]{3,}>|[A-Za-z]{3,})([+-]?\d{1,3}(?::\d{1,2}){0,2})?/.exec(rest) ??
    [];
  if (named === undefined) return fixedZone(standard);
  const summer = summerWest === undefined ? standard + 3600 : -parseOffset(summerWest);
  const [, start = DEFAULT_CHANGES[0], end = DEFAULT_CHANGES[1]] =
    /^,([^,]+),([^,]+)/.exec(rest.slice(named.length)) ?? [];
  const [toSummer, toStandard] = [parseChange(start), parseChange(end)];
  if (toSummer === null || toStandard === null) return fixedZone(standard);
  return {
    offsetAt(time) {
      const year = new Date((time + standard) * 1000).getUTCFullYear();
      let latest = -Infinity;
      let offset = standard;
      // A change may be up to a week before or after its year, so the adjacent years count too.
      for (const y of [year - 1, year, year + 1]) {
        for (
          const [at, after] of [[toSummer(y) - standard, summer], [toStandard(y) - summer, standard]] as const
        ) {
          if (at <= time && at >= latest) [latest, offset] = [at, after];
        }
      }
      return offset;
    },
  };
}

/** Reads `[+-]h[:m[:s]]`, in seconds. */
function parseOffset(text: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = text.replace(/^[+-]/, "").split(":").map(Number);
  const size = Math.min(hours, LARGEST_OFFSET_HOURS) * 3600 + Math.min(minutes, 59) * 60 +
    Math.min(seconds, 59);
  return text.startsWith("-") ? -size : size;
}

/** Reads the date and time of a change: `M10.5.0/3`, `J60`, `59/-2`. */
function parseChange(text: string): Change | null {
  const [, date = "", time = "2"] = /^([^/]+)(?:\/([+-]?\d{1,3}(?::\d{1,2}){0,2}))?$/.exec(text) ?? [];
  const [hours = 0, minutes = 0, seconds = 0] = time.replace(/^[+-]/, "").split(":").map(Number);
  const ofDay = (time.startsWith("-") ? -1 : 1) * (hours * 3600 + minutes * 60 + seconds);
  const [, month, week, weekday] = /^M(\d{1,2})\.([1-5])\.([0-6])$/.exec(date) ?? [];
  if (month !== undefined && Number(month) >= 1 && Number(month) <= 12) {
    return (year) =>
      nthWeekday(year, { month: Number(month), week: Number(week), weekday: Number(weekday) }) + ofDay;
  }
  const [, julian, day] = /^(J?)(\d{1,3})$/.exec(date) ?? [];
  const number = Number(day);
  if (julian === "J" && number >= 1 && number <= 365) {
    // February 29 is never counted.
    return (year) => startOf(year) + (number - 1) * DAY + leapShift(year, number) + ofDay;
  }
  return julian === "" && number <= 365 ? (year) => startOf(year) + number * DAY + ofDay : null;
}

function startOf(year: number): number {
  return Date.UTC(year, 0, 1) / 1000;
}

function leapShift(year: number, julianDay: number): number {
  const isLeap = new Date(Date.UTC(year, 1, 29)).getUTCMonth() === 1;
  return isLeap && julianDay > 59 ? DAY : 0;
}

/** Returns the start of a weekday of a month: the first to the fourth one, or with 5 the last one. */
function nthWeekday(year: number, date: { month: number; week: number; weekday: number }): number {
  const { month, week, weekday } = date;
  const first = new Date(Date.UTC(year, month - 1, 1)).getUTCDay();
  const day = 1 + (weekday - first + 7) % 7 + (week - 1) * 7;
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return Date.UTC(year, month - 1, day > days ? day - 7 : day) / 1000;
}
