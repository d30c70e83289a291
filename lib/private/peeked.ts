/** A duplex whose first bytes can be looked at before they are read. */

import type { Duplex } from "../connection/duplex.ts";
import { HEADER_SIZE, parseHeader } from "../frame/mod.ts";
import { FrameError } from "../base/errors.ts";

/** Looks at the beginning of a stream without consuming it. */
export class Peeked implements Duplex {
  readonly #duplex: Duplex;
  #bytes: Uint8Array<ArrayBuffer> | null;
  #start = 0;
  #end = 0;
  #pending: Promise<number | null> | null = null;

  /** @param size The most bytes that may be looked at. */
  constructor(duplex: Duplex, size: number) {
    this.#duplex = duplex;
    this.#bytes = new Uint8Array(size);
  }

  /** The bytes that have come and are not read yet. */
  get seen(): Uint8Array<ArrayBuffer> {
    return this.#bytes?.subarray(this.#start, this.#end) ?? new Uint8Array();
  }

  /**
   * Waits for more bytes, unless the stream ends.
   *
   * @returns Whether more came.
   */
  async more(): Promise<boolean> {
    if (this.#bytes === null || this.#end === this.#bytes.length) return false;
    this.#pending ??= this.#duplex.read(this.#bytes.subarray(this.#end));
    const count = await this.#settled();
    return count !== null;
  }

  /**
   * Waits for the first frame.
   *
   * @returns Its payload, as a view that is valid until it is read; null if the stream ends before.
   * @throws {FrameError} If there is no header, or the frame is longer than the part that may be looked at.
   */
  async frame(): Promise<Uint8Array<ArrayBuffer> | null> {
    for (;;) {
      const { seen } = this;
      if (seen.length >= HEADER_SIZE) {
        const size = HEADER_SIZE + parseHeader(seen);
        if (size > this.#bytes!.length) {
          throw new FrameError(
            "too-large",
            `Cannot read the frame: it is longer than ${this.#bytes!.length} bytes`,
          );
        }
        if (seen.length >= size) return seen.subarray(HEADER_SIZE, size);
      }
      if (!await this.more()) return null;
    }
  }

  /** Drops the given number of the bytes that have come, so that nobody reads them. */
  skip(count: number): void {
    this.#start += count;
  }

  async read(into: Uint8Array): Promise<number | null> {
    if (this.#pending !== null && await this.#settled() === null) return null;
    if (this.#bytes === null) return await this.#duplex.read(into);
    const { seen } = this;
    if (seen.length === 0) {
      this.#bytes = null;
      return await this.#duplex.read(into);
    }
    const count = Math.min(seen.length, into.length);
    into.set(seen.subarray(0, count));
    this.#start += count;
    return count;
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#duplex.write(bytes);
  }

  closeWrite(): Promise<void> {
    return this.#duplex.closeWrite();
  }

  close(): void {
    this.#duplex.close();
  }

  /** Waits for the read that is under way, and takes its result. */
  async #settled(): Promise<number | null> {
    const pending = this.#pending;
    const count = await pending;
    // If two callers wait, the first takes the result.
    if (this.#pending === pending) {
      this.#pending = null;
      this.#end += count ?? 0;
    }
    return count ?? null;
  }
}
