/** Membership of rooms: joining, leaving, catching up, and lists of members. */

import type { Value } from "../../pickle/values/values.ts";
import { Backlog, type BacklogOptions } from "./backlog.ts";
import type { Clock } from "../../base/clock.ts";
import type { Ref } from "../../base/ref.ts";
import type { Limits } from "../../base/limits.ts";
import type { OnceLog } from "../../log/once.ts";
import type { Counters } from "../upkeep/counters.ts";
import { type ListenerMessage, nameOrQuote, Refusal } from "../../protocol/message.ts";
import type { Elsewhere } from "../elsewhere/elsewhere.ts";
import type { Removal } from "./removal.ts";
import { Member, type MemberWatch, type Occupant, type Room } from "./room.ts";
import type { RoomDirectory } from "./directory.ts";
import type { RoomPlace } from "./needs.ts";
import { NOBODY } from "./ring.ts";
import type { Turn } from "./turn.ts";

/** The options of {@linkcode Membership}. */
export interface MembershipOptions {
  readonly limits: Limits;
  readonly clock: Clock;
  readonly once: OnceLog;
  readonly directory: RoomDirectory;
  readonly turn: Turn;
  readonly counters: Counters;
  readonly elsewhere: Pick<Elsewhere, "changed">;
  /** The number of old messages that a new member gets. */
  readonly replay: number;
}

/** The options of {@linkcode Membership.join}. */
export interface JoinOptions {
  /** The last id that the peer has seen. It gets the messages after it, if the room has ever had that id. */
  readonly since?: number | undefined;
  /** The number of newest messages that it gets otherwise; the default for new members if not given. */
  readonly newest?: number | undefined;
  /** The place at which its live frames begin; the end of the room if not given. */
  readonly place?: RoomPlace | undefined;
  /** Whether to join without announcing it, as when a peer replaces a connection of its own. */
  readonly isQuiet?: boolean;
  readonly ref?: Ref | undefined;
}

/** Lets peers join rooms and leave them. */
export class Membership implements MemberWatch {
  readonly counters: Counters;
  readonly #options: MembershipOptions;

  constructor(options: MembershipOptions) {
    this.#options = options;
    this.counters = options.counters;
  }

  get #now(): number {
    return this.#options.clock.now() / 1000;
  }

  /**
   * Lets a peer join a room, which is opened if there is none. A room that the peer is already in becomes its current
   * room.
   *
   * @throws {Refusal} `bad-message` if the name is not valid, `not-allowed` if the peer is in too many rooms or too
   * many rooms are open.
   */
  join(peer: Occupant, name: string, options: JoinOptions): void {
    const { directory } = this.#options;
    const room = directory.open(name);
    const here = peer.members.get(room);
    try {
      if (here) this.#joinAgain(here, options);
      else this.#add(peer, room, options);
    } finally {
      directory.dropIfEmpty(room);
    }
  }

  #add(peer: Occupant, room: Room, options: JoinOptions): void {
    const { limits, turn, elsewhere } = this.#options;
    if (peer.members.size >= limits.roomsPerPeer) {
      throw new Refusal(
        "not-allowed",
        `Cannot enter the room: you are in ${limits.roomsPerPeer} rooms, which is the limit`,
      );
    }
    const { isQuiet = false } = options;
    const place = placeFor(room, options);
    const member = new Member(peer, room, { place, watch: this });
    if (!isQuiet && !member.isQuiet && room.size < limits.presence) {
      turn.tell(room, { type: "joined", room: room.name, nick: peer.nick, at: this.#now }, peer.number);
    }
    room.members.set(peer, member);
    turn.joined(member);
    peer.enter(room, member);
    elsewhere.changed(peer);
    this.#sayJoined(member, options.ref);
    this.#replay(member, place.id, options);
    peer.connection.follow(member);
  }

  /** Answers a member that joins again, with the messages that it missed if it gives the last id that it has seen. */
  #joinAgain(member: Member, options: JoinOptions): void {
    member.peer.enter(member.room, member);
    this.#sayJoined(member, options.ref);
    if (isKnown(member.room, options.since)) this.#replay(member, member.lastId, options);
  }

  #sayJoined(member: Member, ref: Ref | undefined): void {
    const { peer, room } = member;
    peer.say({
      type: "joined",
      room: room.name,
      nick: peer.nick,
      at: this.#now,
      // In a room too large for presence to be announced, a newcomer gets only the count.
      nicks: room.size > this.#options.limits.presence ? [peer.nick] : this.#nicksIn(room, peer),
      topic: room.topic,
      head: room.ring.headId,
      count: room.size,
      ref,
    });
  }

  /**
   * Returns a peer's membership in a room; in the room that it entered last if `name` is not given.
   *
   * @throws {Refusal} `no-such-room` if the peer is not in the room.
   */
  memberOf(peer: Occupant, name: string | undefined): Member {
    const room = name === undefined ? peer.room : this.#options.directory.find(name);
    const member = room && peer.members.get(room);
    if (member) return member;
    throw new Refusal("no-such-room", `Cannot do that: ${this.#whyNotIn(name)}`);
  }

  /** Returns why a peer is no member of a room: there is none, or it has not entered it. */
  #whyNotIn(name: string | undefined): string {
    if (name === undefined) return "you are not in any room";
    const isThere = this.#options.directory.has(name);
    return isThere ? `you are not in ${nameOrQuote(name)}` : `there is no room ${nameOrQuote(name)}`;
  }

  /** Removes a peer from a room. Frames of the room that are not written yet are dropped; `left` is the last one. */
  leave(peer: Occupant, room: Room, ref?: Ref): void {
    if (!this.remove(peer, room)) return;
    peer.say({ type: "left", room: room.name, nick: peer.nick, at: this.#now, ref });
  }

  /**
   * Removes a peer from a room and announces it to the room with the reason, but not to the peer. Returns whether the
   * peer was in the room.
   */
  remove(peer: Occupant, room: Room, removal?: Removal): boolean {
    const { limits, turn, directory, elsewhere } = this.#options;
    const member = room.members.get(peer);
    if (member === undefined) return false;
    room.members.delete(peer);
    peer.leave(room);
    elsewhere.changed(peer);
    peer.connection.unfollow(member);
    if (!member.isQuiet && room.members.size > 0 && room.size < limits.presence) {
      turn.tell(room, { type: "left", room: room.name, nick: peer.nick, at: this.#now, ...removal }, NOBODY);
    }
    directory.dropIfEmpty(room);
    return true;
  }

  /**
   * Keeps all further posts to the lobby for a peer that has not entered yet. Returns the place at which they begin.
   */
  hold(peer: Occupant): RoomPlace {
    const { needs, place } = this.#options.directory.lobby;
    needs.hold(peer, place);
    return place;
  }

  /** Ends {@linkcode Membership.hold}, because the peer has entered or is gone. */
  release(peer: Occupant): void {
    this.#options.directory.lobby.needs.release(peer);
  }

  /** Returns the nicks in a room that a peer may see, up to the limit for one answer. Only an operator sees quiet members. */
  #nicksIn(room: Room, asker: Occupant): string[] {
    const nicks: string[] = [];
    for (const [peer, { isQuiet }] of room.members) {
      if (nicks.length === this.#options.limits.namesListed) break;
      if (!isQuiet || peer === asker || asker.isOperator) nicks.push(peer.nick);
    }
    for (const { nick, isQuiet } of room.elsewhere.people()) {
      if (nicks.length === this.#options.limits.namesListed) break;
      if (!isQuiet || asker.isOperator) nicks.push(nick);
    }
    return nicks;
  }

  /** Tells a room about a person at another listener, unless the room is too large for presence to be announced. */
  tellOfOther(name: string, say: (where: { room: string; at: number }) => ListenerMessage): void {
    const { directory, limits, turn } = this.#options;
    const room = directory.find(name);
    if (room === undefined || room.members.size === 0 || room.size >= limits.presence) return;
    turn.tell(room, say({ room: room.name, at: this.#now }), NOBODY);
  }

  /** Announces the renaming of a peer to its rooms. */
  tellRenamed(peer: Occupant, before: string): void {
    const { nick, members } = peer;
    for (const [room, { isQuiet }] of members) {
      const message = { type: "renamed", room: room.name, nick: before, to: nick, at: this.#now } as const;
      if (isQuiet) peer.say(message);
      else this.#options.turn.tell(room, message, NOBODY);
    }
  }

  /** Returns the answer to a member's `who`. */
  who({ room, peer }: Member, ref?: Ref): ListenerMessage {
    const nicks = this.#nicksIn(room, peer);
    const addresses = peer.isOperator ? this.#addressesOf(room, nicks) : undefined;
    return { type: "who", room: room.name, nicks, count: room.size, addresses, ref };
  }

  /** The addresses of nicks in a room, for operators, who may ban them. */
  #addressesOf(room: Room, nicks: readonly string[]): Map<Value, Value> {
    const listed = new Set(nicks);
    const addresses = new Map<Value, Value>();
    for (const { nick, address } of [...room.members.keys(), ...room.elsewhere.people()]) {
      if (listed.has(nick)) addresses.set(nick, address);
    }
    return addresses;
  }

  /**
   * Sends older messages: those before an id, or the newest ones. If `limit` is not given, a member gets as many as a
   * new member.
   */
  sendHistory(
    member: Member,
    { before, limit: asked, ref }: {
      before?: number | undefined;
      limit?: number | undefined;
      ref?: Ref | undefined;
    },
  ): void {
    const { ring } = member.room;
    const limit = Math.max(0, asked ?? this.#options.replay);
    const last = Math.min(ring.headId, (before ?? ring.headId + 1) - 1);
    this.#send({ member, first: last - limit + 1, last, tellsNone: true, ref });
  }

  #replay(member: Member, last: number, { since, newest = this.#options.replay }: JoinOptions): void {
    const tellsGap = isKnown(member.room, since);
    const first = tellsGap ? since + 1 : last - Math.max(0, newest) + 1;
    this.#send({ member, first, last, tellsGap, tellsNone: true });
  }

  #send(backlog: BacklogOptions): void {
    const onFailure = (text: string) => this.#options.once.tellFailure(text);
    backlog.member.peer.sendPieces(new Backlog(backlog, onFailure));
  }

  /**
   * Catches up a member whose cursor has dropped out of the ring: sends messages from the history, and a gap for those
   * that are no longer kept.
   */
  fellBehind(member: Member): void {
    const { ring } = member.room;
    this.#noteBehind(member);
    const first = member.lastId + 1;
    const last = ring.oldestId - 1;
    member.position = ring.oldest;
    member.lastId = Math.max(member.lastId, last);
    // The member may have missed presence too.
    this.#send({ member, first, last, tellsGap: true, then: () => this.who(member) });
  }

  /** Logs once that a peer reads too slowly. */
  #noteBehind({ peer: { number, address, nick }, room }: Member): void {
    this.#options.once.tell(`behind ${number}`, { event: "behind", address, nick, room: room.name });
  }
}

/** Returns whether the room has ever had that id, so that the messages after it are known. */
function isKnown(room: Room, since: number | undefined): since is number {
  return since !== undefined && since >= 0 && since <= room.ring.headId;
}

/** Returns the place at which live frames begin: the given one, or a later one if the peer has seen messages beyond it. */
function placeFor(room: Room, { since, place = room.place }: JoinOptions): RoomPlace {
  if (!isKnown(room, since) || since <= place.id) return place;
  return { position: room.ring.positionOf(since + 1), id: since };
}
