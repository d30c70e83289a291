/** Constructors of the objects of datetime in literals. */
import {
  buildDate,
  buildDateTime,
  buildTime,
  buildTimeDelta,
  buildTimeZone,
} from "../decode/build_datetime.ts";
import type { Constructor } from "./constructor.ts";
import type { Value } from "../values/values.ts";

type Given = readonly (Value | undefined)[];

const DATE = ["year", "month", "day"];
const TIME = ["hour", "minute", "second", "microsecond"];

/** The microseconds of each unit, in the order of timedelta's parameters. */
const DURATIONS: Readonly<Record<string, bigint>> = {
  days: 86_400_000_000n,
  seconds: 1_000_000n,
  microseconds: 1n,
  milliseconds: 1_000n,
  minutes: 60_000_000n,
  hours: 3_600_000_000n,
  weeks: 604_800_000_000n,
};

/** The constructors of datetime by their full names. */
export const DATETIME_CONSTRUCTORS: readonly [string, Constructor][] = [
  ["datetime.date", { names: DATE, make: makeDate }],
  ["datetime.time", { names: [...TIME, "tzinfo", "fold"], make: makeTime }],
  ["datetime.datetime", { names: [...DATE, ...TIME, "tzinfo", "fold"], make: makeDateTime }],
  ["datetime.timedelta", { names: Object.keys(DURATIONS), make: makeTimeDelta }],
  ["datetime.timezone", { names: ["offset", "name"], make: makeTimeZone }],
];

function makeDate(given: Given): Value | undefined {
  const bytes = dateBytes(given);
  return bytes && buildDate([Uint8Array.from(bytes)]);
}

function makeTime(given: Given): Value | undefined {
  const bytes = timeBytes(given);
  return bytes && folded(bytes, { at: 0, fold: given[5] }, (packed) => buildTime([packed, given[4] ?? null]));
}

function makeDateTime(given: Given): Value | undefined {
  const [date, time] = [dateBytes(given), timeBytes(given.slice(3))];
  if (date === undefined || time === undefined) return undefined;
  const fold = { at: 2, fold: given[8] };
  return folded([...date, ...time], fold, (packed) => buildDateTime([packed, given[7] ?? null]));
}

/** Sets the fold as the highest bit of a byte, and builds the object. */
function folded(
  bytes: number[],
  { at, fold = 0 }: { at: number; fold: Value | undefined },
  build: (packed: Uint8Array) => Value | undefined,
): Value | undefined {
  if (fold !== 0 && fold !== 1) return undefined;
  bytes[at]! += fold * 0x80;
  return build(Uint8Array.from(bytes));
}

function makeTimeDelta(given: Given): Value | undefined {
  let total = 0n;
  for (const [at, unit] of Object.values(DURATIONS).entries()) {
    const count = given[at] ?? 0;
    if (typeof count === "bigint") total += count * unit;
    else if (isCount(count, Number.MAX_SAFE_INTEGER)) total += BigInt(count) * unit;
    else return undefined;
  }
  const microseconds = modulo(total, 1_000_000n);
  const seconds = modulo((total - microseconds) / 1_000_000n, 86_400n);
  const days = (total - microseconds - seconds * 1_000_000n) / 86_400_000_000n;
  return buildTimeDelta([Number(days), Number(seconds), Number(microseconds)]);
}

function makeTimeZone([offset, name = null]: Given): Value | undefined {
  return offset === undefined ? undefined : buildTimeZone([offset, name]);
}

function modulo(value: bigint, by: bigint): bigint {
  return ((value % by) + by) % by;
}

function dateBytes([year, month, day]: Given): number[] | undefined {
  if (!isCount(year, 9999) || !isCount(month, 12) || !isCount(day, 31)) return undefined;
  return year < 0 || month < 0 || day < 0 ? undefined : [year >> 8, year & 0xFF, month, day];
}

function timeBytes([hour = 0, minute = 0, second = 0, micro = 0]: Given): number[] | undefined {
  if (!isCount(hour, 23) || !isCount(minute, 59) || !isCount(second, 59) || !isCount(micro, 999_999)) {
    return undefined;
  }
  if (hour < 0 || minute < 0 || second < 0 || micro < 0) return undefined;
  return [hour, minute, second, micro >> 16, (micro >> 8) & 0xFF, micro & 0xFF];
}

function isCount(value: Value | undefined, most: number): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value <= most;
}
