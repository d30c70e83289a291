/**
 * Registry of the keys that admit people to a private chat. A key is found by its name, and each change is written to a
 * file.
 */

import type { Clock } from "../base/clock.ts";
import { nameKey } from "../base/text.ts";
import { makeToken } from "../base/token.ts";
import { keyOfCode, parseCode } from "./code.ts";
import { formatMembers, MEMBERS_FILE, parseMembers } from "./member_store.ts";
import { type Entry, type Invitation, Members, type Revoked } from "./members.ts";
import type { PrivateFiles } from "./private_files.ts";
import { checkProof, makeProof, memberId, NONCE_SIZE, PROOF_SIZE, SECRET_SIZE } from "./proof.ts";
import { Turns } from "./turns.ts";

/** The options of {@linkcode Registry.open}. */
export interface RegistryOptions {
  readonly files: PrivateFiles;
  readonly clock: Clock;
  /** Returns the given number of random bytes. */
  readonly random: (size: number) => Uint8Array<ArrayBuffer>;
  /** The certificate's DER. */
  readonly certificate: Uint8Array<ArrayBuffer>;
  /** The listener's own code, which is reusable. */
  readonly sharedCode?: string | undefined;
  /** The nick of the operator at the terminal, which no member can have. */
  readonly operator?: string | undefined;
}

/** The claim of a hello, and its proof. */
export interface Claim {
  /** The name of the key, see {@linkcode memberId}. */
  readonly member: string;
  readonly nonce: Uint8Array;
  readonly proof: Uint8Array;
  /** The nick that the peer asks for. */
  readonly nick?: string | undefined;
  /** Whether a peer that uses the listener's own code is to become a member. */
  readonly enrol?: boolean | undefined;
}

/** The admission of a peer. */
export interface Admission {
  /** The member's name; undefined for peers that came with the listener's own code. */
  readonly member: string | undefined;
  /** The listener's proof. */
  readonly proof: Uint8Array;
  /** The secret that replaces the code; undefined if there is none to replace. */
  readonly secret: Uint8Array | undefined;
  /** Whether the peer became a member with this admission. */
  readonly isNew: boolean;
  /** Returns whether the admission is still valid. The member may be revoked before the hub has the connection. */
  readonly holds: () => boolean;
  /** Must be called when the peer's connection has ended. */
  readonly gone: () => void;
}

/** The reason for a denial. "in use": the person who used the code first is connected. */
export type Denial = "wrong" | "in use";

/** Keys, members and invitations. Changes and checks run one at a time. */
export class Registry {
  readonly #options: RegistryOptions;
  #members: Members;
  #byId: ReadonlyMap<string, Entry> = new Map();
  /** The names of the keys, by key in hexadecimal. */
  #ids = new Map<string, string>();
  /** How many connections each member has. */
  readonly #live = new Map<string, number>();
  /** A key for claims without a known key, so that their check takes as long as that of others. */
  readonly #nobody: Uint8Array<ArrayBuffer>;
  readonly #turns = new Turns();
  /** The invitation without a name that is being shown. */
  #shown: string | null = null;

  private constructor(options: RegistryOptions, members: Members) {
    this.#options = options;
    this.#members = members;
    this.#nobody = options.random(SECRET_SIZE);
  }

  /**
   * Reads the members.
   *
   * @throws {Exit} If the file cannot be read.
   */
  static async open(options: RegistryOptions): Promise<Registry> {
    const { files, clock, operator } = options;
    const text = files.read(MEMBERS_FILE);
    const list = text === null
      ? { members: [], invitations: [] }
      : parseMembers(text, files.pathOf(MEMBERS_FILE));
    const members = new Members(list, operator);
    members.expire(clock.now());
    const registry = new Registry(options, members);
    await registry.#index();
    return registry;
  }

  /** The names of all members, and whether each is connected. */
  get members(): { readonly name: string; readonly isHere: boolean; readonly isKept: boolean }[] {
    return this.#members.list.members.map(({ name, kind }) => ({
      name,
      isHere: (this.#live.get(nameKey(name)) ?? 0) > 0,
      isKept: kind === "code",
    }));
  }

  /** The invitations that are not used yet. */
  get invitations(): readonly Invitation[] {
    this.#members.expire(this.#options.clock.now());
    return this.#members.list.invitations;
  }

  /** Whether a nick is reserved for a member. */
  isReserved(nick: string): boolean {
    return this.#members.isTaken(nick);
  }

  /**
   * Checks a claim, and admits a person who proves a key.
   * @throws {Exit} If a new member cannot be stored. Nothing has changed then.
   */
  admit(claim: Claim): Promise<Admission | Denial> {
    return this.#turns.take(() => this.#admit(claim));
  }

  /** Returns the code of an invitation without a name: the same one until it is used. */
  shownCode(): Promise<string> {
    return this.#turns.take(async () => {
      const open = this.invitations;
      const shown = open.find(({ code }) => code === this.#shown) ??
        open.find(({ name }) => name === undefined);
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
   * Adds a member with a reusable code, and returns the code.
   *
   * @throws {Error} With one line for people.
   */
  keep(name: string): Promise<string> {
    return this.#turns.take(async () => {
      const code = this.#newCode();
      await this.#change(() => this.#members.keep(code, name));
      return code;
    });
  }

  /** Removes a member or an invitation, found by name or code; see {@linkcode Members.revoke}. */
  revoke(name: string): Promise<Revoked | null> {
    return this.#turns.take(() => this.#change(() => this.#members.revoke(name)));
  }

  async #admit(claim: Claim): Promise<Admission | Denial> {
    const { clock, certificate } = this.#options;
    const { member, nonce, proof } = claim;
    const isShaped = nonce.length === NONCE_SIZE && proof.length === PROOF_SIZE;
    const entry = this.#byId.get(member);
    const key = entry?.key ?? this.#nobody;
    const isProved = await checkProof(key, proof, { by: "peer", certificate, nonce });
    if (!isShaped || !isProved || entry === undefined || isOver(entry, clock.now())) return "wrong";
    if (entry.is === "used code" && this.#isHere(entry.name)) return "in use";
    const { name, secret, isNew } = await this.#take(entry, claim);
    const answer = await makeProof(key, { by: "listener", certificate, nonce });
    return {
      member: name,
      proof: answer,
      secret,
      isNew,
      holds: () => name === undefined || this.#members.has(name),
      gone: name === undefined ? () => {} : this.#count(name),
    };
  }

  /** Applies the changes that the use of a key causes. */
  async #take(entry: Entry, { nick: asked, enrol }: Claim) {
    const secret = this.#options.random(SECRET_SIZE);
    switch (entry.is) {
      case "invitation": {
        const { name } = await this.#change(() => this.#members.accept(entry.invitation, { asked, secret }));
        return { name, secret, isNew: true };
      }
      case "used code":
        await this.#change(() => this.#members.renew(entry.name, secret));
        return { name: entry.name, secret, isNew: false };
      case "secret":
        if (this.#members.confirm(entry.name)) await this.#change(() => {});
        return { name: entry.name, secret: undefined, isNew: false };
      case "kept code":
        return { name: entry.name, secret: undefined, isNew: false };
      case "shared code": {
        if (!enrol) return { name: undefined, secret: undefined, isNew: false };
        const { name } = await this.#change(() => this.#members.enrol({ asked, secret }));
        return { name, secret, isNew: true };
      }
    }
  }

  #isHere(name: string): boolean {
    return (this.#live.get(nameKey(name)) ?? 0) > 0;
  }

  #count(name: string): () => void {
    const key = nameKey(name);
    this.#live.set(key, (this.#live.get(key) ?? 0) + 1);
    let isGone = false;
    return () => {
      if (isGone) return;
      isGone = true;
      const left = (this.#live.get(key) ?? 1) - 1;
      if (left > 0) this.#live.set(key, left);
      else this.#live.delete(key);
    };
  }

  async #invite(name: string | undefined): Promise<string> {
    const code = this.#newCode();
    await this.#change(() => this.#members.invite(code, { name, now: this.#options.clock.now() }));
    return code;
  }

  #newCode(): string {
    return parseCode(makeToken(this.#options.random))!;
  }

  /** Makes a change and stores it. If that fails, nothing has changed. */
  async #change<T>(change: () => T): Promise<T> {
    const { files, operator } = this.#options;
    const before = this.#members.list;
    try {
      const result = change();
      files.write(MEMBERS_FILE, formatMembers(this.#members.list));
      await this.#index();
      return result;
    } catch (error) {
      this.#members = new Members(before, operator);
      throw error;
    }
  }

  /** Finds the name of each key. */
  async #index(): Promise<void> {
    const { sharedCode } = this.#options;
    const entries = this.#members.entries();
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
}

/** Whether a code has expired. */
function isOver(entry: Entry, now: number): boolean {
  if (entry.is === "invitation") return entry.invitation.until <= now;
  return entry.is === "used code" && entry.until <= now;
}
