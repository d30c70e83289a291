/** The keys of a member list, by their names, and its changes: each is stored before it holds. */

import type { Clock } from "../../base/clock.ts";
import { keyOfCode } from "../code.ts";
import { memberId } from "../proof.ts";
import { Unavailable } from "./elsewhere.ts";
import { type Entry, Members } from "./members.ts";
import type { MemberStore } from "./store.ts";

/** The options of a {@linkcode Keyring}. */
export interface KeyringOptions {
  readonly store: MemberStore;
  readonly clock: Clock;
  /** The listener's own code, which is reusable. */
  readonly sharedCode?: string | undefined;
  /** The nick of the operator at the terminal, which no member can have. */
  readonly operator?: string | undefined;
  /** Called with the name of each member whose key does not let them in any more. */
  readonly ended?: ((name: string) => void) | undefined;
}

/** How often a change is tried that other listeners are faster with. */
export const MOST_TRIES = 50;

/** The longest pause before such a change is tried again, in milliseconds. */
const PAUSE_MS = 20;

/** Holds the newest list that was taken over. Only one call of its asynchronous methods may be under way. */
export class Keyring {
  readonly #options: KeyringOptions;
  #members: Members;
  /** The revision of the list that these are the members of. */
  #revision = -1;
  #byId: ReadonlyMap<string, Entry> = new Map();
  /** The names of the keys, by key in hexadecimal. */
  #ids = new Map<string, string>();

  constructor(options: KeyringOptions) {
    this.#options = options;
    this.#members = new Members({ members: [], invitations: [] }, options.operator);
  }

  /** The members. They are not to be changed. */
  get members(): Members {
    return this.#members;
  }

  /** Finds the key of that name. */
  find(id: string): Entry | undefined {
    return this.#byId.get(id);
  }

  /**
   * Makes a change and stores it. If that fails, nothing has changed.
   *
   * @throws {Unavailable} If it could not be stored now, or that is not known.
   */
  async change<T>(change: (members: Members) => T): Promise<T> {
    await this.#options.store.refresh();
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      await this.sync();
      const done = await this.attempt(change);
      if (done !== null) return done.result;
      await this.pause();
    }
    throw new Unavailable("other listeners change the members all the time: try again");
  }

  /** Tries to make a change and to store it; returns null if another listener was faster with another change. */
  async attempt<T>(change: (members: Members) => T): Promise<{ readonly result: T } | null> {
    const { store, operator } = this.#options;
    const members = new Members(this.#members.list, operator);
    const result = change(members);
    if (!await store.replace(members.list, this.#revision)) return null;
    await this.sync();
    return { result };
  }

  /** Takes over the newest list, and tells of the members whose keys have ended. */
  async sync(): Promise<void> {
    const { store: { list, revision }, clock, operator, ended } = this.#options;
    if (revision === this.#revision) return;
    const members = new Members(list, operator);
    members.expire(clock.now());
    await this.#index(members);
    const before = this.#members.list.members;
    this.#members = members;
    this.#revision = revision;
    for (const { name, key } of before) if (members.keyOf(name) !== key) ended?.(name);
  }

  /** Finds the name of each key. */
  async #index(members: Members): Promise<void> {
    const { sharedCode } = this.#options;
    const entries = members.entries();
    if (sharedCode !== undefined) entries.push({ is: "shared code", key: keyOfCode(sharedCode) });
    const [byId, ids] = [new Map<string, Entry>(), new Map<string, string>()];
    for (const entry of entries) {
      const hex = entry.key.toHex();
      const id = this.#ids.get(hex) ?? await memberId(entry.key);
      ids.set(hex, id);
      byId.set(id, entry);
    }
    this.#byId = byId;
    this.#ids = ids;
  }

  /** Waits for a random moment, so that listeners that change the list at once do not do so again. */
  pause(): Promise<void> {
    return new Promise((resolve) => void this.#options.clock.after(Math.random() * PAUSE_MS, resolve));
  }
}
