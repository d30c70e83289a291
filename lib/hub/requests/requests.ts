/** The subsystem of requests: carries out and answers every message that is not a post. A hello goes on to the handshake. */

import type { Clock } from "../../base/clock.ts";
import type { Limits } from "../../base/limits.ts";
import type { Ref } from "../../base/ref.ts";
import type { Elsewhere, MayWait } from "../elsewhere/elsewhere.ts";
import type { Log } from "../../log/log.ts";
import type { OnceLog } from "../../log/once.ts";
import type { Value } from "../../pickle/values/values.ts";
import type { ListenerMessage, PeerMessage } from "../../protocol/message.ts";
import { encodeMessageFrame } from "../../protocol/message_frame.ts";
import { LazyFrame } from "../people/metered_pieces.ts";
import type { Peer } from "../people/peer.ts";
import type { People } from "../people/people.ts";
import type { ChatRooms } from "../rooms/chat_rooms.ts";
import { figuresDict } from "../upkeep/figures.ts";
import type { RateLimiter } from "../upkeep/rate_limiter.ts";
import type { Upkeep } from "../upkeep/upkeep.ts";
import { Operators } from "./operators.ts";
import { Searches } from "./searches.ts";

/** The options of {@linkcode Requests}. */
export interface RequestsOptions {
  readonly limits: Limits;
  readonly clock: Clock;
  readonly log: Log;
  readonly once: OnceLog;
  readonly rates: Pick<RateLimiter, "charge" | "chargeWork">;
  readonly rooms: Pick<ChatRooms, "directory" | "membership" | "mutes" | "topics">;
  readonly people: Pick<People, "peers" | "nicks" | "bans" | "departures" | "handshake" | "renaming">;
  readonly upkeep: Pick<Upkeep, "figures">;
  /** Calls `then` at the end of this turn of the event loop. */
  readonly atTurnsEnd: (then: () => void) => void;
  /** The number of old messages that a new member gets, and the default limit of a search. */
  readonly replay: number;
  /** The token that makes a peer an operator; nobody becomes one if not given. */
  readonly operatorToken: string | undefined;
  readonly elsewhere: Elsewhere;
}

/** The number of peers that may be visited at the cost of one message. */
const PEERS_PER_MESSAGE = 100;

/** Answers requests. */
export class Requests {
  readonly #options: RequestsOptions;
  readonly operators: Operators;
  readonly #searches: Searches;

  constructor(options: RequestsOptions) {
    const { limits, clock, log, once, rates, rooms, people, elsewhere } = options;
    const { atTurnsEnd, replay, operatorToken: token } = options;
    this.#options = options;
    const onFailure = (text: string) => once.tellFailure(text);
    this.#searches = new Searches({ rates, atTurnsEnd, usual: replay, onFailure });
    this.operators = new Operators({ limits, clock, log, rooms, people, token, elsewhere });
  }

  /**
   * Carries out a request.
   * @returns A promise if the answer takes a while: for a search, or if other listeners have to be asked.
   * @throws {Refusal} If the request is refused; then nothing has changed.
   * @throws {HistoryError} If a topic or a ban could not be stored. Nothing has changed then.
   */
  handle(peer: Peer, message: PeerMessage): MayWait {
    const { ref } = message;
    const { rooms: { membership, topics }, people } = this.#options;
    switch (message.type) {
      case "hello":
        return people.handshake.handle(peer, message);
      case "nick":
        return people.renaming.ask(peer, message.nick, ref);
      case "join":
        return this.#join(peer, message);
      case "leave":
        return membership.leave(peer, membership.memberOf(peer, message.room).room, ref);
      case "topic":
        return topics.set(peer, membership.memberOf(peer, message.room).room, message);
      case "history":
        return membership.sendHistory(membership.memberOf(peer, message.room), message);
      case "search":
        return this.#searches.search(peer, membership.memberOf(peer, message.room), message);
      case "who":
        return this.#sayLater(peer, this.#whoOf(peer, message.room, ref));
      case "rooms":
        return this.#sayLater(peer, () => ({ type: "rooms", rooms: this.#list(), ref }));
      case "stats":
        return this.#sayFigures(peer, ref);
      case "ping":
        return peer.say({ type: "pong", ref });
      case "pong":
      case "message": // Posts are handled by the hub before this.
        return;
      default:
        return this.operators.handle(peer, message);
    }
  }

  #whoOf(peer: Peer, name: string | undefined, ref: Ref | undefined): () => ListenerMessage {
    const { membership } = this.#options.rooms;
    const member = membership.memberOf(peer, name);
    return () => membership.who(member, ref);
  }

  /** Sends an answer that may be long. It is built when the peer reads it, and both its bytes and the work are charged. */
  #sayLater(peer: Peer, answer: () => ListenerMessage): void {
    peer.sendPieces(
      new LazyFrame(() => {
        const frame = encodeMessageFrame(answer());
        this.#options.rates.charge(peer, { messages: 0, bytes: frame.length });
        return frame;
      }),
    );
  }

  /** Sends the figures, and charges for the number of peers visited. Those of other listeners are waited for. */
  #sayFigures(peer: Peer, ref: Ref | undefined): MayWait {
    const { people: { peers }, rates, upkeep, elsewhere } = this.#options;
    rates.charge(peer, { messages: Math.floor(peers.size / PEERS_PER_MESSAGE), bytes: 0 });
    const figures = figuresDict(upkeep.figures({ forOperator: peer.isOperator }));
    const others = elsewhere.figures();
    if (others === null) return peer.say({ type: "stats", stats: figures, ref });
    return others.then((listeners) => {
      rates.charge(peer, { messages: listeners.length, bytes: 0 });
      peer.say({ type: "stats", stats: new Map([...figures, ["listeners", listeners]]), ref });
    });
  }

  #join(peer: Peer, { room, since, ref }: Extract<PeerMessage, { type: "join" }>): MayWait {
    const { directory, membership } = this.#options.rooms;
    const join = () => membership.join(peer, room, { since, ref });
    const behind = since === undefined ? undefined : directory.reach(room, since);
    if (behind === undefined) return join();
    return behind.then(() => {
      if (peer.isHere) join();
    });
  }

  /** Lists the rooms in which somebody is, here or at another listener, and those that keep something. */
  #list(): Value[] {
    const { rooms: { directory }, elsewhere } = this.#options;
    const list = Array.from(directory, ({ name, size, topic }) => entryOf(name, size, topic));
    for (const name of elsewhere.rooms()) {
      if (directory.find(name) !== undefined) continue;
      const { size, topic = "" } = elsewhere.room(name);
      list.push(entryOf(name, size, topic));
    }
    return list;
  }
}

function entryOf(room: string, members: number, topic: string): Value {
  return new Map<Value, Value>([["room", room], ["members", members], ["topic", topic]]);
}
