/** The writing half of a connection: whole frames from its private queue and from its rooms, one write at a time. */

import type { Clock } from "../base/clock.ts";
import type { Duplex } from "./duplex.ts";
import type { Limits } from "../base/limits.ts";
import type { Pieces, PrivateQueue } from "./private_queue.ts";

/** Gives the next whole frames of a room, or null where there are none for now. */
export interface Cursor {
  read(): Uint8Array | null;
}

/** Who is told how the writing goes. */
export interface OutgoingWatch {
  /** The private queue is short again. */
  queueShort(): void;
  /** All is written that was to be, after {@linkcode Outgoing.end}. */
  allWritten(): void;
  /** What was asked for bytes has failed, which is no peer's doing; `failed` follows. */
  faulted(error: unknown): void;
  /** Nothing more can be written. It needs no `this`. */
  readonly failed: () => void;
}

/** The options of an {@linkcode Outgoing}. */
export interface OutgoingOptions {
  readonly limits: Limits;
  readonly clock: Clock;
  readonly queue: PrivateQueue;
  readonly watch: OutgoingWatch;
}

/** Writes the private queue first, then one room after the other. */
export class Outgoing {
  readonly #sink: Pick<Duplex, "write">;
  readonly #limits: Limits;
  readonly #clock: Clock;
  readonly #queue: PrivateQueue;
  readonly #watch: OutgoingWatch;
  /** The rooms in the order in which they are served. */
  readonly #cursors: Cursor[] = [];
  #pending: Uint8Array | null = null;
  #writing = false;
  #picking = false;
  #writeBegan = 0;
  /** Whether nothing more is taken, and what is written behind all the rest. */
  #isEnding = false;
  #lastFrame: Uint8Array | null = null;
  #closed = false;
  /** The bytes that were written. */
  sent = 0;

  constructor(sink: Pick<Duplex, "write">, { limits, clock, queue, watch }: OutgoingOptions) {
    this.#sink = sink;
    this.#limits = limits;
    this.#clock = clock;
    this.#queue = queue;
    this.#watch = watch;
  }

  /** For how long a write has been under way, in milliseconds; 0 where none is. */
  writingFor(now: number): number {
    return this.#writing ? Math.max(0, now - this.#writeBegan) : 0;
  }

  /** Whether a write has been under way for longer than the limit. */
  isStalled(now: number): boolean {
    return this.writingFor(now) > this.#limits.writeStall;
  }

  /** Puts a frame, or a replay, into the private queue. */
  send(frames: Uint8Array | Pieces): void {
    if (this.#isEnding || this.#closed) {
      if (!(frames instanceof Uint8Array)) frames.close();
      return;
    }
    this.#queue.add(frames);
    this.pump();
  }

  /** Has a room written from now on. */
  follow(cursor: Cursor): void {
    if (this.#isEnding || this.#closed) return;
    this.#cursors.push(cursor);
    this.pump();
  }

  /** Has no more of a room written. */
  unfollow(cursor: Cursor): void {
    const index = this.#cursors.indexOf(cursor);
    if (index >= 0) this.#cursors.splice(index, 1);
  }

  /** Writes what there is to write, if nothing is being written. */
  pump(): void {
    if (this.#writing || this.#picking || this.#closed) return;
    // What is asked for bytes may send something itself: that must not begin a second write, and not be left behind.
    this.#picking = true;
    let bytes = this.#pending;
    try {
      bytes ??= this.#nextBytes();
      while (bytes === null && this.#queue.length > 0) bytes = this.#nextBytes();
    } catch (error) {
      this.#watch.faulted(error);
      // Not now: who pumps may be in the midst of what the end of a peer changes.
      Promise.resolve().then(this.#watch.failed);
      return;
    }
    this.#picking = false;
    bytes ??= this.#takeLastFrame();
    if (bytes === null) {
      if (this.#isEnding) this.#watch.allWritten();
      return;
    }
    this.#pending = bytes;
    this.#writing = true;
    this.#writeBegan = this.#clock.now();
    this.#sink.write(bytes).then(this.#wrote, this.#watch.failed);
  }

  // Made once: a closure for each write would cost as much as the write's own bookkeeping.
  readonly #wrote = (count: number): void => {
    this.#writing = false;
    this.sent += count;
    // It may have been closed meanwhile.
    const pending = this.#pending;
    this.#pending = pending !== null && count < pending.length ? pending.subarray(count) : null;
    this.pump();
  };

  #nextBytes(): Uint8Array | null {
    if (this.#queue.length === 0) return this.#nextOfRooms();
    const bytes = this.#queue.take();
    if (this.#queue.isShort) this.#watch.queueShort();
    return bytes;
  }

  #nextOfRooms(): Uint8Array | null {
    const cursors = this.#cursors;
    for (let index = 0; index < cursors.length; index++) {
      const cursor = cursors[index]!;
      const bytes = cursor.read();
      if (bytes === null) continue;
      // The room that was served goes to the end of the line.
      if (index < cursors.length - 1) cursors.push(...cursors.splice(index, 1));
      return bytes;
    }
    return null;
  }

  #takeLastFrame(): Uint8Array | null {
    const frame = this.#lastFrame;
    this.#lastFrame = null;
    return frame;
  }

  /**
   * Takes nothing more, and tells when all is written. It begins with the next {@linkcode Outgoing.pump}.
   *
   * @param lastFrame What is written behind all the rest.
   * @param dropsRooms Whether only the private queue is still written, and nothing of the rooms.
   */
  end(lastFrame: Uint8Array | null, dropsRooms: boolean): void {
    this.#isEnding = true;
    this.#lastFrame = lastFrame;
    if (dropsRooms) this.#cursors.length = 0;
  }

  /** Drops all that is not written. */
  close(): void {
    this.#closed = true;
    this.#queue.clear();
    this.#cursors.length = 0;
    this.#pending = null;
  }
}
