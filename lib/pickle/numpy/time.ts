/** The times of numpy: counts of a unit since 1970, as ISO 8601 text and back. */
import type { TimeUnit } from "./layout.ts";

/** What stands for no time. */
export const NOT_A_TIME = -(2n ** 63n);

/** How many of a unit make a second, for those below one. */
const PER_SECOND: Readonly<Record<string, number>> = { ms: 3, us: 6, ns: 9, ps: 12, fs: 15, as: 18 };

/** How many seconds make one, for those above. */
const SECONDS: Readonly<Record<string, bigint>> = { W: 604_800n, D: 86_400n, h: 3600n, m: 60n, s: 1n };

/** How many characters of a time of day a unit shows. */
const CLOCK_LENGTH: Readonly<Record<string, number>> = { h: 3, m: 6, s: 9 };

/** The names of units in the text of a duration. */
const NAMES: Readonly<Record<string, string>> = {
  Y: "years",
  M: "months",
  W: "weeks",
  D: "days",
  h: "hours",
  m: "minutes",
  s: "seconds",
  ms: "milliseconds",
  us: "microseconds",
  ns: "nanoseconds",
  ps: "picoseconds",
  fs: "femtoseconds",
  as: "attoseconds",
  generic: "generic time units",
};

const TIME = /^(-?\d{3,18})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d{1,18}))?)?)?)?)?)?$/;

/** Shows a time in ISO 8601, as exactly as its unit tells it. */
export function timeText(count: bigint, { name, count: step }: TimeUnit): string {
  if (count === NOT_A_TIME || name === "generic") return "NaT";
  const units = count * BigInt(step);
  if (name === "Y") return yearText(1970n + units);
  if (name === "M") return `${yearText(1970n + floorDivide(units, 12n))}-${pad(modulo(units, 12n) + 1n)}`;
  const places = PER_SECOND[name];
  const perSecond = places === undefined ? 1n : 10n ** BigInt(places);
  const seconds = places === undefined ? units * SECONDS[name]! : floorDivide(units, perSecond);
  const date = dateText(floorDivide(seconds, 86_400n));
  if (name === "W" || name === "D") return date;
  const second = modulo(seconds, 86_400n);
  const clock = `T${pad(second / 3600n)}:${pad((second / 60n) % 60n)}:${pad(second % 60n)}`;
  if (places === undefined) return date + clock.slice(0, CLOCK_LENGTH[name]);
  return `${date}${clock}.${String(modulo(units, perSecond)).padStart(places, "0")}`;
}

/** Shows a duration as `str` does, such as `5 days`. */
export function durationText(count: bigint, { name, count: step }: TimeUnit): string {
  return count === NOT_A_TIME ? "NaT" : `${count * BigInt(step)} ${NAMES[name]}`;
}

/**
 * Reads a time in ISO 8601.
 *
 * @returns Its count of the unit; undefined where it is no time, or not a whole count of them.
 */
export function timeCount(text: string, { name, count: step }: TimeUnit): bigint | undefined {
  if (text === "NaT") return NOT_A_TIME;
  const [, year, month = "01", day = "01", hour = "0", minute = "0", second = "0", part = ""] =
    TIME.exec(text) ?? [];
  if (year === undefined || name === "generic") return undefined;
  const months = (BigInt(year) - 1970n) * 12n + BigInt(month) - 1n;
  const clock = BigInt(hour) * 3600n + BigInt(minute) * 60n + BigInt(second);
  const seconds = (dayNumber(BigInt(year), BigInt(month)) + BigInt(day) - 1n) * 86_400n + clock;
  const atto = seconds * 10n ** 18n + BigInt(part.padEnd(18, "0"));
  const [units, size] = name === "Y" || name === "M"
    ? [months, name === "Y" ? 12n : 1n]
    : [atto, 10n ** 18n * (SECONDS[name] ?? 1n) / 10n ** BigInt(PER_SECOND[name] ?? 0)];
  const whole = size * BigInt(step);
  return modulo(units, whole) === 0n ? units / whole : undefined;
}

/** The unit of the text of a time, from how much it tells: what numpy takes where none is given. */
export function unitOfText(text: string): TimeUnit | undefined {
  const [, year, month, day, hour, minute, second, part] = TIME.exec(text) ?? [];
  if (year === undefined) return text === "NaT" ? { name: "generic", count: 1 } : undefined;
  if (part !== undefined) {
    const places = Math.ceil(part.length / 3) * 3;
    const name = Object.keys(PER_SECOND).find((unit) => PER_SECOND[unit] === places);
    return name === undefined ? undefined : { name, count: 1 };
  }
  const known = [month, day, hour, minute, second].findIndex((field) => field === undefined);
  return { name: ["Y", "M", "D", "h", "m"][known] ?? "s", count: 1 };
}

/** The days from 1970 to the first of a month (the calendar of today, backwards too). */
function dayNumber(year: bigint, month: bigint): bigint {
  // Years that begin in March have their odd day last.
  const shifted = month > 2n ? year : year - 1n;
  const era = floorDivide(shifted, 400n);
  const ofEra = shifted - era * 400n;
  const ofYear = (153n * (month + (month > 2n ? -3n : 9n)) + 2n) / 5n;
  return era * 146_097n + ofEra * 365n + ofEra / 4n - ofEra / 100n + ofYear - 719_468n;
}

function dateText(days: bigint): string {
  const shifted = days + 719_468n;
  const era = floorDivide(shifted, 146_097n);
  const ofEra = shifted - era * 146_097n;
  const year = (ofEra - ofEra / 1460n + ofEra / 36_524n - ofEra / 146_096n) / 365n;
  const ofYear = ofEra - (365n * year + year / 4n - year / 100n);
  const month = (5n * ofYear + 2n) / 153n;
  const day = ofYear - (153n * month + 2n) / 5n + 1n;
  const inYear = month < 10n ? 0n : 1n;
  return `${yearText(year + era * 400n + inYear)}-${pad(month + (month < 10n ? 3n : -9n))}-${pad(day)}`;
}

function yearText(year: bigint): string {
  // numpy counts the sign among the four characters.
  return year < 0n ? "-" + pad(-year, 3) : pad(year, 4);
}

function floorDivide(value: bigint, by: bigint): bigint {
  return (value - modulo(value, by)) / by;
}

function modulo(value: bigint, by: bigint): bigint {
  return ((value % by) + by) % by;
}

function pad(value: bigint, width = 2): string {
  return String(value).padStart(width, "0");
}
