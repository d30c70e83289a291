/** What waits for one peer alone. */

import { joined } from "../base/bytes.ts";
import { type Limits, REPLAY_PIECE } from "../base/limits.ts";

/** Whole frames in pieces, made when their turn to be written comes, as a replay hands them out. */
export interface Pieces {
  next(maxBytes: number): Uint8Array | null;
  close(): void;
}

/** The bytes that wait in several private queues together. */
export interface QueueSum {
  size: number;
}

/** What an entry takes besides its bytes, about: small frames are not free. */
const ENTRY_SIZE = 128;

/** Frames in the order in which they were put in. */
export class PrivateQueue {
  readonly #entries: (Uint8Array | Pieces)[] = [];
  readonly #limits: Limits;
  readonly #sum: QueueSum;
  #size = 0;

  /** @param sum Where its size counts too. */
  constructor(limits: Limits, sum: QueueSum = { size: 0 }) {
    this.#limits = limits;
    this.#sum = sum;
  }

  /** The bytes that it takes, about. */
  get size(): number {
    return this.#size;
  }

  /** How many entries it has. */
  get length(): number {
    return this.#entries.length;
  }

  /** Whether it is within its own limit. */
  get isShort(): boolean {
    return this.#size <= this.#limits.privateQueue;
  }

  /** Whether too much waits here, or anything where too much waits for all together. */
  get isFull(): boolean {
    return this.#size > 0 && (!this.isShort || this.#sum.size > this.#limits.allQueues);
  }

  /** Puts a frame, or a replay, behind the others. */
  add(frames: Uint8Array | Pieces): void {
    this.#entries.push(frames);
    this.#resize(sizeOf(frames));
  }

  /** Takes as much from the front as one write is to have, or null where there were no bytes in it. */
  take(): Uint8Array | null {
    const entries = this.#entries;
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

/** What an entry takes, about. */
function sizeOf(entry: Uint8Array | Pieces): number {
  return ENTRY_SIZE + (entry instanceof Uint8Array ? entry.length : 0);
}
