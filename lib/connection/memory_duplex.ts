/** Duplex streams in memory: one end reads the bytes that the other end writes. */

import type { Duplex } from "./duplex.ts";

/** One direction of a duplex. A write waits until all of it is read, so that a slow reader slows down the writer. */
class Lane {
  #waiting: { bytes: Uint8Array; taken: (count: number) => void; size: number } | null = null;
  #ended = false;
  #readable: (() => void) | null = null;

  write(bytes: Uint8Array): Promise<number> {
    if (this.#ended) return Promise.reject(new Deno.errors.BrokenPipe("the other end is closed"));
    if (bytes.length === 0) return Promise.resolve(0);
    return new Promise((taken) => {
      this.#waiting = { bytes, taken, size: bytes.length };
      this.#wake();
    });
  }

  async read(into: Uint8Array): Promise<number | null> {
    while (this.#waiting === null) {
      if (this.#ended) return null;
      await new Promise<void>((resolve) => this.#readable = resolve);
    }
    const { bytes, taken, size } = this.#waiting;
    const count = Math.min(into.length, bytes.length);
    into.set(bytes.subarray(0, count));
    if (count < bytes.length) this.#waiting = { bytes: bytes.subarray(count), taken, size };
    else {
      this.#waiting = null;
      taken(size);
    }
    return count;
  }

  /** Ends the lane. Bytes that were written can still be read, unless they are dropped. */
  end(options: { unread: "kept" | "dropped" }): void {
    this.#ended = true;
    if (options.unread === "dropped") {
      this.#waiting?.taken(this.#waiting.size);
      this.#waiting = null;
    }
    this.#wake();
  }

  #wake(): void {
    this.#readable?.();
    this.#readable = null;
  }
}

/**
 * Makes the two ends of a connection in memory. One write of an end is under way at a time, as a connection's is.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { memoryDuplex } from "./memory_duplex.ts";
 *
 * const [near, far] = memoryDuplex();
 * const written = near.write(Uint8Array.of(1, 2));
 * const bytes = new Uint8Array(8);
 * assertEquals(await far.read(bytes), 2);
 * assertEquals(await written, 2);
 * near.close();
 * assertEquals(await far.read(bytes), null);
 * ```
 */
export function memoryDuplex(): [Duplex, Duplex] {
  const [there, back] = [new Lane(), new Lane()];
  return [endOf(there, back), endOf(back, there)];
}

function endOf(out: Lane, into: Lane): Duplex {
  return {
    read: (bytes) => into.read(bytes),
    write: (bytes) => out.write(bytes),
    closeWrite: () => Promise.resolve(out.end({ unread: "kept" })),
    close: () => {
      out.end({ unread: "kept" });
      into.end({ unread: "dropped" });
    },
  };
}
