/** The title of the terminal's window: the room, and how much is unread. */

import type { KnownRooms } from "./known_rooms.ts";
import { clean } from "../base/text.ts";

/**
 * Returns the title, safe for a terminal: `(3!) ops - chat`. The mark tells that a message names this person or is private.
 */
export function titleOf(rooms: KnownRooms): string {
  const unread = rooms.unread;
  const count = unread.reduce((sum, { count }) => sum + count, 0);
  const news = count === 0 ? "" : `(${count}${unread.some(({ mention }) => mention) ? "!" : ""}) `;
  return `${news}${rooms.here === "" ? "" : `${clean(rooms.here)} - `}chat`;
}

/** Returns the text that sets the title of the terminal's window. */
export function setTitle(title: string): string {
  return `\x1b]2;${title}\x1b\\`;
}
