/** The prompt: the nick, the room that lines go to, and unread messages elsewhere. */

import { columnsOfText, cutToColumns } from "../width.ts";

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
 * important parts are left out first, and the names are shortened last.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { promptText } from "./prompt.ts";
 *
 * const parts = { nick: "karolina", room: "ops", news: [{ place: "lobby", count: 3, mention: true }], state: "" };
 * assertEquals(promptText(parts, 40), "karolina@ops lobby:3!> ");
 * assertEquals(promptText(parts, 17), "karolina@ops 3!> ");
 * assertEquals(promptText(parts, 10), "ops 3!> ");
 * ```
 */
export function promptText({ nick, room, news, state }: PromptParts, columns: number): string {
  const who = nick === "" || room === "" ? nick + room : `${nick}@${room}`;
  const where = room === "" ? nick : room;
  const all = news.map(({ place, count, mention }) => ` ${place}:${count}${mention ? "!" : ""}`).join("");
  const sum = news.reduce((sum, { count }) => sum + count, 0);
  const some = sum === 0 ? "" : ` ${sum}${news.some(({ mention }) => mention) ? "!" : ""}`;
  const note = state === "" ? "" : ` (${state})`;
  for (const text of [who + all + note, who + some + note, where + some + note, where + note]) {
    if (columnsOfText(text) + 2 <= columns) return `${text.trimStart()}> `;
  }
  return `${cutToColumns(where, columns - 2)}> `;
}
