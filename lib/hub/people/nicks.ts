/** Nicks, unique without regard to case. */

import { Refusal } from "../../protocol/message.ts";
import { mixesScripts } from "../../base/scripts.ts";
import { nameKey, normalizeName } from "../../base/text.ts";

/** The number of characters of a taken nick that are kept before the suffix. */
const STEM_LENGTH = 26;

/**
 * The suffixes up to this one are tried in turn. Larger ones are not, so that the cost does not grow with the number of
 * peers that ask for one nick.
 */
const TRIED_IN_TURN = 100;

/** Nicks and their owners. */
export class Nicks<T> {
  readonly #owners = new Map<string, T>();
  readonly #mayHave: (owner: T, nick: string) => boolean;
  #lastGuest = 0;

  /** @param mayHave Returns whether an owner may have a nick that is free. If not given, every owner may have any. */
  constructor(mayHave: (owner: T, nick: string) => boolean = () => true) {
    this.#mayHave = mayHave;
  }

  /** Returns the owner of a nick, without regard to case. */
  find(nick: string): T | undefined {
    return this.#owners.get(nameKey(nick));
  }

  /** Gives a new owner the nick that it asks for, with a suffix if the nick is taken, and returns the nick given. */
  take(owner: T, asked: string): string {
    let nick = asked;
    const stem = [...asked].slice(0, STEM_LENGTH).join("");
    for (let n = 2; !this.#isFree(owner, nick); n++) {
      // Suffixes above the number of all nicks are rarely taken.
      if (n === TRIED_IN_TURN) n = Math.max(n, this.#owners.size);
      nick = `${stem}-${n}`;
    }
    this.#owners.set(nameKey(nick), owner);
    return nick;
  }

  #isFree(owner: T, nick: string): boolean {
    return (this.find(nick) ?? owner) === owner && this.#mayHave(owner, nick);
  }

  /** Gives a new owner the next free guest's nick; returns it. */
  takeGuest(owner: T): string {
    let nick;
    do nick = `guest-${++this.#lastGuest}`; while (
      this.find(nick) !== undefined || !this.#mayHave(owner, nick)
    );
    this.#owners.set(nick, owner);
    return nick;
  }

  /** Gives an owner a nick even if another owner has it. */
  give(owner: T, nick: string): void {
    this.#owners.set(nameKey(nick), owner);
  }

  /** Frees a nick if it is still this owner's. */
  free(owner: T, nick: string): void {
    if (this.find(nick) === owner) this.#owners.delete(nameKey(nick));
  }
}

/**
 * Normalizes a nick to the form that is kept.
 *
 * @throws {Refusal} `bad-message` if it is not valid.
 */
export function cleanNick(asked: string): string {
  const nick = normalizeName(asked);
  if (nick !== null) return nick;
  throw new Refusal(
    "bad-message",
    "Cannot take the nick: a nick is 1 to 32 visible characters without spaces",
  );
}

/**
 * Normalizes a nick that a peer asks for.
 *
 * @throws {Refusal} `bad-message` if it is not valid, or mixes scripts and so could be mistaken for another nick.
 */
export function newNick(asked: string): string {
  const nick = cleanNick(asked);
  if (!mixesScripts(nick)) return nick;
  throw new Refusal(
    "bad-message",
    "Cannot take the nick: it mixes letters of several scripts, some of which look the same",
  );
}
