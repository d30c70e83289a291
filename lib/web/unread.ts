/** The memory of what a browser has sent and the hub has not taken: half messages and waiting lines. */

/** Memory that is charged to an account, such as a holding of the listener's. */
export interface Memory {
  /** Charges bytes. Returns false and charges nothing if there is no room for them. */
  charge(bytes: number): boolean;
  /** Gives bytes back. */
  release(bytes: number): void;
  /** Gives everything back. */
  close(): void;
}

/** The bytes that are free, so that a browser which sends short lines costs the account nothing. */
const FREE = 4 * 1024;

/**
 * Charges what a socket receives from its first byte on, until the hub has taken the message.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Unread } from "./unread.ts";
 *
 * let held = 0;
 * const unread = new Unread({
 *   charge: (bytes) => held + bytes <= 100_000 ? (held += bytes, true) : false,
 *   release: (bytes) => held -= bytes,
 *   close: () => held = 0,
 * });
 * assertEquals([unread.received(90_000), unread.received(20_000)], [true, false]);
 * const taken = unread.complete();
 * assertEquals(held, 90_000);
 * taken();
 * assertEquals(held, 0);
 * ```
 */
export class Unread {
  readonly #memory: Memory;
  /** The bytes of the message that is arriving, and how many of them are charged. */
  #arriving = 0;
  #charged = 0;
  #isClosed = false;

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** The bytes of the message that is arriving. */
  get arriving(): number {
    return this.#arriving;
  }

  /** Counts bytes from the socket. Returns false if there is no memory for them. */
  received(bytes: number): boolean {
    if (this.#isClosed) return true;
    const total = this.#arriving + bytes;
    const more = total > FREE ? total - this.#charged : 0;
    if (more > 0 && !this.#memory.charge(more)) return false;
    this.#charged += more;
    this.#arriving = total;
    return true;
  }

  /** Counts bytes that belong to no message, such as those of a ping. */
  ignore(bytes: number): void {
    this.#arriving = Math.max(0, this.#arriving - bytes);
  }

  /** Ends the message that is arriving. Returns a function that gives its memory back. */
  complete(): () => void {
    const charged = this.#charged;
    this.#arriving = this.#charged = 0;
    return () => {
      if (!this.#isClosed) this.#memory.release(charged);
    };
  }

  /** Gives everything back, because the socket has ended. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#memory.close();
  }
}
