/** The hub: the listener's side of the protocol. It uses no sockets. */

import { type Endpoint, originOf } from "../base/address.ts";
import type { Clock } from "../base/clock.ts";
import type { FrameError } from "../base/errors.ts";
import type { HistogramCounts } from "../base/histogram.ts";
import type { Limits } from "../base/limits.ts";
import type { Ref } from "../base/ref.ts";
import type { CloseReason } from "../connection/connection.ts";
import type { Duplex } from "../connection/duplex.ts";
import { Account, type Holding } from "../connection/account.ts";
import { HEADER_SIZE } from "../frame/mod.ts";
import type { History } from "../history/history.ts";
import type { Log } from "../log/log.ts";
import { OnceLog } from "../log/once.ts";
import type { Value } from "../pickle/values/values.ts";
import {
  type Incoming,
  type IncomingOptions,
  IncomingVerification,
  readIncoming,
} from "../protocol/envelope.ts";
import { type Elsewhere, type MayWait, NOBODY_ELSEWHERE } from "./elsewhere/elsewhere.ts";
import { Local } from "./elsewhere/local.ts";
import { readPeerMessage, Refusal } from "../protocol/message.ts";
import { People } from "./people/people.ts";
import type { Peer, PeerHandler, Remote } from "./people/peer.ts";
import type { Farewell } from "./people/rejections.ts";
import { Requests } from "./requests/requests.ts";
import { ChatRooms } from "./rooms/chat_rooms.ts";
import { Counters } from "./upkeep/counters.ts";
import type { Figures } from "./upkeep/figures.ts";
import { RateLimiter } from "./upkeep/rate_limiter.ts";
import { Refusals } from "./upkeep/refusals.ts";
import { Lane, type Pause, SLICE_MS, WorkQueue } from "./upkeep/work.ts";
import { Upkeep } from "./upkeep/upkeep.ts";

/** The options of a {@linkcode Hub}. */
export interface HubOptions {
  readonly limits: Limits;
  /** Whether pickles that need numpy are relayed; true if not given. */
  readonly numpy?: boolean | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** Returns 128 random bits as text, for a session. */
  readonly randomName: () => string;
  /** Calls `then` at the end of this turn of the event loop, when all input of the turn has been handled. */
  readonly atTurnsEnd: (then: () => void) => void;
  /** Pauses between two slices of long work, so that the event loop can serve its sockets; 1 ms if not given. */
  readonly pause?: Pause;
  readonly version: string;
  /** The number of old messages that a new member gets. */
  readonly replay: number;
  /** The first object that a peer gets, in place of welcome. */
  readonly greeting?: Value | undefined;
  /** The storage of the messages. It is closed when the hub ends. */
  readonly history: History;
  /** The other listeners of the same chat; there are none if not given. */
  readonly elsewhere?: Elsewhere | undefined;
  /** The token that makes a peer an operator; nobody becomes one if not given. */
  readonly operatorToken?: string | undefined;
  /** Returns whether a nick is reserved for the member of that name. If not given, there are no members. */
  readonly isReserved?: ((nick: string) => boolean) | undefined;
  /** Returns the memory of the process, in bytes. */
  readonly memory: () => number;
}

/** Payloads above this size are verified in slices, in bytes. */
const LONG = 16 * 1024;

/**
 * Payloads above this size, in bytes, are verified in a lane of their own, together with those of peers that have used much time
 * lately, so that the others do not wait for them.
 */
const VERY_LONG = 1024 * 1024;

/**
 * Accepts connections and passes what peers send to a subsystem: posts go to rooms, private messages and the ends of
 * connections to people, everything else to requests. The fourth subsystem, upkeep, runs by itself.
 */
export class Hub implements PeerHandler {
  readonly #incoming: IncomingOptions;
  readonly #work: WorkQueue;
  /**
   * The lanes in which long payloads are verified, each one at a time: the light one for peers that used little time
   * lately, the other for payloads above VERY_LONG and for heavy peers.
   */
  readonly #lane: Lane;
  readonly #longLane: Lane;
  readonly #rates: RateLimiter;
  readonly #refusals: Refusals;
  readonly #rooms: ChatRooms;
  readonly #people: People;
  readonly #requests: Requests;
  readonly #upkeep: Upkeep;
  readonly #account: Account;

  constructor(options: HubOptions) {
    const { limits, clock, log, history, randomName, atTurnsEnd, replay, operatorToken, memory } = options;
    const { elsewhere = NOBODY_ELSEWHERE } = options;
    const counters = new Counters();
    const once = new OnceLog(log, clock);
    const work = this.#work = new WorkQueue({ clock, atTurnsEnd, pause: options.pause });
    this.#lane = new Lane(work, true);
    this.#longLane = new Lane(work);
    const rates = this.#rates = new RateLimiter({ limits, clock, once, queue: work });
    const refusals = this.#refusals = new Refusals(once);
    const account = this.#account = new Account(limits.memory, clock);
    this.#incoming = { maxText: limits.maxEnvelope, numpy: options.numpy ?? true };
    const rooms = this.#rooms = new ChatRooms({
      limits,
      account,
      clock,
      log,
      once,
      counters,
      atTurnsEnd,
      history,
      elsewhere,
      replay,
    });
    const people = this.#people = new People({
      limits,
      clock,
      log,
      counters,
      refusals,
      rates,
      rooms,
      handler: this,
      account,
      version: options.version,
      greeting: options.greeting,
      isReserved: options.isReserved ?? (() => false),
      randomName,
      elsewhere,
      atTurnsEnd,
    });
    const { peers, departures } = people;
    const upkeep = this.#upkeep = new Upkeep({
      limits,
      clock,
      once,
      counters,
      account,
      peers,
      departures,
      rooms,
      memory,
    });
    const requests = this.#requests = new Requests({
      limits,
      clock,
      log,
      once,
      rates,
      rooms,
      people,
      upkeep,
      atTurnsEnd,
      replay,
      operatorToken,
      elsewhere,
    });
    elsewhere.attach(new Local({ rooms, people, operators: requests.operators, upkeep }));
  }

  /**
   * Lets a connection in.
   *
   * @returns A promise that resolves when the connection has ended.
   */
  accept(duplex: Duplex, remote: Remote): Promise<void> {
    return this.#people.accept(duplex, remote);
  }

  /** Collects the figures that every peer may see. It visits each peer and each room once. */
  figures(): Figures {
    return this.#upkeep.figures({ forOperator: false });
  }

  /** The delays of the event loop since the start. */
  get loopDelays(): HistogramCounts {
    return this.#upkeep.loopDelays;
  }

  /**
   * Opens memory for what arrives at an endpoint before it is a frame, such as the lines of a browser. It is charged to
   * the same account as connections.
   *
   * @param giveWay Frees all of it at once, where others need it.
   */
  openMemory({ host, port }: Endpoint, giveWay: () => void): Holding {
    return this.#account.open(originOf(host, `${host}:${port}`), { giveWay });
  }

  /** Says goodbye to a connection that is not let in, and resolves when it is closed. */
  reject(duplex: Duplex, bye: Farewell): Promise<void> {
    return this.#people.reject(duplex, bye);
  }

  /** Says goodbye to every connection of a member who was revoked. */
  dismiss(member: string, text: string): void {
    this.#people.dismiss(member, text);
  }

  /** Says goodbye to all peers, and resolves when their connections have ended or the time limit has passed. */
  async end(): Promise<void> {
    this.#upkeep.end();
    await this.#rooms.end();
    await this.#people.end();
    this.#work.stop();
    await this.#rooms.history.close();
  }

  take(peer: Peer, payload: Uint8Array): boolean {
    this.#rates.charge(peer, { messages: 1, bytes: payload.length + HEADER_SIZE });
    if (payload.length > LONG) return this.#takeLong(peer, payload);
    return this.#handle(peer, () => readIncoming(payload, this.#incoming));
  }

  /** Verifies a long payload in slices, so that others are served meanwhile; the peer's next payload waits. */
  #takeLong(peer: Peer, payload: Uint8Array): boolean {
    let verification: IncomingVerification | undefined;
    let isHandled = true;
    const step = (mayGoOn: () => boolean): boolean => {
      let isDone = true;
      isHandled = this.#handle(peer, () => {
        verification ??= new IncomingVerification(payload, this.#incoming);
        const incoming = verification.step(mayGoOn);
        isDone = incoming !== undefined;
        return incoming;
      });
      return isDone;
    };
    const { clock } = this.#work;
    const end = clock.ticks() + SLICE_MS;
    const lane = payload.length > VERY_LONG || peer.work.isHeavy ? this.#longLane : this.#lane;
    if (lane.isFree && step(() => clock.ticks() < end)) return isHandled;
    lane.add((mayGoOn) => {
      const began = clock.ticks();
      let isDone = true;
      try {
        // The peer may have been removed in the meantime.
        const isGone = !this.#people.peers.has(peer) || peer.bye !== undefined;
        isDone = isGone || step(mayGoOn);
      } catch (error) {
        peer.connection.fail(error);
      }
      this.#rates.chargeWork(peer, clock.ticks() - began);
      if (isDone && isHandled) peer.connection.proceed();
      return isDone;
    });
    return false;
  }

  /**
   * Handles a verified payload, or tells the peer why the payload is refused.
   *
   * @returns False if other listeners have to be asked. Then the peer's next payload waits until they have answered.
   */
  #handle(peer: Peer, verified: () => Incoming | undefined): boolean {
    let ref: Ref | undefined;
    try {
      const incoming = verified();
      if (incoming === undefined) return true;
      const { type } = incoming;
      ref = incoming.ref;
      if (type !== "hello") this.#people.arrivals.admit(peer);
      const asked = type === undefined || type === "message"
        ? this.#post(peer, incoming)
        : this.#requests.handle(peer, readPeerMessage(incoming.decode()));
      if (!(asked instanceof Promise)) return true;
      void this.#wait(peer, asked, ref);
      return false;
    } catch (error) {
      this.#refusals.tell(peer, error, ref);
      return true;
    }
  }

  /** Waits for other listeners, and goes on with the peer's next payload. */
  async #wait(peer: Peer, asked: Promise<void>, ref: Ref | undefined): Promise<void> {
    try {
      await asked;
    } catch (error) {
      try {
        this.#refusals.tell(peer, error, ref);
      } catch (fault) {
        peer.connection.fail(fault);
      }
    }
    peer.connection.proceed();
  }

  #post(peer: Peer, incoming: Incoming): MayWait {
    const { room, to } = incoming.readDestination();
    if (to !== undefined) return this.#people.directMessages.send(peer, incoming, to);
    return this.#rooms.posting.post(peer, incoming, room);
  }

  worked(peer: Peer, ms: number): number {
    return this.#rates.chargeWork(peer, ms);
  }

  broken(peer: Peer, error: FrameError): void {
    const code = error.code === "too-large" ? "too-large" : "bad-header";
    this.#refusals.tell(peer, new Refusal(code, error.message));
    this.#people.departures.sayBye(peer, code, error.message);
  }

  finished(peer: Peer): void {
    this.#people.departures.finished(peer);
  }

  evicted(peer: Peer): Uint8Array {
    return this.#people.departures.evicted(peer);
  }

  ended(peer: Peer, reason: CloseReason): void {
    this.#people.departures.ended(peer, reason);
  }
}
