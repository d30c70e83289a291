/** What only an operator may do: send people away, keep them out, and have them be silent. */

import type { Farewell } from "./people/farewell.ts";
import { clientOf, readHost } from "../base/address.ts";
import type { Ban, History } from "../history/history.ts";
import type { Limits } from "../base/limits.ts";
import type { Log } from "../log/log.ts";
import { checkText, type PeerMessage, quote, Refusal } from "../protocol/message.ts";
import { cleanNick, type Nicks } from "./people/nicks.ts";
import type { Peer } from "./people/peer.ts";
import type { Room } from "./rooms/room.ts";
import type { Rooms } from "./rooms/rooms.ts";
import { nameKey } from "../base/text.ts";

/** What {@linkcode Operators} works on. */
export interface OperatorsOptions {
  readonly limits: Limits;
  readonly history: History;
  readonly nicks: Nicks<Peer>;
  readonly rooms: Rooms;
  readonly peers: Iterable<Peer>;
  /** What makes an operator of who says it; nobody becomes one if there is none. */
  readonly token: string | undefined;
  readonly log: Log;
  readonly farewell: Farewell;
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

  /** The ban that a peer meets by its address, or by a name that it wants. Nobody is banned from the listener's own terminal. */
  findBan(peer: Peer, { host, nick }: { host?: string; nick?: string }): Ban | undefined {
    if (peer.isAtTerminal) return undefined;
    if (host !== undefined) return this.#bans.get(keyOf({ kind: "address", value: clientOf(host) }));
    return this.#bans.get(keyOf({ kind: "nick", value: nameKey(nick ?? "") }));
  }

  /**
   * Does what an operator asks for, and answers that it is done.
   *
   * @throws {Refusal} `not-allowed` where the peer is no operator; `no-such-nick`, `no-such-room`, `bad-message`.
   * @throws {HistoryError} Where a ban could not be stored or lifted; then all is as before.
   */
  carryOut(peer: Peer, message: OperatorMessage): void {
    if (message.type === "op") return this.#promote(peer, message);
    if (!peer.isOperator) {
      throw new Refusal(
        "not-allowed",
        `Cannot ${message.type}: only an operator may; become one with the token`,
      );
    }
    checkText(message.text, this.#options.limits.maxTopic);
    switch (message.type) {
      case "kick":
        this.#kick(peer, message);
        break;
      case "mute":
      case "unmute":
        this.#mute(peer, message);
        break;
      case "ban":
      case "unban":
        this.#bar(peer, message);
        return;
    }
    peer.say(message);
  }

  #promote(peer: Peer, { token, ref }: Extract<OperatorMessage, { type: "op" }>): void {
    if (this.#options.token === undefined || !isSame(token, this.#options.token)) {
      peer.connection.restFor(GUESS_REST_MS);
      throw new Refusal("not-allowed", "Cannot make you an operator: that is not the token");
    }
    peer.isOperator = true;
    peer.say({ type: "op", nick: peer.nick, ref });
    this.#options.log({ event: "promoted", ...whom(peer) });
  }

  #kick(operator: Peer, { room: name, nick, text }: Extract<OperatorMessage, { type: "kick" }>): void {
    const room = this.#room(name);
    const peer = this.#options.nicks.find(nick);
    if (peer === undefined || !peer.members.has(room)) throw noSuch("nick", nick);
    if (peer.isAtTerminal) {
      throw new Refusal("not-allowed", `Cannot kick ${peer.nick}: they sit at the listener's own terminal`);
    }
    const { log, farewell } = this.#options;
    log({ event: "kicked", ...whom(operator), room: room.name, who: peer.nick, text: text ?? "" });
    farewell.sayBye(peer, "kicked", text ?? `${operator.nick} sent you away`);
  }

  #mute(operator: Peer, message: Extract<OperatorMessage, { type: "mute" | "unmute" }>): void {
    const room = this.#room(message.room);
    const who = cleanNick(message.nick);
    const isMute = message.type === "mute";
    if (isMute) {
      this.#checkCount(room.muted, nameKey(who));
      room.muted.add(nameKey(who));
    } else if (!room.muted.delete(nameKey(who))) {
      throw new Refusal("no-such-nick", `Cannot unmute ${who}: nobody of that name is muted in ${room.name}`);
    }
    const event = isMute ? "muted" : "unmuted";
    this.#options.log({ event, ...whom(operator), room: room.name, who });
  }

  #bar(operator: Peer, { type, nick, address, text = "", ref }: BanMessage): void {
    const { ban, who } = readBan({ type, nick, address, text });
    if (type === "ban") this.#ban(operator, ban, who);
    else this.#unban(operator, ban, who);
    operator.say({ type, [ban.kind]: who, text: text || undefined, ref });
  }

  #ban(operator: Peer, ban: Ban, who: string): void {
    const { history, log, peers, farewell } = this.#options;
    this.#checkCount(this.#bans, keyOf(ban));
    // The history first: where it cannot store the ban, it does not hold.
    history.ban(ban);
    this.#bans.set(keyOf(ban), ban);
    log({ event: "banned", ...whom(operator), who, text: ban.text });
    for (const peer of [...peers]) {
      const value = ban.kind === "nick" ? nameKey(peer.nick) : clientOf(peer.host);
      if (value === ban.value && !peer.isAtTerminal) farewell.sayBye(peer, "banned", banText(ban));
    }
  }

  #unban(operator: Peer, ban: Ban, who: string): void {
    if (!this.#bans.has(keyOf(ban))) {
      throw new Refusal("no-such-nick", `Cannot unban ${who}: there is no such ban`);
    }
    this.#options.history.unban(ban);
    this.#bans.delete(keyOf(ban));
    this.#options.log({ event: "unbanned", ...whom(operator), who });
  }

  #checkCount(names: { readonly size: number; has(name: string): boolean }, name: string): void {
    const { maxBans } = this.#options.limits;
    if (names.size < maxBans || names.has(name)) return;
    throw new Refusal("not-allowed", `Cannot keep anybody else out: there are ${maxBans} already`);
  }

  #room(name: string): Room {
    const room = this.#options.rooms.find(name);
    if (room === undefined) throw noSuch("room", name);
    return room;
  }
}

/** What a ban is kept as, and how whom it is about is written. */
function readBan({ type, nick, address, text = "" }: BanMessage): { ban: Ban; who: string } {
  if ((nick === undefined) === (address === undefined)) {
    throw new Refusal("bad-message", `Cannot ${type}: give the key nick or the key address`);
  }
  if (nick !== undefined) {
    const who = cleanNick(nick);
    return { ban: { kind: "nick", value: nameKey(who), text }, who };
  }
  const host = readHost(address!);
  if (host === null) {
    throw new Refusal(
      "bad-message",
      `Cannot ${type} ${quote(address!)}: an address is written as 192.0.2.7 or 2001:db8::7`,
    );
  }
  return { ban: { kind: "address", value: clientOf(host), text }, who: host };
}

function whom({ address, nick }: Peer): { address: string; nick: string } {
  return { address, nick };
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
