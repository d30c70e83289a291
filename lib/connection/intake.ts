/** The reading half of a connection: takes payloads out of a stream, and pauses where it must. */

import type { Clock } from "../base/clock.ts";
import { FrameError } from "../base/errors.ts";
import { FrameReader, type FrameReaderOptions, HEADER_SIZE, type Source } from "../frame/mod.ts";
import type { Limits } from "../base/limits.ts";
import type { PrivateQueue } from "./private_queue.ts";

/** Handles what is read. */
export interface PayloadHandler {
  /** A payload has arrived. The view is good during the call only. */
  payload(bytes: Uint8Array): void;
  /** The stream cannot be read any further; the rest of it is discarded. */
  broken(error: FrameError): void;
}

/** The events of an {@linkcode Intake}. */
export interface IntakeEvents {
  /** The stream has ended: between two frames, or after it was broken. */
  readEnded(): void;
  /** The handler threw an error; `failed` follows. */
  faulted(error: unknown): void;
  /** The stream has ended inside a frame. */
  wasCut(): void;
  /** Nothing more can be read. It is called without `this`. */
  readonly failed: () => void;
}

/** The options of an {@linkcode Intake}. */
export interface IntakeOptions {
  readonly limits: Limits;
  readonly clock: Clock;
  readonly reading: FrameReaderOptions;
  /** The queue of the answers: while it is full nothing is handled. */
  readonly queue: PrivateQueue;
  readonly handler: PayloadHandler;
  readonly events: IntakeEvents;
}

/** Reads until the stream ends. */
export class Intake {
  readonly #source: Source;
  readonly #limits: Limits;
  readonly #clock: Clock;
  readonly #reader: FrameReader;
  readonly #queue: PrivateQueue;
  readonly #handler: PayloadHandler;
  readonly #events: IntakeEvents;
  /** Whether payloads are discarded, the stream has ended, and the connection is closed. */
  #isDropping = false;
  #hasEnded = false;
  #closed = false;
  /** The times of the last byte, of the first byte of an incomplete frame (else 0), and of the last pause's end. */
  #lastRead: number;
  #halfSince = 0;
  #readingSince: number;
  /** Whether it is paused: until the private queue is short again, or a rest is over. */
  #isHeld = false;
  #restMs = 0;
  #cancelRest: (() => void) | null = null;
  /** The bytes of the frames that were received. */
  received = 0;

  constructor(source: Source, { limits, clock, reading, queue, handler, events }: IntakeOptions) {
    this.#source = source;
    this.#limits = limits;
    this.#clock = clock;
    this.#reader = new FrameReader(source, reading);
    this.#queue = queue;
    this.#handler = handler;
    this.#events = events;
    this.#lastRead = this.#readingSince = clock.ticks();
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** For how many milliseconds nothing arrived although it was read. */
  silentFor(now: number): number {
    return this.#isReading ? now - Math.max(this.#lastRead, this.#readingSince) : 0;
  }

  /**
   * Whether a frame made no progress for longer than the limit.
   *
   * @param isShort Whether others wait for the memory that a long frame takes: then it must be complete within the limit.
   */
  isStuckInFrame(now: number, isShort: boolean): boolean {
    if (this.#halfSince === 0 || !this.#isReading) return false;
    if (this.silentFor(now) > this.#limits.halfFrame) return true;
    return isShort && this.#reader.held > 0 &&
      now - Math.max(this.#halfSince, this.#readingSince) > this.#limits.halfFrame;
  }

  get #isReading(): boolean {
    return !this.#isHeld && !this.#hasEnded && !this.#reader.isWaiting;
  }

  /** Starts to read, and continues until the stream ends. */
  // With callbacks: what async functions keep costs memory for each idle connection.
  read(): void {
    if (this.#closed) return;
    const room = this.#reader.room();
    if (room !== null) this.#source.read(room).then(this.#arrived, this.#events.failed);
    else {
      this.#reader.room(() => {
        this.#readingSince = this.#clock.ticks();
        this.read();
      });
    }
  }

  readonly #arrived = (count: number | null): void => {
    if (this.#closed) return;
    try {
      if (!this.#reader.add(count)) return this.#end();
    } catch (error) {
      return this.#stop(error);
    }
    this.#lastRead = this.#clock.ticks();
    this.#takeAll();
  };

  /** Handles what is there, and reads on unless it is to pause. */
  #takeAll(): void {
    try {
      if (this.#takeSome()) this.#isHeld = true;
      else if (this.#restMs > 0 && !this.#isDropping) this.#rest();
      else this.read();
    } catch (error) {
      this.#stop(error);
    }
  }

  /** Handles the complete payloads; returns true where the queue of answers is full, so that the others have to wait. */
  #takeSome(): boolean {
    for (let payload = this.#reader.take(); payload !== null; payload = this.#reader.take()) {
      this.#halfSince = 0;
      this.received += HEADER_SIZE + payload.length;
      // After goodbye payloads are discarded, so that the peer can finish writing.
      if (!this.#isDropping) this.#handler.payload(payload);
      if (this.#closed) return false;
      if (!this.#queue.isShort && !this.#isDropping) return true;
    }
    if (this.#halfSince === 0 && this.#reader.insideFrame) this.#halfSince = this.#lastRead;
    return false;
  }

  /** Stops reading because of an error of the stream or of the handler. */
  #stop(error: unknown): void {
    if (!(error instanceof FrameError)) {
      this.#events.faulted(error);
      this.#events.failed();
    } else if (error.code === "cut") this.#events.wasCut();
    else {
      try {
        this.#handler.broken(error);
        this.#discard();
      } catch (fault) {
        this.#stop(fault);
      }
    }
  }

  /** Discards what follows a bad header, until the end or {@linkcode Intake.close}. */
  async #discard(): Promise<void> {
    const sink = new Uint8Array(16 * 1024);
    try {
      while (!this.#closed && await this.#source.read(sink) !== null);
    } catch {
      // The peer is gone.
    }
    if (!this.#closed) this.#end();
  }

  #end(): void {
    this.#hasEnded = true;
    this.#events.readEnded();
  }

  /** Pauses for so many milliseconds, once what has been read is handled. */
  restFor(ms: number): void {
    this.#restMs = Math.max(this.#restMs, ms);
  }

  #rest(): void {
    this.#isHeld = true;
    this.#cancelRest = this.#clock.after(this.#restMs, () => this.#resumeNow());
    this.#restMs = 0;
  }

  /** Resumes after a full queue; a rest goes on. */
  resume(): void {
    if (this.#cancelRest === null) this.#resumeNow();
  }

  #resumeNow(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#cancelRest?.();
    this.#cancelRest = null;
    this.#readingSince = this.#clock.ticks();
    // Not now: the caller is in the middle of a write.
    queueMicrotask(() => this.#closed || this.#takeAll());
  }

  /** Ends any pause, and discards what arrives from now on. */
  drop(): void {
    this.#isDropping = true;
    this.#resumeNow();
  }

  /** Stops, and frees its memory. */
  close(): void {
    this.#closed = true;
    this.#cancelRest?.();
    this.#reader.release();
  }
}
