/** The writing half of a connection: writes whole frames of its private queue and of its rooms, one write at a time. */

import type { Clock } from "../base/clock.ts";
import type { Duplex } from "./duplex.ts";
import { type Limits, MAX_WRITE } from "../base/limits.ts";
import type { Holding } from "./account.ts";
import { Pin } from "./pin.ts";
import type { Pieces, PrivateQueue } from "./private_queue.ts";
import type { Work } from "./work.ts";

/** A reader's position in a room. */
export interface Cursor {
  /** Returns the next whole frames, or null if there are none for now. */
  read(): Uint8Array | null;
}

/** The events of an {@linkcode Outgoing}. */
export interface OutgoingEvents {
  /** The private queue is short again. */
  queueShort(): void;
  /** After {@linkcode Outgoing.end}: everything is written. */
  allWritten(): void;
  /** A source of frames threw an error; `failed` follows. */
  faulted(error: unknown): void;
  /** A long write of the private queue took this many milliseconds of the event loop's time. */
  worked(ms: number): void;
  /** There is no memory for the next write. */
  overdrawn(): void;
  /** Nothing more can be written. It is called without `this`. */
  readonly failed: () => void;
}

/** The options of an {@linkcode Outgoing}. */
export interface OutgoingOptions {
  readonly limits: Limits;
  readonly clock: Clock;
  readonly queue: PrivateQueue;
  /** The holding to which the pending write is charged. */
  readonly holding: Holding;
  readonly work: Work;
  readonly events: OutgoingEvents;
}

/** The least size, in bytes, of a write whose time is counted. */
const COUNTED_FROM = 16 * 1024;

/** The least size, in bytes, of a write after which the next may have to wait for a later turn of the event loop. */
const LONG_WRITE = 64 * 1024;

/** Writes the private queue first, then one room after the other. */
export class Outgoing {
  readonly #sink: Pick<Duplex, "write">;
  readonly #limits: Limits;
  readonly #clock: Clock;
  readonly #queue: PrivateQueue;
  readonly #holding: Holding;
  readonly #work: Work;
  readonly #events: OutgoingEvents;
  /** The rooms in the order in which they are served. */
  readonly #cursors: Cursor[] = [];
  /** The bytes being written, the charge for them, and their pin if they belong to a room that may have dropped them. */
  #pending: Uint8Array | null = null;
  #charged = 0;
  #pin: Pin | null = null;
  /** Whether it came from the private queue. */
  #isPrivate = false;
  #writing = false;
  #picking = false;
  /** When {@linkcode Outgoing.writingFor} was first asked about the write under way; 0 if it was not. */
  #writeSeen = 0;
  /** Whether no more frames are accepted, and the frame to write last. */
  #isEnding = false;
  #lastFrame: Uint8Array | null = null;
  #closed = false;
  /** The bytes that were written. */
  sent = 0;

  constructor(sink: Pick<Duplex, "write">, { limits, clock, queue, holding, work, events }: OutgoingOptions) {
    this.#sink = sink;
    this.#limits = limits;
    this.#clock = clock;
    this.#queue = queue;
    this.#holding = holding;
    this.#work = work;
    this.#events = events;
  }

  get isWriting(): boolean {
    return this.#writing;
  }

  /**
   * How long a write has been under way, in milliseconds; 0 if none is. It is measured from the first call in the course of
   * the write: to read the clock for each write would cost as much as the bookkeeping of the write.
   */
  writingFor(now: number): number {
    if (!this.#writing) return 0;
    if (this.#writeSeen === 0) this.#writeSeen = now;
    return now - this.#writeSeen;
  }

  /** Whether a write has been pending for longer than the limit. */
  isStalled(now: number): boolean {
    return this.writingFor(now) > this.#limits.writeStall;
  }

  /** Puts a frame, or a replay, into the private queue. */
  send(frames: Uint8Array | Pieces): void {
    if (this.#isEnding || this.#closed) {
      if (!(frames instanceof Uint8Array)) frames.close();
      return;
    }
    if (this.#queue.add(frames)) return this.pump();
    if (!(frames instanceof Uint8Array)) frames.close();
    this.#events.overdrawn();
  }

  /** Puts a frame into the private queue if there is memory for it; returns whether it did. */
  trySend(frame: Uint8Array): boolean {
    if (this.#isEnding || this.#closed || !this.#queue.add(frame)) return false;
    this.pump();
    return true;
  }

  /** Starts writing a room. */
  follow(cursor: Cursor): void {
    if (this.#isEnding || this.#closed) return;
    this.#cursors.push(cursor);
    this.pump();
  }

  /** Stops writing a room. */
  unfollow(cursor: Cursor): void {
    const index = this.#cursors.indexOf(cursor);
    if (index < 0) return;
    this.#cursors.splice(index, 1);
    // The room no longer knows that this connection is writing its bytes.
    if (this.#pending !== null) this.pin(this.#pending.buffer, new Pin(this.#pending.buffer.byteLength));
  }

  /** Shares a pin on a buffer that a room has dropped, if the buffer is being written. */
  pin(buffer: ArrayBufferLike, pin: Pin): void {
    if (this.#pending?.buffer !== buffer || this.#charged > 0 || this.#pin !== null) return;
    this.#pin = pin;
    pin.add(this.#holding);
  }

  /** Writes the frames that are ready, if no write is pending. */
  pump(): void {
    if (this.#writing || this.#picking || this.#closed) return;
    // A source of frames may call send itself. That must neither begin a second write nor be lost.
    this.#picking = true;
    let bytes = this.#pending;
    const isNew = bytes === null;
    try {
      bytes ??= this.#nextBytes();
      while (bytes === null && this.#queue.length > 0 && !this.#queue.isWaiting) bytes = this.#nextBytes();
    } catch (error) {
      this.#events.faulted(error);
      // Not now, because the end of a peer changes collections that the caller may be iterating over.
      Promise.resolve().then(this.#events.failed);
      return;
    }
    this.#picking = false;
    if (bytes === null && this.#queue.isWaiting) return;
    bytes ??= this.#takeLastFrame();
    if (bytes === null) {
      if (this.#isEnding) this.#events.allWritten();
      return;
    }
    if (isNew && this.#isPrivate) {
      if (!this.#holding.charge(bytes.length)) return this.#events.overdrawn();
      this.#charged = bytes.length;
    }
    this.#pending = bytes;
    this.#writing = true;
    this.#writeSeen = 0;
    // A write cannot be cancelled, so it refers to as little memory as possible.
    const piece = bytes.length > MAX_WRITE ? bytes.slice(0, MAX_WRITE) : bytes;
    // Writes of a room are not charged to the reader, and short answers are charged with their requests.
    const isCharged = this.#isPrivate && bytes.length > COUNTED_FROM;
    const began = isCharged ? this.#clock.ticks() : 0;
    this.#sink.write(piece).then(this.#wrote, this.#events.failed);
    if (isCharged) this.#events.worked(this.#clock.ticks() - began);
  }

  // Made once, because a closure for each write would cost as much as the bookkeeping of the write.
  readonly #wrote = (count: number): void => {
    this.#writing = false;
    this.sent += count;
    // It may have been closed meanwhile.
    const pending = this.#pending;
    if (pending !== null && count < pending.length) this.#pending = pending.subarray(count);
    else this.#endPending();
    if (count < LONG_WRITE || !this.#mustWait(count)) this.pump();
  };

  /** Leaves the next write to a later turn of the event loop: to a peer that reads at once, writes take no turn. */
  #mustWait(count: number): boolean {
    if (!this.#work.mustWait(count)) return false;
    this.#work.add(() => {
      this.pump();
      return true;
    });
    return true;
  }

  #endPending(): void {
    this.#pending = null;
    if (this.#charged > 0) this.#holding.release(this.#charged);
    this.#charged = 0;
    this.#pin?.remove(this.#holding);
    this.#pin = null;
  }

  #nextBytes(): Uint8Array | null {
    this.#isPrivate = this.#queue.length > 0;
    if (!this.#isPrivate) return this.#nextOfRooms();
    const bytes = this.#queue.take();
    if (this.#queue.isShort) this.#events.queueShort();
    if (bytes !== null || this.#queue.length > 0) return bytes;
    // The last entry had nothing left.
    this.#isPrivate = false;
    return this.#nextOfRooms();
  }

  #nextOfRooms(): Uint8Array | null {
    const cursors = this.#cursors;
    for (let index = 0; index < cursors.length; index++) {
      const cursor = cursors[index]!;
      const bytes = cursor.read();
      if (bytes === null) continue;
      // The room that was served moves to the end.
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
   * Accepts no more frames, and reports when everything is written. Takes effect with the next {@linkcode Outgoing.pump}.
   *
   * @param lastFrame The frame that is written last.
   * @param dropsRooms Whether only the private queue is still written, and the frames of the rooms are dropped.
   */
  end(lastFrame: Uint8Array | null, dropsRooms: boolean): void {
    this.#isEnding = true;
    this.#lastFrame = lastFrame;
    if (dropsRooms) this.#cursors.length = 0;
  }

  /** Drops all frames that are not written. */
  close(): void {
    this.#closed = true;
    this.#queue.clear();
    this.#cursors.length = 0;
    this.#endPending();
  }
}
