/** The hub: who is here, and what becomes of what they say. It knows no sockets. */

import { Bucket, type Rate } from "./bucket.ts";
import type { Clock } from "./clock.ts";
import { Connection, type Ending } from "./connection.ts";
import type { Duplex } from "./duplex.ts";
import type { QueueSum } from "./private_queue.ts";
import { Incoming } from "./envelope.ts";
import type { FrameError } from "./errors.ts";
import { Failures } from "./failures.ts";
import { takeFigures } from "./figures.ts";
import { encodeFrame, type FrameReaderOptions, HEADER_SIZE, leastBudget } from "./frame.ts";
import { type History, HistoryError, type Ref } from "./history/history.ts";
import { MemoryHistory } from "./history/memory.ts";
import { NOBODY } from "./history/ring.ts";
import { Inbound } from "./inbound.ts";
import type { Limits } from "./limits.ts";
import { type Log, Trouble } from "./log.ts";
import { LoopDelay } from "./loop_delay.ts";
import { type Entering, Membership, type Past } from "./membership.ts";
import {
  type ByeCode,
  checkText,
  ERROR_CODES,
  type ErrorCode,
  type ListenerMessage,
  LOBBY,
  type PeerMessage,
  PROTOCOL,
  quote,
  readPeerMessage,
  Refusal,
} from "./message.ts";
import { cleanNick, Nicks } from "./nicks.ts";
import { encodeMessageFrame, Peer, type PeerWatch } from "./peer.ts";
import { encode } from "./pickle/encode.ts";
import type { Value } from "./pickle/values.ts";
import { banText, Operators } from "./operators.ts";
import { Posting } from "./posting.ts";
import type { Member, Room } from "./room.ts";
import { cleanRoomName, Rooms } from "./rooms.ts";
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

type Hello = PeerMessage & { type: "hello" };

/** Where a connection comes from: the host, and for the log the address with its port. */
export interface Caller {
  readonly host: string;
  readonly address: string;
  /** Whether it is the operator's, at the listener's own terminal: its rights come with the seat. */
  readonly isAtTerminal?: boolean;
}

/** How often the hub looks for peers that are stuck, stalled or silent, and how often it drops what is too old. */
const SWEEP_MS = 1000;
const AWAY_MS = 5 * SWEEP_MS;
const EXPIRE_MS = 10_000;

/** How many peers may be looked at for the price of a message. */
const PEERS_PER_MESSAGE = 100;

/** The longest session that is taken, in UTF-16 code units: it is kept with each message that has a ref. */
const MAX_SESSION_LENGTH = 128;

/** How many callers may be told at the same time that there is no room for them; others are told nothing. */
const TURNED_AWAY = 256;

/** Lets peers in, and takes what they say. */
export class Hub implements PeerWatch {
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
  readonly #failures: Failures;
  readonly #queues: QueueSum = { size: 0 };
  readonly #inbound: Inbound;
  readonly #reading: FrameReaderOptions;
  readonly #rates: { readonly messages: Rate; readonly bytes: Rate };
  readonly #startedAt: number;
  #lastNumber = NOBODY;
  #isEnding = false;
  #cancelSweep: () => void;
  #expiredAt: number;
  #sweptAt: number;
  readonly #loopDelay: LoopDelay;
  #allGone: (() => void) | null = null;

  constructor(options: HubOptions) {
    const { limits, clock, log } = options;
    this.#options = options;
    this.#failures = new Failures(log, clock);
    this.#rates = {
      messages: { perSecond: limits.messageRate, burst: limits.messageBurst },
      bytes: { perSecond: limits.byteRate, burst: limits.byteBurst },
    };
    // Less would let a long frame wait for ever.
    this.#inbound = new Inbound(Math.max(limits.inbound, leastBudget(limits.maxFrame)), () => clock.now());
    this.#reading = { maxPayload: limits.maxFrame, budget: this.#inbound };
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
    const [history, rooms, nicks, failures] = [this.#history, this.#rooms, this.#nicks, this.#failures];
    this.#turn = new Turn({
      history,
      rooms,
      atTurnsEnd: options.atTurnsEnd,
      trouble: new Trouble("history", log),
      counters: this.#counters,
    });
    const turn = this.#turn;
    this.#membership = new Membership({ limits, clock, history, rooms, turn, failures });
    this.#posting = new Posting({
      limits,
      clock,
      history,
      rooms,
      nicks,
      turn,
      queues: this.#queues,
      counters: this.#counters,
    });
    this.#greeting = options.greeting === undefined ? null : encodeFrame(encode(options.greeting));
    this.#operators = new Operators({
      limits,
      history,
      nicks,
      rooms,
      peers: this.#peers,
      token: options.operatorToken,
      log,
      sayBye: (peer, code, text) => this.#sayBye(peer, code, text),
    });
    this.#startedAt = this.#expiredAt = this.#sweptAt = clock.now();
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
        reading: this.#reading,
        queues: this.#queues,
        watch: this,
        buckets: {
          messages: new Bucket(this.#rates.messages, now),
          bytes: new Bucket(this.#rates.bytes, now),
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
    if (this.#turnedAway.size >= TURNED_AWAY) return duplex.close();
    const connection: Connection = new Connection(duplex, {
      payload() {},
      broken() {},
      finished: () => connection.finish(),
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

  // What a peer says

  take(peer: Peer, payload: Uint8Array): void {
    peer.pingedAt = 0;
    this.#slowDown(peer, { messages: 1, bytes: payload.length + HEADER_SIZE });
    let ref: Ref | undefined;
    try {
      const incoming = new Incoming(payload, this.#options.limits.maxEnvelope);
      const { type } = incoming;
      ref = incoming.ref;
      if (type !== "hello") {
        if (!peer.isWelcomed) this.#welcome(peer);
        if (!peer.hasEntered) this.#enterLobby(peer);
      }
      if (type === undefined || type === "message") this.#posting.post(peer, incoming);
      else this.#answer(peer, readPeerMessage(incoming.decode()));
    } catch (error) {
      this.#refuse(peer, refusalOf(error), ref);
    }
  }

  #refuse(peer: Peer, { code, message }: Refusal, ref?: Ref): void {
    if (code === "not-stored") this.#failures.tell(message);
    else this.#noteRefusal(peer, code, message);
    peer.say({ type: "error", code, text: message, ref });
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
        return this.#rename(peer, message.nick, ref);
      case "join":
        return this.#join(peer, message.room, { past: this.#past({ since: message.since }), ref });
      case "leave":
        return this.#membership.leave(peer, this.#roomOf(peer, message.room), ref);
      case "who":
        return this.#sayAtLength(peer, this.#membership.who(this.#roomOf(peer, message.room), ref));
      case "rooms":
        return this.#sayAtLength(peer, { type: "rooms", rooms: this.#listRooms(), ref });
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
    throw new Refusal("no-such-room", `Cannot do that: you are not in a room ${quote(name ?? "")}`);
  }

  #listRooms(): Value[] {
    return [...this.#rooms].map((room) =>
      new Map<Value, Value>([["room", room.name], ["members", room.members.size], ["topic", room.topic]])
    );
  }

  /** Says something that may be long: it counts as if the peer had sent it. */
  #sayAtLength(peer: Peer, message: ListenerMessage): void {
    const frame = encodeMessageFrame(message);
    this.#slowDown(peer, { messages: 0, bytes: frame.length });
    peer.connection.send(frame);
  }

  #setTopic(peer: Peer, room: Room, text: string): void {
    checkText(text, this.#options.limits.maxTopic);
    this.#history.setTopic(room.name, text);
    room.topic = text;
    const at = this.#options.clock.now() / 1000;
    this.#turn.tell(room, { type: "topic", room: room.name, nick: peer.nick, text, at }, NOBODY);
    this.#options.log({ event: "topic", address: peer.address, nick: peer.nick, room: room.name, text });
  }

  #past({ since, newest }: { since?: number | undefined; newest?: number | undefined } = {}): Past {
    return { since, newest: Math.max(0, newest ?? this.#options.replay) };
  }

  /** @throws {Refusal} Where the room cannot be opened, or not be entered. */
  #join(peer: Peer, name: string, entering: Entering): void {
    const room = this.#rooms.open(name);
    try {
      this.#membership.enter(peer, room, entering);
    } finally {
      this.#rooms.dropIfEmpty(room);
    }
  }

  // Who a peer is

  #hello(peer: Peer, hello: Hello): void {
    // First all that may be refused, so that it can be said again.
    if (peer.hasSaidHello) throw new Refusal("bad-message", "Cannot take the hello: it was said before");
    const nick = hello.nick === undefined ? undefined : cleanNick(hello.nick);
    const asked = hello.room === undefined ? undefined : cleanRoomName(hello.room);
    this.#checkHello(hello);
    const ban = nick === undefined ? undefined : this.#operators.findBan(peer, { nick });
    if (ban) return this.#sayBye(peer, "banned", banText(ban));

    peer.hasSaidHello = true;
    peer.echo = hello.echo ?? false;
    const before = this.#takeSession(peer, hello.session);
    if (before) this.#replace(before, peer);
    else if (nick !== undefined) this.#rename(peer, nick);
    const resume = hello.epoch === this.#history.epoch ? hello.resume : undefined;
    const place = before || peer.hasEntered ? undefined : peer.place;
    const rooms = this.#roomsFor(peer, { asked, before, resume });
    const last = [...rooms.values()].at(-1)!;
    this.#welcome(peer, { room: this.#rooms.find(last)?.name ?? last, ref: hello.ref });
    this.#markEntered(peer);
    const quiet = new Set(before?.members.keys() ?? []);
    for (const room of quiet) room.members.delete(before!);
    for (const [key, name] of rooms) {
      this.#enterOne(peer, name, {
        past: this.#past({ since: seenOf(resume, key), newest: hello.replay }),
        isQuiet: [...quiet].some((room) => room.name === name),
        ...(key === LOBBY && place ? { place } : {}),
      });
    }
    if (before) this.#sayBye(before, "replaced", "your session went on from another connection");
  }

  #checkHello({ session, resume }: Hello): void {
    if (session !== undefined && (session === "" || session.length > MAX_SESSION_LENGTH)) {
      throw new Refusal(
        "bad-message",
        `Cannot take the hello: the key session must hold 1 to ${MAX_SESSION_LENGTH} characters`,
      );
    }
    const { roomsPerPeer } = this.#options.limits;
    if (resume !== undefined && resume.size > roomsPerPeer) {
      throw new Refusal(
        "bad-message",
        `Cannot take the hello: the key resume must name at most ${roomsPerPeer} rooms`,
      );
    }
  }

  /** The rooms that a hello is about, by their keys: one may be named in two ways. The last is where it is then. */
  #roomsFor(
    peer: Peer,
    { asked, before, resume }: {
      asked: string | undefined;
      before: Peer | undefined;
      resume: Hello["resume"];
    },
  ): Map<string, string> {
    const rooms = new Map<string, string>();
    for (const { name } of before?.members.keys() ?? []) rooms.set(nameKey(name), name);
    for (const name of resume?.keys() ?? []) if (!rooms.has(nameKey(name))) rooms.set(nameKey(name), name);
    const last = asked ?? before?.room?.name ?? [...rooms.values()].at(-1) ??
      (peer.room ?? this.#rooms.lobby).name;
    const name = rooms.get(nameKey(last)) ?? last;
    rooms.delete(nameKey(last));
    return rooms.set(nameKey(last), name);
  }

  /** Has a peer enter one of the rooms that its hello names; one that it cannot enter keeps it from no other. */
  #enterOne(peer: Peer, name: string, entering: Entering): void {
    try {
      this.#join(peer, name, entering);
    } catch (error) {
      this.#refuse(peer, refusalOf(error));
    }
  }

  /** Gives the peer the session that it names, and gives the live connection that had it, where one has. */
  #takeSession(peer: Peer, asked: string | undefined): Peer | undefined {
    if (asked === undefined || asked === peer.session) return undefined;
    const before = this.#sessions.get(asked);
    this.#sessions.delete(peer.session);
    peer.session = asked;
    this.#sessions.set(asked, peer);
    return before;
  }

  /** Hands the name and the rights of a connection over to the one that takes its place. */
  #replace(before: Peer, peer: Peer): void {
    // It may have come in as a guest already, who goes now.
    for (const room of [...peer.members.keys()]) this.#membership.remove(peer, room);
    this.#nicks.free(peer, peer.nick);
    peer.nick = before.nick;
    this.#nicks.give(peer, peer.nick);
    peer.isOperator = before.isOperator;
  }

  #rename(peer: Peer, asked: string, ref?: Ref): void {
    const before = peer.nick;
    const ban = this.#operators.findBan(peer, { nick: asked });
    if (ban) throw new Refusal("not-allowed", `Cannot take the nick: ${banText(ban)}`);
    const wanted = cleanNick(asked);
    const muted = [...peer.members.keys()].filter(({ muted }) => muted.has(nameKey(before)));
    if (muted.some(({ muted }) => muted.size >= this.#options.limits.maxBans)) {
      throw new Refusal("not-allowed", "Cannot take the nick: you are muted");
    }
    const nick = this.#nicks.take(peer, wanted);
    const at = this.#options.clock.now() / 1000;
    const tell = (room: string): ListenerMessage => ({ type: "renamed", room, nick: before, to: nick, at });
    // Told in the rooms' order it could be taken for somebody else's, who had the name before or has it next.
    if (ref !== undefined) peer.say({ ...tell(peer.room?.name ?? ""), ref });
    if (nick === before) return;
    peer.nick = nick;
    if (this.#nicks.find(before) === peer && this.#nicks.find(nick) === peer) this.#freeOther(peer, before);
    if (!peer.hasEntered) return;
    this.#options.log({ event: "renamed", address: peer.address, nick: before, to: nick });
    // One that is in no room is told all the same.
    if (peer.members.size === 0 && ref === undefined) peer.say(tell(""));
    // Who is muted does not get the word back by another name.
    for (const room of muted) room.muted.add(nameKey(nick));
    for (const room of peer.members.keys()) this.#turn.tell(room, tell(room.name), NOBODY);
  }

  /** Frees a name that is not the peer's any more; one that differs in case only still is. */
  #freeOther(peer: Peer, nick: string): void {
    this.#nicks.free(peer, nick);
    this.#nicks.give(peer, peer.nick);
  }

  // Coming and going

  #welcome(peer: Peer, { room, ref }: { room?: string; ref?: Ref | undefined } = {}): void {
    const { limits, version } = this.#options;
    peer.isWelcomed = true;
    const told = [["max_frame", limits.maxFrame], ["message_rate", limits.messageRate]] as const;
    peer.say({
      type: "welcome",
      protocol: PROTOCOL,
      nick: peer.nick,
      room: room ?? (peer.room ?? this.#rooms.lobby).name,
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
    this.#enterOne(peer, LOBBY, { past: this.#past(), place: peer.place });
  }

  #markEntered(peer: Peer): void {
    if (peer.hasEntered) return;
    peer.cancelEntering();
    peer.cancelEntering = NOTHING;
    peer.hasEntered = true;
    this.#options.log({ event: "came", address: peer.address, nick: peer.nick });
  }

  /** Others see it leave at once; what it posted last is stored and acked before its connection goes. */
  finished(peer: Peer): void {
    this.#noteEnd(peer, "clean");
    this.#depart(peer);
    this.#options.atTurnsEnd(() => peer.connection.finish());
  }

  ended(peer: Peer, ending: Ending): void {
    this.#peers.delete(peer);
    this.#counters.received += peer.connection.received;
    this.#counters.sent += peer.connection.sent;
    this.#noteEnd(peer, ending);
    this.#depart(peer);
    if (this.#peers.size === 0) this.#allGone?.();
  }

  /** Logs that a peer went, once: it may take a while until its connection is gone. */
  #noteEnd(peer: Peer, ending: Ending): void {
    if (peer.hasGone) return;
    peer.hasGone = true;
    const why = peer.bye ?? ENDINGS[ending];
    this.#options.log({ event: "went", address: peer.address, nick: peer.nick, why });
  }

  /** Takes a peer out of its rooms, which are told, and frees its name. */
  #depart(peer: Peer): void {
    peer.cancelEntering();
    this.#nicks.free(peer, peer.nick);
    const isReplaced = this.#sessions.get(peer.session) !== peer;
    if (!isReplaced) this.#sessions.delete(peer.session);
    // At the end of all it is still written what its rooms have for it.
    if (this.#isEnding) return;
    for (const room of [...peer.members.keys()]) {
      if (isReplaced) room.members.delete(peer);
      else this.#membership.remove(peer, room);
    }
  }

  broken(peer: Peer, error: FrameError): void {
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
    peer.connection.goodbye(encodeMessageFrame({ type: "bye", code, text }), {
      isDrained: code === "shutdown",
    });
  }

  /** Looks after peers that are stuck in a frame, stalled or silent, and after what is kept too long. */
  #sweep(): void {
    const { clock } = this.#options;
    const now = clock.now();
    // Where the listener itself was away, as on a machine that slept, what came meanwhile is looked at first.
    const wasAway = now - this.#sweptAt > AWAY_MS;
    this.#sweptAt = now;
    if (!wasAway) {
      const isShort = this.#inbound.waitedMs > this.#options.limits.halfFrame;
      for (const peer of this.#peers) this.#lookAfter(peer, { now, isShort });
    }
    if (now - this.#expiredAt > EXPIRE_MS) {
      this.#expiredAt = now;
      this.#expire(now / 1000);
    }
    this.#cancelSweep = clock.after(SWEEP_MS, () => this.#sweep());
  }

  #lookAfter(peer: Peer, { now, isShort }: { now: number; isShort: boolean }): void {
    // A terminal may stand still for as long as its owner likes, and what waits for it is bounded.
    if (peer.isAtTerminal) return;
    const { connection } = peer;
    const { pingAfter } = this.#options.limits;
    if (connection.isStalled(now)) {
      this.#counters.slow++;
      this.#sayBye(peer, "slow", "nothing was read for too long");
      connection.close("slow");
    } else if (connection.isStuckInFrame(now, isShort)) {
      this.#sayBye(peer, "idle", "a frame got no further");
    } else if (peer.hasSaidHello && connection.silentFor(now) > pingAfter) {
      if (peer.pingedAt === 0) {
        peer.pingedAt = now;
        peer.say({ type: "ping" });
      } else if (now - peer.pingedAt > pingAfter) this.#sayBye(peer, "idle", "nothing was heard");
    }
  }

  #expire(now: number): void {
    try {
      this.#history.expire(now);
    } catch (error) {
      if (!(error instanceof HistoryError)) throw error;
      this.#failures.tell(error.message);
    }
  }
}

const NOTHING = () => {};

/** How the log names the end of a connection to which no bye was said. */
const ENDINGS: Readonly<Record<Ending, string>> = {
  "clean": "left",
  "cut": "cut",
  "failed": "failed",
  "slow": "slow",
  "said goodbye": "left",
};

/** What a peer is told of an error that is not the listener's own. */
function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof HistoryError) return new Refusal("not-stored", error.message);
  throw error;
}

/** The id that was seen last in the room with that key. */
function seenOf(resume: Hello["resume"], key: string): number | undefined {
  for (const [name, id] of resume ?? []) if (nameKey(name) === key) return id;
  return undefined;
}
