/** How a post becomes the message that a room gets: what its sender put in, and what the listener knows of it. */

import { encode } from "./pickle/encode.ts";
import { Float, type Value } from "./pickle/values.ts";

/** What the listener adds to a post. A private one has `to` in place of id and room. */
export interface Stamp {
  readonly id?: number;
  readonly room?: string;
  readonly from: string;
  /** Seconds since 1970. */
  readonly at: number;
}

/** The keys that are the listener's to set: a post that carries one of them is refused. */
export const STAMPED_KEYS = ["id", "from", "at"] as const;

/**
 * Encodes the message that a post becomes.
 *
 * @param post The message dict as it came, or the dict around a plain object.
 */
export function encodeMessage(post: ReadonlyMap<Value, Value>, stamp: Stamp): Uint8Array {
  const message = new Map(post);
  if (stamp.id !== undefined) message.set("id", stamp.id);
  if (stamp.room !== undefined) message.set("room", stamp.room);
  message.set("from", stamp.from);
  message.set("at", Number.isInteger(stamp.at) ? new Float(stamp.at) : stamp.at);
  return encode(message);
}
