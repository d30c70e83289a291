/** Memory for the frames of posts until they arrive. */

const CHUNK = 64 * 1024;
/** The size from which on a frame gets memory of its own, which a ring may keep as it is. */
const LONG = 32 * 1024;

/**
 * Hands out memory for short frames from chunks: an allocation for each would cost as much as the frame's copy.
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

  /** Returns `size` bytes, whatever stands in them. */
  take(size: number): Uint8Array {
    if (size >= LONG) return new Uint8Array(size);
    if (this.#used + size > CHUNK) {
      this.#chunk = new Uint8Array(CHUNK);
      this.#used = 0;
    }
    return this.#chunk.subarray(this.#used, this.#used += size);
  }

  /** Hands out the memory of the current chunk again: nobody uses a frame in it any more. */
  reuse(): void {
    this.#used = 0;
  }
}
