/** The reading half of a connection: takes payloads out of a stream, and pauses where it must. */

import type { Clock } from "../base/clock.ts";
import { FrameError } from "../base/errors.ts";
import { FrameReader, type FrameReaderOptions, HEADER_SIZE, type Source } from "../frame/mod.ts";
import type { Limits } from "../base/limits.ts";
import type { PrivateQueue } from "./private_queue.ts";
import type { Work } from "./work.ts";

/** Handles what is read. */
export interface PayloadHandler {
  /**
   * A payload has arrived. The view is valid during the call only.
   *
   * @returns False where it is not handled yet: then the view stays valid, and nothing more is read, until
   * {@linkcode Intake.proceed}.
   */
  payload(bytes: Uint8Array): boolean | void;
  /** So many milliseconds of the event loop's time went into handling payloads. */
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

/** How long payloads are handled at a time, in milliseconds. */
const SLICE_MS = 10;

/** How much is handled between two looks at the clock: so many payloads, or so many bytes. */
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
  /** The times of the last byte, of the first byte of an incomplete frame (else 0), and of the last pause's end. */
  #lastRead: number;
  #halfSince = 0;
  #readingSince: number;
  /** Whether it is paused: until the private queue is short again, or a rest is over. */
  #isHeld = false;
  /** Whether that is because a payload is not handled yet, or the next are to wait for their turn. */
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

  /** Reads on, and counts the time that a long frame's buffer takes to grow. */
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
    if (this.#work.isHeavy && !this.#isDropping) this.#queueWork();
    else this.#takeAll(this.#lastRead);
  };

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

  /** Handles what is there, and reads on unless it is to pause. */
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

  /** Handles the complete payloads; returns the reason where the others have to wait. */
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
    if (!this.#isHeld || this.#isAtWork) return;
    this.#isHeld = false;
    this.#cancelRest?.();
    this.#cancelRest = null;
    this.#readingSince = this.#clock.ticks();
    // Not now: the caller is in the middle of a write.
    queueMicrotask(() => this.#closed || this.#isHeld || this.#takeAll(this.#clock.ticks()));
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
