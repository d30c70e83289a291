/** Private queues: frames that wait for one peer only. */

import { joined } from "../base/bytes.ts";
import { type Limits, REPLAY_PIECE } from "../base/limits.ts";
import type { Holding } from "./account.ts";

/** Whole frames in pieces that are built when they are about to be written, such as a replay. */
export interface Pieces {
  /**
   * Returns the next frames, at most `maxBytes` of them but at least one; null at the end; "later" if they are not
   * available yet. In that case pump the connection when they are.
   */
  next(maxBytes: number): Uint8Array | "later" | null;
  close(): void;
}

/** The approximate overhead of an entry, in bytes: small frames are not free. */
const ENTRY_SIZE = 128;

/** The size that frames in pieces count as, so that reading pauses when many requests wait for their answers. */
const PIECES_SIZE = 16 * 1024;

/** Frames in the order in which they were put in. */
export class PrivateQueue {
  readonly #entries: (Uint8Array | Pieces)[] = [];
  readonly #limits: Limits;
  readonly #holding: Holding;
  #size = 0;
  /** Whether the first entry waits for frames that are not available yet. */
  #isWaiting = false;

  /** @param holding The memory that its size is charged to. */
  constructor(limits: Limits, holding: Holding) {
    this.#limits = limits;
    this.#holding = holding;
  }

  /** The approximate bytes that it takes. */
  get size(): number {
    return this.#size;
  }

  /** The number of entries. */
  get length(): number {
    return this.#entries.length;
  }

  /** Whether the last {@linkcode PrivateQueue.take} found that frames are not available yet. Nothing may overtake them. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** Whether it is within its own limit. */
  get isShort(): boolean {
    return this.#size <= this.#limits.privateQueue;
  }

  /** Appends a frame, or frames in pieces. Returns false if there is no memory for it. */
  add(frames: Uint8Array | Pieces): boolean {
    const size = sizeOf(frames);
    if (!this.#holding.charge(size)) return false;
    this.#entries.push(frames);
    this.#size += size;
    return true;
  }

  /** Takes bytes for one write from the front. Returns null if the entries were empty or have to wait. */
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
      this.#release(sizeOf(first));
      done++;
    }
    entries.splice(0, done);
    return taken.length === 0 ? null : joined(taken, size);
  }

  /** Drops everything. */
  clear(): void {
    for (const entry of this.#entries) if (!(entry instanceof Uint8Array)) entry.close();
    this.#entries.length = 0;
    this.#release(this.#size);
  }

  #release(size: number): void {
    this.#size -= size;
    this.#holding.release(size);
  }
}

/** The approximate bytes that an entry takes. */
function sizeOf(entry: Uint8Array | Pieces): number {
  return entry instanceof Uint8Array ? ENTRY_SIZE + entry.length : PIECES_SIZE;
}
