/**
 * Turns of the event loop: what is posted in one goes into the rings as drafts, at its end into the history in one batch, and
 * only then to the members. Posts that arrive together share a transaction and a write to each member.
 */

import { frameSize, HEADER_SIZE, writeHeader } from "../../frame/mod.ts";
import type { Ref } from "../../base/ref.ts";
import { type History, HistoryError, type Post } from "../../history/history.ts";
import type { OnceLog } from "../../log/once.ts";
import { listenerDict, type ListenerMessage } from "../../protocol/message.ts";
import { encode } from "../../pickle/encode/encode.ts";
import type { Occupant, Room } from "./room.ts";
import type { RoomDirectory } from "./directory.ts";
import type { Counters } from "../upkeep/counters.ts";

/** A post that waits for the end of the turn. */
export interface Draft extends Post {
  readonly peer: Occupant;
  /** Set where it was posted before, in an earlier turn or in this one: it is only acked, in order with the others. */
  readonly isAgain?: "stored" | "drafted";
}

/** A frame to be appended to a room. */
export interface FrameDraft {
  /** The length of its payload. */
  readonly length: number;
  /** The message's id, 0 for presence. */
  readonly id: number;
  /** The number of the peer that does not get it, or NOBODY. */
  readonly sender: number;
  /** Writes the payload behind the header of the frame at `offset`. */
  readonly write: (target: Uint8Array, offset: number) => void;
}

/** The options of a {@linkcode Turn}. */
export interface TurnOptions {
  readonly history: History;
  /** Calls back when all that has arrived in this turn of the event loop was handled. */
  readonly atTurnsEnd: (then: () => void) => void;
  readonly directory: Pick<RoomDirectory, "trim" | "dropIfEmpty">;
  readonly once: OnceLog;
  readonly counters: Counters;
}

/** Collects the posts of a turn, then stores, acks and writes them. */
export class Turn {
  readonly #options: TurnOptions;
  #drafts: Draft[] = [];
  /** The drafts with a ref, by session and ref. */
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

  /** Adds a post whose frame was written. */
  add(draft: Draft): void {
    this.#drafts.push(draft);
    if (draft.ref !== undefined && draft.isAgain === undefined) {
      const refs = this.#bySession.get(draft.session);
      if (refs !== undefined) refs.set(draft.ref, draft);
      else this.#bySession.set(draft.session, new Map([[draft.ref, draft]]));
    }
    this.#plan();
  }

  /** Appends a frame to a room, to be read by its members at the end of the turn. */
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

  /** Appends a message that is no post, such as presence. */
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

  /** Stores what was posted, acks it, and writes it to the members. */
  end(): void {
    const { directory } = this.#options;
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
    // Only now, because members that keep up have read it.
    for (const room of dirty) {
      if (room.ring.isOver) room.ring.trim(room.slowest);
      if (failure !== null) directory.dropIfEmpty(room);
    }
    directory.trim();
  }

  /** Stores the posts among the drafts; returns the reason where that failed, else null. */
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
