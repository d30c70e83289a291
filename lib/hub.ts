/** The hub: who is here, which rooms there are, and what becomes of a payload. It knows no sockets. */

import type { Clock } from "./clock.ts";
import type { Duplex, Ending, Listening } from "./connection.ts";
import { Incoming } from "./envelope.ts";
import type { FrameError } from "./errors.ts";
import { encodeFrame, frameSize, HEADER_SIZE, writeHeader } from "./frame.ts";
import {
  type History,
  HistoryError,
  type Place,
  type Post,
  type Ref,
  type Replay,
} from "./history/history.ts";
import { MemoryHistory } from "./history/memory.ts";
import { NOBODY, Ring } from "./history/ring.ts";
import type { Limits } from "./limits.ts";
import type { Log } from "./log.ts";
import {
  listenerDict,
  type ListenerMessage,
  LOBBY,
  type PeerMessage,
  PROTOCOL,
  readPeerMessage,
  Refusal,
} from "./message.ts";
import { encodeMessageFrame, Peer } from "./peer.ts";
import { encode } from "./pickle/encode.ts";
import type { Value } from "./pickle/values.ts";
import { Member, Room } from "./room.ts";
import { nameKey, normalizeName } from "./text.ts";

/** The options of a {@linkcode Hub}. */
export interface HubOptions {
  readonly limits: Limits;
  readonly clock: Clock;
  readonly log: Log;
  /** Gives 128 random bits as text: for sessions, and for the history's name. */
  readonly randomName: () => string;
  /** Calls back when all that has arrived in this turn of the event loop was seen. */
  readonly atTurnsEnd: (then: () => void) => void;
  readonly version: string;
  /** How many messages a newcomer gets. */
  readonly replay: number;
  /** What a peer gets first, in place of welcome. */
  readonly greeting?: Value | undefined;
}

/** A post that waits for the end of the turn. */
interface Draft extends Post {
  readonly peer: Peer;
  /** Whether its ref came in this turn before, so that it is only acked. */
  readonly isAgain?: boolean;
}

const NO_BYTES = new Uint8Array(0);

/** How often the hub looks for peers that are stuck, stalled or silent. */
const SWEEP_MS = 1000;

/** Lets peers in, takes what they say, and has the rooms written to them. */
export class Hub {
  readonly #options: HubOptions;
  readonly #history: History;
  readonly #rooms = new Map<string, Room>();
  readonly #peers = new Set<Peer>();
  readonly #nicks = new Map<string, Peer>();
  readonly #greeting: Uint8Array | null;
  #drafts: Draft[] = [];
  readonly #drafted = new Map<string, Draft>();
  readonly #dirty = new Set<Room>();
  #isTurnPlanned = false;
  #lastNumber = NOBODY;
  #lastGuest = 0;
  #isEnding = false;
  #cancelSweep: () => void;
  #allGone: (() => void) | null = null;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#history = new MemoryHistory(options.randomName(), (room) => this.#rooms.get(room)?.ring);
    this.#greeting = options.greeting === undefined ? null : encodeFrame(encode(options.greeting));
    this.#openRoom(LOBBY);
    this.#cancelSweep = options.clock.after(SWEEP_MS, () => this.#sweep());
  }

  /**
   * Lets a peer in.
   *
   * @returns When it is gone.
   */
  accept(duplex: Duplex, address: string): Promise<void> {
    const { limits, clock } = this.#options;
    const peer = new Peer(
      { number: ++this.#lastNumber, address, nick: "", session: this.#options.randomName() },
      duplex,
      { limits, clock, listening: (peer) => this.#listeningTo(peer) },
    );
    this.#reserveNick(peer, this.#guestName());
    this.#peers.add(peer);
    const { ring } = this.#room(LOBBY);
    peer.place = { position: ring.head, id: ring.headId };
    if (this.#greeting) peer.connection.send(this.#greeting);
    else this.#welcome(peer);
    peer.cancelEntering = clock.after(limits.enterAfter, () => this.#enter(peer));
    if (this.#isEnding) this.#sayBye(peer, "shutdown", "the listener ends");
    return peer.connection.run();
  }

  /** Says goodbye to everybody, and resolves when all are gone or the time for it is over. */
  async end(): Promise<void> {
    this.#isEnding = true;
    this.#cancelSweep();
    this.#endTurn();
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

  // Taking what a peer says

  #take(peer: Peer, payload: Uint8Array): void {
    peer.pingedAt = 0;
    let ref: Ref | undefined;
    try {
      const incoming = new Incoming(payload, this.#options.limits.maxEnvelope);
      const { type } = incoming;
      ref = incoming.ref;
      if (!peer.hasEntered && type !== "hello") {
        if (this.#greeting) this.#welcome(peer);
        this.#enter(peer);
      }
      if (type === undefined || type === "message") this.#post(peer, incoming);
      else this.#answer(peer, readPeerMessage(incoming.decode()));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#options.log({ event: "refused", address: peer.address, code: error.code, text: error.message });
      peer.say({ type: "error", code: error.code, text: error.message, ref });
    }
  }

  #answer(peer: Peer, message: PeerMessage): void {
    switch (message.type) {
      case "hello":
        return this.#hello(peer, message);
      case "nick":
        return this.#rename(peer, message.nick);
      case "ping":
        return peer.say({ type: "pong", ref: message.ref });
      case "pong":
        return;
      default:
        throw new Refusal("unknown-type", `Cannot take the message: there is no type "${message.type}" here`);
    }
  }

  #post(peer: Peer, incoming: Incoming): void {
    const { ref } = incoming;
    const address = incoming.readAddress();
    const at = this.#options.clock.now() / 1000;
    if (address.to !== undefined) return this.#postPrivately(peer, incoming, { to: address.to, at });
    const room = address.room === undefined ? peer.room! : this.#rooms.get(address.room);
    const member = room?.members.get(peer.number)?.member;
    if (room === undefined || member === undefined) {
      throw new Refusal("no-such-room", `Cannot post the message: you are not in a room "${address.room}"`);
    }
    if (ref !== undefined && this.#isPosted(peer, ref)) return;
    const { ring } = room;
    const stamp = { id: ring.nextId, room: room.name, from: peer.nick, at };
    const frame = this.#write(room, incoming.sizeWith(stamp), {
      id: stamp.id,
      sender: peer.echo ? NOBODY : peer.number,
      write: (target, offset) => incoming.write(target, offset, stamp),
    });
    const draft = { peer, room: room.name, id: stamp.id, at, frame, session: peer.session, ref };
    this.#drafts.push(draft);
    if (ref !== undefined) this.#drafted.set(draftKey(peer.session, ref), draft);
    member.lastOwn = ring.tail;
  }

  /** Whether the peer's session has posted with this ref before. If so, it gets the same ack again. */
  #isPosted(peer: Peer, ref: Ref): boolean {
    const place = this.#drafted.get(draftKey(peer.session, ref)) ?? this.#history.find(peer.session, ref);
    if (place === undefined) return false;
    // The acks come in the order of the posts.
    this.#drafts.push({ ...place, peer, session: peer.session, ref, frame: NO_BYTES, isAgain: true });
    this.#planTurn();
    return true;
  }

  #postPrivately(peer: Peer, incoming: Incoming, { to, at }: { to: string; at: number }): void {
    const receiver = this.#nicks.get(nameKey(to));
    if (!receiver?.hasEntered) {
      throw new Refusal("no-such-nick", `Cannot post the message: nobody here is called "${to}"`);
    }
    if (receiver.connection.queueSize > this.#options.limits.privateQueue) {
      throw new Refusal("busy", `Cannot post the message: too much waits for "${to}" already`);
    }
    const stamp = { from: peer.nick, at };
    const size = frameSize(incoming.sizeWith(stamp));
    const frame = new Uint8Array(size);
    writeHeader(frame, 0, size - HEADER_SIZE);
    incoming.write(frame, 0, stamp);
    receiver.connection.send(frame);
    if (incoming.ref !== undefined) peer.say({ type: "ack", at, ref: incoming.ref });
  }

  #ack(peer: Peer, { id, at }: Place, ref: Ref): void {
    peer.say({ type: "ack", id, at, ref });
  }

  // Names

  #hello(peer: Peer, hello: PeerMessage & { type: "hello" }): void {
    if (peer.hasSaidHello) throw new Refusal("bad-message", "Cannot take the hello: it was said before");
    const nick = hello.nick === undefined ? undefined : cleanNick(hello.nick);
    peer.hasSaidHello = true;
    peer.echo = hello.echo ?? false;
    if (hello.session !== undefined) peer.session = hello.session.slice(0, 64);
    if (nick !== undefined && !peer.hasEntered) this.#reserveNick(peer, nick);
    else if (nick !== undefined) this.#rename(peer, nick);
    this.#welcome(peer, hello.ref);
    if (!peer.hasEntered) this.#enter(peer, hello.replay);
  }

  #rename(peer: Peer, asked: string): void {
    const before = peer.nick;
    this.#reserveNick(peer, cleanNick(asked));
    if (peer.nick === before) return;
    const at = this.#options.clock.now() / 1000;
    const { log } = this.#options;
    log({ event: "renamed", address: peer.address, nick: before, to: peer.nick });
    for (const room of this.#rooms.values()) {
      if (!room.members.has(peer.number)) continue;
      this.#tell(room, { type: "renamed", room: room.name, nick: before, to: peer.nick, at }, NOBODY);
    }
  }

  /** Gives a peer the name, or the name with a suffix where somebody has it. */
  #reserveNick(peer: Peer, asked: string): void {
    if (this.#nicks.get(nameKey(peer.nick)) === peer) this.#nicks.delete(nameKey(peer.nick));
    let nick = asked;
    for (let n = 2; this.#nicks.has(nameKey(nick)); n++) nick = `${[...asked].slice(0, 26).join("")}-${n}`;
    this.#nicks.set(nameKey(nick), peer);
    peer.nick = nick;
  }

  #guestName(): string {
    let name;
    do name = `guest-${++this.#lastGuest}`; while (this.#nicks.has(name));
    return name;
  }

  // Entering and leaving

  #welcome(peer: Peer, ref?: Ref): void {
    const { limits, version } = this.#options;
    peer.say({
      type: "welcome",
      protocol: PROTOCOL,
      nick: peer.nick,
      room: peer.room?.name ?? LOBBY,
      session: peer.session,
      epoch: this.#history.epoch,
      server: "chat",
      version,
      limits: new Map([["max_frame", limits.maxFrame], ["message_rate", limits.messageRate]]
        .filter(([, value]) => Number.isSafeInteger(value)) as [string, number][]),
      ref,
    });
  }

  #enter(peer: Peer, replay = this.#options.replay): void {
    if (peer.hasEntered || !this.#peers.has(peer)) return;
    peer.cancelEntering();
    peer.hasEntered = true;
    const room = this.#room(LOBBY);
    peer.room = room;
    const at = this.#options.clock.now() / 1000;
    this.#options.log({ event: "came", address: peer.address, nick: peer.nick });
    if (room.members.size < this.#options.limits.presence) {
      this.#tell(room, { type: "joined", room: room.name, nick: peer.nick, at }, peer.number);
    }
    const member = new Member(room, peer.number, peer.place.position);
    // What told the room of its coming is its own, and is not for itself.
    member.lastOwn = room.ring.tail;
    room.members.set(peer.number, { connection: peer.connection, member });
    peer.say({
      type: "joined",
      room: room.name,
      nick: peer.nick,
      at,
      nicks: this.#nicksIn(room),
      topic: room.topic,
      head: room.ring.headId,
    });
    this.#replay(peer, member, Math.max(0, replay));
    peer.connection.follow(member);
  }

  #nicksIn(room: Room): string[] {
    const nicks: string[] = [];
    for (const peer of this.#peers) {
      if (nicks.length === this.#options.limits.namesListed) break;
      if (room.members.has(peer.number)) nicks.push(peer.nick);
    }
    return nicks;
  }

  #replay(peer: Peer, member: Member, count: number): void {
    const room = peer.room!;
    const last = peer.place.id;
    const replay = this.#history.replay(room.name, Math.max(1, last - count + 1), last);
    peer.say({ type: "replay", room: room.name, count: replay.count });
    if (replay.count === 0) return;
    member.isReplaying = true;
    peer.connection.send(endingWith(replay, () => member.isReplaying = false));
  }

  #ended(peer: Peer, ending: Ending): void {
    this.#peers.delete(peer);
    if (peer.hasEntered || ending === "cut") {
      this.#options.log({ event: "went", address: peer.address, nick: peer.nick, why: ENDINGS[ending] });
    }
    this.#depart(peer);
    if (this.#peers.size === 0) this.#allGone?.();
  }

  /** Takes a peer out of its rooms, which are told, and frees its name. */
  #depart(peer: Peer): void {
    peer.cancelEntering();
    if (this.#nicks.get(nameKey(peer.nick)) === peer) this.#nicks.delete(nameKey(peer.nick));
    const at = this.#options.clock.now() / 1000;
    for (const room of this.#rooms.values()) {
      if (!room.members.delete(peer.number) || this.#isEnding) continue;
      if (room.members.size < this.#options.limits.presence) {
        this.#tell(room, { type: "left", room: room.name, nick: peer.nick, at }, NOBODY);
      }
    }
  }

  #broken(peer: Peer, error: FrameError): void {
    const code = error.code === "too-large" ? "too-large" : "bad-header";
    this.#options.log({ event: "refused", address: peer.address, code, text: error.message });
    peer.say({ type: "error", code, text: error.message });
    this.#sayBye(peer, code, error.message);
  }

  #sayBye(peer: Peer, code: string, text: string): void {
    this.#depart(peer);
    peer.connection.goodbye(encodeMessageFrame({ type: "bye", code, text }));
  }

  // Rooms

  #room(name: string): Room {
    return this.#rooms.get(name) ?? this.#openRoom(name);
  }

  #openRoom(name: string): Room {
    const room = new Room(
      name,
      new Ring(this.#options.limits.roomRing),
      (room, member) => this.#fellBehind(room, member),
    );
    this.#rooms.set(name, room);
    return room;
  }

  /** Tells a member what it will not get any more, and has it read on from the oldest frame there is. */
  #fellBehind(room: Room, member: Member): void {
    member.position = room.ring.oldest;
    for (const entry of room.members.values()) {
      if (entry.member !== member) continue;
      const last = room.ring.oldestId - 1;
      entry.connection.send(encodeMessageFrame({ type: "gap", room: room.name, first: 1, last }));
    }
  }

  #tell(room: Room, message: ListenerMessage, sender: number): void {
    const payload = encode(listenerDict(message));
    this.#write(room, payload.length, {
      id: 0,
      sender,
      write: (target, offset) => target.set(payload, offset + HEADER_SIZE),
    });
  }

  /** Writes a frame behind the others of a room, to be sent at the end of the turn. `write` sets its payload. */
  #write(
    room: Room,
    length: number,
    { id, sender, write }: {
      id: number;
      sender: number;
      write: (target: Uint8Array, offset: number) => void;
    },
  ): Uint8Array {
    const size = frameSize(length);
    const { bytes, offset } = room.ring.reserve(size);
    writeHeader(bytes, offset, size - HEADER_SIZE);
    write(bytes, offset);
    bytes.fill(0, offset + HEADER_SIZE + length, offset + size);
    room.ring.add(size, id, sender);
    this.#dirty.add(room);
    this.#planTurn();
    return bytes.subarray(offset, offset + size);
  }

  #planTurn(): void {
    if (this.#isTurnPlanned) return;
    this.#isTurnPlanned = true;
    this.#options.atTurnsEnd(() => this.#endTurn());
  }

  /** Stores what was posted in this turn, then acks it, then has the rooms written. */
  #endTurn(): void {
    this.#isTurnPlanned = false;
    const drafts = this.#drafts;
    this.#drafts = [];
    this.#drafted.clear();
    try {
      const posts = drafts.filter((draft) => !draft.isAgain);
      if (posts.length > 0) this.#history.append(posts);
    } catch (error) {
      if (!(error instanceof HistoryError)) throw error;
      this.#options.log({ event: "failed", text: error.message });
      for (const room of this.#dirty) room.ring.rollback();
      for (const { peer, ref } of drafts) {
        peer.say({ type: "error", code: "not-stored", text: error.message, ref });
      }
      drafts.length = 0;
    }
    for (const room of this.#dirty) room.ring.commit();
    for (const draft of drafts) if (draft.ref !== undefined) this.#ack(draft.peer, draft, draft.ref);
    for (const room of this.#dirty) room.fanOut();
    this.#dirty.clear();
  }

  /** Looks after peers that are stuck in a frame, stalled or silent. */
  #sweep(): void {
    const { clock, limits } = this.#options;
    const now = clock.now();
    for (const peer of this.#peers) {
      const { connection } = peer;
      if (connection.isStalled(now)) connection.close("slow");
      else if (connection.isStuckInFrame(now)) this.#sayBye(peer, "idle", "a frame got no further");
      else if (peer.hasSaidHello && now - connection.lastRead > limits.pingAfter) {
        if (peer.pingedAt === 0) {
          peer.pingedAt = now;
          peer.say({ type: "ping" });
        } else if (now - peer.pingedAt > limits.pingAfter) this.#sayBye(peer, "idle", "nothing was heard");
      }
    }
    this.#history.expire(now / 1000);
    this.#cancelSweep = clock.after(SWEEP_MS, () => this.#sweep());
  }
}

const ENDINGS: Readonly<Record<Ending, string>> = {
  "clean": "left",
  "cut": "the connection was cut inside a frame",
  "failed": "the connection failed",
  "slow": "it read nothing for too long",
  "said goodbye": "the connection was closed",
};

function cleanNick(asked: string): string {
  const nick = normalizeName(asked);
  if (nick === null) {
    throw new Refusal(
      "bad-message",
      "Cannot take the nick: the key nick must hold 1 to 32 visible characters, without control characters",
    );
  }
  return nick;
}

function draftKey(session: string, ref: Ref): string {
  return `${typeof ref} ${ref} ${session}`;
}

function endingWith(replay: Replay, done: () => void): Replay {
  return {
    count: replay.count,
    first: replay.first,
    next: (maxBytes) => replay.next(maxBytes),
    close() {
      replay.close();
      done();
    },
  };
}
