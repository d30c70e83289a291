/**
 * The history: what a listener keeps of the messages that were posted, and the seam for scale. It takes a batch of
 * encoded messages, all or nothing, and hands back ranges of them. Memory and SQLite are the two that are built in.
 */

import type { Ref } from "../base/ref.ts";

/** A message on its way into the history. */
export interface Post {
  readonly room: string;
  /** One above the id of the message before it in its room, from 1 on: no holes. */
  readonly id: number;
  /** Seconds since 1970. */
  readonly at: number;
  /** The whole frame as it goes to the room, header and padding included. The view is good during the call only. */
  readonly frame: Uint8Array;
  /** What makes it the same message where it comes again. */
  readonly session: string;
  readonly ref: Ref | undefined;
}

/** Where a message stands that was posted before. */
export interface Place {
  readonly room: string;
  readonly id: number;
  readonly at: number;
}

/** A room as the history knows it. */
export interface RoomRecord {
  readonly room: string;
  /** The newest id, 0 where nothing was posted. */
  readonly head: number;
  readonly topic: string;
}

/** Who may not come in: a nick in lower case, or an address. */
export interface Ban {
  readonly kind: "nick" | "address";
  readonly value: string;
  readonly text: string;
}

/** A range of messages on its way to a peer. What it has announced stays readable until it is closed. */
export interface Replay {
  /** How many messages it hands out. */
  readonly count: number;
  /** The id of the first, where count is not 0. */
  readonly first: number;
  /** The id of the one that comes next. */
  readonly position: number;
  /** The next whole frames, oldest first, one behind the other: at most `maxBytes`, but at least one; null at the end. */
  next(maxBytes: number): Uint8Array | null;
  /** Ends it early or late; a second time does nothing. */
  close(): void;
}

/** What keeps messages. None of it waits: a history answers within the turn that asks. */
export interface History {
  /** The random name of this history, as old as it is. */
  readonly epoch: string;
  /** The rooms in which something was posted, or that have a topic. */
  rooms(): RoomRecord[];
  /**
   * Stores a batch: all of it, or nothing where it throws.
   *
   * @throws {HistoryError} Where it could not be stored: a full disk, a lost file.
   */
  append(batch: readonly Post[]): void;
  /** The first id of the room that is still kept; one above the head where none is. */
  oldest(room: string): number;
  /** The messages `first` to `last` of the room, as far as they are kept. */
  replay(room: string, first: number, last: number): Replay;
  /** Where the message stands that this session posted with this ref. */
  find(session: string, ref: Ref): Place | undefined;
  setTopic(room: string, topic: string): void;
  bans(): Ban[];
  ban(ban: Ban): void;
  unban(ban: Pick<Ban, "kind" | "value">): void;
  /** Drops what is older than was asked for. `now` is in seconds since 1970. */
  expire(now: number): void;
  close(): void;
}

/** The history could not do what it was asked for; the listener goes on. */
export class HistoryError extends Error {
  override readonly name = "HistoryError";
  readonly code = "history";
}
