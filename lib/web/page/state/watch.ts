/** The callbacks by which a model tells its views about changes. */

import type { Entry, Place } from "./place.ts";

/** Callbacks for changes of a model. */
export interface ModelWatch {
  /** Entries were added to, or taken from, a place. */
  entries(place: Place): void;
  /** A place, its people or its counts changed; or the list of places. */
  places(): void;
  /** A post is under way, acked or refused. */
  pending(): void;
  /** A new message of somebody else came, live. */
  arrived(place: Place, entry: Entry): void;
  /** Something was refused, and why. */
  notice(text: string): void;
  /** A command was carried out, so that earlier notices are out of date. */
  done(): void;
  /** This person has a new nick, as they asked, or one that is like it. */
  named(nick: string): void;
  /** This person is in a room that they asked for, or has to look at another place because this one was left. */
  go(key: string): void;
  /** A search is answered: the messages that were found, oldest first. */
  found(place: Place, entries: readonly Entry[]): void;
  /** A search was refused with this code and reason. */
  notSearched(code: string, text: string): void;
}
