/** Notes about joins and leaves: those in a row are folded into one. */

import { clean } from "../base/text.ts";

/** The presence of a person before the first of the events, and after the last one. */
interface Presence {
  readonly before: boolean;
  after: boolean;
}

/** The most names in a list; of more people the first two are named. */
const NAMED = 3;
/** The most people whose events are folded. */
const MOST = 1000;

const WORDS: readonly (readonly [before: boolean, after: boolean, text: string])[] = [
  [false, true, "joined"],
  [true, false, "left"],
  [false, false, "joined and left"],
  [true, true, "left and joined again"],
];

/**
 * The joins and leaves since something else was shown.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { PresenceNotes } from "./presence.ts";
 *
 * const notes = new PresenceNotes();
 * for (const nick of ["cron", "bob", "ann", "eve", "zoe"]) notes.add("-- ", { nick, isHere: true });
 * notes.add("-- ", { nick: "dora", isHere: false });
 * notes.add("[ops] -- ", { nick: "ann", isHere: true });
 * notes.add("[ops] -- ", { nick: "ann", isHere: false });
 * assertEquals(notes.texts, [
 *   "-- cron, bob and 3 others joined; dora left",
 *   "[ops] -- ann joined and left",
 * ]);
 * ```
 */
export class PresenceNotes {
  readonly #notes = new Map<string, Map<string, Presence>>();
  #size = 0;

  /** Whether there are none. */
  get isEmpty(): boolean {
    return this.#size === 0;
  }

  /** Whether there are so many that they should be shown now. */
  get isFull(): boolean {
    return this.#size >= MOST;
  }

  /**
   * Adds a join or a leave.
   *
   * @param start The beginning of the note, which names the room.
   */
  add(start: string, { nick, isHere }: { readonly nick: string; readonly isHere: boolean }): void {
    let people = this.#notes.get(start);
    if (people === undefined) this.#notes.set(start, people = new Map());
    const known = people.get(nick);
    if (known !== undefined) known.after = isHere;
    else {
      people.set(nick, { before: !isHere, after: isHere });
      this.#size++;
    }
  }

  /** A note for each room, safe for a terminal. */
  get texts(): string[] {
    return [...this.#notes].map(([start, people]) => start + textOf(people));
  }

  /** Forgets all of them. */
  clear(): void {
    this.#notes.clear();
    this.#size = 0;
  }
}

function textOf(people: ReadonlyMap<string, Presence>): string {
  return WORDS.flatMap(([before, after, text]) => {
    const nicks = [...people].flatMap(([nick, each]) =>
      each.before === before && each.after === after ? [clean(nick)] : []
    );
    return nicks.length === 0 ? [] : [`${namesOf(nicks)} ${text}`];
  }).join("; ");
}

function namesOf(nicks: readonly string[]): string {
  if (nicks.length === 1) return nicks[0]!;
  if (nicks.length > NAMED) return `${nicks[0]}, ${nicks[1]} and ${nicks.length - 2} others`;
  return `${nicks.slice(0, -1).join(", ")} and ${nicks.at(-1)}`;
}
