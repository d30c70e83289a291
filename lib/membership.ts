/** Who is in which room: entering, leaving, and what somebody who comes is given of what was said before. */

import type { Clock } from "./clock.ts";
import type { History, Replay } from "./history/history.ts";
import { NOBODY } from "./history/ring.ts";
import type { Limits } from "./limits.ts";
import { Refusal } from "./message.ts";
import type { Peer } from "./peer.ts";
import { Member, type Room } from "./room.ts";
import type { Rooms } from "./rooms.ts";
import type { Turn } from "./turn.ts";

/** What somebody who enters a room is given of its past: what came after an id, or the newest so many. */
export type Past = { readonly since: number } | { readonly newest: number };

/** What a {@linkcode Membership} works on. */
export interface MembershipOptions {
  readonly limits: Limits;
  readonly clock: Clock;
  readonly history: History;
  readonly rooms: Rooms;
  readonly turn: Turn;
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
   * @param place Where its live frames begin; a room's newest if not given.
   * @param isQuiet Whether nobody is told, as where it takes the place of a connection of its own.
   */
  enter(
    peer: Peer,
    room: Room,
    { past, place = room.place, isQuiet = false }: { past: Past; place?: Room["place"]; isQuiet?: boolean },
  ): void {
    const { limits, turn } = this.#options;
    const here = peer.members.get(room);
    if (here) return peer.enter(room, here);
    if (peer.members.size >= limits.roomsPerPeer) {
      throw new Refusal("not-allowed", `Cannot enter the room: you are in ${limits.roomsPerPeer} already`);
    }
    const at = this.#now;
    const member = new Member(peer, room, place);
    if (!isQuiet && room.members.size < limits.presence) {
      turn.tell(room, { type: "joined", room: room.name, nick: peer.nick, at }, peer.number);
      // What told the room of its coming is its own, and is not for itself.
      member.lastOwn = room.ring.tail;
    }
    room.members.set(peer, member);
    peer.enter(room, member);
    peer.say({
      type: "joined",
      room: room.name,
      nick: peer.nick,
      at,
      nicks: this.nicksIn(room),
      topic: room.topic,
      head: room.ring.headId,
    });
    this.#givePast(member, place.id, past);
    peer.connection.follow(member);
  }

  /** Takes a peer out of a room. What was not written of the room is dropped; `left` is its last frame. */
  leave(peer: Peer, room: Room, text?: string): void {
    if (!this.remove(peer, room, text)) return;
    peer.say({ type: "left", room: room.name, nick: peer.nick, at: this.#now, text });
  }

  /** The same, where the peer itself is not told. */
  remove(peer: Peer, room: Room, text?: string): boolean {
    const { limits, turn, rooms } = this.#options;
    const member = room.members.get(peer);
    if (member === undefined) return false;
    room.members.delete(peer);
    peer.leave(room);
    peer.connection.unfollow(member);
    if (room.members.size > 0 && room.members.size < limits.presence) {
      turn.tell(room, { type: "left", room: room.name, nick: peer.nick, at: this.#now, text }, NOBODY);
    }
    rooms.dropIfEmpty(room);
    return true;
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

  /** Who is in a room, told to one who is in it. */
  sayWho(peer: Peer, room: Room, ref?: string | number): void {
    peer.say({ type: "who", room: room.name, nicks: this.nicksIn(room), count: room.members.size, ref });
  }

  /**
   * Sends older messages.
   *
   * @param before The id that they come before; the newest if not given.
   */
  sendHistory(
    member: Member,
    { before, limit, ref }: { before: number | undefined; limit: number; ref: string | number | undefined },
  ): void {
    const { ring } = member.room;
    const last = Math.min(ring.headId, (before ?? ring.headId + 1) - 1);
    this.#send(member, this.#replay(member.room, last - limit + 1, last), ref);
  }

  #givePast(member: Member, last: number, past: Past): void {
    const { room } = member;
    const isKnown = "since" in past && past.since >= 0 && past.since <= last;
    const first = isKnown ? past.since + 1 : last - ("newest" in past ? past.newest : 0) + 1;
    if (isKnown) this.#tellGap(member, first, last);
    this.#send(member, this.#replay(room, first, last));
  }

  #replay(room: Room, first: number, last: number): Replay {
    return this.#options.history.replay(room.name, Math.max(1, first), last);
  }

  /** Tells of messages that are no longer kept. */
  #tellGap({ peer, room }: Member, first: number, last: number): void {
    const gone = Math.min(last, this.#options.history.oldest(room.name) - 1);
    if (gone >= first) peer.say({ type: "gap", room: room.name, first, last: gone });
  }

  #send(member: Member, replay: Replay, ref?: string | number): void {
    const { peer, room } = member;
    peer.say({ type: "replay", room: room.name, count: replay.count, ref });
    if (replay.count === 0) return replay.close();
    member.replays++;
    let isOpen = true;
    peer.connection.send({
      next: (maxBytes) => replay.next(maxBytes),
      close() {
        replay.close();
        if (isOpen) member.replays--;
        isOpen = false;
      },
    });
  }

  /** Catches up a member whose cursor dropped out of the ring: from the history, or by telling of the gap. */
  readonly catchUp = (member: Member): void => {
    const { peer, room } = member;
    const { ring } = room;
    const first = member.lastId + 1;
    const last = ring.oldestId - 1;
    member.position = ring.oldest;
    if (last < first) return;
    member.lastId = last;
    this.#tellGap(member, first, last);
    const replay = this.#replay(room, first, last);
    if (replay.count > 0) this.#send(member, replay);
    else replay.close();
    // It may have missed who came and went.
    this.sayWho(peer, room);
  };
}
