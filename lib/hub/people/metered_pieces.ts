/** Answers that are made as a peer takes them, and charged to it. */

import type { Clock } from "../../base/clock.ts";
import type { Pieces } from "../../connection/private_queue.ts";
import type { WorkShare } from "../upkeep/work.ts";

/** A peer as its answers know it. */
export interface Payer {
  readonly work: WorkShare;
  readonly connection: { pump(): void };
  /** Charges so many milliseconds of work; returns how long it is to wait for them. */
  worked(ms: number): number;
}

/** The longest piece, in bytes: it is read in a few milliseconds. */
const MAX_PIECE = 64 * 1024;

/** How many pieces of an answer may follow each other at once: its announcement, a piece, and its end. */
const FREE_PIECES = 3;

/** Frames in pieces whose making is measured and charged; a peer that has none of its time left waits for the next piece. */
export class MeteredPieces implements Pieces {
  readonly #pieces: Pieces;
  readonly #peer: Payer;
  readonly #clock: Clock;
  /** The milliseconds that are still to be waited for what was charged, what cancels that wait, and whether it is its turn. */
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
    // A peer that takes them at once would leave the event loop no pause to look at other sockets.
    if (this.#taken++ < FREE_PIECES && !this.#peer.work.isHeavy) return false;
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

/** A frame that is made when it is to be written. */
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
