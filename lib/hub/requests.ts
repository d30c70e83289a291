/** What peers ask for: who is here, which rooms there are and what they are about, what was said before, how it all is. */

import type { Clock } from "../base/clock.ts";
import { takeFigures } from "./upkeep/figures.ts";
import type { Ref } from "../base/ref.ts";
import type { History } from "../history/history.ts";
import { NOBODY } from "../history/memory/ring.ts";
import type { Limits } from "../base/limits.ts";
import type { Log } from "../log/log.ts";
import type { LoopDelay } from "./upkeep/loop_delay.ts";
import type { Membership } from "./rooms/membership.ts";
import { checkText, type ListenerMessage, type PeerMessage, Refusal } from "../protocol/message.ts";
import type { Pace } from "./upkeep/pace.ts";
import { encodeMessageFrame, type Peer } from "./people/peer.ts";
import type { Value } from "../pickle/values/values.ts";
import type { Room } from "./rooms/room.ts";
import type { Rooms } from "./rooms/rooms.ts";
import { type Counters, figuresDict } from "./upkeep/stats.ts";
import type { Turn } from "./rooms/turn.ts";

/** What {@linkcode Requests} works on. */
export interface RequestsOptions {
  readonly limits: Limits;
  readonly clock: Clock;
  readonly log: Log;
  /** How many older messages are sent to one who does not say how many. */
  readonly replay: number;
  /** Tells how much memory the process takes, in bytes. */
  readonly memory: () => number;
  readonly history: History;
  readonly rooms: Rooms;
  readonly peers: ReadonlySet<Peer>;
  readonly membership: Membership;
  readonly turn: Turn;
  readonly pace: Pace;
  readonly counters: Counters;
  readonly loopDelay: LoopDelay;
}

/** The messages that ask for something. */
export type Request = Extract<
  PeerMessage,
  { type: "who" | "rooms" | "history" | "topic" | "stats" }
>;

/** How many peers may be looked at for the price of a message. */
const PEERS_PER_MESSAGE = 100;

/** Answers requests. */
export class Requests {
  readonly #options: RequestsOptions;
  readonly #startedAt: number;

  constructor(options: RequestsOptions) {
    this.#options = options;
    this.#startedAt = options.clock.now();
  }

  /**
   * Does what a peer asks for.
   *
   * @throws {Refusal} `no-such-room` where it is about a room that the peer is not in; `not-allowed`, `bad-message`.
   * @throws {HistoryError} Where a topic could not be stored; then it is as before.
   */
  answer(peer: Peer, message: Request): void {
    const { ref } = message;
    const { membership, rooms, replay } = this.#options;
    switch (message.type) {
      case "who":
        return this.#sayAtLength(peer, membership.who(membership.roomOf(peer, message.room), ref));
      case "rooms":
        return this.#sayAtLength(peer, { type: "rooms", rooms: listOf(rooms), ref });
      case "history":
        return membership.sendHistory(peer.members.get(membership.roomOf(peer, message.room))!, {
          before: message.before,
          limit: Math.max(0, message.limit ?? replay),
          ref,
        });
      case "topic":
        return this.#setTopic(peer, membership.roomOf(peer, message.room), message);
      case "stats":
        return this.#sayFigures(peer, ref);
    }
  }

  /** Says something that may be long: it counts as if the peer had sent it. */
  #sayAtLength(peer: Peer, message: ListenerMessage): void {
    const frame = encodeMessageFrame(message);
    this.#options.pace.count(peer, { messages: 0, bytes: frame.length });
    peer.connection.send(frame);
  }

  #setTopic(peer: Peer, room: Room, { text, ref }: Extract<Request, { type: "topic" }>): void {
    const { limits, clock, log, history, turn } = this.#options;
    checkText(text, limits.maxTopic);
    if (room.mutes(peer)) {
      throw new Refusal("not-allowed", `Cannot set the topic: you are muted in ${room.name}`);
    }
    history.setTopic(room.name, text);
    room.topic = text;
    const at = clock.now() / 1000;
    const topic: ListenerMessage = { type: "topic", room: room.name, nick: peer.nick, text, at };
    if (ref !== undefined) peer.say({ ...topic, ref });
    turn.tell(room, topic, NOBODY);
    log({ event: "topic", address: peer.address, nick: peer.nick, room: room.name, text });
  }

  /** Answers with the figures. The more peers there are to look at, the more it counts as. */
  #sayFigures(peer: Peer, ref: Ref | undefined): void {
    const { limits, clock, memory, peers, rooms, pace, counters, loopDelay } = this.#options;
    pace.count(peer, { messages: Math.floor(peers.size / PEERS_PER_MESSAGE), bytes: 0 });
    const figures = takeFigures({
      peers,
      rooms,
      counters,
      loopDelay,
      startedAt: this.#startedAt,
      now: clock.now(),
      memory: memory(),
      roomsListed: limits.namesListed,
      forOperator: peer.isOperator,
    });
    peer.say({ type: "stats", stats: figuresDict(figures), ref });
  }
}

function listOf(rooms: Rooms): Value[] {
  return [...rooms].map((room) =>
    new Map<Value, Value>([["room", room.name], ["members", room.members.size], ["topic", room.topic]])
  );
}
