/** Operators' commands: kick, mute, ban, and becoming an operator. */

import { clientOf, readHost } from "../../base/address.ts";
import type { Clock } from "../../base/clock.ts";
import type { Limits } from "../../base/limits.ts";
import { nameKey } from "../../base/text.ts";
import type { Ban } from "../../history/history.ts";
import type { Elsewhere, Kick, MayWait } from "../elsewhere/elsewhere.ts";
import type { Log } from "../../log/log.ts";
import { checkText, nameOrQuote, type PeerMessage, quote, Refusal } from "../../protocol/message.ts";
import { bans, banText } from "../people/bans.ts";
import { cleanNick } from "../people/nicks.ts";
import type { Peer } from "../people/peer.ts";
import type { People } from "../people/people.ts";
import type { ChatRooms } from "../rooms/chat_rooms.ts";
import type { Room } from "../rooms/room.ts";
import { Guesses } from "./guesses.ts";

/** The options of {@linkcode Operators}. */
export interface OperatorsOptions {
  readonly limits: Limits;
  readonly clock: Clock;
  readonly log: Log;
  readonly rooms: Pick<ChatRooms, "directory" | "mutes">;
  readonly people: Pick<People, "peers" | "nicks" | "bans" | "departures">;
  /** The token that makes a peer an operator; nobody becomes one if not given. */
  readonly token: string | undefined;
  readonly elsewhere: Pick<Elsewhere, "find" | "kick">;
}

/** The messages that only an operator may send, and `op`. */
export type OperatorMessage = Extract<
  PeerMessage,
  { type: "op" | "kick" | "mute" | "unmute" | "ban" | "unban" | "bans" | "mutes" }
>;

type BanMessage = Extract<OperatorMessage, { type: "ban" | "unban" }>;

/** Carries out operators' commands. */
export class Operators {
  readonly #options: OperatorsOptions;
  readonly #guesses: Guesses;

  constructor(options: OperatorsOptions) {
    this.#options = options;
    this.#guesses = new Guesses(options);
  }

  /**
   * Carries out a command and confirms it to the operator.
   * @returns A promise if another listener has to carry it out.
   * @throws {Refusal} `not-allowed` if the peer is not an operator; `no-such-nick`, `no-such-room`, `bad-message`.
   * @throws {HistoryError} If a ban could not be stored or lifted. Nothing has changed then.
   */
  handle(peer: Peer, message: OperatorMessage): MayWait {
    if (message.type === "op") return this.#promote(peer, message);
    if (!peer.isOperator) {
      throw new Refusal(
        "not-allowed",
        `Cannot ${message.type}: you are not an operator (/op TOKEN makes you one)`,
      );
    }
    if (message.type === "bans") return peer.say({ ...this.#options.people.bans.list(), ref: message.ref });
    if (message.type === "mutes") return this.#listMutes(peer, message);
    checkText(message.text, this.#options.limits.maxTopic);
    switch (message.type) {
      case "kick":
        return this.#kick(peer, message);
      case "mute":
      case "unmute":
        this.#mute(peer, message);
        break;
      case "ban":
      case "unban":
        return this.#ban(peer, message);
    }
    return peer.say(message);
  }

  #promote(peer: Peer, { token, ref }: Extract<OperatorMessage, { type: "op" }>): void {
    if (!this.#guesses.mayGuess(peer)) {
      this.#guesses.wrong(peer);
      throw new Refusal(
        "not-allowed",
        "Cannot make you an operator: wait a second after a wrong token",
      );
    }
    if (this.#options.token === undefined || !isSame(token, this.#options.token)) {
      this.#guesses.wrong(peer);
      throw new Refusal("not-allowed", "Cannot make you an operator: the token is wrong");
    }
    peer.isOperator = true;
    peer.say({ type: "op", nick: peer.nick, ref });
    this.#options.log({ event: "promoted", ...whom(peer) });
  }

  #kick(operator: Peer, message: Extract<OperatorMessage, { type: "kick" }>): MayWait {
    const { people: { nicks }, elsewhere } = this.#options;
    const { room, nick, text } = message;
    const order = { room, nick, by: operator.nick, text };
    const distant = nicks.find(nick) === undefined ? elsewhere.find(nick) : undefined;
    if (distant === undefined) return this.#kicked(operator, message, this.kick(order));
    return elsewhere.kick(order).then((who) => this.#kicked(operator, message, who));
  }

  #kicked(operator: Peer, message: Extract<OperatorMessage, { type: "kick" }>, who: string): void {
    const { room, text = "" } = message;
    this.#options.log({ event: "kicked", ...whom(operator), room, who, text });
    operator.say(message);
  }

  /**
   * Removes a peer from a room, and from the chat.
   *
   * @returns Its nick.
   * @throws {Refusal} `no-such-nick`, `no-such-room`, `not-allowed`.
   */
  kick({ room: name, nick, by, text }: Kick): string {
    const room = this.#room(name);
    const { people: { nicks, departures } } = this.#options;
    const peer = nicks.find(nick);
    if (peer === undefined || !peer.members.has(room)) throw noSuch("nick", nick);
    if (peer.isAtTerminal) {
      throw new Refusal(
        "not-allowed",
        `Cannot kick ${peer.nick}: the operator at the server's terminal cannot be kicked`,
      );
    }
    if (nameKey(peer.nick) === nameKey(by)) throw isYou("kick", peer.nick);
    peer.removal = { why: "kicked", by, text };
    departures.sayBye(peer, "kicked", kickText(by, text));
    return peer.nick;
  }

  #mute(operator: Peer, message: Extract<OperatorMessage, { type: "mute" | "unmute" }>): void {
    const room = this.#room(message.room);
    const who = cleanNick(message.nick);
    const isMute = message.type === "mute";
    const { rooms: { mutes }, people: { nicks }, elsewhere } = this.#options;
    const person = nicks.find(who);
    const by = operator.nick;
    if (isMute) mutes.add(room, { nick: who, session: (person ?? elsewhere.find(who))?.session }, by);
    else mutes.remove(room, who);
    if (person !== undefined && person !== operator && person.members.has(room)) {
      const { type, text } = message;
      person.say({ type, room: room.name, nick: person.nick, text, by });
    }
    const event = isMute ? "muted" : "unmuted";
    this.#options.log({ event, ...whom(operator), room: room.name, who });
  }

  #listMutes(operator: Peer, { room: name, ref }: Extract<OperatorMessage, { type: "mutes" }>): void {
    const room = this.#room(name);
    operator.say({ type: "mutes", room: room.name, nicks: room.muted.nicks, ref });
  }

  #ban(operator: Peer, { type, nick, address, text = "", ref }: BanMessage): void {
    const { ban, who } = readBan({ type, nick, address, text });
    if (type === "ban") this.#addBan(operator, ban, who);
    else this.#removeBan(operator, ban, who);
    operator.say({ type, [ban.kind]: who, text: text || undefined, ref });
  }

  #addBan(operator: Peer, ban: Ban, who: string): void {
    const { log, people } = this.#options;
    if (ban.kind === "nick") {
      const peer = people.nicks.find(who);
      if (peer?.isAtTerminal) {
        throw new Refusal(
          "not-allowed",
          `Cannot ban ${peer.nick}: the operator at the server's terminal cannot be banned`,
        );
      }
      if (peer === operator) throw isYou("ban", peer.nick);
    }
    people.bans.add(ban, operator.nick);
    log({ event: "banned", ...whom(operator), who, text: ban.text });
    this.enforce(ban, operator.nick);
  }

  /** Removes the peers that a ban applies to. */
  enforce(ban: Ban, by: string): void {
    const { people } = this.#options;
    for (const peer of [...people.peers]) {
      if (!bans(ban, peer)) continue;
      peer.removal = { why: "banned", by, text: ban.text || undefined };
      people.departures.sayBye(peer, "banned", banText(ban));
    }
  }

  #removeBan(operator: Peer, ban: Ban, who: string): void {
    if (!this.#options.people.bans.remove(ban)) {
      throw new Refusal("no-such-nick", `Cannot unban ${who}: ${who} is not banned`);
    }
    this.#options.log({ event: "unbanned", ...whom(operator), who });
  }

  #room(name: string): Room {
    const room = this.#options.rooms.directory.findAnywhere(name);
    if (room === undefined) throw noSuch("room", name);
    return room;
  }
}

/** Reads the ban that a message names, and the nick or address that is shown for it. */
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

function kickText(by: string, text = ""): string {
  return text === "" ? `you were kicked by ${by}` : `you were kicked by ${by}: ${text}`;
}

function whom({ address, nick }: Peer): { address: string; nick: string } {
  return { address, nick };
}

function noSuch(what: "nick" | "room", name: string): Refusal {
  const why = what === "nick"
    ? `nobody is called ${nameOrQuote(name)}`
    : `there is no room ${nameOrQuote(name)}`;
  return new Refusal(`no-such-${what}`, `Cannot do that: ${why}`);
}

function isYou(what: "kick" | "ban", nick: string): Refusal {
  return new Refusal("not-allowed", `Cannot ${what} ${nick}: that is you`);
}

/** Compares in constant time, so that the time does not reveal how much of a guess is right. */
function isSame(given: string, token: string): boolean {
  let differs = given.length ^ token.length;
  for (let i = 0; i < token.length; i++) {
    differs |= given.charCodeAt(i % (given.length || 1)) ^ token.charCodeAt(i);
  }
  return differs === 0;
}
