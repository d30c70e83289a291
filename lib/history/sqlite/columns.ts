/** Encoding of message places, texts and refs as the columns of a history file. */

import type { Ref } from "../../base/ref.ts";

/** The ids of a room and the rooms of a file: together they fill the 53 bits of a safe integer. */
const IDS = 2 ** 33;
const ROOMS = 2 ** 20;

/** The highest id of a message, and the highest key of a room. */
export const MAX_ID = IDS - 1;
export const MAX_ROOM_KEY = ROOMS - 1;

/**
 * Encodes the place of a message as one number, so that the messages of a room are neighbours in the table, in order,
 * and a range of ids is a range of rows.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { placeOf, readPlace } from "./columns.ts";
 *
 * assertEquals(readPlace(placeOf(3, 7)), { roomKey: 3, id: 7 });
 * ```
 */
export function placeOf(roomKey: number, id: number): number {
  return roomKey * IDS + id;
}

/** Decodes a place: the key of the room in this file, and the id of the message. */
export function readPlace(place: number): { readonly roomKey: number; readonly id: number } {
  const roomKey = Math.floor(place / IDS);
  return { roomKey, id: place - roomKey * IDS };
}

// A column is UTF-8, and some programs end a text at NUL, but two texts that differ must stay two: NUL, half a surrogate
// pair, and the mark itself become the mark and four hexadecimal digits.
const MARK = "\x01";
// deno-lint-ignore no-control-regex
const AWKWARD = /[\0\x01\p{Surrogate}]/u;
// deno-lint-ignore no-control-regex
const MARKED = /\x01(....)/g;

/**
 * Encodes a text.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fromColumn, toColumn } from "./columns.ts";
 *
 * assertEquals(toColumn("tea"), "tea");
 * assertEquals(toColumn("\ud800"), "\x01d800");
 * assertEquals(fromColumn("\x01d800"), "\ud800");
 * ```
 */
export function toColumn(text: string): string {
  if (!AWKWARD.test(text)) return text;
  return text.replaceAll(
    new RegExp(AWKWARD, "gu"),
    (unit) => MARK + unit.charCodeAt(0).toString(16).padStart(4, "0"),
  );
}

/** Decodes a text that {@linkcode toColumn} encoded. */
export function fromColumn(text: string): string {
  if (!text.includes(MARK)) return text;
  return text.replaceAll(MARKED, (_all, digits: string) => String.fromCharCode(parseInt(digits, 16)));
}

/** Encodes a ref: a number as it is, a text as {@linkcode toColumn} does. */
export function refToColumn(ref: Ref): Ref {
  return typeof ref === "string" ? toColumn(ref) : ref;
}

/** Decodes a ref. */
export function refFromColumn(column: Ref): Ref {
  return typeof column === "string" ? fromColumn(column) : column;
}
