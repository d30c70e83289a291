/** Settings of a chat that several listeners share: topics and bans. */

import type { Ban } from "../../history/history.ts";

/** Keeps topics and bans. Its owner reports the changes of other listeners to the hub. */
export interface Settings {
  /** The topics by the names of their rooms. */
  topics(): ReadonlyMap<string, string>;
  /** @param by The nick of who sets it. */
  setTopic(room: string, topic: string, by?: string): void;
  bans(): Ban[];
  /** @param by The nick of the operator. */
  ban(ban: Ban, by?: string): void;
  unban(ban: Pick<Ban, "kind" | "value">): void;
}
