/** Joiner of frames from the pieces that a connection writes. */

import { HEADER_SIZE, parseHeader } from "../frame/mod.ts";

/** The next payload in a piece, if it is complete, and the offset at which the piece continues. */
export interface JoinedFrame {
  readonly payload: Uint8Array | null;
  readonly next: number;
}

/**
 * Joins frames. A payload that is completely in one piece is returned as a view of it, without a copy.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodeFrame } from "../frame/mod.ts";
 * import { FrameJoiner } from "./frame_joiner.ts";
 *
 * const frames = new FrameJoiner();
 * const frame = encodeFrame(new Uint8Array([1, 2, 3, 4, 5, 6]));
 * assertEquals(frames.take(frame.subarray(0, 12), 0), { payload: null, next: 12 });
 * assertEquals(frames.take(frame.subarray(12), 0), { payload: new Uint8Array([1, 2, 3, 4, 5, 6]), next: 4 });
 * ```
 */
export class FrameJoiner {
  /**
   * The frame that has begun, and the number of its bytes so far. Until its header is complete, it has the length of
   * the header.
   */
  #frame: Uint8Array = EMPTY;
  #have = 0;

  /** Takes the bytes at `at` in a piece: the rest of the frame that has begun, or the next frame. */
  take(piece: Uint8Array, at: number): JoinedFrame {
    if (this.#have === 0 && piece.length - at >= HEADER_SIZE) {
      const end = at + HEADER_SIZE + parseHeader(piece, at);
      if (end <= piece.length) return { payload: piece.subarray(at + HEADER_SIZE, end), next: end };
    }
    if (this.#have === 0) this.#frame = new Uint8Array(HEADER_SIZE);
    let next = this.#fill(piece, at);
    if (this.#have === HEADER_SIZE && this.#frame.length === HEADER_SIZE) {
      const whole = new Uint8Array(HEADER_SIZE + parseHeader(this.#frame));
      whole.set(this.#frame);
      this.#frame = whole;
      next = this.#fill(piece, next);
    }
    if (this.#have < this.#frame.length || this.#have < HEADER_SIZE) return { payload: null, next };
    const payload = this.#frame.subarray(HEADER_SIZE);
    this.#frame = EMPTY;
    this.#have = 0;
    return { payload, next };
  }

  /** Copies the bytes that the frame lacks, and returns the offset at which the piece continues. */
  #fill(piece: Uint8Array, at: number): number {
    const end = Math.min(piece.length, at + this.#frame.length - this.#have);
    this.#frame.set(piece.subarray(at, end), this.#have);
    this.#have += end - at;
    return end;
  }
}

const EMPTY = new Uint8Array(0);
