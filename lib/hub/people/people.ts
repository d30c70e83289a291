/** The subsystem of people: connections from accept to end, their nicks, sessions and bans. */

import { originOf } from "../../base/address.ts";
import type { Clock } from "../../base/clock.ts";
import type { Limits } from "../../base/limits.ts";
import { nameKey } from "../../base/text.ts";
import type { Duplex } from "../../connection/duplex.ts";
import type { Account } from "../../connection/account.ts";
import { encodeFrame } from "../../frame/mod.ts";
import { NOBODY } from "../rooms/ring.ts";
import type { Elsewhere, Here } from "../elsewhere/elsewhere.ts";
import type { Log } from "../../log/log.ts";
import { encode } from "../../pickle/encode/encode.ts";
import type { Value } from "../../pickle/values/values.ts";
import type { ChatRooms } from "../rooms/chat_rooms.ts";
import type { Counters } from "../upkeep/counters.ts";
import type { RateLimiter } from "../upkeep/rate_limiter.ts";
import type { Refusals } from "../upkeep/refusals.ts";
import { Arrivals } from "./arrivals.ts";
import { Bans, banText } from "./bans.ts";
import { Departures } from "./departures.ts";
import { DirectMessages } from "./direct_messages.ts";
import { Handshake, somebodyElses } from "./handshake.ts";
import { Nicks } from "./nicks.ts";
import { Peer, type PeerHandler, type Remote } from "./peer.ts";
import { type Farewell, Rejections } from "./rejections.ts";
import { Renaming } from "./renaming.ts";
import { Sessions } from "./sessions.ts";

/** The options of {@linkcode People}. */
export interface PeopleOptions {
  readonly limits: Limits;
  readonly clock: Clock;
  readonly log: Log;
  readonly counters: Counters;
  readonly refusals: Refusals;
  readonly rates: Pick<RateLimiter, "newBuckets">;
  readonly rooms: Pick<ChatRooms, "history" | "directory" | "membership" | "mutes">;
  /** Handles what peers send. */
  readonly handler: PeerHandler;
  /** The account of memory that is held for peers. */
  readonly account: Account;
  readonly version: string;
  /** The first object that a peer gets, in place of welcome. */
  readonly greeting: Value | undefined;
  /** Returns 128 random bits as text, for a session. */
  readonly randomName: () => string;
  /** Returns whether a nick is reserved for the member of that name. */
  readonly isReserved: (nick: string) => boolean;
  readonly elsewhere: Elsewhere;
  /** Calls `then` at the end of this turn of the event loop, when all input of the turn has been handled. */
  readonly atTurnsEnd: (then: () => void) => void;
}

/** The peers, and the parts that work on them. */
export class People {
  readonly #options: PeopleOptions;
  readonly #peers = new Set<Peer>();
  readonly #sessions = new Sessions<Peer>();
  readonly #greeting: Uint8Array | null;
  readonly #rejections: Rejections;
  #lastNumber = NOBODY;
  readonly nicks: Nicks<Peer>;
  readonly bans: Bans;
  readonly arrivals: Arrivals;
  readonly departures: Departures;
  readonly handshake: Handshake;
  readonly renaming: Renaming;
  readonly directMessages: DirectMessages;

  constructor(options: PeopleOptions) {
    const { limits, clock, log, counters, refusals, version, greeting, elsewhere, atTurnsEnd } = options;
    const { history, directory, membership, mutes } = options.rooms;
    const nicks = this.nicks = new Nicks<Peer>((peer, nick) =>
      this.#isAllowed(peer, nick) && elsewhere.mayHave(peer, nick)
    );
    const [peers, sessions] = [this.#peers, this.#sessions];
    this.#options = options;
    this.#greeting = greeting === undefined ? null : encodeFrame(encode(greeting));
    this.#rejections = new Rejections({ limits, clock });
    const { epoch } = history;
    const bans = this.bans = new Bans(history, limits);
    const directMessages = this.directMessages = new DirectMessages({
      limits,
      clock,
      nicks,
      counters,
      elsewhere,
    });
    const departures = this.departures = new Departures({
      limits,
      clock,
      log,
      counters,
      atTurnsEnd,
      peers,
      nicks,
      sessions,
      membership,
      elsewhere,
      sessionEnded: (session) => {
        history.sessionEnded(session);
        directMessages.sessionEnded(session);
      },
    });
    const arrivals = this.arrivals = new Arrivals({
      limits,
      log,
      version,
      epoch,
      peers,
      membership,
      elsewhere,
      refusals,
    });
    const renaming = this.renaming = new Renaming({ clock, log, nicks, bans, mutes, membership, elsewhere });
    this.handshake = new Handshake({
      limits,
      epoch,
      directory,
      membership,
      nicks,
      sessions,
      bans,
      mutes,
      arrivals,
      departures,
      renaming,
      elsewhere,
    });
  }

  /** Returns whether nobody else here has a nick, and it is not reserved for another member. */
  isFree(peer: Here, nick: string): boolean {
    return (this.nicks.find(nick) ?? peer) === peer && this.#isAllowed(peer, nick);
  }

  #isAllowed({ member, isAtTerminal }: Here, nick: string): boolean {
    return isAtTerminal || member !== undefined && nameKey(member) === nameKey(nick) ||
      !this.#options.isReserved(nick);
  }

  /**
   * Ends the connection with a session that continues at another listener; see {@linkcode Hereabouts.yieldSession}.
   */
  yieldSession(session: string, member: string | undefined): Peer | undefined {
    const peer = this.#sessions.find(session);
    if (peer === undefined) return undefined;
    if (peer.member !== member) throw somebodyElses();
    this.#sessions.yield(peer);
    this.departures.sayReplaced(peer);
    return peer;
  }

  /**
   * Ends the connection with a session that continues at another listener; see {@linkcode Hereabouts.endSession}.
   */
  endSession(session: string): void {
    const peer = this.#sessions.find(session);
    if (peer !== undefined) this.departures.sayReplaced(peer);
  }

  /** The peers that are connected. */
  get peers(): ReadonlySet<Peer> {
    return this.#peers;
  }

  /**
   * Lets a connection in as a peer with a guest's nick.
   *
   * @returns A promise that resolves when the connection has ended.
   */
  accept(duplex: Duplex, remote: Remote): Promise<void> {
    const { limits, clock, log, handler, rates, account, randomName, rooms } = this.#options;
    const number = ++this.#lastNumber;
    const { host, isAtTerminal = false } = remote;
    const owner = originOf(host, `${host} ${number}`);
    const peer = new Peer(duplex, {
      number,
      remote,
      session: randomName(),
      handler,
      buckets: rates.newBuckets(host),
      connection: { limits, clock, ...isAtTerminal ? {} : { memory: { account, owner } } },
    });
    if (!peer.isAtTerminal) log({ event: "accepted", address: peer.address });
    peer.nick = peer.member === undefined
      ? this.nicks.takeGuest(peer)
      : this.#takeMembersNick(peer, peer.member);
    this.#peers.add(peer);
    this.#sessions.begin(peer);
    peer.place = rooms.membership.hold(peer);
    if (this.#greeting && !peer.isAtTerminal) peer.connection.send(this.#greeting);
    else this.arrivals.welcome(peer);
    peer.cancelEntering = clock.after(limits.enterAfter, () => this.arrivals.enterLobby(peer));
    const ban = this.bans.ofAddress(peer) ?? (peer.member && this.bans.ofNick(peer, peer.member));
    if (ban) this.departures.sayBye(peer, "banned", banText(ban));
    this.departures.rejectAtEnd(peer);
    return peer.connection.run();
  }

  /**
   * Gives a member the name of its code. Whoever else had that nick before there was such a member gets another one; of
   * several connections of the member, the first has the name.
   */
  #takeMembersNick(peer: Peer, member: string): string {
    const holder = this.nicks.find(member);
    const isOwn = holder?.member !== undefined && nameKey(holder.member) === nameKey(member);
    if (holder === undefined || isOwn) return this.nicks.take(peer, member);
    this.nicks.give(peer, member);
    this.renaming.rename(holder, holder.nick);
    return member;
  }

  /** Says goodbye to a connection that is not let in, and resolves when it is closed. */
  reject(duplex: Duplex, bye: Farewell): Promise<void> {
    return this.#rejections.add(duplex, bye);
  }

  /** Says goodbye to every connection of a member who was revoked. */
  dismiss(member: string, text: string): void {
    for (const peer of this.#peers) {
      if (peer.member !== undefined && nameKey(peer.member) === nameKey(member)) {
        this.departures.sayBye(peer, "not-allowed", text);
      }
    }
  }

  /** Says goodbye to all peers, and resolves when their connections have ended or the time limit has passed. */
  end(): Promise<void> {
    this.#rejections.close();
    return this.departures.sayByeToAll();
  }
}
