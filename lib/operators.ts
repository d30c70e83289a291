/** What only an operator may do: send people away, keep them out, and have them be silent. */

import { personOf } from "./gate.ts";
import type { Ban, History } from "./history/history.ts";
import { type ByeCode, type PeerMessage, Refusal } from "./message.ts";
import type { Nicks } from "./nicks.ts";
import type { Peer } from "./peer.ts";
import type { Rooms } from "./rooms.ts";
import { nameKey } from "./text.ts";

/** What {@linkcode Operators} works on. */
export interface OperatorsOptions {
  readonly history: History;
  readonly nicks: Nicks<Peer>;
  readonly rooms: Rooms;
  readonly peers: Iterable<Peer>;
  /** What makes an operator of who says it; nobody becomes one if there is none. */
  readonly token: string | undefined;
  readonly sayBye: (peer: Peer, code: ByeCode, text: string) => void;
}

/** The messages that are an operator's. */
export type OperatorMessage = Extract<
  PeerMessage,
  { type: "op" | "kick" | "mute" | "unmute" | "ban" | "unban" }
>;

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

  /** @throws {Refusal} `not-allowed` where the peer is no operator; `no-such-nick`, `no-such-room`. */
  carryOut(peer: Peer, message: OperatorMessage): void {
    if (message.type === "op") return this.#promote(peer, message.token);
    if (!peer.isOperator) {
      throw new Refusal(
        "not-allowed",
        `Cannot ${message.type}: only an operator may; become one with the token`,
      );
    }
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
    if (type === "mute") room.muted.add(nameKey(nick));
    else room.muted.delete(nameKey(nick));
  }

  #ban({ type, nick, address, text = "" }: Extract<OperatorMessage, { type: "ban" | "unban" }>): void {
    if ((nick === undefined) === (address === undefined)) {
      throw new Refusal("bad-message", `Cannot ${type}: give the key nick or the key address`);
    }
    const ban: Ban = nick !== undefined
      ? { kind: "nick", value: nameKey(nick), text }
      : { kind: "address", value: personOf(address!), text };
    if (type === "unban") {
      this.#bans.delete(keyOf(ban));
      return this.#options.history.unban(ban);
    }
    this.#bans.set(keyOf(ban), ban);
    this.#options.history.ban(ban);
    for (const peer of [...this.#options.peers]) {
      const value = ban.kind === "nick" ? nameKey(peer.nick) : personOf(peer.host);
      if (value === ban.value) this.#options.sayBye(peer, "banned", banText(ban));
    }
  }
}

/** What somebody is told who is kept out. */
export function banText({ text }: Ban): string {
  return text === "" ? "you are banned" : `you are banned: ${text}`;
}

function keyOf({ kind, value }: Pick<Ban, "kind" | "value">): string {
  return `${kind} ${value}`;
}

function noSuch(what: "nick" | "room", name: string): Refusal {
  return new Refusal(`no-such-${what}`, `Cannot do that: there is no ${what} ${JSON.stringify(name)} here`);
}

/** Compares in a time that does not tell how much of it is right. */
function isSame(given: string, token: string): boolean {
  let differs = given.length ^ token.length;
  for (let i = 0; i < token.length; i++) {
    differs |= given.charCodeAt(i % (given.length || 1)) ^ token.charCodeAt(i);
  }
  return differs === 0;
}
