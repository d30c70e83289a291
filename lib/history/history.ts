/**
 * The seam between the hub and whatever keeps its messages, made so that several listeners can share one history.
 *
 * A history is a set of room logs. The hub opens a log for each room, posts into it, and calls {@linkcode History.flush}
 * at the end of each turn of the event loop. The log answers each post through the room's {@linkcode RoomReader}, once:
 * it has *arrived* (it is stored, and has an id), it is *repeated* (its ref is an earlier message's), or it is *refused*
 * (it is not stored). Until then the hub neither acks it nor shows it to anybody.
 *
 * What every log guarantees:
 * - The ids of a room begin at 1 and grow by one for each message, without holes. `arrived` is called with them in
 *   ascending order, for the posts of all listeners, and in the same order at each of them.
 * - A message is stored before it arrives. Of a flush that fails nothing is stored.
 * - Of the posts of one session with equal refs only the first is stored, whatever the room.
 * - The outcomes of one sender's posts come in the order of the posts.
 *
 * An embedded log (memory, SQLite) gives all outcomes inside `flush`, and tells in `nextId` which id a post will get, so
 * that the hub can stamp it at once. A log that is shared with other listeners may give them in any later turn: its
 * `nextId` is undefined, the hub stamps the frame without an id, and the log sets {@linkcode Post.frame} to one with the
 * id before the post arrives. The posts of other listeners arrive in between, as objects that the hub has not seen before.
 */

import type { Ref } from "../base/ref.ts";

/** A message on its way into a room log. */
export interface Post {
  /** Seconds since 1970. */
  readonly at: number;
  /** The whole frame as it goes to the room, header and padding included. Its bytes do not change any more. */
  frame: Uint8Array;
  /** The sender's session and ref, by which the message is recognized when it is posted again. */
  readonly session: string;
  readonly ref: Ref | undefined;
  /** The part of the sender's address that identifies one client. */
  readonly origin: string;
}

/** The place of a message that was posted before. */
export interface Place {
  readonly room: string;
  readonly id: number;
  readonly at: number;
}

/** A room of a history. */
export interface RoomRecord {
  readonly room: string;
  /** The newest id, 0 where nothing was posted. */
  readonly head: number;
  readonly topic: string;
}

/** A ban of a nick in lower case, or of an address. */
export interface Ban {
  readonly kind: "nick" | "address";
  readonly value: string;
  readonly text: string;
}

/** A range of messages on its way to a peer. */
export interface Replay {
  /** The number of messages that it hands out. */
  readonly count: number;
  /** The id of the first, where count is not 0. */
  readonly first: number;
  /** The id of the next message. */
  readonly position: number;
  /**
   * Hands out the next whole frames, oldest first, one behind the other.
   *
   * @returns At most `maxBytes`, but at least one frame; null at the end; "later" where they are not here yet: then the
   * function that {@linkcode RoomLog.replay} was given is called once they are.
   * @throws {HistoryError} Where they cannot be read, or are no longer kept.
   */
  next(maxBytes: number): Uint8Array | "later" | null;
  /** Ends it; a second time does nothing. */
  close(): void;
}

/** Whole frames of consecutive messages, one behind the other. */
export interface Messages {
  readonly first: number;
  readonly last: number;
  readonly frames: Uint8Array;
}

/** The newest messages of a room, which the hub has in memory. */
export interface RecentMessages {
  /** The id of the oldest, one above the head where there is none. */
  readonly oldestId: number;
  /** The messages `first` to `last`, which are in memory: at most `maxBytes`, but at least one. */
  messages(first: number, last: number, maxBytes: number): Messages;
}

/** A room of the hub: takes what its log tells. */
export interface RoomReader {
  readonly recent: RecentMessages;
  /** Takes messages that are stored: the first has the id `firstId`, the others those above it. */
  arrived(firstId: number, posts: readonly Post[]): void;
  /** Takes a post whose session had posted its ref before. It is not stored again. */
  repeated(post: Post, place: Place): void;
  /** Takes a post that is not stored, and will not be. */
  refused(post: Post, error: HistoryError): void;
}

/** The messages of one room in their order. */
export interface RoomLog {
  /** The newest id, 0 where there is none. */
  readonly head: number;
  /** The first id that can still be replayed, one above the head where none can. */
  readonly oldest: number;
  /** The id of the next post, or undefined where only its arrival tells. */
  readonly nextId: number | undefined;
  /**
   * Takes a post. Its outcome comes in a flush, or later.
   *
   * @throws {HistoryError} Where it cannot be taken; then it has no outcome.
   */
  post(post: Post): void;
  /**
   * Replays the messages `first` to `last`, as far as they are kept.
   *
   * @param ready Is called when messages have come for which the replay has said "later".
   */
  replay(first: number, last: number, ready?: () => void): Replay;
  /**
   * Takes messages that drop out of {@linkcode RoomReader.recent}, oldest first, while somebody still needs some of them.
   * A log that keeps every message by itself ignores it.
   */
  overflow(messages: Messages): void;
  /** Is told that nobody needs a message before the id `first` any more, but those who replay it. */
  release(first: number): void;
  /** Ends the use of the room: nobody is in it. What is in memory alone is dropped, but its head. */
  close(): void;
}

/** Room logs, and what else outlives a room: topics and bans. */
export interface History {
  /** The random name of this history. It changes where ids may have been lost, so that they are not taken for others. */
  readonly epoch: string;
  /** The rooms that have a message or a topic. */
  rooms(): RoomRecord[];
  /** Opens the log of a room, which is not open. */
  open(room: string, reader: RoomReader): RoomLog;
  /** Stores the posts of this turn: all of them or none. An embedded history gives their outcomes meanwhile. */
  flush(): void;
  /**
   * Finds the message that this session posted with this ref, as far as that is known at once: the outcome of a post with
   * this ref tells for certain.
   *
   * @throws {HistoryError} Where it cannot be looked up.
   */
  find(session: string, ref: Ref): Place | undefined;
  /** Is told that a session has no connection any more; it may come back. */
  sessionEnded(session: string): void;
  setTopic(room: string, topic: string): void;
  bans(): Ban[];
  ban(ban: Ban): void;
  unban(ban: Pick<Ban, "kind" | "value">): void;
  /** Drops messages beyond what is to be kept. `now` is in seconds since 1970. */
  expire(now: number): void;
  close(): void;
}

/** A history could not do what it was asked for; the listener goes on. */
export class HistoryError extends Error {
  override readonly name = "HistoryError";
  readonly code = "history";
}

/** A replay of nothing. */
export const NO_REPLAY: Replay = { count: 0, first: 0, position: 0, next: () => null, close() {} };
