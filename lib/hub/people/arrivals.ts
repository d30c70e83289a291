/** How peers come in: they are welcomed, and enter rooms. */

import type { Ref } from "../../base/ref.ts";
import type { History } from "../../history/history.ts";
import type { Limits } from "../../base/limits.ts";
import type { Log } from "../../log/log.ts";
import type { Entering, Membership, Past } from "../rooms/membership.ts";
import { LOBBY, PROTOCOL } from "../../protocol/message.ts";
import type { Peer } from "./peer.ts";
import type { Refusals } from "../upkeep/refusals.ts";
import type { Rooms } from "../rooms/rooms.ts";

/** What {@linkcode Arrivals} works on. */
export interface ArrivalsOptions {
  readonly limits: Limits;
  readonly log: Log;
  readonly version: string;
  /** How many messages a newcomer gets. */
  readonly replay: number;
  readonly history: History;
  readonly rooms: Rooms;
  readonly peers: ReadonlySet<Peer>;
  readonly membership: Membership;
  readonly refusals: Refusals;
}

/** How a peer enters a room, and what it asks for of the past. */
export interface Asked extends Omit<Entering, "past"> {
  readonly since?: Past["since"];
  /** As many as any newcomer gets if not given. */
  readonly newest?: number | undefined;
}

/** Lets peers in. */
export class Arrivals {
  readonly #options: ArrivalsOptions;

  constructor(options: ArrivalsOptions) {
    this.#options = options;
  }

  /** Tells a peer who it is here, and where; `room` is where it will be if not where it is. */
  welcome(peer: Peer, { room, ref }: { room?: string; ref?: Ref | undefined } = {}): void {
    const { limits, version, history, rooms } = this.#options;
    peer.isWelcomed = true;
    const told = [["max_frame", limits.maxFrame], ["message_rate", limits.messageRate]] as const;
    peer.say({
      type: "welcome",
      protocol: PROTOCOL,
      nick: peer.nick,
      room: room ?? (peer.room ?? rooms.lobby).name,
      session: peer.session,
      epoch: history.epoch,
      server: "chat",
      version,
      limits: new Map(told.filter(([, value]) => Number.isSafeInteger(value))),
      ref,
    });
  }

  /** Has a peer enter the lobby, from the place on that was noted when it came, unless it has entered. */
  enterLobby(peer: Peer): void {
    if (peer.hasEntered || !this.#options.peers.has(peer)) return;
    this.markEntered(peer);
    this.tryEnter(peer, LOBBY, { place: peer.place });
  }

  /** Notes that a peer has entered, wherever that will be. */
  markEntered(peer: Peer): void {
    if (peer.hasEntered) return;
    peer.cancelEntering();
    peer.cancelEntering = NOTHING;
    peer.hasEntered = true;
    this.#options.log({ event: "came", address: peer.address, nick: peer.nick });
  }

  /** @throws {Refusal} Where the room cannot be opened, or not be entered. */
  enter(peer: Peer, name: string, { since, newest, ...entering }: Asked): void {
    const { rooms, membership, replay } = this.#options;
    const room = rooms.open(name);
    const past = { since, newest: Math.max(0, newest ?? replay) };
    try {
      membership.enter(peer, room, { ...entering, past });
    } finally {
      rooms.dropIfEmpty(room);
    }
  }

  /** The same, where a room that it cannot enter keeps it from no other: it is told why. */
  tryEnter(peer: Peer, name: string, asked: Asked): void {
    try {
      this.enter(peer, name, asked);
    } catch (error) {
      this.#options.refusals.tell(peer, error);
    }
  }
}

const NOTHING = () => {};
