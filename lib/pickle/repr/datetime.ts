/** Text of the objects of datetime, as `repr` and `str` show them. */
import type { CalendarDate, DateTime, TimeDelta, TimeFields, TimeOfDay } from "../values/known.ts";
import { TimeZone } from "../values/known.ts";
import { reprStr } from "./text.ts";
import type { Value } from "../values/values.ts";

/** Shows a date as repr does. */
export function reprDate({ year, month, day }: CalendarDate): string {
  return `datetime.date(${year}, ${month}, ${day})`;
}

/** Shows a duration as repr does: the fields that are not 0, by name. */
export function reprTimeDelta({ days, seconds, microseconds }: TimeDelta): string {
  const parts = Object.entries({ days, seconds, microseconds }).filter(([, count]) => count !== 0);
  return `datetime.timedelta(${parts.map(([name, count]) => `${name}=${count}`).join(", ") || "0"})`;
}

/** Shows a time zone as repr does. */
export function reprTimeZone({ offset, zone }: TimeZone): string {
  if (zone === null && isZero(offset)) return "datetime.timezone.utc";
  return `datetime.timezone(${reprTimeDelta(offset)}${zone === null ? "" : ", " + reprStr(zone)})`;
}

/** Shows the numbers of a time of day as repr does, seconds only where there are some. */
export function reprClock({ hour, minute, second, microsecond }: TimeFields): string {
  if (microsecond !== 0) return `${hour}, ${minute}, ${second}, ${microsecond}`;
  return second === 0 ? `${hour}, ${minute}` : `${hour}, ${minute}, ${second}`;
}

/** Shows a date as `str` does. */
export function printDate({ year, month, day }: CalendarDate | DateTime): string {
  return `${pad(year, 4)}-${pad(month)}-${pad(day)}`;
}

/** Shows a time of day as `str` does; undefined where its offset is unknown, because the tzinfo is an inert object. */
export function printTime(time: TimeOfDay | DateTime): string | undefined {
  const offset = offsetOf(time.tzinfo);
  return offset === undefined ? undefined : printClock(time) + offset;
}

/** Shows a duration as `str` does, such as `-1 day, 0:00:01`. */
export function printTimeDelta({ days, seconds, microseconds }: TimeDelta): string {
  const clock = `${Math.floor(seconds / 3600)}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`;
  const whole = clock + fraction(microseconds);
  return days === 0 ? whole : `${days} day${Math.abs(days) === 1 ? "" : "s"}, ${whole}`;
}

/** Shows a time zone as `str` does: its name, or its offset from UTC. */
export function printTimeZone({ offset, zone }: TimeZone): string {
  return zone ?? "UTC" + (isZero(offset) ? "" : printOffset(offset));
}

function printClock({ hour, minute, second, microsecond }: TimeFields): string {
  return `${pad(hour)}:${pad(minute)}:${pad(second)}${fraction(microsecond)}`;
}

function offsetOf(tzinfo: Value): string | undefined {
  if (tzinfo === null) return "";
  return tzinfo instanceof TimeZone ? printOffset(tzinfo.offset) : undefined;
}

function printOffset({ days, seconds, microseconds }: TimeDelta): string {
  const total = (days * 86_400 + seconds) * 1_000_000 + microseconds;
  const size = Math.abs(total);
  const second = Math.floor(size / 1_000_000);
  const exact = second % 60 === 0 && size % 1_000_000 === 0
    ? ""
    : `:${pad(second % 60)}${fraction(size % 1_000_000)}`;
  return `${total < 0 ? "-" : "+"}${pad(Math.floor(second / 3600))}:${
    pad(Math.floor(second / 60) % 60)
  }${exact}`;
}

function isZero({ days, seconds, microseconds }: TimeDelta): boolean {
  return days === 0 && seconds === 0 && microseconds === 0;
}

function fraction(microseconds: number): string {
  return microseconds === 0 ? "" : "." + pad(microseconds, 6);
}

function pad(number: number, width = 2): string {
  return String(number).padStart(width, "0");
}
