/** What only an operator may do: send people away, keep them out, and have them be silent. */

import { isAddress, personOf } from "./gate.ts";
import type { Ban, History } from "./history/history.ts";
import type { Limits } from "./limits.ts";
import { type ByeCode, checkText, type PeerMessage, quote, Refusal } from "./message.ts";
import type { Nicks } from "./nicks.ts";
import type { Peer } from "./peer.ts";
import type { Rooms } from "./rooms.ts";
import { nameKey, normalizeName } from "./text.ts";

/** What {@linkcode Operators} works on. */
export interface OperatorsOptions {
  readonly limits: Limits;
  readonly history: History;
  readonly nicks: Nicks<Peer>;
  readonly rooms: Rooms;
  readonly peers: Iterable<Peer>;
  /** What makes an operator of who says it; nobody becomes one if there is none. */
  readonly token: string | undefined;
  readonly sayBye: (peer: Peer, code: ByeCode, text: string) => void;
}

/** How long somebody is not read who has guessed at the token. */
const GUESS_REST_MS = 1000;

/** The messages that are an operator's. */
export type OperatorMessage = Extract<
  PeerMessage,
  { type: "op" | "kick" | "mute" | "unmute" | "ban" | "unban" }
>;

type BanMessage = Extract<OperatorMessage, { type: "ban" | "unban" }>;

/** Carries out what operators ask for. */
export class Operators {
  readonly #options: OperatorsOptions;
  /** Looked up at each connection and each name, so not in the history. */
  readonly #bans = new Map<string, Ban>();

  constructor(options: OperatorsOptions) {
    this.#options = options;
    for (const ban of options.history.bans()) this.#bans.set(keyOf(ban), ban);
  }

  /** The ban of an address, or of a name. */
  findBan({ host, nick }: { host?: string; nick?: string }): Ban | undefined {
    if (host !== undefined) return this.#bans.get(keyOf({ kind: "address", value: personOf(host) }));
    return this.#bans.get(keyOf({ kind: "nick", value: nameKey(nick ?? "") }));
  }

  /**
   * @throws {Refusal} `not-allowed` where the peer is no operator; `no-such-nick`, `no-such-room`, `bad-message`.
   * @throws {HistoryError} Where a ban could not be stored; then all is as before.
   */
  carryOut(peer: Peer, message: OperatorMessage): void {
    if (message.type === "op") return this.#promote(peer, message.token);
    if (!peer.isOperator) {
      throw new Refusal(
        "not-allowed",
        `Cannot ${message.type}: only an operator may; become one with the token`,
      );
    }
    checkText(message.text, this.#options.limits.maxTopic);
    switch (message.type) {
      case "kick":
        return this.#kick(peer, message);
      case "mute":
      case "unmute":
        return this.#mute(message);
      case "ban":
      case "unban":
        return this.#ban(message);
    }
  }

  #promote(peer: Peer, token: string): void {
    if (this.#options.token === undefined || !isSame(token, this.#options.token)) {
      peer.connection.restFor(GUESS_REST_MS);
      throw new Refusal("not-allowed", "Cannot make you an operator: that is not the token");
    }
    peer.isOperator = true;
    peer.say({ type: "op", nick: peer.nick });
  }

  #kick(operator: Peer, { room: name, nick, text }: Extract<OperatorMessage, { type: "kick" }>): void {
    const room = this.#options.rooms.find(name);
    const peer = this.#options.nicks.find(nick);
    if (room === undefined) throw noSuch("room", name);
    if (peer === undefined || !peer.members.has(room)) throw noSuch("nick", nick);
    this.#options.sayBye(peer, "kicked", text ?? `${operator.nick} sent you away`);
  }

  #mute({ type, room: name, nick }: Extract<OperatorMessage, { type: "mute" | "unmute" }>): void {
    const room = this.#options.rooms.find(name);
    if (room === undefined) throw noSuch("room", name);
    const key = keyOfNick(nick);
    if (type === "unmute") room.muted.delete(key);
    else {
      this.#checkCount(room.muted, key);
      room.muted.add(key);
    }
  }

  #ban(message: BanMessage): void {
    const { type } = message;
    const ban = readBan(message);
    const key = keyOf(ban);
    if (type === "ban") this.#checkCount(this.#bans, key);
    // The history first: where it cannot store the ban, it does not hold.
    this.#options.history[type](ban);
    if (type === "unban") return void this.#bans.delete(key);
    this.#bans.set(key, ban);
    for (const peer of [...this.#options.peers]) {
      const value = ban.kind === "nick" ? nameKey(peer.nick) : personOf(peer.host);
      if (value === ban.value) this.#options.sayBye(peer, "banned", banText(ban));
    }
  }

  #checkCount(names: { readonly size: number; has(name: string): boolean }, name: string): void {
    const { maxBans } = this.#options.limits;
    if (names.size < maxBans || names.has(name)) return;
    throw new Refusal("not-allowed", `Cannot keep anybody else out: there are ${maxBans} already`);
  }
}

function readBan({ type, nick, address, text = "" }: BanMessage): Ban {
  if (nick !== undefined && address === undefined) return { kind: "nick", value: keyOfNick(nick), text };
  if (nick !== undefined || address === undefined) {
    throw new Refusal("bad-message", `Cannot ${type}: give the key nick or the key address`);
  }
  if (!isAddress(address)) {
    throw new Refusal("bad-message", `Cannot ${type}: ${quote(address)} is no address`);
  }
  return { kind: "address", value: personOf(address), text };
}

function keyOfNick(nick: string): string {
  const name = normalizeName(nick);
  if (name === null) throw new Refusal("bad-message", `Cannot do that: ${quote(nick)} is no nick`);
  return nameKey(name);
}

/** What somebody is told who is kept out. */
export function banText({ text }: Ban): string {
  return text === "" ? "you are banned" : `you are banned: ${text}`;
}

function keyOf({ kind, value }: Pick<Ban, "kind" | "value">): string {
  return `${kind} ${value}`;
}

function noSuch(what: "nick" | "room", name: string): Refusal {
  return new Refusal(`no-such-${what}`, `Cannot do that: there is no ${what} ${quote(name)} here`);
}

/** Compares in a time that does not tell how much of it is right. */
function isSame(given: string, token: string): boolean {
  let differs = given.length ^ token.length;
  for (let i = 0; i < token.length; i++) {
    differs |= given.charCodeAt(i % (given.length || 1)) ^ token.charCodeAt(i);
  }
  return differs === 0;
}
