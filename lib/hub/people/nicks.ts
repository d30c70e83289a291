/** Who is called what: names are unique in whatever case they are written. */

import { Refusal } from "../../protocol/message.ts";
import { nameKey, normalizeName } from "../../base/text.ts";

/** How much of a taken name is kept in front of its suffix, in characters. */
const STEM_LENGTH = 26;

/** Up to which suffix each is tried: a crowd of one name is not to take a step for each of it. */
const TRIED_IN_TURN = 100;

/** Names, each somebody's. */
export class Nicks<T> {
  readonly #owners = new Map<string, T>();
  #lastGuest = 0;

  /** Who has the name, in whatever case. */
  find(nick: string): T | undefined {
    return this.#owners.get(nameKey(nick));
  }

  /** Gives a name to its owner-to-be: the one that was asked for, with a suffix where another has it. */
  take(owner: T, asked: string): string {
    let nick = asked;
    const stem = [...asked].slice(0, STEM_LENGTH).join("");
    for (let n = 2; (this.find(nick) ?? owner) !== owner; n++) {
      // Above the number of all names few are taken.
      if (n === TRIED_IN_TURN) n = Math.max(n, this.#owners.size);
      nick = `${stem}-${n}`;
    }
    this.#owners.set(nameKey(nick), owner);
    return nick;
  }

  /** Gives the next free guest's name. */
  takeGuest(owner: T): string {
    let nick;
    do nick = `guest-${++this.#lastGuest}`; while (this.find(nick) !== undefined);
    this.#owners.set(nick, owner);
    return nick;
  }

  /** Hands a name over, whoever had it. */
  give(owner: T, nick: string): void {
    this.#owners.set(nameKey(nick), owner);
  }

  /** Frees the name if it is still this owner's. */
  free(owner: T, nick: string): void {
    if (this.find(nick) === owner) this.#owners.delete(nameKey(nick));
  }
}

/**
 * Brings a nick into the form that is kept.
 *
 * @throws {Refusal} `bad-message` where it is none.
 */
export function cleanNick(asked: string): string {
  const nick = normalizeName(asked);
  if (nick !== null) return nick;
  throw new Refusal(
    "bad-message",
    "Cannot take the nick: the key nick must hold 1 to 32 visible characters, without spaces and control characters",
  );
}
