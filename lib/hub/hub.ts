/** The hub: who is here, and what becomes of what they say. It knows no sockets. */

import { Arrivals } from "./people/arrivals.ts";
import type { Clock } from "../base/clock.ts";
import type { Ending } from "../connection/connection.ts";
import type { Duplex } from "../connection/duplex.ts";
import { Incoming } from "../protocol/envelope.ts";
import type { FrameError } from "../base/errors.ts";
import { Failures } from "./upkeep/failures.ts";
import { Farewell } from "./people/farewell.ts";
import { encodeFrame, type FrameReaderOptions, HEADER_SIZE, leastBudget } from "../frame/mod.ts";
import type { Ref } from "../base/ref.ts";
import type { History } from "../history/history.ts";
import { MemoryHistory } from "../history/memory/memory.ts";
import { NOBODY } from "../history/memory/ring.ts";
import { Inbound } from "../connection/inbound.ts";
import { Introduction } from "./people/introduction.ts";
import type { Limits } from "../base/limits.ts";
import type { Log } from "../log/log.ts";
import { OnceLog } from "../log/once.ts";
import { LoopDelay } from "./upkeep/loop_delay.ts";
import { Membership } from "./rooms/membership.ts";
import { type PeerMessage, readPeerMessage, Refusal } from "../protocol/message.ts";
import { Nicks } from "./people/nicks.ts";
import { banText, Operators } from "./operators.ts";
import { Pace } from "./upkeep/pace.ts";
import { Peer, type PeerWatch } from "./people/peer.ts";
import { encode } from "../pickle/encode/encode.ts";
import type { Value } from "../pickle/values/values.ts";
import { Posting } from "./rooms/posting.ts";
import type { QueueSum } from "../connection/private_queue.ts";
import { Refusals } from "./upkeep/refusals.ts";
import { Renaming } from "./people/renaming.ts";
import { Requests } from "./requests.ts";
import { Rooms } from "./rooms/rooms.ts";
import { Sessions } from "./people/sessions.ts";
import { Counters } from "./upkeep/stats.ts";
import { Sweep } from "./upkeep/sweep.ts";
import { Turn } from "./rooms/turn.ts";
import { TurnedAway } from "./people/turned_away.ts";

/** The options of a {@linkcode Hub}. */
export interface HubOptions {
  readonly limits: Limits;
  readonly clock: Clock;
  readonly log: Log;
  /** Gives 128 random bits as text: for sessions, and for the name of a history. */
  readonly randomName: () => string;
  /** Calls back when all that has arrived in this turn of the event loop was seen. */
  readonly atTurnsEnd: (then: () => void) => void;
  readonly version: string;
  /** How many messages a newcomer gets. */
  readonly replay: number;
  /** What a peer gets first, in place of welcome. */
  readonly greeting?: Value | undefined;
  /** Where the messages are kept; in memory if not given. It is closed when the hub ends. */
  readonly history?: History | undefined;
  /** What makes an operator of who says it. */
  readonly operatorToken?: string | undefined;
  /** Tells how much memory the process takes, in bytes. */
  readonly memory: () => number;
}

/** Where a connection comes from: the host, and for the log the address with its port. */
export interface Caller {
  readonly host: string;
  readonly address: string;
  /** Whether it is the operator's, at the listener's own terminal: its rights come with the seat. */
  readonly isAtTerminal?: boolean;
}

/** Lets peers in, and hands what they say to the part that it is for. */
export class Hub implements PeerWatch {
  readonly #options: HubOptions;
  readonly #history: History;
  readonly #peers = new Set<Peer>();
  readonly #nicks = new Nicks<Peer>();
  readonly #sessions = new Sessions<Peer>();
  readonly #rooms: Rooms;
  readonly #turn: Turn;
  readonly #queues: QueueSum = { size: 0 };
  readonly #reading: FrameReaderOptions;
  readonly #greeting: Uint8Array | null;
  readonly #refusals: Refusals;
  readonly #pace: Pace;
  readonly #membership: Membership;
  readonly #farewell: Farewell;
  readonly #turnedAway: TurnedAway;
  readonly #operators: Operators;
  readonly #renaming: Renaming;
  readonly #arrivals: Arrivals;
  readonly #introduction: Introduction;
  readonly #posting: Posting;
  readonly #requests: Requests;
  readonly #loopDelay: LoopDelay;
  readonly #sweep: Sweep;
  #lastNumber = NOBODY;

  constructor(options: HubOptions) {
    const { limits, clock, log, atTurnsEnd, version, replay, memory, operatorToken: token } = options;
    const [peers, nicks, sessions, queues] = [this.#peers, this.#nicks, this.#sessions, this.#queues];
    const failures = new Failures(log, clock);
    const counters = new Counters();
    const rooms = new Rooms(limits, { fellBehind: (member) => membership.catchUp(member), counters });
    const history = options.history ??
      new MemoryHistory(options.randomName(), (room) => rooms.find(room)?.ring);
    rooms.load(history);
    // Less would let a long frame wait for ever.
    const inbound = new Inbound(Math.max(limits.inbound, leastBudget(limits.maxFrame)), () => clock.now());
    const once = new OnceLog(log, clock);
    const turn = new Turn({ history, rooms, atTurnsEnd, once, counters });
    const membership = new Membership({ limits, clock, log, history, rooms, turn, failures });
    const refusals = new Refusals({ log, failures });
    const pace = new Pace({ limits, clock, log });
    const parts = { limits, clock, log, history, peers, nicks, sessions, rooms, turn, membership, counters };
    const farewell = new Farewell({ ...parts, atTurnsEnd });
    const operators = new Operators({ ...parts, token, farewell });
    const renaming = new Renaming({ ...parts, operators });
    const arrivals = new Arrivals({ ...parts, version, replay, refusals });
    this.#options = options;
    this.#history = history;
    this.#rooms = rooms;
    this.#turn = turn;
    this.#reading = { maxPayload: limits.maxFrame, budget: inbound };
    this.#greeting = options.greeting === undefined ? null : encodeFrame(encode(options.greeting));
    this.#refusals = refusals;
    this.#pace = pace;
    this.#membership = membership;
    this.#farewell = farewell;
    this.#turnedAway = new TurnedAway({ limits, clock });
    this.#operators = operators;
    this.#renaming = renaming;
    this.#arrivals = arrivals;
    this.#introduction = new Introduction({ ...parts, operators, renaming, arrivals, farewell });
    this.#posting = new Posting({ ...parts, queues });
    const loopDelay = this.#loopDelay = new LoopDelay(clock);
    this.#requests = new Requests({ ...parts, replay, memory, pace, loopDelay });
    this.#sweep = new Sweep({ ...parts, inbound, farewell, failures });
  }

  /**
   * Lets a peer in.
   *
   * @returns When it is gone.
   */
  accept(duplex: Duplex, caller: Caller): Promise<void> {
    const { limits, clock, log } = this.#options;
    const peer = new Peer(
      { number: ++this.#lastNumber, session: this.#options.randomName(), ...caller },
      duplex,
      {
        limits,
        clock,
        reading: this.#reading,
        queues: this.#queues,
        watch: this,
        buckets: this.#pace.newBuckets(),
      },
    );
    if (!peer.isAtTerminal) log({ event: "accepted", address: peer.address });
    peer.nick = this.#nicks.takeGuest(peer);
    this.#peers.add(peer);
    this.#sessions.begin(peer);
    peer.place = this.#rooms.lobby.place;
    if (this.#greeting && !peer.isAtTerminal) peer.connection.send(this.#greeting);
    else this.#arrivals.welcome(peer);
    peer.cancelEntering = clock.after(limits.enterAfter, () => this.#arrivals.enterLobby(peer));
    const ban = this.#operators.findBan(peer, { host: caller.host });
    if (ban) this.#farewell.sayBye(peer, "banned", banText(ban));
    this.#farewell.sendBackAtEnd(peer);
    return peer.connection.run();
  }

  /** Says goodbye to a caller for whom there is no room. */
  turnAway(duplex: Duplex, text: string): void {
    this.#turnedAway.add(duplex, text);
  }

  /** Says goodbye to everybody, and resolves when all are gone or the time for it is over. */
  async end(): Promise<void> {
    this.#sweep.stop();
    this.#loopDelay.stop();
    this.#turn.end();
    this.#turnedAway.close();
    await this.#farewell.sayByeToAll();
    this.#history.close();
  }

  take(peer: Peer, payload: Uint8Array): void {
    this.#pace.count(peer, { messages: 1, bytes: payload.length + HEADER_SIZE });
    let ref: Ref | undefined;
    try {
      const incoming = new Incoming(payload, this.#options.limits.maxEnvelope);
      const { type } = incoming;
      ref = incoming.ref;
      if (type !== "hello") {
        if (!peer.isWelcomed) this.#arrivals.welcome(peer);
        if (!peer.hasEntered) this.#arrivals.enterLobby(peer);
      }
      if (type === undefined || type === "message") this.#posting.post(peer, incoming);
      else this.#dispatch(peer, readPeerMessage(incoming.decode()));
    } catch (error) {
      this.#refusals.tell(peer, error, ref);
    }
  }

  #dispatch(peer: Peer, message: PeerMessage): void {
    const { ref } = message;
    switch (message.type) {
      case "hello":
        return this.#introduction.take(peer, message);
      case "nick":
        return this.#renaming.rename(peer, message.nick, ref);
      case "join":
        return this.#arrivals.enter(peer, message.room, { since: message.since, ref });
      case "leave":
        return this.#membership.leave(peer, this.#membership.roomOf(peer, message.room), ref);
      case "who":
      case "rooms":
      case "history":
      case "topic":
      case "stats":
        return this.#requests.answer(peer, message);
      case "ping":
        return peer.say({ type: "pong", ref });
      case "pong":
      case "message": // A post never comes here.
        return;
      default:
        return this.#operators.carryOut(peer, message);
    }
  }

  broken(peer: Peer, error: FrameError): void {
    const code = error.code === "too-large" ? "too-large" : "bad-header";
    this.#refusals.tell(peer, new Refusal(code, error.message));
    this.#farewell.sayBye(peer, code, error.message);
  }

  finished(peer: Peer): void {
    this.#farewell.finished(peer);
  }

  ended(peer: Peer, ending: Ending): void {
    this.#farewell.ended(peer, ending);
  }
}
