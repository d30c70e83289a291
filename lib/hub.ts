/** The hub: who is here, and what becomes of what they say. It knows no sockets. */

import { Bucket } from "./bucket.ts";
import type { Clock } from "./clock.ts";
import { Connection, type Duplex, type Ending, type Listening } from "./connection.ts";
import { Incoming } from "./envelope.ts";
import type { FrameError } from "./errors.ts";
import { takeFigures } from "./figures.ts";
import { encodeFrame, HEADER_SIZE } from "./frame.ts";
import type { History, Ref } from "./history/history.ts";
import { MemoryHistory } from "./history/memory.ts";
import { NOBODY } from "./history/ring.ts";
import type { Limits } from "./limits.ts";
import { type Log, Trouble } from "./log.ts";
import { LoopDelay } from "./loop_delay.ts";
import { Membership, type Past } from "./membership.ts";
import {
  type ByeCode,
  ERROR_CODES,
  type ErrorCode,
  type PeerMessage,
  PROTOCOL,
  readPeerMessage,
  Refusal,
} from "./message.ts";
import { cleanNick, Nicks } from "./nicks.ts";
import { encodeMessageFrame, Peer } from "./peer.ts";
import { encode } from "./pickle/encode.ts";
import type { Value } from "./pickle/values.ts";
import { banText, Operators } from "./operators.ts";
import { Posting } from "./posting.ts";
import type { Member, Room } from "./room.ts";
import { Rooms } from "./rooms.ts";
import { Counters, figuresDict } from "./stats.ts";
import { nameKey } from "./text.ts";
import { Turn } from "./turn.ts";

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

/** How often the hub looks for peers that are stuck, stalled or silent, and how often it drops what is too old. */
const SWEEP_MS = 1000;
const EXPIRE_MS = 10_000;

/** How many peers may be looked at for the price of a message. */
const PEERS_PER_MESSAGE = 100;

/** The longest session that is taken, in UTF-16 code units: it is kept with each message that has a ref. */
const MAX_SESSION_LENGTH = 128;

/** Lets peers in, and takes what they say. */
export class Hub {
  readonly #options: HubOptions;
  readonly #history: History;
  readonly #rooms: Rooms;
  readonly #turn: Turn;
  readonly #membership: Membership;
  readonly #posting: Posting;
  readonly #peers = new Set<Peer>();
  readonly #nicks = new Nicks<Peer>();
  /** The live connections of sessions. */
  readonly #sessions = new Map<string, Peer>();
  readonly #greeting: Uint8Array | null;
  readonly #turnedAway = new Set<Connection>();
  readonly #operators: Operators;
  readonly #counters = new Counters();
  readonly #startedAt: number;
  #lastNumber = NOBODY;
  #isEnding = false;
  #cancelSweep: () => void;
  #expiredAt: number;
  readonly #loopDelay: LoopDelay;
  #allGone: (() => void) | null = null;

  constructor(options: HubOptions) {
    const { limits, clock, log } = options;
    this.#options = options;
    this.#rooms = new Rooms(limits, {
      fellBehind: (member) => {
        this.#noteBehind(member);
        this.#membership.catchUp(member);
      },
      counters: this.#counters,
    });
    this.#history = options.history ??
      new MemoryHistory(options.randomName(), (room) => this.#rooms.find(room)?.ring);
    this.#rooms.load(this.#history);
    const [history, rooms, nicks] = [this.#history, this.#rooms, this.#nicks];
    this.#turn = new Turn({
      history,
      atTurnsEnd: options.atTurnsEnd,
      trouble: new Trouble("history", log),
      counters: this.#counters,
    });
    this.#membership = new Membership({ limits, clock, history, rooms, turn: this.#turn });
    this.#posting = new Posting({
      limits,
      clock,
      history,
      rooms,
      nicks,
      turn: this.#turn,
      counters: this.#counters,
    });
    this.#greeting = options.greeting === undefined ? null : encodeFrame(encode(options.greeting));
    this.#operators = new Operators({
      history,
      nicks,
      rooms,
      peers: this.#peers,
      token: options.operatorToken,
      log,
      sayBye: (peer, code, text) => this.#sayBye(peer, code, text),
    });
    this.#startedAt = this.#expiredAt = clock.now();
    this.#loopDelay = new LoopDelay(clock);
    this.#cancelSweep = clock.after(SWEEP_MS, () => this.#sweep());
  }

  /**
   * Lets a peer in.
   *
   * @returns When it is gone.
   */
  accept(duplex: Duplex, caller: Caller): Promise<void> {
    const { limits, clock } = this.#options;
    const now = clock.now();
    const peer = new Peer(
      { number: ++this.#lastNumber, session: this.#options.randomName(), ...caller },
      duplex,
      {
        limits,
        clock,
        listening: (peer) => this.#listeningTo(peer),
        buckets: {
          messages: new Bucket({ perSecond: limits.messageRate, burst: limits.messageBurst }, now),
          bytes: new Bucket({ perSecond: limits.byteRate, burst: limits.byteBurst }, now),
        },
      },
    );
    if (!peer.isAtTerminal) this.#options.log({ event: "accepted", address: peer.address });
    peer.nick = this.#nicks.takeGuest(peer);
    this.#peers.add(peer);
    this.#sessions.set(peer.session, peer);
    peer.place = this.#rooms.lobby.place;
    if (this.#greeting && !peer.isAtTerminal) peer.connection.send(this.#greeting);
    else this.#welcome(peer);
    peer.cancelEntering = clock.after(limits.enterAfter, () => this.#enterLobby(peer));
    const ban = this.#operators.findBan(peer, { host: caller.host });
    if (ban) this.#sayBye(peer, "banned", banText(ban));
    if (this.#isEnding) this.#sayBye(peer, "shutdown", "the listener ends");
    return peer.connection.run();
  }

  /** Says goodbye to a caller for whom there is no room. */
  turnAway(duplex: Duplex, text: string): void {
    const { limits, clock } = this.#options;
    const connection: Connection = new Connection(duplex, {
      payload() {},
      broken() {},
      ended: () => this.#turnedAway.delete(connection),
    }, { limits, clock });
    this.#turnedAway.add(connection);
    connection.goodbye(encodeMessageFrame({ type: "bye", code: "full", text }));
    connection.run();
  }

  /** Says goodbye to everybody, and resolves when all are gone or the time for it is over. */
  async end(): Promise<void> {
    this.#isEnding = true;
    this.#cancelSweep();
    this.#loopDelay.stop();
    this.#turn.end();
    for (const connection of this.#turnedAway) connection.close();
    const gone = new Promise<void>((resolve) => this.#allGone = resolve);
    for (const peer of this.#peers) this.#sayBye(peer, "shutdown", "the listener ends");
    if (this.#peers.size === 0) this.#allGone?.();
    const cancel = this.#options.clock.after(this.#options.limits.drain, () => {
      for (const peer of this.#peers) peer.connection.close();
      this.#allGone?.();
    });
    await gone;
    cancel();
    this.#history.close();
  }

  #listeningTo(peer: Peer): Listening {
    return {
      payload: (bytes) => this.#take(peer, bytes),
      broken: (error) => this.#broken(peer, error),
      ended: (ending) => this.#ended(peer, ending),
    };
  }

  // What a peer says

  #take(peer: Peer, payload: Uint8Array): void {
    peer.pingedAt = 0;
    this.#slowDown(peer, { messages: 1, bytes: payload.length + HEADER_SIZE });
    let ref: Ref | undefined;
    try {
      const incoming = new Incoming(payload, this.#options.limits.maxEnvelope);
      const { type } = incoming;
      ref = incoming.ref;
      if (!peer.hasEntered && type !== "hello") {
        if (this.#greeting) this.#welcome(peer);
        this.#enterLobby(peer);
      }
      if (type === undefined || type === "message") this.#posting.post(peer, incoming);
      else this.#answer(peer, readPeerMessage(incoming.decode()));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#noteRefusal(peer, error.code, error.message);
      peer.say({ type: "error", code: error.code, text: error.message, ref });
    }
  }

  /** Counts what a peer sends. One that is too fast is read more slowly, told so once, and never thrown out for it. */
  #slowDown(peer: Peer, { messages, bytes }: { messages: number; bytes: number }): void {
    const { clock, limits } = this.#options;
    const now = clock.now();
    const wait = Math.max(peer.messageBucket.take(messages, now), peer.byteBucket.take(bytes, now));
    if (wait === 0) return;
    peer.connection.restFor(wait);
    if (peer.wasToldToSlowDown) return;
    peer.wasToldToSlowDown = true;
    this.#options.log({ event: "slowed", address: peer.address, nick: peer.nick });
    const text =
      `You are read more slowly: the limits are ${limits.messageRate} messages and ${limits.byteRate} bytes a second`;
    peer.say({ type: "error", code: "slow-down", text });
  }

  #answer(peer: Peer, message: PeerMessage): void {
    const { ref } = message;
    switch (message.type) {
      case "hello":
        return this.#hello(peer, message);
      case "nick":
        return this.#rename(peer, message.nick);
      case "join":
        return this.#membership.enter(peer, this.#rooms.open(message.room), {
          past: message.since === undefined ? this.#newest() : { since: message.since },
        });
      case "leave":
        return this.#membership.leave(peer, this.#roomOf(peer, message.room));
      case "who":
        return this.#membership.sayWho(peer, this.#roomOf(peer, message.room), ref);
      case "rooms":
        return peer.say({ type: "rooms", rooms: this.#listRooms(), ref });
      case "history":
        return this.#membership.sendHistory(peer.members.get(this.#roomOf(peer, message.room))!, {
          before: message.before,
          limit: Math.max(0, message.limit ?? this.#options.replay),
          ref,
        });
      case "topic":
        return this.#setTopic(peer, this.#roomOf(peer, message.room), message.text);
      case "ping":
        return peer.say({ type: "pong", ref });
      case "pong":
      case "message": // A post never comes here.
        return;
      case "stats":
        return this.#sayFigures(peer, ref);
      default:
        return this.#operators.carryOut(peer, message);
    }
  }

  /** Answers with the figures. The more peers there are to look at, the more it counts as. */
  #sayFigures(peer: Peer, ref: Ref | undefined): void {
    const { clock, memory, limits } = this.#options;
    this.#slowDown(peer, { messages: Math.floor(this.#peers.size / PEERS_PER_MESSAGE), bytes: 0 });
    const figures = takeFigures({
      peers: this.#peers,
      rooms: this.#rooms,
      counters: this.#counters,
      loopDelay: this.#loopDelay,
      startedAt: this.#startedAt,
      now: clock.now(),
      memory: memory(),
      roomsListed: limits.namesListed,
      forOperator: peer.isOperator,
    });
    peer.say({ type: "stats", stats: figuresDict(figures), ref });
  }

  #roomOf(peer: Peer, name: string | undefined): Room {
    const room = name === undefined ? peer.room : this.#rooms.find(name);
    if (room && peer.members.has(room)) return room;
    throw new Refusal("no-such-room", `Cannot do that: you are not in a room ${JSON.stringify(name ?? "")}`);
  }

  #listRooms(): Value[] {
    return [...this.#rooms].map((room) =>
      new Map<Value, Value>([["room", room.name], ["members", room.members.size], ["topic", room.topic]])
    );
  }

  #setTopic(peer: Peer, room: Room, text: string): void {
    room.topic = text;
    this.#history.setTopic(room.name, text);
    const at = this.#options.clock.now() / 1000;
    this.#turn.tell(room, { type: "topic", room: room.name, nick: peer.nick, text, at }, NOBODY);
    this.#options.log({ event: "topic", address: peer.address, nick: peer.nick, room: room.name, text });
  }

  #newest(count = this.#options.replay): Past {
    return { newest: Math.max(0, count) };
  }

  // Who a peer is

  #hello(peer: Peer, hello: PeerMessage & { type: "hello" }): void {
    if (peer.hasSaidHello) throw new Refusal("bad-message", "Cannot take the hello: it was said before");
    const nick = hello.nick === undefined ? undefined : cleanNick(hello.nick);
    const room = hello.room === undefined ? undefined : this.#rooms.open(hello.room);
    const ban = nick === undefined ? undefined : this.#operators.findBan(peer, { nick });
    if (ban) return this.#sayBye(peer, "banned", banText(ban));
    peer.hasSaidHello = true;
    peer.echo = hello.echo ?? false;
    const before = this.#takeSession(peer, hello.session);
    if (before) this.#replace(before, peer);
    if (nick !== undefined && !before) this.#rename(peer, nick);
    this.#welcome(peer, hello.ref);
    if (peer.hasEntered && room === undefined && !before) return;
    this.#markEntered(peer);
    const resume = hello.epoch === this.#history.epoch ? hello.resume : undefined;
    const past = (name: string): Past => {
      const since = resume?.get(name);
      return since === undefined ? this.#newest(hello.replay) : { since };
    };
    const rooms = new Set([
      ...before?.members.keys() ?? [],
      ...[...resume?.keys() ?? []].map((name) => this.#rooms.open(name)),
    ]);
    const last = room ?? before?.room ?? [...rooms].at(-1) ?? this.#rooms.lobby;
    rooms.delete(last);
    for (const room of [...rooms, last]) {
      this.#membership.enter(peer, room, {
        past: past(room.name),
        isQuiet: before?.members.has(room) ?? false,
        ...(room === this.#rooms.lobby && !before ? { place: peer.place } : {}),
      });
    }
    if (before) this.#sayBye(before, "replaced", "your session went on from another connection");
  }

  /** Gives the peer the session that it names, and gives the live connection that had it, where one has. */
  #takeSession(peer: Peer, asked: string | undefined): Peer | undefined {
    if (asked === undefined || asked === peer.session) return undefined;
    if (asked === "" || asked.length > MAX_SESSION_LENGTH) {
      throw new Refusal(
        "bad-message",
        `Cannot take the hello: the key session must hold 1 to ${MAX_SESSION_LENGTH} characters`,
      );
    }
    const before = this.#sessions.get(asked);
    this.#sessions.delete(peer.session);
    peer.session = asked;
    this.#sessions.set(asked, peer);
    return before;
  }

  /** Hands the name and the rights of a connection over to the one that takes its place. */
  #replace(before: Peer, peer: Peer): void {
    this.#nicks.free(peer, peer.nick);
    peer.nick = before.nick;
    this.#nicks.give(peer, peer.nick);
    peer.isOperator = before.isOperator;
  }

  #rename(peer: Peer, asked: string): void {
    const before = peer.nick;
    const ban = this.#operators.findBan(peer, { nick: asked });
    if (ban) throw new Refusal("not-allowed", `Cannot take the nick: ${banText(ban)}`);
    const nick = this.#nicks.take(peer, cleanNick(asked));
    if (nick === before) return;
    peer.nick = nick;
    if (this.#nicks.find(before) === peer && this.#nicks.find(nick) === peer) this.#freeOther(peer, before);
    if (!peer.hasEntered) return;
    const at = this.#options.clock.now() / 1000;
    this.#options.log({ event: "renamed", address: peer.address, nick: before, to: nick });
    for (const room of peer.members.keys()) {
      // Who is muted does not get the word back by another name.
      if (room.muted.has(nameKey(before))) room.muted.add(nameKey(nick));
      this.#turn.tell(room, { type: "renamed", room: room.name, nick: before, to: nick, at }, NOBODY);
    }
  }

  /** Frees a name that is not the peer's any more; one that differs in case only still is. */
  #freeOther(peer: Peer, nick: string): void {
    this.#nicks.free(peer, nick);
    this.#nicks.give(peer, peer.nick);
  }

  // Coming and going

  #welcome(peer: Peer, ref?: Ref): void {
    const { limits, version } = this.#options;
    const told = [["max_frame", limits.maxFrame], ["message_rate", limits.messageRate]] as const;
    peer.say({
      type: "welcome",
      protocol: PROTOCOL,
      nick: peer.nick,
      room: (peer.room ?? this.#rooms.lobby).name,
      session: peer.session,
      epoch: this.#history.epoch,
      server: "chat",
      version,
      limits: new Map(told.filter(([, value]) => Number.isSafeInteger(value))),
      ref,
    });
  }

  #enterLobby(peer: Peer): void {
    if (peer.hasEntered || !this.#peers.has(peer)) return;
    this.#markEntered(peer);
    this.#membership.enter(peer, this.#rooms.lobby, { past: this.#newest(), place: peer.place });
  }

  #markEntered(peer: Peer): void {
    if (peer.hasEntered) return;
    peer.cancelEntering();
    peer.hasEntered = true;
    this.#options.log({ event: "came", address: peer.address, nick: peer.nick });
  }

  #ended(peer: Peer, ending: Ending): void {
    this.#peers.delete(peer);
    this.#counters.received += peer.connection.received;
    this.#counters.sent += peer.connection.sent;
    const why = peer.bye ?? ENDINGS[ending];
    this.#options.log({ event: "went", address: peer.address, nick: peer.nick, why });
    this.#depart(peer);
    if (this.#peers.size === 0) this.#allGone?.();
  }

  /** Takes a peer out of its rooms, which are told, and frees its name. */
  #depart(peer: Peer): void {
    peer.cancelEntering();
    this.#nicks.free(peer, peer.nick);
    const isReplaced = this.#sessions.get(peer.session) !== peer;
    if (!isReplaced) this.#sessions.delete(peer.session);
    for (const room of [...peer.members.keys()]) {
      if (this.#isEnding || isReplaced) room.members.delete(peer);
      else this.#membership.remove(peer, room);
    }
  }

  #broken(peer: Peer, error: FrameError): void {
    const code = error.code === "too-large" ? "too-large" : "bad-header";
    this.#noteRefusal(peer, code, error.message);
    peer.say({ type: "error", code, text: error.message });
    this.#sayBye(peer, code, error.message);
  }

  /** Logs what a peer is refused, each kind once: nobody is to fill the log with what it gets wrong. */
  #noteRefusal(peer: Peer, code: ErrorCode, text: string): void {
    const kind = 1 << ERROR_CODES.indexOf(code);
    if ((peer.refusals & kind) !== 0) return;
    peer.refusals |= kind;
    this.#options.log({ event: "refused", address: peer.address, code, text });
  }

  /** Logs that a peer reads too slowly, once. */
  #noteBehind({ peer, room }: Member): void {
    if (peer.wasBehind) return;
    peer.wasBehind = true;
    this.#options.log({ event: "behind", address: peer.address, nick: peer.nick, room: room.name });
  }

  #sayBye(peer: Peer, code: ByeCode, text: string): void {
    peer.bye ??= code;
    this.#depart(peer);
    peer.connection.goodbye(encodeMessageFrame({ type: "bye", code, text }));
  }

  /** Looks after peers that are stuck in a frame, stalled or silent, and after what is kept too long. */
  #sweep(): void {
    const { clock, limits } = this.#options;
    const now = clock.now();
    for (const peer of this.#peers) {
      const { connection } = peer;
      // A terminal may stand still for as long as its owner likes, and what waits for it is bounded.
      if (peer.isAtTerminal) continue;
      if (connection.isStalled(now)) {
        this.#counters.slow++;
        this.#sayBye(peer, "slow", "nothing was read for too long");
        connection.close("slow");
      } else if (connection.isStuckInFrame(now)) {
        this.#sayBye(peer, "idle", "a frame got no further");
      } else if (peer.hasSaidHello && now - connection.lastRead > limits.pingAfter) {
        if (peer.pingedAt === 0) {
          peer.pingedAt = now;
          peer.say({ type: "ping" });
        } else if (now - peer.pingedAt > limits.pingAfter) this.#sayBye(peer, "idle", "nothing was heard");
      }
    }
    this.#rooms.trim();
    if (now - this.#expiredAt > EXPIRE_MS) {
      this.#expiredAt = now;
      this.#history.expire(now / 1000);
    }
    this.#cancelSweep = clock.after(SWEEP_MS, () => this.#sweep());
  }
}

/** How the log names the end of a connection to which no bye was said. */
const ENDINGS: Readonly<Record<Ending, string>> = {
  "clean": "left",
  "cut": "cut",
  "failed": "failed",
  "slow": "slow",
  "said goodbye": "left",
};
