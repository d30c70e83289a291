/** Places of the page (rooms and private conversations) and their entries. */

import type { Value } from "../../../pickle/values/values.ts";

/** A message or a note in a place. */
export interface Entry {
  /** Unique among the entries of the page. */
  readonly key: number;
  /** The id of a message in a room. */
  readonly id?: number | undefined;
  /** Its place in the order: the id, or a half more than the newest id when it came. */
  readonly order: number;
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
  /** Its key: the room's name, or `@` and the nick. A conversation follows the person's renaming. */
  key: string;
  readonly isPrivate: boolean;
  /** The newest time, in seconds since 1970, at which a conversation's nick was known to be that person's. */
  since: number;
  topic: string;
  /** The nicks of the members, and their number, which may be larger. */
  people: string[];
  count: number;
  entries: Entry[];
  /** The text that was typed there and not sent. */
  draft: string;
  /** The number of unseen messages, and of those that mention this person. */
  unread: number;
  mentions: number;
  /** The newest id when the person last left the place. */
  readUpTo: number;
  /** The newest id that was seen; -1 if that is not known yet. */
  seenUpTo: number;
  /** The newest id. */
  lastId: number;
  /** Whether nothing older is kept or wanted, whether older messages were requested, and whether newer ones were dropped. */
  isAtStart: boolean;
  isLoading: boolean;
  isDetached: boolean;
}

/** The most entries of a place, and the most characters of them on the wire. */
export const MAX_ENTRIES = 2000;
const MAX_SIZE = 64 * 1024 * 1024;

/** Makes an empty place: a room by its name, or a conversation by `@` and the nick. */
export function newPlace(key: string, seenUpTo = -1): Place {
  return {
    key,
    isPrivate: key.startsWith("@"),
    since: 0,
    topic: "",
    people: [],
    count: 0,
    entries: [],
    draft: "",
    unread: 0,
    mentions: 0,
    readUpTo: Math.max(0, seenUpTo),
    seenUpTo,
    lastId: 0,
    isAtStart: key.startsWith("@"),
    isLoading: false,
    isDetached: false,
  };
}

/** Inserts an entry where its order puts it, behind its equals. Returns false if a message with its id is there already. */
export function insertEntry({ entries }: Place, entry: Entry): boolean {
  let at = entries.length;
  while (at > 0 && entries[at - 1]!.order > entry.order) at--;
  if (entry.id !== undefined && entries[at - 1]?.id === entry.id) return false;
  entries.splice(at, 0, entry);
  return true;
}

/** Keeps a place within its limits: drops the oldest entries, or the newest ones if older ones were requested. */
export function trimEntries(place: Place, isOlder: boolean): void {
  const { entries } = place;
  let size = entries.reduce((sum, entry) => sum + entry.size, 0);
  while (entries.length > MAX_ENTRIES || (size > MAX_SIZE && entries.length > 1)) {
    const dropped = isOlder ? entries.pop()! : entries.shift()!;
    size -= dropped.size;
    if (isOlder) place.isDetached = true;
    else place.isAtStart = place.isPrivate;
  }
}

/** Gives up the ids of a place, because the listener's history has begun anew. What is shown stays, above what comes. */
export function forgetIds(place: Place): void {
  place.entries = place.entries.map((entry) => ({ ...entry, id: undefined, order: -1 }));
  place.lastId = place.readUpTo = 0;
  place.seenUpTo = -1;
  place.isAtStart = place.isPrivate;
}
