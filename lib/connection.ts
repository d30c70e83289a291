/**
 * One peer's connection: frames on a duplex. It knows what frames are and how to write them in order, and nothing of what
 * they say. Bytes go out from two places: a private queue, and the cursors of the rooms that the peer is in.
 */

import type { Clock } from "./clock.ts";
import { FrameError } from "./errors.ts";
import { type Budget, FrameReader, HEADER_SIZE, type Source } from "./frame.ts";
import { type Limits, REPLAY_PIECE } from "./limits.ts";

/** What bytes come from and go to: a socket, or two ends in memory. */
export interface Duplex extends Source {
  write(bytes: Uint8Array): Promise<number>;
  closeWrite(): Promise<void>;
  close(): void;
}

/** Gives the next whole frames of a room, or null where there are none for now. */
export interface Cursor {
  read(): Uint8Array | null;
}

/** Whole frames in pieces, as a replay hands them out. */
export interface Pieces {
  next(maxBytes: number): Uint8Array | null;
  close(): void;
}

/** Why a connection ended. */
export type Ending = "clean" | "cut" | "failed" | "slow" | "said goodbye";

/** What a connection tells. */
export interface Listening {
  /** A payload came. The view is good during the call only. */
  payload(bytes: Uint8Array): void;
  /** The stream cannot be trusted any more. The connection goes on only to say goodbye. */
  broken(error: FrameError): void;
  /** It is over, told once. */
  ended(ending: Ending): void;
}

/** The options of a {@linkcode Connection}. */
export interface ConnectionOptions {
  readonly limits: Limits;
  readonly clock: Clock;
  readonly budget?: Budget;
}

/** Reads frames from a duplex and writes frames to it, each in order, neither waiting for the other. */
export class Connection {
  readonly #duplex: Duplex;
  readonly #limits: Limits;
  readonly #clock: Clock;
  readonly #reader: FrameReader;
  readonly #listening: Listening;
  readonly #queue: (Uint8Array | Pieces)[] = [];
  #queueSize = 0;
  readonly #cursors = new Set<Cursor>();
  #pending: Uint8Array | null = null;
  #writing = false;
  #picking = false;
  #writeBegan = 0;
  #ending = false;
  #closed = false;
  /** The bytes of frames that came and went. */
  received = 0;
  sent = 0;
  /** When the last byte came, and since when a frame is half there; milliseconds since 1970. */
  lastRead: number;
  #halfSince = 0;
  /** Goes on reading, where it waits before that. */
  #readingHeld: (() => void) | null = null;
  #restMs = 0;
  #isResting = false;

  constructor(duplex: Duplex, listening: Listening, options: ConnectionOptions) {
    this.#duplex = duplex;
    this.#listening = listening;
    this.#limits = options.limits;
    this.#clock = options.clock;
    this.#reader = new FrameReader(duplex, {
      maxPayload: options.limits.maxFrame,
      ...(options.budget ? { budget: options.budget } : {}),
    });
    this.lastRead = options.clock.now();
  }

  /** The bytes that wait for this peer alone. */
  get queueSize(): number {
    return this.#queueSize;
  }

  /** Whether a frame has been half there for longer than the limit, while it was read. */
  isStuckInFrame(now: number): boolean {
    return this.#readingHeld === null && this.#halfSince > 0 &&
      now - this.#halfSince > this.#limits.halfFrame;
  }

  /** For how long a write has been under way, in milliseconds; 0 where none is. */
  writingFor(now: number): number {
    return this.#writing ? Math.max(0, now - this.#writeBegan) : 0;
  }

  /** Whether a write has been under way for longer than the limit. */
  isStalled(now: number): boolean {
    return this.writingFor(now) > this.#limits.writeStall;
  }

  /** Reads until the stream ends, and tells what comes. */
  async run(): Promise<void> {
    let ending: Ending = "clean";
    try {
      await this.#readAll();
    } catch (error) {
      if (error instanceof FrameError && error.code !== "cut") {
        this.#listening.broken(error);
        await this.#discard();
      } else {
        ending = error instanceof FrameError ? "cut" : "failed";
      }
    }
    this.#close(this.#ending ? "said goodbye" : ending);
  }

  async #readAll(): Promise<void> {
    let more = true;
    while (more && !this.#closed) {
      for (let payload = this.#reader.take(); payload !== null; payload = this.#reader.take()) {
        // What comes after goodbye is read so that the peer can finish writing, and dropped.
        this.received += HEADER_SIZE + payload.length;
        if (!this.#ending) this.#listening.payload(payload);
      }
      this.#halfSince = this.#reader.insideFrame ? this.#halfSince || this.#clock.now() : 0;
      if (this.#queueSize > this.#limits.privateQueue && !this.#ending) await this.#held();
      if (this.#restMs > 0 && !this.#ending) await this.#rest();
      more = await this.#reader.fill();
      this.lastRead = this.#clock.now();
    }
  }

  /** Reads and drops what comes after a bad header, until the end or {@linkcode Connection.close}. */
  async #discard(): Promise<void> {
    const sink = new Uint8Array(16 * 1024);
    try {
      while (!this.#closed && await this.#duplex.read(sink) !== null);
    } catch {
      // The peer is gone, which is what was waited for.
    }
  }

  /** Waits until the private queue is short again, or all is over. */
  #held(): Promise<void> {
    return new Promise((resolve) => this.#readingHeld = resolve);
  }

  async #rest(): Promise<void> {
    const cancel = this.#clock.after(this.#restMs, () => this.#readOn());
    this.#restMs = 0;
    this.#isResting = true;
    await this.#held();
    this.#isResting = false;
    cancel();
  }

  #readOn(): void {
    this.#readingHeld?.();
    this.#readingHeld = null;
  }

  /** Reads nothing more for so many milliseconds, once what has been read is taken. */
  restFor(ms: number): void {
    this.#restMs = Math.max(this.#restMs, ms);
  }

  /** Puts a frame, or a replay, into the private queue. */
  send(frames: Uint8Array | Pieces): void {
    if (this.#ending || this.#closed) return;
    this.#enqueue(frames);
  }

  #enqueue(frames: Uint8Array | Pieces): void {
    this.#queue.push(frames);
    if (frames instanceof Uint8Array) this.#queueSize += frames.length;
    this.pump();
  }

  /** Has a room written to the peer from now on. */
  follow(cursor: Cursor): void {
    this.#cursors.add(cursor);
    this.pump();
  }

  /** Has no more of a room written. */
  unfollow(cursor: Cursor): void {
    this.#cursors.delete(cursor);
  }

  /** Writes what there is to write, if nothing is being written. */
  pump(): void {
    if (this.#writing || this.#picking || this.#closed) return;
    // What is asked for bytes may send something itself: that must not begin a second write, and not be left behind.
    this.#picking = true;
    let bytes = this.#pending ?? this.#nextBytes();
    while (bytes === null && this.#queue.length > 0) bytes = this.#nextBytes();
    this.#picking = false;
    if (bytes === null) {
      if (this.#ending) this.#halfClose();
      return;
    }
    this.#pending = bytes;
    this.#writing = true;
    this.#writeBegan = this.#clock.now();
    this.#duplex.write(bytes).then(this.#wrote, this.#writeFailed);
  }

  // Both are made once: a closure for each write would cost as much as the write's own bookkeeping.
  readonly #wrote = (count: number): void => {
    this.#writing = false;
    this.sent += count;
    const pending = this.#pending!;
    this.#pending = count < pending.length ? pending.subarray(count) : null;
    this.pump();
  };

  readonly #writeFailed = (): void => this.#close("failed");

  /** The private queue first, all there is of it in one piece; then one room after the other. */
  #nextBytes(): Uint8Array | null {
    const first = this.#queue[0];
    if (first === undefined) return this.#nextOfRooms();
    if (first instanceof Uint8Array) return this.#takeQueue();
    const piece = first.next(REPLAY_PIECE);
    if (piece !== null) return piece;
    first.close();
    this.#queue.shift();
    return this.#nextBytes();
  }

  #takeQueue(): Uint8Array {
    let count = 0;
    let size = 0;
    for (const frame of this.#queue) {
      if (!(frame instanceof Uint8Array) || (count > 0 && size + frame.length > REPLAY_PIECE)) break;
      count++;
      size += frame.length;
    }
    const frames = this.#queue.splice(0, count) as Uint8Array[];
    this.#queueSize -= size;
    if (this.#queueSize <= this.#limits.privateQueue && !this.#isResting) this.#readOn();
    if (count === 1) return frames[0]!;
    const bytes = new Uint8Array(size);
    let at = 0;
    for (const frame of frames) {
      bytes.set(frame, at);
      at += frame.length;
    }
    return bytes;
  }

  #nextOfRooms(): Uint8Array | null {
    for (const cursor of this.#cursors) {
      const bytes = cursor.read();
      if (bytes === null) continue;
      // The room that was served goes to the end of the line.
      if (this.#cursors.size > 1 && this.#cursors.delete(cursor)) this.#cursors.add(cursor);
      return bytes;
    }
    return null;
  }

  /**
   * Says goodbye: writes a last frame behind what is queued, half-closes, reads and drops for a while, closes.
   * To one that reads nothing it is tried, no more.
   */
  goodbye(frame: Uint8Array): void {
    if (this.#ending || this.#closed) return;
    this.#enqueue(frame);
    this.#ending = true;
    this.#cursors.clear();
    this.#readOn();
    this.#cancelGoodbye = this.#clock.after(this.#limits.goodbye, () => this.#close("said goodbye"));
    this.pump();
  }

  #cancelGoodbye: (() => void) | null = null;
  #halfClosed = false;

  #halfClose(): void {
    if (this.#halfClosed) return;
    this.#halfClosed = true;
    this.#duplex.closeWrite().catch(() => this.#close("said goodbye"));
  }

  /** Ends it now. */
  close(ending: Ending = "said goodbye"): void {
    this.#close(ending);
  }

  #close(ending: Ending): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelGoodbye?.();
    this.#readOn();
    for (const entry of this.#queue) if (!(entry instanceof Uint8Array)) entry.close();
    this.#queue.length = 0;
    this.#cursors.clear();
    this.#reader.release();
    try {
      this.#duplex.close();
    } catch {
      // It was closed already.
    }
    this.#listening.ended(ending);
  }
}
