/**
 * Connections: frames on a duplex. A connection reads and writes frames in order, and does not look into their
 * payloads. It writes from two sources: a private queue, and the cursors of the rooms that the peer is in.
 */

import { type Clock, SYSTEM_CLOCK } from "../base/clock.ts";
import type { Duplex } from "./duplex.ts";
import { Intake, type IntakeEvents, type PayloadHandler } from "./intake.ts";
import type { Limits } from "../base/limits.ts";
import { type Cursor, Outgoing, type OutgoingEvents } from "./outgoing.ts";
import { Account, type Holder, type Holding } from "./account.ts";
import type { Pin } from "./pin.ts";
import { UNSHARED_WORK, type Work } from "./work.ts";
import { type Pieces, PrivateQueue } from "./private_queue.ts";

/** The reason why a connection was closed. */
export type CloseReason = "clean" | "cut" | "failed" | "slow" | "said goodbye";

/** The events of a connection. After `broken` only a goodbye follows. */
export interface ConnectionHandler extends PayloadHandler {
  /** The peer has ended its input, but may still read: call {@linkcode Connection.finish}. */
  finished(): void;
  /** It is closed because its memory is needed for others. Returns the bye, the last frame to write. */
  evicted(): Uint8Array;
  /** It is closed; called once. */
  ended(reason: CloseReason): void;
}

/** The options of a {@linkcode Connection}. */
export interface ConnectionOptions {
  readonly limits: Limits;
  readonly clock: Clock;
  /** The account that its memory is charged to, and the owner there; unlimited if not given. */
  readonly memory?: { readonly account: Account; readonly owner: string };
  /** Its share of the event loop's time; unlimited if not given. */
  readonly work?: Work;
}

const UNLIMITED = { account: new Account(Infinity, SYSTEM_CLOCK), owner: "" };

/** Reads frames from a duplex and writes frames to it, each in order and independent of the other. */
export class Connection implements IntakeEvents, OutgoingEvents, Holder {
  readonly #duplex: Duplex;
  readonly #limits: Limits;
  readonly #clock: Clock;
  readonly #handler: ConnectionHandler;
  readonly #holding: Holding;
  readonly #queue: PrivateQueue;
  readonly #intake: Intake;
  readonly #outgoing: Outgoing;
  /** Set when the connection is about to end. From then on nothing is read from the peer or queued for it. */
  #ending: CloseReason | null = null;
  #halfClosed = false;
  #closed = false;
  #isEvicted = false;
  #whenClosed: (() => void) | null = null;
  #cancelGoodbye: (() => void) | null = null;
  /** An error that the peer did not cause: of the handler, or of a source of frames. */
  #fault: { readonly error: unknown } | null = null;

  constructor(
    duplex: Duplex,
    handler: ConnectionHandler,
    { limits, clock, memory = UNLIMITED, work = UNSHARED_WORK }: ConnectionOptions,
  ) {
    this.#duplex = duplex;
    this.#handler = handler;
    this.#limits = limits;
    this.#clock = clock;
    const holding = this.#holding = memory.account.open(memory.owner, this);
    const queue = this.#queue = new PrivateQueue(limits, holding);
    const reading = { maxPayload: limits.maxFrame, budget: holding, reuses: true };
    this.#intake = new Intake(duplex, { limits, clock, reading, queue, handler, work, events: this });
    this.#outgoing = new Outgoing(duplex, { limits, clock, queue, holding, work, events: this });
  }

  /** The bytes of the frames that were received. */
  get received(): number {
    return this.#intake.received;
  }

  /** The bytes that were written. */
  get sent(): number {
    return this.#outgoing.sent;
  }

  /** The bytes in its private queue. */
  get queueSize(): number {
    return this.#queue.size;
  }

  /** When bytes arrived last, in ticks of the clock. */
  get lastRead(): number {
    return this.#intake.lastRead;
  }

  /** The milliseconds for which it has been reading without receiving anything. */
  silentFor(now: number): number {
    return this.#intake.silentFor(now);
  }

  /**
   * Whether a frame made no progress for longer than the limit.
   *
   * @param isShort Whether others wait for memory. Then a long frame must be complete within the limit, even if it
   * makes progress.
   */
  isStuckInFrame(now: number, isShort = false): boolean {
    return this.#intake.isStuckInFrame(now, isShort);
  }

  /**
   * The milliseconds for which a write has been pending, counted from the first call during that write; 0 if none is.
   */
  writingFor(now: number): number {
    return this.#outgoing.writingFor(now);
  }

  /** Whether a write has been pending for longer than the limit. */
  isStalled(now: number): boolean {
    return this.#outgoing.isStalled(now);
  }

  /**
   * Reads until the stream ends, and hands what arrives to the handler. It resolves when the connection is closed.
   *
   * @throws {unknown} An error that the peer did not cause; the connection is closed in this case too.
   */
  run(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#whenClosed = () => this.#fault === null ? resolve() : reject(this.#fault.error);
      if (this.#closed) this.#whenClosed();
      else this.#intake.read();
    });
  }

  /** Closes it because of an error that the peer did not cause. */
  fail(error: unknown): void {
    this.faulted(error);
    this.failed();
  }

  /** Resumes reading after a payload that the handler did not handle at once. */
  proceed(): void {
    this.#intake.proceed();
  }

  /** Pauses reading for `ms` milliseconds, after the payloads already read are handled. */
  restFor(ms: number): void {
    this.#intake.restFor(ms);
  }

  /** Puts a frame, or a replay, into the private queue. */
  send(frames: Uint8Array | Pieces): void {
    this.#outgoing.send(frames);
  }

  /** Puts a frame into the private queue if there is memory for it; returns whether it did. */
  trySend(frame: Uint8Array): boolean {
    return this.#outgoing.trySend(frame);
  }

  /** Shares a pin on a buffer that a room has dropped, if the buffer is being written to the peer. */
  pin(buffer: ArrayBufferLike, pin: Pin): void {
    this.#outgoing.pin(buffer, pin);
  }

  /** Starts writing a room to the peer. */
  follow(cursor: Cursor): void {
    this.#outgoing.follow(cursor);
  }

  /** Stops writing a room to the peer. */
  unfollow(cursor: Cursor): void {
    this.#outgoing.unfollow(cursor);
  }

  /** Writes the frames that are ready, if no write is pending. */
  pump(): void {
    this.#outgoing.pump();
  }

  /**
   * Says goodbye: writes a last frame, half-closes, discards input for a while, and closes. It closes after that time
   * even if the peer reads nothing.
   *
   * @param isDrained Whether all waiting frames of its rooms are written first, however long that takes.
   */
  goodbye(frame: Uint8Array, { isDrained = false }: { isDrained?: boolean } = {}): void {
    if (this.#ending !== null || this.#closed || this.#isEvicted) return;
    this.#ending = "said goodbye";
    this.#outgoing.end(frame, !isDrained);
    if (!isDrained) this.#waitForEnd();
    this.#intake.drop();
    this.pump();
  }

  /** Writes what is queued, and closes: for a peer that has ended its input. */
  finish(): void {
    if (this.#ending !== null || this.#closed || this.#isEvicted) return;
    this.#ending = "clean";
    this.#outgoing.end(null, true);
    this.pump();
  }

  #waitForEnd(): void {
    this.#cancelGoodbye ??= this.#clock.after(this.#limits.goodbye, () => this.#close("said goodbye"));
  }

  /** Closes it now. */
  close(ending: CloseReason = "said goodbye"): void {
    this.#close(ending);
  }

  /** Frees its memory for others, and closes. */
  giveWay(): void {
    if (this.#closed || this.#isEvicted) return;
    this.#isEvicted = true;

    const isWriting = this.#outgoing.isWriting;
    this.#intake.close();
    this.#outgoing.close();
    this.#holding.close();
    // The rest is done later, because the end of a peer changes collections that the caller may be iterating over.
    queueMicrotask(() => {
      const bye = this.#handler.evicted();
      // In the middle of a frame no bye can be written. The pending write holds little memory, and goes on after the
      // end.
      if (!isWriting && !this.#closed) this.#duplex.write(bye).catch(() => {});
      this.#close("slow");
    });
  }

  overdrawn(): void {
    this.giveWay();
  }

  worked(ms: number): void {
    this.#handler.worked(ms);
  }

  // The events of its two halves are methods where they can be: a closure costs memory for each idle connection.

  readEnded(): void {
    if (this.#halfClosed) this.#close(this.#ending!);
    else if (this.#ending === null) this.#handler.finished();
  }

  queueShort(): void {
    this.#intake.resume();
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

  #close(ending: CloseReason): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelGoodbye?.();
    this.#outgoing.close();
    this.#intake.close();
    this.#holding.close();
    try {
      this.#duplex.close();
    } catch {
      // It is closed already.
    }
    this.#handler.ended(ending);
    this.#whenClosed?.();
  }
}
