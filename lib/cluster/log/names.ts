/** Names of a chat's log on its broker: the stream, its subjects, and the token of a room in them. */

import { nameKey } from "../../base/text.ts";

/** The names that belong to one chat. */
export interface LogNames {
  readonly stream: string;
  /** The subjects of the stored batches: this, and the token of a room. */
  readonly stored: string;
  /** The subjects on which the broker republishes every stored batch. */
  readonly feed: string;
  /** The subjects to which a listener sends its name when it has lost the race for the next batch of a room. */
  readonly wanted: string;
  /** The subjects to which a listener sends the first id of a room that is kept, after it has purged older ones. */
  readonly dropped: string;
}

/** Returns the names that belong to the chat of that name. */
export function logNames(chat: string): LogNames {
  return {
    stream: `chat-${chat}`,
    stored: `chat.${chat}.log.`,
    feed: `chat.${chat}.feed.`,
    wanted: `chat.${chat}.wanted.`,
    dropped: `chat.${chat}.dropped.`,
  };
}

const PLAIN = /^[a-z0-9_-]$/;

/**
 * Returns the token of a room: its name in lower case, with every byte of UTF-8 that is not a letter, a digit, `_` or
 * `-` of ASCII as `=` and two hexadecimal digits. At most 384 characters for a valid name.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { tokenOf } from "./names.ts";
 *
 * assertEquals([tokenOf("Lobby"), tokenOf("é.*"), tokenOf("=")], ["lobby", "=c3=a9=2e=2a", "=3d"]);
 * ```
 */
export function tokenOf(room: string): string {
  let token = "";
  for (const byte of new TextEncoder().encode(nameKey(room))) {
    const letter = String.fromCharCode(byte);
    token += PLAIN.test(letter) ? letter : `=${byte.toString(16).padStart(2, "0")}`;
  }
  return token;
}
