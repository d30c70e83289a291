/** The people who may not post to a room. */

import { nameKey } from "../../base/text.ts";

/** A person as mutes know them: by their nick, and by the session that only they have. */
export interface Person {
  readonly nick: string;
  readonly session: string;
}

interface Muted {
  nick: string;
  /** Undefined where nobody had the nick when it was muted. */
  session: string | undefined;
}

/**
 * Keeps who is muted in a room. A mute belongs to a person: it follows them to another nick, of which none is left
 * behind, and holds for their session under any nick.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MutedPeople } from "./muted_people.ts";
 *
 * const muted = new MutedPeople();
 * muted.add("zoe", "s1");
 * muted.renamed("zoe", { nick: "yara", session: "s1" });
 * assertEquals(muted.nicks, ["yara"]);
 * assertEquals([muted.delete("yara"), muted.size], [true, 0]);
 * ```
 */
export class MutedPeople {
  readonly #byNick = new Map<string, Muted>();
  /** The same by their sessions. */
  readonly #bySession = new Map<string, Muted>();

  /** How many people are muted. */
  get size(): number {
    return this.#byNick.size;
  }

  /** The nicks of all, as they were last known. */
  get nicks(): string[] {
    return Array.from(this.#byNick.values(), ({ nick }) => nick);
  }

  /** Whether a person is muted. */
  has({ nick, session }: Person): boolean {
    return this.size > 0 && (this.#byNick.has(nameKey(nick)) || this.#bySession.has(session));
  }

  /** Whether a nick is muted. */
  hasNick(nick: string): boolean {
    return this.#byNick.has(nameKey(nick));
  }

  /** Mutes a nick and, where somebody has it, their session. */
  add(nick: string, session?: string): void {
    this.delete(nick);
    const muted = { nick, session };
    this.#byNick.set(nameKey(nick), muted);
    if (session !== undefined) this.#bySession.set(session, muted);
  }

  /** Unmutes a nick and the person who has it; returns whether it was muted. */
  delete(nick: string): boolean {
    const muted = this.#byNick.get(nameKey(nick));
    if (muted === undefined) return false;
    this.#byNick.delete(nameKey(nick));
    if (muted.session !== undefined) this.#bySession.delete(muted.session);
    return true;
  }

  /** Follows a person to another nick. */
  renamed(before: string, { nick, session }: Person): void {
    const byNick = this.#byNick.get(nameKey(before));
    // Somebody else who has taken a muted person's nick takes nothing along.
    const muted = byNick !== undefined && (byNick.session ?? session) === session
      ? byNick
      : this.#bySession.get(session);
    if (muted === undefined) return;
    this.delete(muted.nick);
    this.add(nick, session);
  }

  /** Follows a person to another session. */
  sessionChanged(before: string, session: string): void {
    const muted = this.#bySession.get(before);
    if (muted === undefined) return;
    this.#bySession.delete(before);
    muted.session = session;
    this.#bySession.set(session, muted);
  }
}
