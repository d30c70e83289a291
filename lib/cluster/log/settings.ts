/** Settings of a chat that several listeners share: topics and bans. */

import type { Ban } from "../../history/history.ts";

/** Keeps topics and bans. Changes that other listeners make are told to the hub by the one who keeps them. */
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
