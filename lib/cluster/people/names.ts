/** Nicks of this listener's peers. Each is claimed at the broker, so that nobody at another listener can have it. */

import { nameKey } from "../../base/text.ts";
import type { Here } from "../../hub/elsewhere/elsewhere.ts";
import { tokenOf } from "../log/names.ts";
import type { Claims } from "./claims.ts";

/** The numbers of guests come in blocks, one for each listener, so that no two guests get the same number. */
const GUESTS_PER_BLOCK = 1_000;
/** The number of blocks. */
const GUEST_BLOCKS = 16;

/** The number of characters of a taken nick that are kept before the suffix. */
const STEM_LENGTH = 26;

/** The suffixes up to this one are tried in turn; larger ones are random. */
const TRIED_IN_TURN = 20;
const MOST_TRIES = 40;

/** The options of {@linkcode Names}. */
export interface NamesOptions {
  readonly claims: Claims;
  /** Whether somebody at another listener has a nick. */
  readonly isElsewhere: (nick: string) => boolean;
  /** Whether a peer may have a nick, according to this listener alone. */
  readonly isFreeHere: (peer: Here, nick: string) => boolean;
  /** Gives a peer another nick, because it has lost its own. */
  readonly rename: (peer: Here, nick: string) => void;
}

/** Claims nicks. */
export class Names {
  readonly #options: NamesOptions;
  /** The peers that hold a nick or are about to get it, by the nick's key. */
  readonly #holders = new Map<string, Here>();
  /** The keys that each peer holds. */
  readonly #held = new Map<Here, Set<string>>();
  /** The peers that are about to get another nick. */
  readonly #waiting = new Set<Here>();
  /** The peers that are gone, which get nothing more. */
  readonly #gone = new WeakSet<Here>();
  /** The block of numbers for this listener's guests. */
  #block = 0;

  constructor(options: NamesOptions) {
    this.#options = options;
  }

  /** The peer that holds a nick. */
  holder(nick: string): Here | undefined {
    return this.#holders.get(nameKey(nick));
  }

  /** Returns whether a peer may have a nick that nobody has here, without asking the broker. */
  mayHave(peer: Here, nick: string): boolean {
    const holder = this.holder(nick);
    if (holder !== undefined) return holder === peer;
    if (this.#options.isElsewhere(nick)) return false;
    const guest = /^guest-([1-9]\d{0,8})$/.exec(nameKey(nick))?.[1];
    return guest === undefined || blockOf(Number(guest)) === this.#block;
  }

  /** Claims a nick for a peer, or the first one with a suffix that is free. */
  async reserve(peer: Here, asked: string): Promise<string> {
    this.#waiting.add(peer);
    try {
      return await this.#reserve(peer, asked);
    } finally {
      this.#waiting.delete(peer);
    }
  }

  async #reserve(peer: Here, asked: string): Promise<string> {
    const stem = [...asked].slice(0, STEM_LENGTH).join("");
    for (let n = 1; n <= MOST_TRIES && !this.#gone.has(peer); n++) {
      const suffix = n <= TRIED_IN_TURN ? n : n + Math.floor(Math.random() * 1e5);
      const nick = n === 1 ? asked : `${stem}-${suffix}`;
      if (await this.#claim(peer, nick)) return nick;
    }
    // The hub then uses a nick that is free at this listener.
    return asked;
  }

  /** Claims a nick; returns whether the peer has it. */
  async #claim(peer: Here, nick: string): Promise<boolean> {
    const { claims, isElsewhere, isFreeHere } = this.#options;
    const holder = this.holder(nick);
    if (holder === peer) return true;
    if (holder !== undefined || isElsewhere(nick) || !isFreeHere(peer, nick)) return false;
    this.#hold(peer, nick);
    // If the broker does not answer, the peer has the nick until another person turns out to have it.
    const outcome = await claims.claim(claimKey(nick));
    if (outcome !== "taken" && !this.#gone.has(peer)) return true;
    this.#letGo(peer, nameKey(nick));
    if (outcome !== "taken") void claims.release(claimKey(nick));
    return false;
  }

  /** Handles the nick that a peer has now: claims it if it is not claimed, and releases the peer's others. */
  keep(peer: Here): void {
    const key = nameKey(peer.nick);
    for (const held of [...this.#held.get(peer) ?? []]) {
      if (held === key || this.#waiting.has(peer)) continue;
      this.#letGo(peer, held);
      void this.#options.claims.release(claimKey(held));
    }
    if (this.#holders.get(key) === peer) return;
    this.#hold(peer, peer.nick);
    void this.check(peer);
  }

  /** Claims a peer's nick again, and renames the peer if it is somebody else's now. */
  async check(peer: Here): Promise<void> {
    const { nick } = peer;
    if (await this.#options.claims.claim(claimKey(nick)) !== "taken") return;
    if (this.holder(nick) !== peer || peer.nick !== nick) return;
    this.#letGo(peer, nameKey(nick));
    this.#options.rename(peer, await this.reserve(peer, nick));
  }

  /** Claims a block of numbers for the guests, preferably the one that this listener has. */
  async claimBlock(): Promise<void> {
    for (let n = 0; n < GUEST_BLOCKS; n++) {
      const block = (this.#block + n) % GUEST_BLOCKS;
      if (await this.#options.claims.claim(`guests.${block}`) === "taken") continue;
      this.#block = block;
      return;
    }
    // There are more listeners than blocks. Guests who get the same nick are renamed.
    this.#block = Math.floor(Math.random() * GUEST_BLOCKS);
  }

  /** Claims everything again, because claims may have been lost, and because the bucket drops old ones. */
  async checkAll(): Promise<void> {
    await this.claimBlock();
    for (const [key, peer] of [...this.#holders]) {
      if (this.#holders.get(key) === peer && nameKey(peer.nick) === key) await this.check(peer);
    }
  }

  /** Releases the nicks of a peer that is gone. */
  release(peer: Here): void {
    this.#gone.add(peer);
    for (const key of [...this.#held.get(peer) ?? []]) {
      this.#letGo(peer, key);
      void this.#options.claims.release(claimKey(key));
    }
  }

  /** Gives a peer's nick to another peer here. */
  pass(before: Here, peer: Here): void {
    this.#letGo(before, nameKey(before.nick));
    this.#hold(peer, before.nick);
  }

  /** Gives a peer's nick to another listener. */
  async give(peer: Here, node: string): Promise<void> {
    const key = nameKey(peer.nick);
    if (this.#holders.get(key) !== peer) return;
    this.#letGo(peer, key);
    await this.#options.claims.give(claimKey(key), node);
  }

  /** Takes over a nick that another listener has given. */
  async adopt(peer: Here, nick: string): Promise<void> {
    this.#hold(peer, nick);
    await this.#options.claims.claim(claimKey(nick));
    if (this.#gone.has(peer)) this.release(peer);
  }

  #hold(peer: Here, nick: string): void {
    const key = nameKey(nick);
    this.#holders.set(key, peer);
    const held = this.#held.get(peer) ?? new Set();
    this.#held.set(peer, held.add(key));
  }

  #letGo(peer: Here, key: string): void {
    if (this.#holders.get(key) === peer) this.#holders.delete(key);
    const held = this.#held.get(peer);
    held?.delete(key);
    if (held?.size === 0) this.#held.delete(peer);
  }
}

function claimKey(nick: string): string {
  return `nick.${tokenOf(nick)}`;
}

function blockOf(guest: number): number {
  return Math.floor((guest - 1) / GUESTS_PER_BLOCK) % GUEST_BLOCKS;
}
