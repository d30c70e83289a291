/**
 * The interface between the hub and the storage of its messages. It is designed so that several listeners can share one
 * history.
 *
 * A history is a set of room logs. The hub opens a log for each room, posts into it, and calls
 * {@linkcode History.flush} at the end of each turn of the event loop. The log answers each post once, through the
 * room's {@linkcode RoomReader}: it has *arrived* (it is stored, and has an id), it is *repeated* (an earlier message
 * has the same ref), or it is *refused* (it is not stored). Until then the hub neither acks it nor sends it to members.
 *
 * Every log guarantees:
 * - The ids of a room begin at 1 and grow by one for each message, without holes. `arrived` is called with them in
 *   ascending order, for the posts of all listeners, and in the same order at each of them.
 * - A message is stored before it arrives. If a flush fails, none of its posts is stored.
 * - If several posts of one session have equal refs, only the first is stored, even if their rooms differ.
 * - The outcomes of one sender's posts to one room come in the order of the posts.
 *
 * An embedded log (memory, SQLite) gives all outcomes inside `flush`, and its `nextId` is the id that the next post
 * will get, so that the hub can stamp it at once. A log that is shared with other listeners may give them in any later
 * turn: its `nextId` is undefined, the hub stamps the frame without an id, and the log sets {@linkcode Post.frame} to
 * one with the id before the post arrives. The posts of other listeners arrive in between. They are objects that the
 * hub has not seen before.
 */

import type { Ref } from "../base/ref.ts";
import type { Query } from "./search/query.ts";

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
  /** The newest id; 0 if nothing was posted. */
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
  /** The number of its messages. */
  readonly count: number;
  /** The id of the first message, if count is not 0. */
  readonly first: number;
  /** The id of the next message. */
  readonly position: number;
  /**
   * Returns the next whole frames, oldest first, one after the other.
   *
   * @returns At most `maxBytes`, but at least one frame; null at the end; "later" if they are not available yet. In
   * that case the `ready` of {@linkcode RoomLog.replay} is called when they are.
   * @throws {HistoryError} If they cannot be read, or are no longer kept.
   */
  next(maxBytes: number): Uint8Array | "later" | null;
  /** Ends the replay. A second call does nothing. */
  close(): void;
}

/** The messages to search, and the most to find: the newest ones. */
export interface SearchRange {
  /** The id before which messages are looked at; all of them if it is above the head. */
  readonly before: number;
  readonly limit: number;
}

/** The result of a search. */
export interface Found {
  /** The messages found, oldest first; their ids need not follow each other. */
  readonly replay: Replay;
  /** The time of a thread that the search took, in milliseconds. */
  readonly ms: number;
}

/** Whole frames of consecutive messages, one after the other. */
export interface Messages {
  readonly first: number;
  readonly last: number;
  readonly frames: Uint8Array;
}

/** The newest messages of a room, which the hub has in memory. */
export interface RecentMessages {
  /** The id of the oldest message; one above the head if there is none. */
  readonly oldestId: number;
  /** The messages `first` to `last`, which are in memory: at most `maxBytes`, but at least one. */
  messages(first: number, last: number, maxBytes: number): Messages;
}

/** A room of the hub, which takes the outcomes that its log reports. */
export interface RoomReader {
  readonly recent: RecentMessages;
  /** Takes messages that are stored, with ascending ids from `firstId` on. */
  arrived(firstId: number, posts: readonly Post[]): void;
  /** Takes a post with a ref that its session has posted before. It is not stored again. */
  repeated(post: Post, place: Place): void;
  /** Takes a post that is not stored, and will not be. */
  refused(post: Post, error: HistoryError): void;
}

/** The messages of one room in their order. */
export interface RoomLog {
  /** The newest id; 0 if there is none. */
  readonly head: number;
  /** The first id that can still be replayed; one above the head if none can. */
  readonly oldest: number;
  /** The id of the next post; undefined if it is known only when the post arrives. */
  readonly nextId: number | undefined;
  /**
   * Takes a post. Its outcome comes in a flush, or later.
   *
   * @throws {HistoryError} If it cannot be taken; then it has no outcome.
   */
  post(post: Post): void;
  /**
   * Replays the messages `first` to `last`, as far as they are kept.
   *
   * @param ready Called when the messages are available for which the replay returned "later".
   */
  replay(first: number, last: number, ready?: () => void): Replay;
  /**
   * Finds the newest messages in whose bodies all terms of a query occur. It searches the messages that have arrived
   * when it is called, and delays neither the event loop nor later posts. A log that cannot be searched has no such
   * method.
   *
   * @throws {BusyError} If it cannot be searched for a while.
   * @throws {HistoryError} If the search fails.
   */
  search?(query: Query, range: SearchRange): Promise<Found>;
  /**
   * Takes messages that drop out of {@linkcode RoomReader.recent}, oldest first, while somebody still needs some of them.
   * A log that keeps every message by itself ignores it.
   */
  overflow(messages: Messages): void;
  /** Releases the messages before the id `first`, which nobody needs any longer except replays under way. */
  release(first: number): void;
  /** Closes the log, because nobody is in the room. Everything that is only in memory is dropped except the head. */
  close(): void;
}

/** The storage of a chat: room logs, topics and bans. */
export interface History {
  /**
   * The random name of this history. It changes if ids may have been lost, so that no id is mistaken for that of
   * another message.
   */
  readonly epoch: string;
  /**
   * Undefined while posts may come. While too many wait for a storage that cannot be reached or is slow, it resolves when
   * posts may come again. An embedded history never has any waiting.
   */
  readonly backpressure: Promise<void> | undefined;
  /** The rooms that have a message or a topic. */
  rooms(): RoomRecord[];
  /**
   * Checks that the messages of a room up to an id, which somebody has seen, have arrived here too.
   *
   * @returns Undefined if they have. Otherwise it resolves when they have, or when it is known that there are none, or
   * after some seconds. An embedded history is never behind, and has no such method.
   */
  reach?(room: string, id: number): Promise<void> | undefined;
  /** Opens the log of a room, which is not open. */
  open(room: string, reader: RoomReader): RoomLog;
  /** Stores the posts of this turn: all of them or none. An embedded history reports their outcomes within the call. */
  flush(): void;
  /**
   * Finds the message that this session posted with this ref, if that is known at once. Only the outcome of a post with
   * this ref is certain.
   *
   * @throws {HistoryError} If it cannot be looked up.
   */
  find(session: string, ref: Ref): Place | undefined;
  /** Records that a session has no connection any longer. It may be resumed. */
  sessionEnded(session: string): void;
  /** @param by The nick of who sets it, for a history that tells other listeners. */
  setTopic(room: string, topic: string, by?: string): void;
  bans(): Ban[];
  /** @param by The nick of the operator, for a history that tells other listeners. */
  ban(ban: Ban, by?: string): void;
  unban(ban: Pick<Ban, "kind" | "value">): void;
  /** Drops messages that need not be kept any longer. `now` is in seconds since 1970. */
  expire(now: number): void;
  /** Closes it, at once or soon. */
  close(): void | Promise<void>;
}

/** A failure of a history. The listener goes on. */
export class HistoryError extends Error {
  override readonly name = "HistoryError";
  readonly code = "history";
}

/** A history cannot do something yet. It can be asked again in a moment. */
export class BusyError extends HistoryError {}

/** A replay without messages. */
export const NO_REPLAY: Replay = { count: 0, first: 0, position: 0, next: () => null, close() {} };
