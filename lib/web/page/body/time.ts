/** Times in the reader's own zone, with the exact time as a title. */

import { format } from "../../../pickle/repr/format.ts";
import { type DateTime, TimeZone } from "../../../pickle/values/known.ts";
import { el } from "../dom.ts";

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat(undefined, {
  weekday: "long",
  year: "numeric",
  month: "long",
  day: "numeric",
});
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** Seconds since 1970 as a Date; null for a time that no calendar has. */
function dateOf(seconds: number): Date | null {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? null : date;
}

/** Shows the time of a message: hours and minutes, with date and seconds as a title. */
export function clockView(seconds: number): HTMLElement {
  const date = dateOf(seconds);
  if (date === null) return el("time", {}, "--:--");
  return el(
    "time",
    { title: FULL.format(date), attributes: { datetime: date.toISOString() } },
    CLOCK.format(date),
  );
}

/** The day of a time, in words. */
export function dayOf(seconds: number): string {
  const date = dateOf(seconds);
  return date === null ? "" : DAY.format(date);
}

/** Shows a datetime of Python's: in the reader's zone if it has an offset, else unchanged. */
export function timeView(time: DateTime): HTMLElement {
  const iso = isoOf(time);
  const date = hasZone(time) ? new Date(iso) : null;
  const text = date === null || Number.isNaN(date.getTime()) ? iso.replace("T", " ") : FULL.format(date);
  return el("time", { title: iso, attributes: { datetime: iso } }, text);
}

function hasZone({ tzinfo }: DateTime): boolean {
  return tzinfo instanceof TimeZone;
}

/** Returns ISO 8601, as datetime.isoformat writes it. The repr of an unknown zone is added at the end. */
export function isoOf(time: DateTime): string {
  const two = (number: number) => String(number).padStart(2, "0");
  const { year, month, day, hour, minute, second, microsecond, tzinfo } = time;
  const date = `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}`;
  const fraction = microsecond === 0 ? "" : `.${String(microsecond).padStart(6, "0")}`;
  return `${date}T${two(hour)}:${two(minute)}:${two(second)}${fraction}${zoneOf(tzinfo)}`;
}

function zoneOf(tzinfo: DateTime["tzinfo"]): string {
  if (tzinfo === null) return "";
  if (!(tzinfo instanceof TimeZone)) return ` ${format(tzinfo)}`;
  const { offset } = tzinfo;
  const minutes = offset.days * 1440 + Math.round(offset.seconds / 60);
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `${minutes < 0 ? "-" : "+"}${String(hours).padStart(2, "0")}:${String(rest).padStart(2, "0")}`;
}
