/** The reading half of a connection: payloads out of a stream, as fast as they may be taken. */

import type { Clock } from "../base/clock.ts";
import { FrameError } from "../base/errors.ts";
import { FrameReader, type FrameReaderOptions, HEADER_SIZE, type Source } from "../frame/mod.ts";
import type { Limits } from "../base/limits.ts";
import type { PrivateQueue } from "./private_queue.ts";

/** Who takes what comes. */
export interface Taker {
  /** A payload came. The view is good during the call only. */
  payload(bytes: Uint8Array): void;
  /** The stream cannot be trusted any more. What comes behind is dropped. */
  broken(error: FrameError): void;
}

/** Who is told how the reading goes. */
export interface IntakeWatch {
  /** The stream has ended: between two frames, or behind what broke it. What the peer is owed may take a while. */
  readEnded(): void;
  /** Who takes has failed, which is no peer's doing; `failed` follows. */
  faulted(error: unknown): void;
  /** The stream has ended inside a frame. */
  wasCut(): void;
  /** Nothing more can be read. It needs no `this`. */
  readonly failed: () => void;
}

/** The options of an {@linkcode Intake}. */
export interface IntakeOptions {
  readonly limits: Limits;
  readonly clock: Clock;
  /** How frames are read; from the limits alone if not given. */
  readonly reading: FrameReaderOptions | undefined;
  /** Where the answers wait: while it is full nothing is taken. */
  readonly queue: PrivateQueue;
  readonly taker: Taker;
  readonly watch: IntakeWatch;
}

/** Reads until the stream ends. */
export class Intake {
  readonly #source: Source;
  readonly #limits: Limits;
  readonly #clock: Clock;
  readonly #reader: FrameReader;
  readonly #queue: PrivateQueue;
  readonly #taker: Taker;
  readonly #watch: IntakeWatch;
  /** Whether what comes is dropped, whether the stream has ended, and whether nobody wants to know. */
  #isDropping = false;
  #hasEnded = false;
  #closed = false;
  /** When the last byte came, since when a frame is half there, and since when it is read without a pause. */
  #lastRead: number;
  #halfSince = 0;
  #readingSince: number;
  /** Whether reading waits: until the private queue is short again, or a rest is over. */
  #isHeld = false;
  #restMs = 0;
  #cancelRest: (() => void) | null = null;
  /** The bytes of the frames that came. */
  received = 0;

  constructor(source: Source, { limits, clock, reading, queue, taker, watch }: IntakeOptions) {
    this.#source = source;
    this.#limits = limits;
    this.#clock = clock;
    this.#reader = new FrameReader(source, reading ?? { maxPayload: limits.maxFrame });
    this.#queue = queue;
    this.#taker = taker;
    this.#watch = watch;
    this.#lastRead = this.#readingSince = clock.now();
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** For how many milliseconds nothing came although it was read. */
  silentFor(now: number): number {
    return this.#isReading ? now - Math.max(this.#lastRead, this.#readingSince) : 0;
  }

  /**
   * Whether a frame got no further for longer than the limit.
   *
   * @param isShort Whether others wait for the memory that a long frame takes: then it must be whole within the limit.
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

  /** Begins to read, and goes on by itself. */
  // By callbacks and not in an async function, or in three: what those keep weighs on every connection that only waits.
  read(): void {
    if (this.#closed) return;
    const room = this.#reader.room();
    if (room !== null) this.#source.read(room).then(this.#came, this.#watch.failed);
    else {
      this.#reader.room(() => {
        this.#readingSince = this.#clock.now();
        this.read();
      });
    }
  }

  readonly #came = (count: number | null): void => {
    if (this.#closed) return;
    try {
      if (!this.#reader.add(count)) return this.#end();
    } catch (error) {
      return this.#stop(error);
    }
    this.#lastRead = this.#clock.now();
    this.#takeAll();
  };

  /** Takes what is there, and reads on when that may be. */
  #takeAll(): void {
    try {
      if (this.#takeSome()) this.#isHeld = true;
      else if (this.#restMs > 0 && !this.#isDropping) this.#rest();
      else this.read();
    } catch (error) {
      this.#stop(error);
    }
  }

  /** Takes the payloads that are whole; true where the answers to them pile up, so that the others have to wait. */
  #takeSome(): boolean {
    for (let payload = this.#reader.take(); payload !== null; payload = this.#reader.take()) {
      this.#halfSince = 0;
      this.received += HEADER_SIZE + payload.length;
      // What comes after goodbye is read so that the peer can finish writing, and dropped.
      if (!this.#isDropping) this.#taker.payload(payload);
      if (this.#closed) return false;
      if (this.#queue.isFull && !this.#isDropping) return true;
    }
    if (this.#halfSince === 0 && this.#reader.insideFrame) this.#halfSince = this.#lastRead;
    return false;
  }

  /** Reads no more because of an error: of the stream, or one that should never be. */
  #stop(error: unknown): void {
    if (!(error instanceof FrameError)) {
      this.#watch.faulted(error);
      this.#watch.failed();
    } else if (error.code === "cut") this.#watch.wasCut();
    else {
      try {
        this.#taker.broken(error);
        this.#discard();
      } catch (fault) {
        this.#stop(fault);
      }
    }
  }

  /** Reads and drops what comes after a bad header, until the end or {@linkcode Intake.close}. */
  async #discard(): Promise<void> {
    const sink = new Uint8Array(16 * 1024);
    try {
      while (!this.#closed && await this.#source.read(sink) !== null);
    } catch {
      // The peer is gone, which is what was waited for.
    }
    if (!this.#closed) this.#end();
  }

  #end(): void {
    this.#hasEnded = true;
    this.#watch.readEnded();
  }

  /** Takes nothing more for so many milliseconds, once what has been read is taken. */
  restFor(ms: number): void {
    this.#restMs = Math.max(this.#restMs, ms);
  }

  #rest(): void {
    this.#isHeld = true;
    this.#cancelRest = this.#clock.after(this.#restMs, () => this.#goOn());
    this.#restMs = 0;
  }

  /** Goes on where it was the answers that it waited for. */
  goOn(): void {
    if (this.#cancelRest === null) this.#goOn();
  }

  #goOn(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#cancelRest?.();
    this.#cancelRest = null;
    this.#readingSince = this.#clock.now();
    // Not now: who calls is in the midst of writing.
    queueMicrotask(() => this.#closed || this.#takeAll());
  }

  /** Reads on, whatever it waited for, and drops what comes. */
  drop(): void {
    this.#isDropping = true;
    this.#goOn();
  }

  /** Reads no more, and gives its memory back. */
  close(): void {
    this.#closed = true;
    this.#cancelRest?.();
    this.#reader.release();
  }
}
