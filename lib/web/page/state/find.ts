/** Search in the messages that the page has loaded. */

import { format } from "../../../pickle/repr/format.ts";
import type { Entry } from "./place.ts";

/** How much of an object is searched, in characters of its repr. */
const MOST_TEXT = 65_536;

/**
 * Finds the messages that contain all of the words, in upper or lower case. Notes are not searched.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { findWords } from "./find.ts";
 *
 * const entry = (key: number, body: string) => ({ key, order: key, body, from: "ann", at: 0, size: 1 });
 * const found = findWords([entry(1, "the Night run"), entry(2, "the day")], "night the");
 * assertEquals(found.map(({ key }) => key), [1]);
 * ```
 */
export function findWords(entries: readonly Entry[], words: string): Entry[] {
  const wanted = words.toLowerCase().split(/\s+/).filter((word) => word !== "");
  return entries.filter(({ body, isNote }) => {
    if (isNote === true || wanted.length === 0) return false;
    const text = (typeof body === "string" ? body : format(body, { limit: MOST_TEXT })).toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}
