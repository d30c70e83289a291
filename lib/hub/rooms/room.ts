/** Rooms: a ring of frames, and the members that read it, each with a cursor of its own. */

import type { Connection } from "../../connection/connection.ts";
import type { Cursor } from "../../connection/outgoing.ts";
import type { Pieces } from "../../connection/private_queue.ts";
import { Pin } from "../../connection/pin.ts";
import type {
  History,
  HistoryError,
  Messages,
  Place,
  Post,
  RecentMessages,
  RoomLog,
  RoomReader,
} from "../../history/history.ts";
import type { ListenerMessage } from "../../protocol/message.ts";
import type { Counters } from "../upkeep/counters.ts";
import { MutedPeople } from "./muted_people.ts";
import { Needs, type RoomPlace } from "./needs.ts";
import { NOBODY, Ring, type RingSum } from "./ring.ts";

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
  /** The part of its address that identifies one client. */
  readonly origin: string;
  /** Whether it gets its own posts back. */
  readonly echo: boolean;
  /** Whether the rooms that it enters are not told of it. */
  readonly isQuiet: boolean;
  readonly connection: Pick<Connection, "send" | "follow" | "unfollow" | "pump" | "pin">;
  /** Its rooms, the one that it entered last at the end. */
  readonly members: ReadonlyMap<Room, Member>;
  /** The room that it entered last. */
  readonly room: Room | undefined;
  /** Adds a room to its rooms, as the one that it entered last. */
  enter(room: Room, member: Member): void;
  /** Removes a room from its rooms. */
  leave(room: Room): void;
  /** Sends frames to it alone, made as it takes them and charged to it. */
  sendPieces(pieces: Pieces): void;
  /** Sends a message to it alone. */
  say(message: ListenerMessage): void;
}

/** Why an operator removed a peer from its rooms. */
export interface Removal {
  readonly why: "kicked" | "banned";
  /** The operator's nick. */
  readonly by: string;
  readonly text?: string | undefined;
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
  /** Whether the room was not told of it, and is told neither its renaming nor its leaving. */
  readonly isQuiet: boolean;
  /** The number of the presence that it does not get any more, for it was told the members. */
  presence = 0;

  readonly #watch: MemberWatch;

  constructor(peer: Occupant, room: Room, { place: { position, id }, watch }: MemberOptions) {
    this.peer = peer;
    this.room = room;
    this.isQuiet = peer.isQuiet;
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
        this.presence,
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
  readonly place: RoomPlace;
  readonly watch: MemberWatch;
}

/** The events of members. */
export interface MemberWatch {
  readonly counters: Counters;
  /** A member's position is no longer in the ring. */
  fellBehind(member: Member): void;
}

/** A frame that is no message. */
export interface Presence {
  readonly frame: Uint8Array;
  /** Above that of all presence that the room was told before. */
  readonly number: number;
  /** The number of the peer that does not get it, or NOBODY. */
  readonly sender: number;
}

/** A post that has no outcome yet, with the presence that was told after it. */
export interface PendingPost {
  followers: Presence[] | null;
}

/** Takes the outcomes of posts to rooms; see {@linkcode RoomReader}. */
export interface PostOutcomes {
  arrived(room: Room, firstId: number, posts: readonly Post[]): void;
  repeated(room: Room, post: Post, place: Place): void;
  refused(room: Room, post: Post, error: HistoryError): void;
}

/** The options of a {@linkcode Room}. */
export interface RoomOptions {
  readonly history: Pick<History, "open">;
  readonly outcomes: PostOutcomes;
  readonly maxRing: number;
  /** Where the size of its ring counts too. */
  readonly rings: RingSum;
}

/** A room by its name. */
export class Room implements RoomReader {
  readonly name: string;
  readonly log: RoomLog;
  readonly ring: Ring;
  readonly members = new Map<Occupant, Member>();
  /** The people who may not post. */
  readonly muted = new MutedPeople();
  topic = "";
  /** The number of the newest presence. */
  presence = 0;
  /** The number of posts that have no outcome yet, and the last of them. */
  pending = 0;
  lastPending: PendingPost | null = null;
  /** What its members, and those who will join, still need. */
  readonly needs = new Needs(this.members);
  readonly #outcomes: PostOutcomes;

  constructor(name: string, { history, outcomes, maxRing, rings }: RoomOptions) {
    this.name = name;
    this.#outcomes = outcomes;
    this.log = history.open(name, this);
    this.ring = new Ring({
      maxSize: maxRing,
      headId: this.log.head,
      sum: rings,
      dropping: (last, read) => this.#dropping(last, read),
      dropped: (bytes) => this.#pin(bytes),
    });
  }

  get recent(): RecentMessages {
    return this.ring;
  }

  arrived(firstId: number, posts: readonly Post[]): void {
    this.#outcomes.arrived(this, firstId, posts);
  }

  repeated(post: Post, place: Place): void {
    this.#outcomes.repeated(this, post, place);
  }

  refused(post: Post, error: HistoryError): void {
    this.#outcomes.refused(this, post, error);
  }

  /** Whether a peer may not post here. */
  mutes(peer: Pick<Occupant, "nick" | "session" | "isOperator">): boolean {
    return this.muted.has(peer) && !peer.isOperator;
  }

  /** Whether nobody is here, nobody is muted, and nobody is still to get something of it. */
  get canSleep(): boolean {
    return this.isUnused && this.muted.size === 0 && !this.needs.hasOwed;
  }

  /** Whether it has no members, nobody is about to join, and no post is under way. */
  get isUnused(): boolean {
    return this.members.size === 0 && this.pending === 0 && !this.needs.hasHeld;
  }

  /** The place behind everything that can be read now. */
  get place(): RoomPlace {
    return { position: this.ring.head, id: this.ring.headId };
  }

  /** Drops what is too old from the ring. */
  trim(): void {
    if (!this.ring.isOver) return this.ring.endTurn();
    this.ring.trim(this.needs.position);
  }

  /** Tells the log which messages nobody needs any more, of those that the ring has no longer. */
  releaseOld(): void {
    if (this.log.oldest < this.ring.oldestId) this.log.release(this.needs.id);
  }

  #dropping(last: number, read: () => Messages): void {
    const needed = this.needs.id;
    this.log.release(needed);
    if (needed <= last) this.log.overflow(read());
  }

  /** Charges memory that the ring has dropped to the members to which it is still being written. */
  #pin(bytes: Uint8Array): void {
    const pin = new Pin(bytes.length);
    for (const { peer } of this.members.values()) peer.connection.pin(bytes.buffer, pin);
  }

  /** Writes what is new to each member that has no write under way. */
  fanOut(): void {
    for (const { peer } of this.members.values()) peer.connection.pump();
  }

  /** Gives its memory back: it is not used any more. */
  close(): void {
    this.ring.clear();
    this.log.close();
  }
}
