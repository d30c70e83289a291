/** Cache of the lines of frames that go to many browsers, so that each is made once. */

/** The options of a {@linkcode LineCache}. */
export interface LineCacheOptions {
  /** Makes the line of a payload. */
  readonly make: (payload: Uint8Array) => string | Promise<string>;
  /** The most characters (UTF-16 code units) that it keeps. */
  readonly maxLength: number;
}

/**
 * Keeps the newest lines, by the place of their payload in memory. The frames of a room are in segments whose bytes
 * never change, and the writes to all members use the same segment.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { LineCache } from "./line_cache.ts";
 *
 * let made = 0;
 * const cache = new LineCache({ make: () => `line ${++made}`, maxLength: 100 });
 * const segment = new Uint8Array(20);
 * assertEquals(cache.lineOf(segment.subarray(10)), "line 1");
 * assertEquals(cache.lineOf(segment.subarray(10)), "line 1");
 * assertEquals(cache.lineOf(segment.subarray(15)), "line 2");
 * ```
 */
export class LineCache {
  readonly #options: LineCacheOptions;
  readonly #numbers = new WeakMap<ArrayBufferLike, number>();
  readonly #lines = new Map<string, string | Promise<string>>();
  #buffers = 0;
  #length = 0;

  constructor(options: LineCacheOptions) {
    this.#options = options;
  }

  /** Gives the line of a payload. */
  lineOf(payload: Uint8Array): string | Promise<string> {
    const key = `${this.#numberOf(payload.buffer)}:${payload.byteOffset}:${payload.length}`;
    const known = this.#lines.get(key);
    if (known !== undefined) return known;
    const line = this.#options.make(payload);
    if (typeof line === "string") this.#keep(key, line);
    else {
      // Requests in the meantime wait for the same line.
      this.#lines.set(key, line);
      line.then((text) => this.#keep(key, text), () => this.#lines.delete(key));
    }
    return line;
  }

  #numberOf(buffer: ArrayBufferLike): number {
    const known = this.#numbers.get(buffer);
    if (known !== undefined) return known;
    this.#numbers.set(buffer, ++this.#buffers);
    return this.#buffers;
  }

  #keep(key: string, line: string): void {
    this.#lines.delete(key);
    if (line.length > this.#options.maxLength) return;
    this.#lines.set(key, line);
    this.#length += line.length;
    for (const [oldest, text] of this.#lines) {
      if (this.#length <= this.#options.maxLength) break;
      if (typeof text !== "string") continue;
      this.#lines.delete(oldest);
      this.#length -= text.length;
    }
  }
}
