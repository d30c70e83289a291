/** Bodies and times as people see them on a screen. */

import { localDate, localSeconds } from "../base/local_time.ts";
import { format } from "../pickle/repr/format.ts";
import { NDArray } from "../pickle/values/known_numpy.ts";
import { ByteArray, FrozenSet, Tuple, type Value } from "../pickle/values/values.ts";
import { clean } from "../base/text.ts";
import { objectRows } from "./object_rows.ts";
import type { ScreenSpace } from "./screen_space.ts";
import { showArray } from "./show_array.ts";

/** The most characters of an object on one line; a longer one is folded. */
const ONE_LINE = 200;
/** The characters that are shown of a folded object. */
const BEGINNING = 48;
/** The most characters of a text body. */
const LONG_TEXT = 8000;
/** The most bytes that are shown in full. */
const FEW_BYTES = 24;
/** The most lines of a text body. */
const MANY_LINES = 40;
const DAY_MINUTES = 24 * 60;
/** The indentation of each further line of a text, so that none looks like a message. */
const CONTINUED = "\n      │ ";

/** The space for an object if the size of the screen is not known. */
const DEFAULT_ROOM: ScreenSpace = { width: 60, rows: 12, widthOf: (text) => [...text].length };

/** A body as it is shown. */
export interface Shown {
  /** Text that is safe for a terminal; its lines after the first are indented. */
  readonly text: string;
  /** Whether a part was left out. */
  readonly folded: boolean;
}

/**
 * Shows a body for people: a text as it is, tables, grids and nested values over several rows, rows of numbers as bars,
 * and any other object on one line as Python's print shows it. Of a long object it shows the type, the size and the
 * beginning.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { showBody } from "./show.ts";
 *
 * assertEquals(showBody(new Map([[1, "hi"]])), { text: "{1: 'hi'}", folded: false });
 * assertEquals(showBody([1, 2, 3, 4, 5, 6, 7, 8]).text, "[1, 2, 3, 4, 5, 6, 7, 8] ▁▂▃▄▅▆▇█ min 1, mean 4.5, max 8");
 * ```
 */
export function showBody(body: Value, room: ScreenSpace = DEFAULT_ROOM): Shown {
  if (typeof body === "string") return showText(body, room.fold);
  const rows = objectRows(body, room);
  if (rows?.line !== undefined) return { text: rows.line, folded: false };
  if (rows !== null) {
    const seen = rows.rows.length === 1 && !rows.isWhole ? rows.rows : ["", ...rows.rows];
    return { text: `${rows.summary}: ${seen.join(CONTINUED)}`.replace(": \n", ":\n"), folded: !rows.isWhole };
  }
  if (body instanceof NDArray) {
    const { text, folded } = showArray(body);
    return { text: clean(text), folded };
  }
  const bytes = body instanceof Uint8Array ? body : body instanceof ByteArray ? body.bytes : null;
  if (bytes !== null && bytes.length > FEW_BYTES) {
    const kind = body instanceof ByteArray ? "bytearray" : "bytes";
    const seen = format(bytes.subarray(0, FEW_BYTES)) + "…";
    return { text: clean(`${kind} of ${count(bytes.length)}: ${seen}`), folded: true };
  }
  const text = format(body, { limit: ONE_LINE + 1, style: "print" });
  if (text.length <= ONE_LINE) return { text: clean(text), folded: false };
  return { text: clean(`${kindOf(body)}${cut(text, BEGINNING)}…`), folded: true };
}

function kindOf(body: Value): string {
  if (Array.isArray(body)) return `list of ${count(body.length)}: `;
  if (body instanceof Tuple) return `tuple of ${count(body.items.length)}: `;
  if (body instanceof Map) return `dict of ${count(body.size)}: `;
  if (body instanceof Set) return `set of ${count(body.size)}: `;
  if (body instanceof FrozenSet) return `frozenset of ${count(body.members.size)}: `;
  return "";
}

/** Groups digits by thousands. JavaScript's own formatter would load tables, which takes longer than showing a screen. */
function count(number: number): string {
  return String(number).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** Cuts a text, but not within a pair of surrogates. */
function cut(text: string, length: number): string {
  const last = text.charCodeAt(length - 1);
  return text.slice(0, text.length > length && last >= 0xD800 && last < 0xDC00 ? length - 1 : length);
}

function showText(text: string, fold: ScreenSpace["fold"]): Shown {
  const seen = shortened(text);
  const size = `(${count(text.length)} characters)`;
  if (seen !== text) {
    const beginning = lines(seen);
    const shown = fold?.(beginning, size) ?? beginning;
    return { text: shown === beginning ? `${shown}… ${size}` : shown, folded: true };
  }
  const whole = lines(text);
  const shown = fold?.(whole, size) ?? whole;
  return { text: shown, folded: shown !== whole };
}

/** Returns a text, or a beginning of it that fills several screens. */
function shortened(text: string): string {
  let end = -1;
  for (let line = 0; line < MANY_LINES; line++) {
    end = text.indexOf("\n", end + 1);
    if (end === -1) break;
  }
  if (end === -1 || end > LONG_TEXT) return cut(text, LONG_TEXT);
  return text.slice(0, end + 1);
}

function lines(text: string): string {
  return clean(text, { newlines: true }).replaceAll("\n", CONTINUED);
}

/** Shows a time of day in the local zone: `14:05`; from seconds since 1970. */
export function showTime(at: number): string {
  const minutes = Math.floor(localSeconds(at) / 60);
  if (Number.isNaN(minutes)) return "--:--";
  const ofDay = minutes - Math.floor(minutes / DAY_MINUTES) * DAY_MINUTES;
  return `${two(Math.floor(ofDay / 60))}:${two(ofDay % 60)}`;
}

/** Shows the day of a time: `2026-11-23`; "" for a time that no calendar has. */
export function showDay(at: number): string {
  const date = localDate(at);
  if (Number.isNaN(date.getTime())) return "";
  return `${date.getUTCFullYear()}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
}

function two(number: number): string {
  return number < 10 ? `0${number}` : String(number);
}
