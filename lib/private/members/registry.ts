/** Registry of a private chat: decides who is let in by which key, and carries out the commands about members. */

import { nameKey } from "../../base/text.ts";
import { makeToken } from "../../base/token.ts";
import { parseCode } from "../code.ts";
import { checkProof, makeProof, NONCE_SIZE, PROOF_SIZE, SECRET_SIZE } from "../proof.ts";
import { Turns } from "../turns.ts";
import type { Admission, Claim, Denial } from "./claim.ts";
import { Counts } from "./counts.ts";
import { type MembersElsewhere, Unavailable } from "./elsewhere.ts";
import { Keyring, type KeyringOptions, MOST_TRIES } from "./keyring.ts";
import type { Entry, Invitation, Revoked } from "./members.ts";

/** The options of {@linkcode Registry.open}. */
export interface RegistryOptions extends KeyringOptions {
  /** The other listeners that share the store; undefined if there are none. */
  readonly elsewhere?: Pick<MembersElsewhere, "self" | "isUsed" | "present"> | undefined;
  /** Returns the given number of random bytes. */
  readonly random: (size: number) => Uint8Array<ArrayBuffer>;
  /** The certificate's DER. */
  readonly certificate: Uint8Array<ArrayBuffer>;
  /** Called when the code that is shown is no longer one; only if several listeners share the members. */
  readonly shownEnded?: () => void;
}

/** The result of using a key. */
interface Used {
  readonly name: string | undefined;
  /** The member's key from now on, as it is stored. */
  readonly key: string | undefined;
  readonly secret: Uint8Array | undefined;
  readonly isNew: boolean;
}

/** Keys, members and invitations. Changes and checks run one at a time. */
export class Registry {
  readonly #options: RegistryOptions;
  readonly #keys: Keyring;
  /** How many connections each member has, and how many came by each key, or are about to. */
  readonly #live = new Counts();
  readonly #used = new Counts();
  /** The secrets that were used while that could not be stored, by the names of their members. */
  readonly #unconfirmed = new Map<string, string>();
  /** A key for claims that name no known key, so that their check takes as long as others. */
  readonly #nobody: Uint8Array<ArrayBuffer>;
  readonly #turns = new Turns();
  /** The invitation without a name that is being shown. */
  #shown: string | null = null;

  private constructor(options: RegistryOptions) {
    this.#options = options;
    this.#keys = new Keyring(options);
    this.#nobody = options.random(SECRET_SIZE);
  }

  /** Reads the members. */
  static async open(options: RegistryOptions): Promise<Registry> {
    const registry = new Registry(options);
    await registry.#keys.sync();
    return registry;
  }

  /** The names of all members, and whether each is connected. */
  get members(): { readonly name: string; readonly isHere: boolean; readonly isKept: boolean }[] {
    const elsewhere = new Set(Array.from(this.#options.elsewhere?.present() ?? [], nameKey));
    return this.#keys.members.list.members.map(({ name, kind }) => ({
      name,
      isHere: this.#live.has(nameKey(name)) || elsewhere.has(nameKey(name)),
      isKept: kind === "code",
    }));
  }

  /** The invitations that are not used yet. */
  get invitations(): readonly Invitation[] {
    const now = this.#options.clock.now();
    return this.#keys.members.list.invitations.filter(({ until }) => until > now);
  }

  /** Whether a nick is reserved for a member. */
  isReserved(nick: string): boolean {
    return this.#keys.members.isTaken(nick);
  }

  /** Whether somebody is connected by the key of that name, or about to be. */
  isUsed(id: string): boolean {
    return this.#used.has(id);
  }

  /** Makes sure that nothing is older than this call, where that can be known. */
  refresh(): Promise<void> {
    return this.#options.store.refresh();
  }

  /** Takes over what another listener has stored, and stores what could not be stored before. */
  changed(): Promise<void> {
    return this.#turns.take(async () => {
      await this.#keys.sync();
      await this.#confirmLate();
      if (this.#shown === null || this.invitations.some(({ code }) => code === this.#shown)) return;
      this.#shown = null;
      this.#options.shownEnded?.();
    });
  }

  /**
   * Checks a claim, and admits a person who proves a key. {@linkcode Registry.refresh} comes first.
   *
   * @throws {Error} If a new member cannot be stored; then nothing has changed.
   */
  admit(claim: Claim): Promise<Admission | Denial> {
    return this.#turns.take(async () => {
      try {
        return await this.#admit(claim);
      } catch (error) {
        if (error instanceof Unavailable) return "not now";
        throw error;
      }
    });
  }

  /**
   * Returns the code of an invitation without a name: the one already shown, as long as it is not used. A listener that
   * shares its members shows none that another one may show too.
   */
  shownCode(): Promise<string> {
    return this.#turns.take(async () => {
      const open = this.invitations;
      const isAlone = this.#options.elsewhere === undefined;
      const shown = open.find(({ code }) => code === this.#shown) ??
        (isAlone ? open.find(({ name }) => name === undefined) : undefined);
      return this.#shown = shown?.code ?? await this.#invite(undefined);
    });
  }

  /**
   * Makes a code for one person and one day.
   *
   * @throws {Error} With one line for people.
   */
  invite(name?: string): Promise<string> {
    return this.#turns.take(() => this.#invite(name));
  }

  /**
   * Makes a member with a reusable code.
   *
   * @throws {Error} With one line for people.
   */
  keep(name: string): Promise<string> {
    return this.#turns.take(async () => {
      const code = this.#newCode();
      await this.#keys.change((members) => members.keep(code, name));
      return code;
    });
  }

  /**
   * Forgets a member, or an invitation, by its name or its code; see {@linkcode Members.revoke}.
   *
   * @throws {Error} With one line for people.
   */
  revoke(name: string): Promise<Revoked | null> {
    return this.#turns.take(() => this.#keys.change((members) => members.revoke(name)));
  }

  async #admit(claim: Claim): Promise<Admission | Denial> {
    const { clock, certificate, store } = this.#options;
    const { member: id, nonce, proof } = claim;
    const isShaped = nonce.length === NONCE_SIZE && proof.length === PROOF_SIZE;
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      await this.#keys.sync();
      const entry = this.#keys.find(id);
      const key = entry?.key ?? this.#nobody;
      const isProved = await checkProof(key, proof, { by: "peer", certificate, nonce });
      // Another listener may have made that key since the list was read.
      if (isShaped && entry === undefined && !store.isCurrent) return "not now";
      if (!isShaped || !isProved || entry === undefined || isOver(entry, clock.now())) return "wrong";
      if (entry.is === "used code" && await this.#isInUse(entry, id)) return "in use";
      const release = this.#used.add(id);
      try {
        const used = await this.#use(entry, claim);
        if (used !== null) {
          const proof = await makeProof(key, { by: "listener", certificate, nonce });
          return this.#admission(used, { proof, release });
        }
      } catch (error) {
        release();
        throw error;
      }
      release();
      await this.#keys.pause();
    }
    return "not now";
  }

  #admission(
    { name, key, secret, isNew }: Used,
    { proof, release }: { proof: Uint8Array; release: () => void },
  ): Admission {
    const leave = name === undefined ? () => {} : this.#live.add(nameKey(name));
    return {
      member: name,
      proof,
      secret,
      isNew,
      holds: () => name === undefined || this.#keys.members.keyOf(name) === key,
      gone: () => {
        release();
        leave();
      },
    };
  }

  /** Whether the person who used a code is connected. */
  async #isInUse({ name, at }: Extract<Entry, { is: "used code" }>, id: string): Promise<boolean> {
    if (this.#used.has(id) || this.#live.has(nameKey(name))) return true;
    const { elsewhere } = this.#options;
    if (elsewhere === undefined || at === undefined || at === elsewhere.self) return false;
    return await elsewhere.isUsed(at, id);
  }

  /**
   * Makes the changes that the use of a key causes.
   *
   * @returns Null if another listener was faster with another change.
   */
  async #use(entry: Entry, { nick: asked, enrol }: Claim): Promise<Used | null> {
    const at = this.#options.elsewhere?.self;
    const secret = this.#options.random(SECRET_SIZE);
    switch (entry.is) {
      case "invitation": {
        const done = await this.#keys.attempt((members) =>
          members.accept(entry.invitation, { asked, secret, at })
        );
        return done && { name: done.result.name, key: done.result.key, secret, isNew: true };
      }
      case "used code": {
        const done = await this.#keys.attempt((members) => members.renew(entry.name, { secret, at }));
        return done && { name: entry.name, key: secret.toHex(), secret, isNew: false };
      }
      case "secret":
        return await this.#useSecret(entry.name, entry.key.toHex());
      case "kept code": {
        const key = this.#keys.members.keyOf(entry.name);
        return { name: entry.name, key, secret: undefined, isNew: false };
      }
      case "shared code": {
        if (!enrol) return { name: undefined, key: undefined, secret: undefined, isNew: false };
        const done = await this.#keys.attempt((members) => members.enrol({ asked, secret }));
        return done && { name: done.result.name, key: done.result.key, secret, isNew: true };
      }
    }
  }

  /** Lets a member in by its secret, whose first use ends the code. */
  async #useSecret(name: string, key: string): Promise<Used | null> {
    const used = { name, key, secret: undefined, isNew: false };
    if (!this.#keys.members.hasCode(name, key)) return used;
    try {
      return await this.#keys.attempt((members) => members.confirm(name, key)) && used;
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      // The code ends when that can be stored.
      this.#unconfirmed.set(name, key);
      return used;
    }
  }

  async #confirmLate(): Promise<void> {
    for (const [name, key] of this.#unconfirmed) {
      try {
        if (this.#keys.members.hasCode(name, key)) {
          await this.#keys.change((members) => members.confirm(name, key));
        }
        this.#unconfirmed.delete(name);
      } catch (error) {
        if (error instanceof Unavailable) return;
        throw error;
      }
    }
  }

  async #invite(name: string | undefined): Promise<string> {
    const code = this.#newCode();
    await this.#keys.change((members) => members.invite(code, { name, now: this.#options.clock.now() }));
    return code;
  }

  #newCode(): string {
    return parseCode(makeToken(this.#options.random))!;
  }
}

/** Whether a code has expired. */
function isOver(entry: Entry, now: number): boolean {
  if (entry.is === "invitation") return entry.invitation.until <= now;
  return entry.is === "used code" && entry.until <= now;
}
