/** The people who may not post to a room. */

import { nameKey } from "../../base/text.ts";

/** A person as mutes identify them: by nick and by session. */
export interface Person {
  readonly nick: string;
  readonly session: string;
}

interface Muted {
  nick: string;
  /** Undefined if nobody had the nick when it was muted. */
  session: string | undefined;
}

/**
 * Keeps the people who are muted in a room. A mute belongs to a person: it applies to their session under any nick, and
 * when they change their nick the old nick is no longer muted.
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
  /** The same people by their sessions. */
  readonly #bySession = new Map<string, Muted>();

  /** The number of muted people. */
  get size(): number {
    return this.#byNick.size;
  }

  /** The last known nicks of all muted people. */
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

  /** Mutes a nick and, if somebody has it, their session. */
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

  /** Updates the nick of a person who was renamed. Returns the nick under which they were muted, if they were. */
  renamed(before: string, { nick, session }: Person): string | undefined {
    const byNick = this.#byNick.get(nameKey(before));
    // Another person who has taken the nick of a muted person is not muted, so there is nothing to move.
    const muted = byNick !== undefined && (byNick.session ?? session) === session
      ? byNick
      : this.#bySession.get(session);
    if (muted === undefined) return undefined;
    this.delete(muted.nick);
    this.add(nick, session);
    return muted.nick;
  }

  /** Updates the session of a person who has a new one. Returns the nick under which they are muted, if they are. */
  sessionChanged(before: string, session: string): string | undefined {
    const muted = this.#bySession.get(before);
    if (muted === undefined) return undefined;
    this.#bySession.delete(before);
    muted.session = session;
    this.#bySession.set(session, muted);
    return muted.nick;
  }
}
