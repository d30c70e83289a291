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
import type { Elsewhere, Here, RoomElsewhere } from "../elsewhere/elsewhere.ts";
import type { Counters } from "../upkeep/counters.ts";
import { MutedPeople } from "./muted_people.ts";
import { Needs, type RoomPlace } from "./needs.ts";
import { NOBODY, Ring, type RingSum } from "./ring.ts";

/** A peer, as its rooms see it. */
export interface Occupant extends Here {
  /** Identifies its frames in a ring: from 1 on, never used again. */
  readonly number: number;
  readonly isOperator: boolean;
  /** The part of its address that identifies one client. */
  readonly origin: string;
  /** Whether it gets its own posts back. */
  readonly echo: boolean;
  readonly connection: Pick<Connection, "send" | "follow" | "unfollow" | "pump" | "pin">;
  /** Its rooms, the one that it entered last at the end. */
  readonly members: ReadonlyMap<Room, Member>;
  /** The room that it entered last. */
  readonly room: Room | undefined;
  /** Adds a room to its rooms, as the one that it entered last. */
  enter(room: Room, member: Member): void;
  /** Removes a room from its rooms. */
  leave(room: Room): void;
  /** Sends frames to this peer only, which are built as the peer reads them and charged to it. */
  sendPieces(pieces: Pieces): void;
  /** Sends a message to this peer only. */
  say(message: ListenerMessage): void;
}

/** A peer in a room: a position in its ring. */
export class Member implements Cursor {
  readonly peer: Occupant;
  readonly room: Room;
  /** The position to read from next, and the id up to which it has received all messages, or does not need them. */
  position: number;
  lastId: number;
  /** The position after the last frame that it posted itself. From there on no frame is left out. */
  lastOwn = 0;
  /** Whether its joining, renaming and leaving are not announced to the room. */
  readonly isQuiet: boolean;
  /** The number up to which presence is left out, because the member got the list of members instead. */
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
      // The missed messages go into the private queue, which is written first.
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

/** A frame that is not a stored message, such as `joined`. */
export interface Presence {
  readonly frame: Uint8Array;
  /** Higher than the number of any earlier presence in the room. */
  readonly number: number;
  /** The number of the peer that does not get it, or NOBODY. */
  readonly sender: number;
}

/** A post that has no outcome yet, with the presence that is to follow it. */
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
  /** The total that the size of its ring is added to. */
  readonly rings: RingSum;
  readonly elsewhere: Pick<Elsewhere, "room">;
}

/** A room: its log, its ring, and its members. */
export class Room implements RoomReader {
  readonly name: string;
  readonly log: RoomLog;
  readonly ring: Ring;
  readonly members = new Map<Occupant, Member>();
  /** Its people at other listeners. */
  readonly elsewhere: RoomElsewhere;
  /** The people who may not post. */
  readonly muted = new MutedPeople();
  topic = "";
  /** The number of the newest presence. */
  presence = 0;
  /** The number of posts that have no outcome yet, and the last of them. */
  pending = 0;
  lastPending: PendingPost | null = null;
  /** The messages that its members, and peers about to join, still need. */
  readonly needs = new Needs(this.members);
  readonly #outcomes: PostOutcomes;

  constructor(name: string, { history, outcomes, maxRing, rings, elsewhere }: RoomOptions) {
    this.name = name;
    this.elsewhere = elsewhere.room(name);
    for (const { nick, session } of this.elsewhere.muted) this.muted.add(nick, session);
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

  /** The number of people in it, at all listeners. */
  get size(): number {
    return this.members.size + this.elsewhere.size;
  }

  /** Whether a peer may not post here. */
  mutes(peer: Pick<Occupant, "nick" | "session" | "isOperator">): boolean {
    return this.muted.has(peer) && !peer.isOperator;
  }

  /** Whether it has no members, no mutes, and no messages that are still to be sent to somebody. */
  get canSleep(): boolean {
    return this.isUnused && this.muted.size === 0 && !this.needs.hasOwed;
  }

  /** Whether it has no members, nobody is about to join, and every post has its outcome. */
  get isUnused(): boolean {
    return this.members.size === 0 && this.pending === 0 && !this.needs.hasHeld;
  }

  /** The place after everything that can be read now. */
  get place(): RoomPlace {
    return { position: this.ring.head, id: this.ring.headId };
  }

  /** Drops frames from the ring that are too old. */
  trim(): void {
    if (!this.ring.isOver) return this.ring.endTurn();
    this.ring.trim(this.needs.position);
  }

  /** Releases the messages that are no longer in the ring, and that nobody needs, from the log. */
  releaseOld(): void {
    if (this.log.oldest < this.ring.oldestId) this.log.release(this.needs.id);
  }

  #dropping(last: number, read: () => Messages): void {
    const needed = this.needs.id;
    this.log.release(needed);
    if (needed <= last) this.log.overflow(read());
  }

  /** Charges memory that the ring has dropped to the members with a pending write of it. */
  #pin(bytes: Uint8Array): void {
    const pin = new Pin(bytes.length);
    for (const { peer } of this.members.values()) peer.connection.pin(bytes.buffer, pin);
  }

  /** Writes new frames to each member without a pending write. */
  fanOut(): void {
    for (const { peer } of this.members.values()) peer.connection.pump();
  }

  /** Releases its memory, because it is no longer used. */
  close(): void {
    this.ring.clear();
    this.log.close();
  }
}
