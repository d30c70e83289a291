/** The answer to /show: a whole body on as many rows as it takes, with its sender and time. */

import { pictureOf, pixelsOf } from "../objects/image.ts";
import { arrayName } from "../objects/array_name.ts";
import { format } from "../pickle/repr/format.ts";
import { NDArray } from "../pickle/values/known_numpy.ts";
import { ByteArray, FrozenSet, Tuple, type Value } from "../pickle/values/values.ts";
import { clean } from "../base/text.ts";
import type { KeptBody } from "./folded.ts";
import { type ColourDepth, halfBlocks } from "./half_blocks.ts";
import { objectRows } from "./object_rows.ts";
import type { ScreenSpace } from "./screen_space.ts";
import { showDay, showTime } from "./show.ts";

/** A screen for whole bodies. */
export interface WholeRoom extends ScreenSpace {
  /** The colours for images; null if there are none. */
  readonly colours: ColourDepth | null;
}

/** The most rows of a table or an array. */
const MOST_ROWS = 100_000;

/**
 * Lays out a whole body: a row with the sender, the time and the type, and then all of the body. An array of pixels is
 * drawn as an image if the terminal has colours.
 *
 * @returns The rows, each safe for a terminal.
 */
export function showWhole({ body, origin }: KeptBody, room: WholeRoom): string[] {
  const who = origin === undefined
    ? ""
    : `${clean(origin.from)}, ${showDay(origin.at)} ${showTime(origin.at)}: `;
  // The repr of a picture's bytes says nothing to a person.
  const rows = pictureOf(body) !== null
    ? [`a terminal does not draw this: /save ${origin?.id ?? "ID"} FILE writes it`]
    : rowsOf(body, room);
  return [`-- ${who}${describe(body)}`, ...rows];
}

function rowsOf(body: Value, room: WholeRoom): readonly string[] {
  if (typeof body === "string") return wrapped(body, room);
  const pixels = room.colours === null ? null : pixelsOf(body);
  if (pixels !== null) {
    return halfBlocks(pixels, { width: room.width, rows: room.rows, depth: room.colours! });
  }
  const laid = objectRows(body, { ...room, rows: MOST_ROWS });
  if (laid?.isWhole) return laid.rows;
  return wrapped(format(body, { style: "print" }), room);
}

/** A text as rows of the screen's width, so that pages can be counted. */
function wrapped(text: string, { width, widthOf }: WholeRoom): string[] {
  const rows: string[] = [];
  for (const line of clean(text, { newlines: true }).split("\n")) {
    let [row, used] = ["", 0];
    for (const character of line) {
      const columns = widthOf(character);
      if (used + columns > width && row !== "") {
        // At a blank if there is one.
        const blank = character === " " ? row.length : Math.max(0, row.lastIndexOf(" "));
        const isWord = row.slice(0, blank).trim() !== "";
        rows.push(isWord ? row.slice(0, blank) : row);
        row = isWord ? row.slice(blank + 1) : "";
        used = widthOf(row);
        if (character === " " && row === "") continue;
      }
      row += character;
      used += columns;
    }
    rows.push(row);
  }
  return rows;
}

/** The type of a body, and its size. */
function describe(body: Value): string {
  if (typeof body === "string") return `text of ${count(body.length)} characters`;
  if (body instanceof NDArray) return clean(arrayName(body));
  const bytes = body instanceof Uint8Array ? body : body instanceof ByteArray ? body.bytes : null;
  if (bytes !== null) return `${pictureOf(body)?.type ?? "bytes"} of ${count(bytes.length)}`;
  if (Array.isArray(body)) return `list of ${count(body.length)}`;
  if (body instanceof Tuple) return `tuple of ${count(body.items.length)}`;
  if (body instanceof Map) return `dict of ${count(body.size)}`;
  if (body instanceof Set) return `set of ${count(body.size)}`;
  if (body instanceof FrozenSet) return `frozenset of ${count(body.members.size)}`;
  return "object";
}

function count(number: number): string {
  return String(number).replace(/\B(?=(?:\d{3})+$)/g, ",");
}
