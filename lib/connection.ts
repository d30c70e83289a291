/**
 * One peer's connection: frames on a duplex. It knows what frames are and how to write them in order, and nothing of what
 * they say. Bytes go out from two places: a private queue, and the cursors of the rooms that the peer is in.
 */

import type { Clock } from "./clock.ts";
import { FrameError } from "./errors.ts";
import { FrameReader, type FrameReaderOptions, HEADER_SIZE, type Source } from "./frame.ts";
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

/** Whole frames in pieces, made when their turn to be written comes, as a replay hands them out. */
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
  /** The peer says nothing more, but may still read: {@linkcode Connection.finish} is to be called. */
  finished(): void;
  /** It is over, told once. */
  ended(ending: Ending): void;
}

/** The bytes that wait in several private queues together. */
export interface QueueSum {
  size: number;
}

/** The options of a {@linkcode Connection}. */
export interface ConnectionOptions {
  readonly limits: Limits;
  readonly clock: Clock;
  /** How frames are read; from the limits alone if not given. */
  readonly reading?: FrameReaderOptions;
  /** Where its private queue counts too. */
  readonly queues?: QueueSum;
}

/** What an entry of the private queue takes besides its bytes, about: small frames are not free. */
const ENTRY_SIZE = 128;

/** Reads frames from a duplex and writes frames to it, each in order, neither waiting for the other. */
export class Connection {
  readonly #duplex: Duplex;
  readonly #limits: Limits;
  readonly #clock: Clock;
  readonly #reader: FrameReader;
  readonly #listening: Listening;
  readonly #queue: (Uint8Array | Pieces)[] = [];
  #queueSize = 0;
  readonly #queues: QueueSum;
  /** The rooms in the order in which they are served. */
  readonly #cursors: Cursor[] = [];
  #pending: Uint8Array | null = null;
  #writing = false;
  #picking = false;
  #writeBegan = 0;
  /** Why nothing more is taken, neither from the peer nor for it. */
  #ending: Ending | null = null;
  /** What is written behind all the rest, and how long it may take to get there. */
  #lastFrame: Uint8Array | null = null;
  #halfClosed = false;
  #readEnded = false;
  #closed = false;
  #whenClosed: (() => void) | null = null;
  #cancelGoodbye: (() => void) | null = null;
  /** What should never happen: an error of what listens, or of what is asked for bytes. */
  #fault: { readonly error: unknown } | null = null;
  /** The bytes of frames that came and went. */
  received = 0;
  sent = 0;
  /** When the last byte came, since when a frame is half there, and since when it is read without a pause. */
  #lastRead: number;
  #halfSince = 0;
  #readingSince: number;
  /** Whether reading waits: until the private queue is short again, or a rest is over. */
  #isHeld = false;
  #restMs = 0;
  #cancelRest: (() => void) | null = null;

  constructor(duplex: Duplex, listening: Listening, options: ConnectionOptions) {
    this.#duplex = duplex;
    this.#listening = listening;
    this.#limits = options.limits;
    this.#clock = options.clock;
    this.#queues = options.queues ?? { size: 0 };
    this.#reader = new FrameReader(duplex, options.reading ?? { maxPayload: options.limits.maxFrame });
    this.#lastRead = this.#readingSince = options.clock.now();
  }

  /** The bytes that wait for this peer alone. */
  get queueSize(): number {
    return this.#queueSize;
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
  isStuckInFrame(now: number, isShort = false): boolean {
    if (this.#halfSince === 0 || !this.#isReading) return false;
    if (this.silentFor(now) > this.#limits.halfFrame) return true;
    return isShort && this.#reader.held > 0 &&
      now - Math.max(this.#halfSince, this.#readingSince) > this.#limits.halfFrame;
  }

  /** For how long a write has been under way, in milliseconds; 0 where none is. */
  writingFor(now: number): number {
    return this.#writing ? Math.max(0, now - this.#writeBegan) : 0;
  }

  /** Whether a write has been under way for longer than the limit. */
  isStalled(now: number): boolean {
    return this.writingFor(now) > this.#limits.writeStall;
  }

  /**
   * Reads until the stream ends, and tells what comes. It resolves when the connection is closed.
   *
   * @throws {unknown} An error that is no peer's doing; the connection is closed then too.
   */
  run(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#whenClosed = () => this.#fault === null ? resolve() : reject(this.#fault.error);
      if (this.#closed) this.#whenClosed();
      else this.#read();
    });
  }

  // By callbacks and not in an async function, or in three: what those keep weighs on every connection that only waits.
  #read(): void {
    if (this.#closed) return;
    const room = this.#reader.room();
    if (room !== null) this.#duplex.read(room).then(this.#came, this.#failed);
    else {
      this.#reader.room(() => {
        this.#readingSince = this.#clock.now();
        this.#read();
      });
    }
  }

  readonly #came = (count: number | null): void => {
    if (this.#closed) return;
    try {
      if (!this.#reader.add(count)) return this.#endReading();
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
      else if (this.#restMs > 0 && this.#ending === null) this.#rest();
      else this.#read();
    } catch (error) {
      this.#stop(error);
    }
  }

  /** Reads no more because of an error: of the stream, or one that should never be. */
  #stop(error: unknown): void {
    if (!(error instanceof FrameError)) {
      this.#fault ??= { error };
      this.#close("failed");
    } else if (error.code === "cut") {
      this.#close(this.#ending ?? "cut");
    } else {
      try {
        this.#listening.broken(error);
        this.#discard();
      } catch (fault) {
        this.#stop(fault);
      }
    }
  }

  /** Takes that the peer says nothing more. What it is still owed may take a while. */
  #endReading(): void {
    this.#readEnded = true;
    if (this.#halfClosed) this.#close(this.#ending!);
    else if (this.#ending === null) this.#listening.finished();
  }

  /** Takes the payloads that are whole; true where the answers to them pile up, so that the others have to wait. */
  #takeSome(): boolean {
    for (let payload = this.#reader.take(); payload !== null; payload = this.#reader.take()) {
      this.#halfSince = 0;
      this.received += HEADER_SIZE + payload.length;
      // What comes after goodbye is read so that the peer can finish writing, and dropped.
      if (this.#ending === null) this.#listening.payload(payload);
      if (this.#closed) return false;
      if (this.#queueSize > 0 && this.#isFull && this.#ending === null) return true;
    }
    if (this.#halfSince === 0 && this.#reader.insideFrame) this.#halfSince = this.#lastRead;
    return false;
  }

  /** Reads and drops what comes after a bad header, until the end or {@linkcode Connection.close}. */
  async #discard(): Promise<void> {
    const sink = new Uint8Array(16 * 1024);
    try {
      while (!this.#closed && await this.#duplex.read(sink) !== null);
    } catch {
      // The peer is gone, which is what was waited for.
    }
    if (!this.#closed) this.#endReading();
  }

  /** Whether too much waits for this peer, or anything where too much waits for all together. */
  get #isFull(): boolean {
    return this.#queueSize > this.#limits.privateQueue || this.#queues.size > this.#limits.allQueues;
  }

  get #isReading(): boolean {
    return !this.#isHeld && !this.#readEnded && !this.#reader.isWaiting;
  }

  #rest(): void {
    this.#isHeld = true;
    this.#cancelRest = this.#clock.after(this.#restMs, () => this.#readOn());
    this.#restMs = 0;
  }

  #readOn(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#cancelRest?.();
    this.#cancelRest = null;
    this.#readingSince = this.#clock.now();
    // Not now: who calls is in the midst of writing.
    queueMicrotask(() => this.#closed || this.#takeAll());
  }

  /** Reads nothing more for so many milliseconds, once what has been read is taken. */
  restFor(ms: number): void {
    this.#restMs = Math.max(this.#restMs, ms);
  }

  /** Puts a frame, or a replay, into the private queue. */
  send(frames: Uint8Array | Pieces): void {
    if (this.#ending !== null || this.#closed) {
      if (!(frames instanceof Uint8Array)) frames.close();
      return;
    }
    this.#enqueue(frames);
  }

  #enqueue(frames: Uint8Array | Pieces): void {
    this.#queue.push(frames);
    this.#resizeQueue(sizeOf(frames));
    this.pump();
  }

  #resizeQueue(change: number): void {
    this.#queueSize += change;
    this.#queues.size += change;
  }

  /** Has a room written to the peer from now on. */
  follow(cursor: Cursor): void {
    if (this.#ending !== null || this.#closed) return;
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
      this.#fault = { error };
      // Not now: who pumps may be in the midst of what the end of a peer changes.
      Promise.resolve().then(() => this.#close("failed"));
      return;
    }
    this.#picking = false;
    bytes ??= this.#takeLastFrame();
    if (bytes === null) {
      if (this.#ending !== null) this.#halfClose();
      return;
    }
    this.#pending = bytes;
    this.#writing = true;
    this.#writeBegan = this.#clock.now();
    this.#duplex.write(bytes).then(this.#wrote, this.#failed);
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

  readonly #failed = (): void => this.#close(this.#ending ?? "failed");

  /** The private queue first, then one room after the other. */
  #nextBytes(): Uint8Array | null {
    return this.#queue.length > 0 ? this.#takeQueue() : this.#nextOfRooms();
  }

  /** As much of the queue's front as one write is to have, or null where there were no bytes in it. */
  #takeQueue(): Uint8Array | null {
    const queue = this.#queue;
    const taken: Uint8Array[] = [];
    let size = 0;
    let done = 0;
    while (done < queue.length && size < REPLAY_PIECE) {
      const first = queue[done]!;
      if (first instanceof Uint8Array) {
        if (size > 0 && size + first.length > REPLAY_PIECE) break;
        taken.push(first);
        size += first.length;
      } else {
        const piece = first.next(REPLAY_PIECE - size);
        if (piece !== null) {
          taken.push(piece);
          size += piece.length;
          continue;
        }
        first.close();
      }
      this.#resizeQueue(-sizeOf(first));
      done++;
    }
    queue.splice(0, done);
    if (this.#queueSize <= this.#limits.privateQueue && this.#cancelRest === null) this.#readOn();
    return taken.length <= 1 ? taken[0] ?? null : joined(taken, size);
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
   * Says goodbye: writes a last frame, half-closes, reads and drops for a while, closes. To one that reads nothing it is
   * tried, no more.
   *
   * @param isDrained Whether all that its rooms have for the peer is written before, however long it takes.
   */
  goodbye(frame: Uint8Array, { isDrained = false }: { isDrained?: boolean } = {}): void {
    if (this.#ending !== null || this.#closed) return;
    this.#ending = "said goodbye";
    this.#lastFrame = frame;
    if (!isDrained) {
      this.#cursors.length = 0;
      this.#waitForEnd();
    }
    this.#readOn();
    this.pump();
  }

  /** Writes what the peer is owed, and closes: to one that says nothing more. */
  finish(): void {
    if (this.#ending !== null || this.#closed) return;
    this.#ending = "clean";
    this.#cursors.length = 0;
    this.pump();
  }

  #waitForEnd(): void {
    this.#cancelGoodbye ??= this.#clock.after(this.#limits.goodbye, () => this.#close("said goodbye"));
  }

  #halfClose(): void {
    if (this.#halfClosed) return;
    this.#halfClosed = true;
    this.#waitForEnd();
    const ending = this.#ending!;
    this.#duplex.closeWrite().then(
      () => this.#readEnded && this.#close(ending),
      () => this.#close(ending),
    );
  }

  /** Ends it now. */
  close(ending: Ending = "said goodbye"): void {
    this.#close(ending);
  }

  #close(ending: Ending): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelGoodbye?.();
    this.#cancelRest?.();
    for (const entry of this.#queue) if (!(entry instanceof Uint8Array)) entry.close();
    this.#queue.length = 0;
    this.#resizeQueue(-this.#queueSize);
    this.#cursors.length = 0;
    this.#pending = null;
    this.#reader.release();
    try {
      this.#duplex.close();
    } catch {
      // It was closed already.
    }
    this.#listening.ended(ending);
    this.#whenClosed?.();
  }
}

/** What an entry of the private queue takes, about. */
function sizeOf(entry: Uint8Array | Pieces): number {
  return ENTRY_SIZE + (entry instanceof Uint8Array ? entry.length : 0);
}

function joined(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
