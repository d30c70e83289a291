/**
 * One turn of the event loop: what was posted in it goes into the rings as drafts, into the history in one batch at its end,
 * and only then to anybody. Many posts that come together share a transaction and a write to each member.
 */

import { frameSize, HEADER_SIZE, writeHeader } from "../../frame/mod.ts";
import type { Ref } from "../../base/ref.ts";
import { type History, HistoryError, type Post } from "../../history/history.ts";
import type { OnceLog } from "../../log/once.ts";
import { listenerDict, type ListenerMessage } from "../../protocol/message.ts";
import { encode } from "../../pickle/encode/encode.ts";
import type { Occupant, Room } from "./room.ts";
import type { Rooms } from "./rooms.ts";
import type { Counters } from "../upkeep/stats.ts";

/** A post that waits for the end of the turn. */
export interface Draft extends Post {
  readonly peer: Occupant;
  /** Whether it was posted before, so that it is only acked, in its place among the others: long ago, or in this turn. */
  readonly isAgain?: "stored" | "drafted";
}

/** What is written as a frame behind the others of a room. */
export interface FrameDraft {
  /** The length of its payload. */
  readonly length: number;
  /** The message's id, 0 for presence. */
  readonly id: number;
  /** Whose own it is, or NOBODY. */
  readonly sender: number;
  /** Sets the payload behind the header of the frame at `offset`. */
  readonly write: (target: Uint8Array, offset: number) => void;
}

/** What a {@linkcode Turn} needs of the world. */
export interface TurnOptions {
  readonly history: History;
  /** Calls back when all that has arrived in this turn of the event loop was seen. */
  readonly atTurnsEnd: (then: () => void) => void;
  readonly rooms: Rooms;
  readonly once: OnceLog;
  readonly counters: Counters;
}

/** Gathers a turn's posts. */
export class Turn {
  readonly #options: TurnOptions;
  #drafts: Draft[] = [];
  /** Those with a ref, by their session and ref. */
  readonly #bySession = new Map<string, Map<Ref, Draft>>();
  readonly #dirty = new Set<Room>();
  #isPlanned = false;

  constructor(options: TurnOptions) {
    this.#options = options;
  }

  /** Finds a post of this turn. */
  find(session: string, ref: Ref): Draft | undefined {
    return this.#bySession.get(session)?.get(ref);
  }

  /** Takes a post whose frame was written. */
  add(draft: Draft): void {
    this.#drafts.push(draft);
    if (draft.ref !== undefined && draft.isAgain === undefined) {
      const refs = this.#bySession.get(draft.session);
      if (refs !== undefined) refs.set(draft.ref, draft);
      else this.#bySession.set(draft.session, new Map([[draft.ref, draft]]));
    }
    this.#plan();
  }

  /** Writes a frame behind the others of a room, to be read at the end of the turn. */
  write(room: Room, { length, id, sender, write }: FrameDraft): Uint8Array {
    const size = frameSize(length);
    const { bytes, offset } = room.ring.reserve(size);
    writeHeader(bytes, offset, size - HEADER_SIZE);
    write(bytes, offset);
    bytes.fill(0, offset + HEADER_SIZE + length, offset + size);
    room.ring.add(size, id, sender);
    this.#dirty.add(room);
    this.#plan();
    return bytes.subarray(offset, offset + size);
  }

  /** Tells a room something that is no post. */
  tell(room: Room, message: ListenerMessage, sender: number): void {
    const payload = encode(listenerDict(message));
    this.write(room, {
      length: payload.length,
      id: 0,
      sender,
      write: (target, offset) => target.set(payload, offset + HEADER_SIZE),
    });
  }

  #plan(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    this.#options.atTurnsEnd(() => this.end());
  }

  /** Stores what was posted, then acks it, then has the rooms written. */
  end(): void {
    const { rooms } = this.#options;
    this.#isPlanned = false;
    const drafts = this.#drafts;
    const dirty = [...this.#dirty];
    this.#drafts = [];
    this.#bySession.clear();
    this.#dirty.clear();
    const failure = this.#store(drafts);
    for (const room of dirty) {
      if (failure !== null) room.rollback();
      room.ring.commit();
    }
    for (const { peer, id, at, ref, isAgain } of drafts) {
      if (failure !== null && isAgain !== "stored") {
        peer.say({ type: "error", code: "not-stored", text: failure, ref });
      } else if (ref !== undefined) peer.say({ type: "ack", id, at, ref });
    }
    for (const room of dirty) room.fanOut();
    // Only now may something be dropped: who keeps up has it, or is being written it.
    for (const room of dirty) {
      if (room.ring.isOver) room.ring.trim(room.slowest);
      if (failure !== null) rooms.dropIfEmpty(room);
    }
    rooms.trim();
  }

  /** Stores the posts among the drafts; gives why it could not. */
  #store(drafts: readonly Draft[]): string | null {
    const posts = drafts.filter((draft) => draft.isAgain === undefined);
    if (posts.length === 0) return null;
    try {
      this.#options.history.append(posts);
    } catch (error) {
      if (!(error instanceof HistoryError)) throw error;
      this.#options.once.tell("history", { event: "failing", what: "history", text: error.message });
      return error.message;
    }
    this.#options.counters.messages += posts.length;
    this.#options.once.forget("history", { event: "working", what: "history" });
    return null;
  }
}
