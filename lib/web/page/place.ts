/** Places of the page, rooms and private conversations, with what stands in them. */

import type { Value } from "../../pickle/values/values.ts";

/** A message or a note in a place. */
export interface Entry {
  /** Never the same for two entries of the page. */
  readonly key: number;
  /** The id of a message in a room. */
  readonly id?: number | undefined;
  readonly from: string;
  /** Seconds since 1970. */
  readonly at: number;
  readonly body: Value;
  /** Whether it tells of the room itself: who came, a gap, an answer. The body is its text then. */
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
  /** The nicks of those here, and how many there are of all. */
  people: string[];
  count: number;
  entries: Entry[];
  /** How many messages were not seen, and how many of them are for this person by name. */
  unread: number;
  mentions: number;
  /** The id of the newest message that was there when the person left it. */
  readUpTo: number;
  /** The newest id. */
  lastId: number;
  /** Whether nothing older is kept, whether older ones are under way, and whether newer ones were left out. */
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
