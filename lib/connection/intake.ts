/**
 * The reading half of a connection: reads payloads from a stream, and pauses for a full queue, a rate limit or a busy
 * handler.
 */

import type { Clock } from "../base/clock.ts";
import { FrameError } from "../base/errors.ts";
import { FrameReader, type FrameReaderOptions, HEADER_SIZE, type Source } from "../frame/mod.ts";
import type { Limits } from "../base/limits.ts";
import type { PrivateQueue } from "./private_queue.ts";
import type { Work } from "./work.ts";

/** Handles the payloads of a connection. */
export interface PayloadHandler {
  /**
   * A payload has arrived. The view is valid during the call only.
   *
   * @returns False if it is not handled yet. Then the view stays valid, and nothing more is read, until
   * {@linkcode Intake.proceed}.
   */
  payload(bytes: Uint8Array): boolean | void;
  /** Handling payloads took this many milliseconds of the event loop's time. */
  worked(ms: number): void;
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
  readonly work: Work;
  readonly events: IntakeEvents;
}

/** The longest time that payloads are handled without a pause, in milliseconds. */
const SLICE_MS = 10;

/** The number of payloads, or of bytes, that are handled between two readings of the clock. */
const UNTIMED_PAYLOADS = 32;
const UNTIMED_BYTES = 8 * 1024;

/** Reads until the stream ends. */
export class Intake {
  readonly #source: Source;
  readonly #limits: Limits;
  readonly #clock: Clock;
  readonly #reader: FrameReader;
  readonly #queue: PrivateQueue;
  readonly #handler: PayloadHandler;
  readonly #work: Work;
  readonly #events: IntakeEvents;
  /** Whether payloads are discarded, the stream has ended, and the connection is closed. */
  #isDropping = false;
  #hasEnded = false;
  #closed = false;
  /**
   * The times of the last byte, of the first byte of an incomplete frame (0 if there is none), and of the end of the
   * last pause.
   */
  #lastRead: number;
  #halfSince = 0;
  #readingSince: number;
  /** Whether it is paused: until the private queue is short again, or a rest is over. */
  #isHeld = false;
  /** Whether it is paused because a payload is not handled yet, or because the next ones wait for their turn. */
  #isAtWork = false;
  #restMs = 0;
  #cancelRest: (() => void) | null = null;
  /** The bytes of the frames that were received. */
  received = 0;

  constructor(source: Source, { limits, clock, reading, queue, handler, work, events }: IntakeOptions) {
    this.#source = source;
    this.#limits = limits;
    this.#clock = clock;
    this.#reader = new FrameReader(source, reading);
    this.#queue = queue;
    this.#handler = handler;
    this.#work = work;
    this.#events = events;
    this.#lastRead = this.#readingSince = clock.ticks();
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** When bytes arrived last, in ticks of the clock. */
  get lastRead(): number {
    return this.#lastRead;
  }

  /** The milliseconds for which it has been reading without receiving anything. */
  silentFor(now: number): number {
    return this.#isReading ? now - Math.max(this.#lastRead, this.#readingSince) : 0;
  }

  /**
   * Whether a frame made no progress for longer than the limit.
   *
   * @param isShort Whether others wait for memory. Then a long frame must be complete within the limit, even if it
   * makes progress.
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
  // With callbacks, because the state of an async function would cost memory for each idle connection.
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

  /** Continues to read, and counts the time that growing the buffer of a long frame takes. */
  #readOn(): void {
    if (this.#reader.held === 0) return this.read();
    const began = this.#clock.ticks();
    this.read();
    this.#handler.worked(this.#clock.ticks() - began);
  }

  readonly #arrived = (count: number | null): void => {
    if (this.#closed) return;
    try {
      if (!this.#reader.add(count)) return this.#end();
    } catch (error) {
      return this.#stop(error);
    }
    this.#lastRead = this.#clock.ticks();
    this.#takeInTurn(this.#lastRead);
  };

  /** Handles the payloads that have been read, now or when it is their turn. */
  #takeInTurn(now: number): void {
    if (!this.#isDropping && this.#work.mustWait(this.#reader.have)) this.#queueWork();
    else this.#takeAll(now);
  }

  /** Handles the next payloads when it is their turn. */
  #queueWork(): void {
    this.#isHeld = this.#isAtWork = true;
    this.#work.add(() => {
      this.proceed();
      return true;
    });
  }

  /** Continues after a payload that was not handled at once. */
  proceed(): void {
    if (!this.#isAtWork) return;
    this.#isHeld = this.#isAtWork = false;
    if (this.#closed) return;
    this.#readingSince = this.#clock.ticks();
    this.#takeAll(this.#readingSince);
  }

  /** Handles the payloads that have been read, and continues to read unless it has to pause. */
  #takeAll(began: number): void {
    try {
      const pause = this.#takeSome(began);
      this.#handler.worked(this.#clock.ticks() - began);
      if (this.#closed) return;
      if (pause === "queue is full") this.#isHeld = true;
      else if (pause === "at work") this.#isHeld = this.#isAtWork = true;
      else if (this.#restMs > 0 && !this.#isDropping) this.#rest();
      else if (pause === "end of slice") this.#queueWork();
      else this.#readOn();
    } catch (error) {
      this.#stop(error);
    }
  }

  /** Handles the complete payloads, and returns the reason if some of them have to wait. */
  #takeSome(began: number): "queue is full" | "at work" | "end of slice" | null {
    let [payloads, bytes] = [0, 0];
    for (let payload = this.#reader.take(); payload !== null; payload = this.#reader.take()) {
      this.#halfSince = 0;
      this.received += HEADER_SIZE + payload.length;
      // After goodbye payloads are discarded, so that the peer can finish writing.
      const isHandled = this.#isDropping || this.#handler.payload(payload) !== false;
      if (this.#closed) return null;
      if (!isHandled) return "at work";
      if (this.#isDropping) continue;
      if (!this.#queue.isShort) return "queue is full";
      bytes += payload.length;
      if (++payloads < UNTIMED_PAYLOADS && bytes < UNTIMED_BYTES) continue;
      [payloads, bytes] = [0, 0];
      if (this.#clock.ticks() - began > SLICE_MS) return "end of slice";
    }
    if (this.#halfSince === 0 && this.#reader.insideFrame) this.#halfSince = this.#lastRead;
    return null;
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

  /** Discards all input after a bad header, until the end of the stream or {@linkcode Intake.close}. */
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

  /** Pauses for `ms` milliseconds, after the payloads already read are handled. */
  restFor(ms: number): void {
    this.#restMs = Math.max(this.#restMs, ms);
  }

  #rest(): void {
    this.#isHeld = true;
    this.#cancelRest = this.#clock.after(this.#restMs, () => this.#resumeNow());
    this.#restMs = 0;
  }

  /** Resumes after a full queue. A pause for a rate limit continues. */
  resume(): void {
    if (this.#cancelRest === null) this.#resumeNow();
  }

  #resumeNow(): void {
    if (!this.#isHeld || this.#isAtWork) return;
    this.#isHeld = false;
    this.#cancelRest?.();
    this.#cancelRest = null;
    this.#readingSince = this.#clock.ticks();
    // Not now: the caller is in the middle of a write.
    queueMicrotask(() => this.#closed || this.#isHeld || this.#takeInTurn(this.#clock.ticks()));
  }

  /** Ends any pause, and discards all further input. */
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
