/** Private messages: the people who sent some, under the nicks that they have now, and what is unread of each. */

import { nameKey } from "../base/text.ts";
import { Unread } from "./unread.ts";

/** The most people who are remembered. */
const PEOPLE = 100;

/** A person who sent a private message. */
export interface Partner {
  readonly nick: string;
  /** Whether they left, or somebody else has the nick now, so that it may be another person's. */
  readonly isGone: boolean;
}

/** A partner with what is unread. `since` is the time, in s, from which they are known to have the nick. */
interface Talk extends Partner {
  nick: string;
  /** The key of the nick before the last renaming, which each room announces. */
  before: string;
  since: number;
  isGone: boolean;
  readonly unread: Unread;
}

/**
 * Knows the senders of private messages. It follows the renamings that this end is told of; rooms may tell of them later
 * than a private message comes, so their times decide.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { PrivateTalks } from "./private_talks.ts";
 *
 * const talks = new PrivateTalks();
 * talks.heard("ben", { at: 10, line: "12:00 ben: psst" });
 * talks.renamed("ben", { to: "bb", at: 20 });
 * talks.renamed("cleo", { to: "ben", at: 30 });
 * assertEquals(talks.partner?.nick, "bb");
 * talks.left("bb", 40);
 * assertEquals(talks.partner?.isGone, true);
 * ```
 */
export class PrivateTalks {
  readonly #talks = new Set<Talk>();
  #last: Talk | undefined;
  /** The partner whom the line that is being typed answers. */
  #held: Talk | undefined;

  /** The person whom an answer goes to; undefined if there is none. */
  get partner(): Partner | undefined {
    return this.#held ?? this.#last;
  }

  /** Records a private message, with its time in s and the line that shows it. */
  heard(nick: string, { at, line }: { readonly at: number; readonly line: string }): void {
    const key = nameKey(nick);
    let talk = [...this.#talks].find((each) => nameKey(each.nick) === key && !each.isGone);
    talk ??= { nick, before: "", since: at, isGone: false, unread: new Unread() };
    if (talk.unread.count === 0) this.#talks.delete(talk);
    this.#talks.add(talk);
    if (this.#talks.size > PEOPLE) this.#talks.delete(this.#talks.values().next().value!);
    talk.since = Math.max(talk.since, at);
    talk.unread.add(line, true);
    this.#last = talk;
  }

  /** Follows a person to another nick, which nobody else has from then on. */
  renamed(nick: string, { to, at }: { readonly to: string; readonly at: number }): void {
    const [from, key] = [nameKey(nick), nameKey(to)];
    for (const talk of this.#talks) {
      if (talk.isGone || talk.since > at) continue;
      const own = nameKey(talk.nick);
      if (own === from) Object.assign(talk, { nick: to, before: from, since: at });
      else if (own === key && talk.before !== from) talk.isGone = true;
    }
  }

  /** Records that a person left the last room that they had in common with this end. */
  left(nick: string, at: number): void {
    const key = nameKey(nick);
    for (const talk of this.#talks) {
      if (nameKey(talk.nick) === key && talk.since <= at) talk.isGone = true;
    }
  }

  /** Keeps the partner while an answer is being typed, whoever else writes meanwhile. */
  set isAnswering(isAnswering: boolean) {
    this.#held = isAnswering ? this.#held ?? this.#last : undefined;
  }

  /** Marks the messages of a person as read. Returns them. */
  read(nick: string): { readonly count: number; readonly lines: readonly string[] } {
    const reads = this.#of(nick).map(({ unread }) => unread.read());
    return {
      count: reads.reduce((sum, { count }) => sum + count, 0),
      lines: reads.flatMap(({ lines }) => lines),
    };
  }

  /** Makes a person the partner. Returns their unread messages, which are read. */
  turnTo(nick: string): ReturnType<PrivateTalks["read"]> {
    const talks = this.#of(nick);
    this.#last = talks.find(({ isGone }) => !isGone) ?? talks[0] ?? this.#last;
    return this.read(nick);
  }

  /** Marks as read what is on the screen. */
  seen(isShown: (line: string) => boolean): void {
    for (const { unread } of this.#talks) if (unread.isOn(isShown)) unread.read();
  }

  #of(nick: string): Talk[] {
    const key = nameKey(nick);
    return [...this.#talks].filter((talk) => nameKey(talk.nick) === key);
  }

  /** The people with unread messages, the one who wrote first at the beginning. */
  get unread(): { readonly person: string; readonly unread: Unread }[] {
    return [...this.#talks].flatMap(({ nick, unread }) =>
      unread.count === 0 ? [] : [{ person: nick, unread }]
    );
  }
}
