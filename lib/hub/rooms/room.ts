/** Rooms: a ring of frames, and the members that read it, each with a cursor of its own. */

import type { Connection } from "../../connection/connection.ts";
import type { Cursor } from "../../connection/outgoing.ts";
import { NOBODY, type Ring } from "../../history/memory/ring.ts";
import type { ListenerMessage } from "../../protocol/message.ts";
import type { Counters } from "../upkeep/counters.ts";
import { nameKey } from "../../base/text.ts";

/** A peer as its rooms know it. */
export interface Occupant {
  /** Identifies its frames in a ring: from 1 on, never used again. */
  readonly number: number;
  readonly nick: string;
  /** The address that it connects from, with the port, for the log. */
  readonly address: string;
  readonly isOperator: boolean;
  /** Identifies its refs: a post that comes again with the same ref is not posted twice. */
  readonly session: string;
  /** Whether it gets its own posts back. */
  readonly echo: boolean;
  readonly connection: Pick<Connection, "send" | "follow" | "unfollow" | "pump">;
  /** Its rooms, the one that it entered last at the end. */
  readonly members: ReadonlyMap<Room, Member>;
  /** The room that it entered last. */
  readonly room: Room | undefined;
  /** Adds a room to its rooms, as the one that it entered last. */
  enter(room: Room, member: Member): void;
  /** Removes a room from its rooms. */
  leave(room: Room): void;
  /** Sends a message to it alone. */
  say(message: ListenerMessage): void;
}

/** A peer in a room: a position in its ring. */
export class Member implements Cursor {
  readonly peer: Occupant;
  readonly room: Room;
  /** The position that it reads from next, and the newest id that it got or does not need. */
  position: number;
  lastId: number;
  /** The position behind the last frame of its own: from there on nothing is left out. */
  lastOwn = 0;
  /** The position at which it entered. It was told the members then, so presence from before is left out. */
  enteredAt = 0;

  readonly #watch: MemberWatch;

  constructor(peer: Occupant, room: Room, { place: { position, id }, watch }: MemberOptions) {
    this.peer = peer;
    this.room = room;
    this.#watch = watch;
    this.position = position;
    this.lastId = id;
  }

  read(): Uint8Array | null {
    const { ring } = this.room;
    if (this.position < ring.oldest) {
      // What it missed is put into the private queue, which is written first.
      this.#watch.fellBehind(this);
      return null;
    }
    while (this.position < ring.head) {
      const { bytes, next, lastId, own } = ring.read(
        this.position,
        this.position < this.lastOwn ? this.peer.number : NOBODY,
        this.enteredAt,
      );
      this.position = next;
      if (lastId > this.lastId) {
        this.#watch.counters.deliveries += lastId - this.lastId - own;
        this.lastId = lastId;
      }
      if (bytes !== null) return bytes;
    }
    return null;
  }
}

/** The options of a {@linkcode Member}. */
export interface MemberOptions {
  readonly place: Room["place"];
  readonly watch: MemberWatch;
}

/** The events of members. */
export interface MemberWatch {
  readonly counters: Counters;
  /** A member's position is no longer in the ring. */
  fellBehind(member: Member): void;
}

/** A room by its name. */
export class Room {
  readonly name: string;
  readonly ring: Ring;
  readonly members = new Map<Occupant, Member>();
  /** The keys of the nicks that may not post. */
  readonly muted = new Set<string>();
  topic = "";

  constructor(name: string, ring: Ring) {
    this.name = name;
    this.ring = ring;
  }

  /** Whether a peer may not post here. */
  mutes({ nick, isOperator }: Pick<Occupant, "nick" | "isOperator">): boolean {
    return this.muted.size > 0 && this.muted.has(nameKey(nick)) && !isOperator;
  }

  /** Whether it has no members, nobody is muted, and the ring has no drafts. */
  get canSleep(): boolean {
    return this.members.size === 0 && this.muted.size === 0 && this.ring.tail === this.ring.head;
  }

  /** The place behind everything that can be read now, and the newest id. */
  get place(): { position: number; id: number } {
    return { position: this.ring.head, id: this.ring.headId };
  }

  /** The position of the member that is furthest behind, or infinity without members. */
  get slowest(): number {
    let slowest = Infinity;
    for (const { position } of this.members.values()) if (position < slowest) slowest = position;
    return slowest;
  }

  /** Removes the messages of this turn from the ring. */
  rollback(): void {
    const { ring } = this;
    ring.rollback();
    for (const member of this.members.values()) member.enteredAt = Math.min(member.enteredAt, ring.tail);
  }

  /** Writes what is new to each member that has no write under way. */
  fanOut(): void {
    for (const { peer } of this.members.values()) peer.connection.pump();
  }
}
