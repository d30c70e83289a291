/** The prompt: the nick, the room that lines go to, and unread messages elsewhere. */

import { columnsOfText, cutToColumns } from "../width.ts";

/** The columns of a place with news where there is little space. */
const BRIEF = 6;

/** The content of a prompt, without control characters. */
export interface PromptParts {
  /** The nick; "" if there is none yet. */
  readonly nick: string;
  /** The room that lines go to; "" if there is none. */
  readonly room: string;
  /** The unread messages of other rooms. */
  readonly news: readonly { readonly place: string; readonly count: number; readonly mention: boolean }[];
  /** The state of the connection, such as "offline"; "" if it is connected. */
  readonly state: string;
}

/**
 * Lays a prompt out in at most the given number of columns. It always ends in "> ". If it does not fit, the least
 * important parts are left out first: the nick, then the ends of the places with news, then the places. The room is shortened last, so that a
 * lost connection is always told.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { promptText } from "./prompt.ts";
 *
 * const parts = { nick: "karolina", room: "ops", news: [{ place: "lobby", count: 3, mention: true }], state: "" };
 * assertEquals(promptText(parts, 40), "karolina@ops lobby:3!> ");
 * assertEquals(promptText(parts, 17), "ops lobby:3!> ");
 * assertEquals(promptText(parts, 10), "ops 3!> ");
 * assertEquals(promptText({ ...parts, state: "offline, 12 s" }, 19), "ops 3! (offline)> ");
 * ```
 */
export function promptText({ nick, room, news, state }: PromptParts, columns: number): string {
  const who = nick === "" || room === "" ? nick + room : `${nick}@${room}`;
  const where = room === "" ? nick : room;
  const counts = (width: number) =>
    news.map(({ place, count, mention }) => ` ${cutToColumns(place, width)}:${count}${mention ? "!" : ""}`)
      .join(
        "",
      );
  const [all, brief] = [counts(Infinity), counts(BRIEF)];
  const sum = news.reduce((sum, { count }) => sum + count, 0);
  const some = sum === 0 ? "" : ` ${sum}${news.some(({ mention }) => mention) ? "!" : ""}`;
  const note = state === "" ? "" : ` (${state})`;
  const short = note === "" ? "" : ` (${state.split(",")[0]})`;
  for (const names of [who + all, where + all, where + brief, who + some, where + some, where]) {
    for (const text of [names + note, names + short]) {
      if (columnsOfText(text) + 2 <= columns) return `${text.trimStart()}> `;
    }
  }
  const left = Math.max(0, columns - 2 - columnsOfText(short));
  return cutToColumns(`${cutToColumns(where, left)}${short}`.trimStart(), columns - 2) + "> ";
}
