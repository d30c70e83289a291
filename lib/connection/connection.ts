/**
 * One peer's connection: frames on a duplex. It knows what frames are and how to write them in order, and nothing of what
 * they say. Bytes go out from two places: a private queue, and the cursors of the rooms that the peer is in.
 */

import type { Clock } from "../base/clock.ts";
import type { Duplex } from "./duplex.ts";
import type { FrameReaderOptions } from "../frame/mod.ts";
import { Intake, type IntakeWatch, type Taker } from "./intake.ts";
import type { Limits } from "../base/limits.ts";
import { type Cursor, Outgoing, type OutgoingWatch } from "./outgoing.ts";
import { type Pieces, PrivateQueue, type QueueSum } from "./private_queue.ts";

/** Why a connection ended. */
export type Ending = "clean" | "cut" | "failed" | "slow" | "said goodbye";

/** What a connection tells. After `broken` it goes on only to say goodbye. */
export interface Listening extends Taker {
  /** The peer says nothing more, but may still read: {@linkcode Connection.finish} is to be called. */
  finished(): void;
  /** It is over, told once. */
  ended(ending: Ending): void;
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

/** Reads frames from a duplex and writes frames to it, each in order, neither waiting for the other. */
export class Connection implements IntakeWatch, OutgoingWatch {
  readonly #duplex: Duplex;
  readonly #limits: Limits;
  readonly #clock: Clock;
  readonly #listening: Listening;
  readonly #queue: PrivateQueue;
  readonly #intake: Intake;
  readonly #outgoing: Outgoing;
  /** Why nothing more is taken, neither from the peer nor for it. */
  #ending: Ending | null = null;
  #halfClosed = false;
  #closed = false;
  #whenClosed: (() => void) | null = null;
  #cancelGoodbye: (() => void) | null = null;
  /** What should never happen: an error of what listens, or of what is asked for bytes. */
  #fault: { readonly error: unknown } | null = null;

  constructor(duplex: Duplex, listening: Listening, { limits, clock, reading, queues }: ConnectionOptions) {
    this.#duplex = duplex;
    this.#listening = listening;
    this.#limits = limits;
    this.#clock = clock;
    const queue = this.#queue = new PrivateQueue(limits, queues);
    this.#intake = new Intake(duplex, { limits, clock, reading, queue, taker: listening, watch: this });
    this.#outgoing = new Outgoing(duplex, { limits, clock, queue, watch: this });
  }

  /** The bytes of the frames that came, and the bytes that were written. */
  get received(): number {
    return this.#intake.received;
  }

  get sent(): number {
    return this.#outgoing.sent;
  }

  /** The bytes that wait for this peer alone. */
  get queueSize(): number {
    return this.#queue.size;
  }

  /** For how many milliseconds nothing came although it was read. */
  silentFor(now: number): number {
    return this.#intake.silentFor(now);
  }

  /**
   * Whether a frame got no further for longer than the limit.
   *
   * @param isShort Whether others wait for the memory that a long frame takes: then it must be whole within the limit.
   */
  isStuckInFrame(now: number, isShort = false): boolean {
    return this.#intake.isStuckInFrame(now, isShort);
  }

  /** For how long a write has been under way, in milliseconds; 0 where none is. */
  writingFor(now: number): number {
    return this.#outgoing.writingFor(now);
  }

  /** Whether a write has been under way for longer than the limit. */
  isStalled(now: number): boolean {
    return this.#outgoing.isStalled(now);
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
      else this.#intake.read();
    });
  }

  /** Reads nothing more for so many milliseconds, once what has been read is taken. */
  restFor(ms: number): void {
    this.#intake.restFor(ms);
  }

  /** Puts a frame, or a replay, into the private queue. */
  send(frames: Uint8Array | Pieces): void {
    this.#outgoing.send(frames);
  }

  /** Has a room written to the peer from now on. */
  follow(cursor: Cursor): void {
    this.#outgoing.follow(cursor);
  }

  /** Has no more of a room written. */
  unfollow(cursor: Cursor): void {
    this.#outgoing.unfollow(cursor);
  }

  /** Writes what there is to write, if nothing is being written. */
  pump(): void {
    this.#outgoing.pump();
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
    this.#outgoing.end(frame, !isDrained);
    if (!isDrained) this.#waitForEnd();
    this.#intake.drop();
    this.pump();
  }

  /** Writes what the peer is owed, and closes: to one that says nothing more. */
  finish(): void {
    if (this.#ending !== null || this.#closed) return;
    this.#ending = "clean";
    this.#outgoing.end(null, true);
    this.pump();
  }

  #waitForEnd(): void {
    this.#cancelGoodbye ??= this.#clock.after(this.#limits.goodbye, () => this.#close("said goodbye"));
  }

  /** Ends it now. */
  close(ending: Ending = "said goodbye"): void {
    this.#close(ending);
  }

  // What its halves tell. But for the one that stands for a promise they are no closures, which weigh on who only waits.

  readEnded(): void {
    if (this.#halfClosed) this.#close(this.#ending!);
    else if (this.#ending === null) this.#listening.finished();
  }

  queueShort(): void {
    this.#intake.goOn();
  }

  allWritten(): void {
    if (this.#halfClosed) return;
    this.#halfClosed = true;
    this.#waitForEnd();
    const ending = this.#ending!;
    this.#duplex.closeWrite().then(
      () => this.#intake.hasEnded && this.#close(ending),
      () => this.#close(ending),
    );
  }

  faulted(error: unknown): void {
    this.#fault ??= { error };
  }

  readonly failed = (): void => this.#close(this.#fault === null ? this.#ending ?? "failed" : "failed");

  wasCut(): void {
    this.#close(this.#ending ?? "cut");
  }

  #close(ending: Ending): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelGoodbye?.();
    this.#outgoing.close();
    this.#intake.close();
    try {
      this.#duplex.close();
    } catch {
      // It was closed already.
    }
    this.#listening.ended(ending);
    this.#whenClosed?.();
  }
}
