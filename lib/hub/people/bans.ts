/** Bans of nicks and addresses. */

import { clientOf } from "../../base/address.ts";
import type { Limits } from "../../base/limits.ts";
import { nameKey } from "../../base/text.ts";
import type { Ban, History } from "../../history/history.ts";
import { Refusal } from "../../protocol/message.ts";

/** A peer as bans know it. */
export interface Bannable {
  readonly nick: string;
  readonly host: string;
  /** Whether it is the operator at the listener's own terminal, who cannot be banned. */
  readonly isAtTerminal: boolean;
}

/** Keeps a copy of the history's bans in memory, because they are looked up for each connection and each nick. */
export class Bans {
  readonly #history: Pick<History, "bans" | "ban" | "unban">;
  readonly #limits: Limits;
  readonly #bans = new Map<string, Ban>();

  constructor(history: Pick<History, "bans" | "ban" | "unban">, limits: Limits) {
    this.#history = history;
    this.#limits = limits;
    for (const ban of history.bans()) this.#bans.set(keyOf(ban), ban);
  }

  /** The ban of a peer's address, if there is one. */
  ofAddress({ host, isAtTerminal }: Bannable): Ban | undefined {
    return isAtTerminal ? undefined : this.#bans.get(keyOf({ kind: "address", value: clientOf(host) }));
  }

  /** The ban of a nick that a peer asks for, if there is one. */
  ofNick({ isAtTerminal }: Bannable, nick: string): Ban | undefined {
    return isAtTerminal ? undefined : this.#bans.get(keyOf({ kind: "nick", value: nameKey(nick) }));
  }

  /**
   * Adds a ban.
   *
   * @param by The operator's nick.
   * @throws {Refusal} `not-allowed` if there are too many.
   * @throws {HistoryError} If the ban could not be stored; then it does not take effect.
   */
  add(ban: Ban, by: string): void {
    const { maxBans } = this.#limits;
    if (this.#bans.size >= maxBans && !this.#bans.has(keyOf(ban))) {
      throw new Refusal("not-allowed", `Cannot add the ban: the limit of ${maxBans} bans is reached`);
    }
    this.#history.ban(ban, by);
    this.#bans.set(keyOf(ban), ban);
  }

  /** Takes over a ban that was added, or removed, at another listener. */
  addedElsewhere(ban: Ban): void {
    this.#bans.set(keyOf(ban), ban);
  }

  removedElsewhere(ban: Pick<Ban, "kind" | "value">): void {
    this.#bans.delete(keyOf(ban));
  }

  /** Returns the banned nicks and addresses, in the form that `unban` takes. */
  list(): { readonly type: "bans"; readonly nicks: string[]; readonly addresses: string[] } {
    const all = [...this.#bans.values()];
    return {
      type: "bans",
      nicks: all.filter(({ kind }) => kind === "nick").map(({ value }) => value),
      addresses: all.filter(({ kind }) => kind === "address").map(({ value }) => shownAddress(value)),
    };
  }

  /**
   * Removes a ban.
   *
   * @returns False if there was none.
   * @throws {HistoryError} If the removal could not be stored; then the ban stays in effect.
   */
  remove(ban: Pick<Ban, "kind" | "value">): boolean {
    if (!this.#bans.has(keyOf(ban))) return false;
    this.#history.unban(ban);
    return this.#bans.delete(keyOf(ban));
  }
}

/** Returns a banned address as `unban` takes it; for IPv6 it may be a prefix. */
function shownAddress(value: string): string {
  return value.split(":").length === 4 ? `${value}::` : value;
}

/** Whether a ban applies to a peer. */
export function bans({ kind, value }: Ban, { nick, host, isAtTerminal }: Bannable): boolean {
  return !isAtTerminal && value === (kind === "nick" ? nameKey(nick) : clientOf(host));
}

/** The text of the bye to a banned peer. */
export function banText({ text }: Ban): string {
  return text === "" ? "you were banned" : `you were banned: ${text}`;
}

function keyOf({ kind, value }: Pick<Ban, "kind" | "value">): string {
  return `${kind} ${value}`;
}
