/** Private queues: frames that wait for one peer alone. */

import { joined } from "../base/bytes.ts";
import { type Limits, REPLAY_PIECE } from "../base/limits.ts";

/** Whole frames in pieces that are made when they are to be written, such as a replay. */
export interface Pieces {
  /**
   * Returns the next frames, at most `maxBytes` of them but at least one; null at the end; "later" where they are not there
   * yet: then the connection is to be pumped once they are.
   */
  next(maxBytes: number): Uint8Array | "later" | null;
  close(): void;
}

/** The bytes of several private queues. */
export interface QueueSum {
  size: number;
}

/** The approximate overhead of an entry, in bytes: small frames are not free. */
const ENTRY_SIZE = 128;

/** Frames in the order in which they were put in. */
export class PrivateQueue {
  readonly #entries: (Uint8Array | Pieces)[] = [];
  readonly #limits: Limits;
  readonly #sum: QueueSum;
  #size = 0;
  /** Whether the first entry waits for what is not there yet. */
  #isWaiting = false;

  /** @param sum The sum that its size counts in. */
  constructor(limits: Limits, sum: QueueSum = { size: 0 }) {
    this.#limits = limits;
    this.#sum = sum;
  }

  /** The approximate bytes that it takes. */
  get size(): number {
    return this.#size;
  }

  /** The number of entries. */
  get length(): number {
    return this.#entries.length;
  }

  /** Whether the last {@linkcode PrivateQueue.take} met frames that are not there yet: nothing is to overtake them. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** Whether it is within its own limit. */
  get isShort(): boolean {
    return this.#size <= this.#limits.privateQueue;
  }

  /** Whether too much waits here, or anything at all while too much waits in all queues. */
  get isFull(): boolean {
    return this.#size > 0 && (!this.isShort || this.#sum.size > this.#limits.allQueues);
  }

  /** Appends a frame, or frames in pieces. */
  add(frames: Uint8Array | Pieces): void {
    this.#entries.push(frames);
    this.#resize(sizeOf(frames));
  }

  /** Takes as much from the front as one write should have; null where the entries were empty or have to wait. */
  take(): Uint8Array | null {
    const entries = this.#entries;
    this.#isWaiting = false;
    const taken: Uint8Array[] = [];
    let size = 0;
    let done = 0;
    while (done < entries.length && size < REPLAY_PIECE) {
      const first = entries[done]!;
      if (first instanceof Uint8Array) {
        if (size > 0 && size + first.length > REPLAY_PIECE) break;
        taken.push(first);
        size += first.length;
      } else {
        const piece = first.next(REPLAY_PIECE - size);
        if (piece === "later") {
          this.#isWaiting = true;
          break;
        }
        if (piece !== null) {
          taken.push(piece);
          size += piece.length;
          continue;
        }
        first.close();
      }
      this.#resize(-sizeOf(first));
      done++;
    }
    entries.splice(0, done);
    return taken.length === 0 ? null : joined(taken, size);
  }

  /** Drops everything. */
  clear(): void {
    for (const entry of this.#entries) if (!(entry instanceof Uint8Array)) entry.close();
    this.#entries.length = 0;
    this.#resize(-this.#size);
  }

  #resize(change: number): void {
    this.#size += change;
    this.#sum.size += change;
  }
}

/** The approximate bytes that an entry takes. */
function sizeOf(entry: Uint8Array | Pieces): number {
  return ENTRY_SIZE + (entry instanceof Uint8Array ? entry.length : 0);
}
