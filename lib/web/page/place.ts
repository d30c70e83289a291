/** Places of the page (rooms and private conversations) and their entries. */

import type { Value } from "../../pickle/values/values.ts";

/** A message or a note in a place. */
export interface Entry {
  /** Unique among the entries of the page. */
  readonly key: number;
  /** The id of a message in a room. */
  readonly id?: number | undefined;
  readonly from: string;
  /** Seconds since 1970. */
  readonly at: number;
  readonly body: Value;
  /** Whether it is a note about the room, such as a join, a gap or an answer. Its body is a text then. */
  readonly isNote?: boolean;
  readonly isOwn?: boolean;
  readonly mentionsMe?: boolean;
  /** Its length on the wire, in characters. */
  readonly size: number;
}

/** A post that is not acked, or was refused. */
export interface Pending {
  readonly ref: string;
  readonly body: Value;
  /** The key of the place. */
  readonly place: string;
  /** Why it was refused; undefined while it is under way. */
  readonly refused?: string | undefined;
}

/** A room, or a conversation with one person. */
export interface Place {
  /** Its key: the room's name, or `@` and the nick. */
  readonly key: string;
  readonly isPrivate: boolean;
  topic: string;
  /** The nicks of the members, and their number, which may be larger. */
  people: string[];
  count: number;
  entries: Entry[];
  /** The number of unseen messages, and of those that mention this person. */
  unread: number;
  mentions: number;
  /** The newest id when the person last left the place. */
  readUpTo: number;
  /** The newest id. */
  lastId: number;
  /** Whether nothing older is kept, whether older messages were requested, and whether newer ones were dropped. */
  isAtStart: boolean;
  isLoading: boolean;
  isDetached: boolean;
}

/** Makes an empty place: a room by its name, or a conversation by `@` and the nick. */
export function newPlace(key: string): Place {
  return {
    key,
    isPrivate: key.startsWith("@"),
    topic: "",
    people: [],
    count: 0,
    entries: [],
    unread: 0,
    mentions: 0,
    readUpTo: 0,
    lastId: 0,
    isAtStart: key.startsWith("@"),
    isLoading: false,
    isDetached: false,
  };
}
