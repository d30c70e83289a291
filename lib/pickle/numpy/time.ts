/** Text of numpy's times and durations, which are counts of a unit. */
import type { TimeUnit } from "./layout.ts";

/** The count that means not-a-time. */
export const NOT_A_TIME = -(2n ** 63n);

/** The power of ten of the units in a second, for units below one. */
const PER_SECOND: Readonly<Record<string, number>> = { ms: 3, us: 6, ns: 9, ps: 12, fs: 15, as: 18 };

/** The seconds of a unit, for units of a second and above. */
const SECONDS: Readonly<Record<string, bigint>> = { W: 604_800n, D: 86_400n, h: 3600n, m: 60n, s: 1n };

/** The number of characters of a time of day that are shown for a unit. */
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

/** Shows a time in ISO 8601, to the precision of its unit. */
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
