/** Settings of a chat that several listeners share: topics and bans. */

import type { Ban } from "../../history/history.ts";

/** Keeps topics and bans. Changes that other listeners make are told to the hub by the one who keeps them. */
export interface Settings {
  /** The topics by the names of their rooms. */
  topics(): ReadonlyMap<string, string>;
  setTopic(room: string, topic: string): void;
  bans(): Ban[];
  ban(ban: Ban): void;
  unban(ban: Pick<Ban, "kind" | "value">): void;
}
