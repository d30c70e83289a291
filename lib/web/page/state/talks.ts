/** Private conversations among the places: their keys are `@` and a nick, in any case. */

import { nameKey } from "../../../base/text.ts";
import type { Place } from "./place.ts";

/** The most conversations. */
const MAX_TALKS = 500;

type Places = Map<string, Place>;

/** Finds the conversation whose nick differs only in case. */
export function talkAlike(places: Places, key: string): Place | undefined {
  if (!key.startsWith("@")) return undefined;
  const alike = nameKey(key);
  return [...places.values()].find((place) => nameKey(place.key) === alike);
}

/** Finds somebody in the rooms, whose nick may be given in any case. */
export function personAlike(places: Places, nick: string): string | undefined {
  const alike = nameKey(nick);
  for (const { people } of places.values()) {
    const known = people.find((name) => nameKey(name) === alike);
    if (known !== undefined) return known;
  }
  return undefined;
}

/** Drops the oldest conversation if there are too many. The one that is shown stays. */
export function limitTalks(places: Places, shown: string): void {
  const talks = [...places.keys()].filter((key) => key.startsWith("@") && key !== shown);
  if (talks.length > MAX_TALKS) places.delete(talks[0]!);
}

/**
 * Has a conversation follow the renaming of its person. If there is one with the new name already, both become one.
 *
 * @param before The key of the conversation, which exists.
 * @param after Its key after the renaming.
 */
export function renameTalk(places: Places, before: string, after: string): void {
  const place = places.get(before)!;
  const other = places.get(after);
  const all = [...places].filter(([key]) => key !== after);
  places.clear();
  for (const [key, each] of all) places.set(key === before ? after : key, each);
  place.key = after;
  if (other === undefined) return;
  place.entries = [...other.entries, ...place.entries].sort((a, b) => a.at - b.at);
  place.unread += other.unread;
  place.mentions += other.mentions;
  place.draft ||= other.draft;
}
