/** Who is in which room: entering, leaving, and what somebody who comes is given of what was said before. */

import { Backlog, type BacklogOptions } from "./backlog.ts";
import type { Clock } from "../../base/clock.ts";
import type { Failures } from "../upkeep/failures.ts";
import type { Ref } from "../../base/ref.ts";
import type { History } from "../../history/history.ts";
import { NOBODY } from "../../history/memory/ring.ts";
import type { Limits } from "../../base/limits.ts";
import type { Log } from "../../log/log.ts";
import { type ListenerMessage, quote, Refusal } from "../../protocol/message.ts";
import { Member, type Occupant, type Room } from "./room.ts";
import type { Rooms } from "./rooms.ts";
import type { Turn } from "./turn.ts";

/** What somebody who enters a room is given of its past. */
export interface Past {
  /** What came after this id, where the room has had it. */
  readonly since?: number | undefined;
  /** Else the newest so many. */
  readonly newest: number;
}

/** What a {@linkcode Membership} works on. */
export interface MembershipOptions {
  readonly limits: Limits;
  readonly clock: Clock;
  readonly log: Log;
  readonly history: History;
  readonly rooms: Rooms;
  readonly turn: Turn;
  readonly failures: Failures;
}

/** How somebody enters a room. */
export interface Entering {
  readonly past: Past;
  /** Where its live frames begin; a room's newest if not given. */
  readonly place?: Room["place"];
  /** Whether nobody is told, as where it takes the place of a connection of its own. */
  readonly isQuiet?: boolean;
  readonly ref?: Ref | undefined;
}

/** Lets peers into rooms and out of them. */
export class Membership {
  readonly #options: MembershipOptions;

  constructor(options: MembershipOptions) {
    this.#options = options;
  }

  get #now(): number {
    return this.#options.clock.now() / 1000;
  }

  /**
   * Has a peer enter a room, or go to one that it is in.
   *
   * @throws {Refusal} Where it is in too many.
   */
  enter(peer: Occupant, room: Room, entering: Entering): void {
    const { limits, turn } = this.#options;
    const here = peer.members.get(room);
    if (here) return this.#enterAgain(here, entering);
    if (peer.members.size >= limits.roomsPerPeer) {
      throw new Refusal("not-allowed", `Cannot enter the room: you are in ${limits.roomsPerPeer} already`);
    }
    const { past, isQuiet = false } = entering;
    const place = placeFor(room, entering);
    const member = new Member(peer, room, place);
    if (!isQuiet && room.members.size < limits.presence) {
      turn.tell(room, { type: "joined", room: room.name, nick: peer.nick, at: this.#now }, peer.number);
    }
    // What told the room of its coming is its own, and is not for itself.
    member.lastOwn = member.enteredAt = room.ring.tail;
    room.members.set(peer, member);
    peer.enter(room, member);
    this.#sayJoined(member, entering.ref);
    this.#givePast(member, place.id, past);
    peer.connection.follow(member);
  }

  /** One that tells late what it has seen gets what it has missed, behind what it got meanwhile. */
  #enterAgain(member: Member, { past, ref }: Entering): void {
    member.peer.enter(member.room, member);
    this.#sayJoined(member, ref);
    if (isKnown(member.room, past.since)) this.#givePast(member, member.lastId, past);
  }

  #sayJoined(member: Member, ref: Ref | undefined): void {
    const { peer, room } = member;
    peer.say({
      type: "joined",
      room: room.name,
      nick: peer.nick,
      at: this.#now,
      nicks: this.#nicksFor(member),
      topic: room.topic,
      head: room.ring.headId,
      count: room.members.size,
      ref,
    });
  }

  /**
   * Finds a room that a peer is in: the one that it entered last if not named.
   *
   * @throws {Refusal} `no-such-room` where it is not in it.
   */
  roomOf(peer: Occupant, name: string | undefined): Room {
    const room = name === undefined ? peer.room : this.#options.rooms.find(name);
    if (room && peer.members.has(room)) return room;
    throw new Refusal("no-such-room", `Cannot do that: you are not in a room ${quote(name ?? "")}`);
  }

  /** Takes a peer out of a room. What was not written of the room is dropped; `left` is its last frame. */
  leave(peer: Occupant, room: Room, ref?: Ref): void {
    if (!this.remove(peer, room)) return;
    peer.say({ type: "left", room: room.name, nick: peer.nick, at: this.#now, ref });
  }

  /** The same, where the peer itself is not told. */
  remove(peer: Occupant, room: Room): boolean {
    const { limits, turn, rooms } = this.#options;
    const member = room.members.get(peer);
    if (member === undefined) return false;
    room.members.delete(peer);
    peer.leave(room);
    peer.connection.unfollow(member);
    if (room.members.size > 0 && room.members.size < limits.presence) {
      turn.tell(room, { type: "left", room: room.name, nick: peer.nick, at: this.#now }, NOBODY);
    }
    rooms.dropIfEmpty(room);
    return true;
  }

  /** Who is in a room, told to one who enters. Of a crowd, whose coming and going is not told, it is told how many. */
  #nicksFor({ peer, room }: Member): string[] {
    return room.members.size > this.#options.limits.presence ? [peer.nick] : this.nicksIn(room);
  }

  /** The nicks in a room, as many as one answer lists. */
  nicksIn(room: Room): string[] {
    const nicks: string[] = [];
    for (const peer of room.members.keys()) {
      if (nicks.length === this.#options.limits.namesListed) break;
      nicks.push(peer.nick);
    }
    return nicks;
  }

  /** Who is in a room. */
  who(room: Room, ref?: Ref): ListenerMessage {
    return { type: "who", room: room.name, nicks: this.nicksIn(room), count: room.members.size, ref };
  }

  /**
   * Sends older messages.
   *
   * @param before The id that they come before; the newest if not given.
   */
  sendHistory(
    member: Member,
    { before, limit, ref }: { before: number | undefined; limit: number; ref: Ref | undefined },
  ): void {
    const { ring } = member.room;
    const last = Math.min(ring.headId, (before ?? ring.headId + 1) - 1);
    this.#send({ member, first: last - limit + 1, last, tellsNone: true, ref });
  }

  #givePast(member: Member, last: number, { since, newest }: Past): void {
    const tellsGap = isKnown(member.room, since);
    const first = tellsGap ? since + 1 : last - newest + 1;
    this.#send({ member, first, last, tellsGap, tellsNone: true });
  }

  #send(backlog: BacklogOptions): void {
    const { history, failures } = this.#options;
    const source = { history, onFailure: (text: string) => failures.tell(text) };
    backlog.member.peer.connection.send(new Backlog(source, backlog));
  }

  /** Catches up a member whose cursor dropped out of the ring: from the history, or by telling of the gap. */
  catchUp(member: Member): void {
    const { room } = member;
    const { ring } = room;
    this.#noteBehind(member);
    const first = member.lastId + 1;
    const last = ring.oldestId - 1;
    member.position = ring.oldest;
    member.lastId = Math.max(member.lastId, last);
    // It may have missed who came and went, too.
    this.#send({ member, first, last, tellsGap: true, then: () => this.who(room) });
  }

  /** Logs that a peer reads too slowly, once. */
  #noteBehind({ peer, room }: Member): void {
    if (peer.wasBehind) return;
    peer.wasBehind = true;
    this.#options.log({ event: "behind", address: peer.address, nick: peer.nick, room: room.name });
  }
}

/** Whether the room has had a message with that id: then who has seen it gets what came after. */
function isKnown(room: Room, since: number | undefined): since is number {
  return since !== undefined && since >= 0 && since <= room.ring.headId;
}

/** Where live frames begin: behind what the peer has seen, where it has seen more than was there when it came. */
function placeFor(room: Room, { past: { since }, place = room.place }: Entering): Room["place"] {
  if (!isKnown(room, since) || since <= place.id) return place;
  return { position: room.ring.positionOf(since + 1), id: since };
}
