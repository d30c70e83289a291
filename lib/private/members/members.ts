/** Members of a private chat, invitations, and the keys that let them in. Accesses no files and computes no HMACs. */

import { nameKey, normalizeName } from "../../base/text.ts";
import { keyOfCode, parseCode } from "../code.ts";

/** The time for which an invitation is valid, in milliseconds. */
export const INVITATION_MS = 24 * 60 * 60 * 1000;

/** The most members, and the most invitations. */
const MAX_MEMBERS = 10_000;
const MAX_INVITATIONS = 1000;

/** The name of an operator who chose none. No member can have it. */
const OPERATOR = "operator";

/** The name of a member whose invitation and hello gave none. */
const DEFAULT_NAME = "member";

/** A member as it is stored. */
export interface Member {
  readonly name: string;
  /** The secret in hexadecimal, or the code if the member keeps that. */
  readonly key: string;
  readonly kind: "secret" | "code";
  /** The code that the secret replaces. Until the secret is first used, either of them lets the member in. */
  readonly code?: string;
  /** The time until which that code is valid, in milliseconds since 1970. */
  readonly until?: number;
  /** The run of the listener that gave the secret for that code, if several listeners share the list. */
  readonly at?: string;
}

/** An invitation for one person. */
export interface Invitation {
  readonly code: string;
  /** The member's name; if not given, it is that of the hello. */
  readonly name?: string;
  /** In milliseconds since 1970. */
  readonly until: number;
}

/** Everything that is stored. */
export interface MemberList {
  readonly members: readonly Member[];
  readonly invitations: readonly Invitation[];
}

/** A member or an invitation that was revoked. */
export type Revoked =
  | { readonly is: "member"; readonly name: string }
  | { readonly is: "invitation"; readonly code: string };

/** A key, and the person whom it lets in. */
export type Entry =
  | { readonly is: "invitation"; readonly key: Uint8Array<ArrayBuffer>; readonly invitation: Invitation }
  /** A code that was used once, while the secret that replaces it was not. */
  | {
    readonly is: "used code";
    readonly key: Uint8Array<ArrayBuffer>;
    readonly name: string;
    readonly until: number;
    readonly at: string | undefined;
  }
  | { readonly is: "secret" | "kept code"; readonly key: Uint8Array<ArrayBuffer>; readonly name: string }
  /** The listener's own code, which is reusable. */
  | { readonly is: "shared code"; readonly key: Uint8Array<ArrayBuffer> };

/** A new secret, and the run of the listener that gives it, if several listeners share the list. */
export interface GivenSecret {
  readonly secret: Uint8Array;
  readonly at?: string | undefined;
}

/** A member list, and the rules for changing it. */
export class Members {
  #members: Map<string, Member>;
  #invitations: Map<string, Invitation>;
  /** The keys of the names that no member can have. */
  readonly #reserved: ReadonlySet<string>;

  /** @param operator The nick of the operator at the listener's terminal, which no member can have. */
  constructor({ members, invitations }: MemberList, operator = OPERATOR) {
    this.#reserved = new Set([OPERATOR, operator].map(nameKey));
    this.#members = new Map(members.map((member) => [nameKey(member.name), member]));
    this.#invitations = new Map(invitations.map((invitation) => [invitation.code, invitation]));
  }

  /** The contents to store. */
  get list(): MemberList {
    return { members: [...this.#members.values()], invitations: [...this.#invitations.values()] };
  }

  /** Whether there is a member of that name, without regard to case, or an invitation for one. */
  isTaken(name: string): boolean {
    const key = nameKey(name);
    return this.#members.has(key) || this.#reserved.has(key) ||
      [...this.#invitations.values()].some((invitation) =>
        invitation.name !== undefined && nameKey(invitation.name) === key
      );
  }

  /** Returns the key of a member, as it is stored; undefined if there is none. */
  keyOf(name: string): string | undefined {
    return this.#members.get(nameKey(name))?.key;
  }

  /** Returns every key that lets somebody in. */
  entries(): Entry[] {
    const entries: Entry[] = [];
    for (const { name, key, kind, code, until, at } of this.#members.values()) {
      if (kind === "code") entries.push({ is: "kept code", key: keyOfCode(key), name });
      else entries.push({ is: "secret", key: Uint8Array.fromHex(key), name });
      if (code !== undefined) {
        entries.push({ is: "used code", key: keyOfCode(code), name, until: until ?? 0, at });
      }
    }
    for (const invitation of this.#invitations.values()) {
      entries.push({ is: "invitation", key: keyOfCode(invitation.code), invitation });
    }
    return entries;
  }

  /** Drops expired invitations. */
  expire(now: number): void {
    for (const [code, { until }] of this.#invitations) if (until <= now) this.#invitations.delete(code);
  }

  /**
   * Adds an invitation for one person and one day. It replaces an invitation for the same name.
   *
   * @throws {Error} If the name is not valid or is taken, or there are too many invitations.
   */
  invite(code: string, { name, now }: { name?: string | undefined; now: number }): Invitation {
    this.expire(now);
    const clean = name === undefined ? undefined : this.#clean(name);
    if (this.#invitations.size >= MAX_INVITATIONS) {
      throw new Error(`there are ${MAX_INVITATIONS} invitations already`);
    }
    const until = now + INVITATION_MS;
    const invitation: Invitation = clean === undefined ? { code, until } : { code, name: clean, until };
    this.#invitations.set(code, invitation);
    return invitation;
  }

  /**
   * Adds a member with a reusable code.
   *
   * @throws {Error} If the name is not valid or is taken, or there are too many members.
   */
  keep(code: string, name: string): Member {
    const clean = this.#clean(name);
    return this.#add({ name: clean, key: code, kind: "code" });
  }

  /** Makes a member of the invited person. The member's secret replaces the code of the invitation. */
  accept(
    invitation: Invitation,
    { asked, secret, at }: { asked: string | undefined } & GivenSecret,
  ): Member {
    this.#invitations.delete(invitation.code);
    const name = invitation.name ?? this.#freeName(asked);
    const { code, until } = invitation;
    return this.#add({ name, key: secret.toHex(), kind: "secret", code, until, ...at && { at } });
  }

  /** Makes a member of a person with the listener's own code. */
  enrol({ asked, secret }: { asked: string | undefined; secret: Uint8Array }): Member {
    return this.#add({ name: this.#freeName(asked), key: secret.toHex(), kind: "secret" });
  }

  /** Gives a member whose code is used again another secret, because the previous one may not have arrived. */
  renew(name: string, { secret, at }: GivenSecret): void {
    const member = this.#members.get(nameKey(name));
    if (member === undefined) return;
    this.#members.set(nameKey(name), { ...member, key: secret.toHex(), ...at && { at } });
  }

  /**
   * Invalidates the code of a member whose secret was used.
   *
   * @param key The secret, as it is stored.
   */
  confirm(name: string, key: string): void {
    if (!this.hasCode(name, key)) return;
    this.#members.set(nameKey(name), { name, key, kind: "secret" });
  }

  /** Whether there is a member with that secret, whose code is valid until the secret is used. */
  hasCode(name: string, key: string): boolean {
    const member = this.#members.get(nameKey(name));
    return member?.key === key && member.code !== undefined;
  }

  /**
   * Removes a member or an invitation, found by name or code.
   * @returns The removed entry; null if there was none.
   */
  revoke(name: string): Revoked | null {
    const key = nameKey(name);
    const member = this.#members.get(key);
    if (member !== undefined) {
      this.#members.delete(key);
      return { is: "member", name: member.name };
    }
    const code = parseCode(name);
    for (const invitation of this.#invitations.values()) {
      const isNamed = invitation.name !== undefined && nameKey(invitation.name) === key;
      if (!isNamed && invitation.code !== code) continue;
      this.#invitations.delete(invitation.code);
      return { is: "invitation", code: invitation.code };
    }
    return null;
  }

  #add(member: Member): Member {
    if (this.#members.size >= MAX_MEMBERS) throw new Error(`there are ${MAX_MEMBERS} members already`);
    this.#members.set(nameKey(member.name), member);
    return member;
  }

  #clean(name: string): string {
    const clean = normalizeName(name);
    if (clean === null) throw new Error("a name is 1 to 32 visible characters without spaces");
    if (this.#members.has(nameKey(clean))) {
      throw new Error(`${clean} is a member already: /revoke ${clean} first, or choose another name`);
    }
    if (this.#reserved.has(nameKey(clean))) throw new Error(`only the operator may be called ${clean}`);
    for (const [code, invitation] of this.#invitations) {
      if (invitation.name !== undefined && nameKey(invitation.name) === nameKey(clean)) {
        this.#invitations.delete(code);
      }
    }
    return clean;
  }

  #freeName(asked: string | undefined): string {
    const wanted = (asked === undefined ? null : normalizeName(asked)) ?? DEFAULT_NAME;
    if (!this.isTaken(wanted)) return wanted;
    const stem = [...wanted].slice(0, 26).join("");
    for (let n = 2;; n++) if (!this.isTaken(`${stem}-${n}`)) return `${stem}-${n}`;
  }
}
