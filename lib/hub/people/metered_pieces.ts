/** Answers that are built piece by piece as a peer reads them, with the time charged to that peer. */

import type { Clock } from "../../base/clock.ts";
import type { Pieces } from "../../connection/private_queue.ts";
import type { WorkShare } from "../upkeep/work.ts";

/** A peer as its answers know it. */
export interface Payer {
  readonly work: WorkShare;
  readonly connection: { pump(): void };
  /** Charges `ms` milliseconds of work. Returns the milliseconds to wait. */
  worked(ms: number): number;
}

/** The longest piece, in bytes. A piece of this size is read in a few milliseconds. */
const MAX_PIECE = 64 * 1024;

/** The number of pieces of an answer that are written without a pause: the announcement, one piece and the end. */
const FREE_PIECES = 3;

/** Frames in pieces, the building of which is timed and charged. A peer that has used up its time waits for the next piece. */
export class MeteredPieces implements Pieces {
  readonly #pieces: Pieces;
  readonly #peer: Payer;
  readonly #clock: Clock;
  /**
   * The milliseconds to wait for the time charged so far; the function that cancels the wait; whether the answer may go
   * on.
   */
  #debt = 0;
  #cancel: (() => void) | null = null;
  #isItsTurn = false;
  #taken = 0;
  #isClosed = false;

  constructor(pieces: Pieces, { peer, clock }: { peer: Payer; clock: Clock }) {
    this.#pieces = pieces;
    this.#peer = peer;
    this.#clock = clock;
  }

  next(maxBytes: number): Uint8Array | "later" | null {
    if (this.#mustWait()) return "later";
    const began = this.#clock.ticks();
    const piece = this.#pieces.next(Math.min(maxBytes, MAX_PIECE));
    this.#debt = this.#peer.worked(this.#clock.ticks() - began);
    return piece;
  }

  #mustWait(): boolean {
    if (this.#cancel !== null) return true;
    if (this.#isItsTurn) {
      this.#isItsTurn = false;
      return false;
    }
    if (this.#debt > 0) {
      const debt = this.#debt;
      this.#debt = 0;
      this.#cancel = this.#clock.after(debt, () => {
        this.#cancel = null;
        this.#peer.connection.pump();
      });
      return true;
    }
    // If a peer reads pieces at once, the event loop would otherwise get no chance to serve other sockets.
    if (this.#taken++ < FREE_PIECES && !this.#peer.work.mustWait(MAX_PIECE)) return false;
    this.#cancel = () => {};
    this.#peer.work.add(() => {
      this.#cancel = null;
      this.#isItsTurn = true;
      if (!this.#isClosed) this.#peer.connection.pump();
      return true;
    });
    return true;
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel?.();
    this.#pieces.close();
  }
}

/** A frame that is built when it is about to be written. */
export class LazyFrame implements Pieces {
  #make: (() => Uint8Array) | null;

  constructor(make: () => Uint8Array) {
    this.#make = make;
  }

  next(): Uint8Array | null {
    const make = this.#make;
    this.#make = null;
    return make?.() ?? null;
  }

  close(): void {
    this.#make = null;
  }
}
