/** A room: a ring of frames, and the members that read it, each from a cursor of its own. */

import type { Connection } from "../../connection/connection.ts";
import type { Cursor } from "../../connection/outgoing.ts";
import { NOBODY, type Ring } from "../../history/memory/ring.ts";
import type { ListenerMessage } from "../../protocol/message.ts";
import type { Counters } from "../upkeep/stats.ts";
import { nameKey } from "../../base/text.ts";

/** A peer as its rooms know it. */
export interface Occupant {
  /** Identifies its frames in a ring: from 1 on, never used again. */
  readonly number: number;
  readonly nick: string;
  /** Where it connects from, with the port, for the log. */
  readonly address: string;
  readonly isOperator: boolean;
  readonly connection: Pick<Connection, "send" | "follow" | "unfollow" | "pump">;
  /** Whether it was ever logged as reading too slowly. */
  wasBehind: boolean;
  /** Its places in the rooms that it is in, the room that it entered last at the end. */
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
  /** Where it reads on, and the newest id that it got or does not need. */
  position: number;
  lastId: number;
  /** Behind the last frame of its own; from there on nothing has to be left out. */
  lastOwn = 0;
  /** Where it came in: it was told then who is here, so what the room was told of that before is not for it. */
  enteredAt = 0;

  constructor(peer: Occupant, room: Room, { position, id }: { position: number; id: number }) {
    this.peer = peer;
    this.room = room;
    this.position = position;
    this.lastId = id;
  }

  read(): Uint8Array | null {
    const { ring } = this.room;
    if (this.position < ring.oldest) {
      // What it has missed is in the private queue then, and comes first.
      this.room.watch.fellBehind(this);
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
        this.room.watch.counters.deliveries += lastId - this.lastId - own;
        this.lastId = lastId;
      }
      if (bytes !== null) return bytes;
    }
    return null;
  }
}

/** Who is told of what happens in rooms. */
export interface RoomWatch {
  /** A member's position is no longer in the ring. */
  readonly fellBehind: (member: Member) => void;
  readonly counters: Counters;
}

/** A room by its name. */
export class Room {
  readonly name: string;
  readonly ring: Ring;
  readonly members = new Map<Occupant, Member>();
  /** Who may say nothing, by the key of the nick. */
  readonly muted = new Set<string>();
  topic = "";
  readonly watch: RoomWatch;

  constructor(name: string, ring: Ring, watch: RoomWatch) {
    this.name = name;
    this.ring = ring;
    this.watch = watch;
  }

  /** Whether a peer may say nothing here. */
  mutes({ nick, isOperator }: Pick<Occupant, "nick" | "isOperator">): boolean {
    return this.muted.size > 0 && this.muted.has(nameKey(nick)) && !isOperator;
  }

  /** Whether nobody is here, nobody is muted, and nothing is under way. */
  get canSleep(): boolean {
    return this.members.size === 0 && this.muted.size === 0 && this.ring.tail === this.ring.head;
  }

  /** The place behind everything that can be read now. */
  get place(): { position: number; id: number } {
    return { position: this.ring.head, id: this.ring.headId };
  }

  /** The position of the member that is furthest behind, or infinity where nobody is here. */
  get slowest(): number {
    let slowest = Infinity;
    for (const { position } of this.members.values()) if (position < slowest) slowest = position;
    return slowest;
  }

  /** Takes back the messages of this turn. */
  rollback(): void {
    const { ring } = this;
    ring.rollback();
    for (const member of this.members.values()) member.enteredAt = Math.min(member.enteredAt, ring.tail);
  }

  /** Has every member that is not writing already write what is new. */
  fanOut(): void {
    for (const { peer } of this.members.values()) peer.connection.pump();
  }
}
