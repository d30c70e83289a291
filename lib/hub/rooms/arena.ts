/** Memory for the frames of posts until they arrive. */

const CHUNK = 64 * 1024;
/** Frames of this size or more get memory of their own, which a ring can keep without a copy. */
const LONG = 32 * 1024;

/**
 * Allocates short frames from chunks, because an allocation for each would cost as much as copying the frame.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Arena } from "./arena.ts";
 *
 * const arena = new Arena();
 * const [first, second] = [arena.take(10), arena.take(6)];
 * assertEquals([first.length, second.byteOffset], [10, 10]);
 * arena.reuse();
 * assertEquals(arena.take(10).buffer, first.buffer);
 * ```
 */
export class Arena {
  #chunk = new Uint8Array(CHUNK);
  #used = 0;

  /** Returns `size` bytes, which are not cleared. */
  take(size: number): Uint8Array {
    if (size >= LONG) return new Uint8Array(size);
    if (this.#used + size > CHUNK) {
      this.#chunk = new Uint8Array(CHUNK);
      this.#used = 0;
    }
    return this.#chunk.subarray(this.#used, this.#used += size);
  }

  /** Reuses the memory of the current chunk. No frame in it may be in use any more. */
  reuse(): void {
    this.#used = 0;
  }
}
