/** Lines that go to standard output or standard error, many in one write. */

/** The output of bytes, such as a {@linkcode Descriptor}: a write resolves when all of its bytes are written. */
export interface Sink {
  write(bytes: Uint8Array): Promise<unknown>;
}

/** The number of waiting UTF-16 code units above which callers should wait before they add more. */
const HIGH_WATER = 1 << 18;

/**
 * Gathers lines and writes them in order.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Output } from "./output.ts";
 *
 * const written: string[] = [];
 * const output = new Output({
 *   write(bytes) {
 *     written.push(new TextDecoder().decode(bytes));
 *     return Promise.resolve(bytes.length);
 *   },
 * });
 * output.line("hi");
 * output.line("ho");
 * await output.flush();
 * assertEquals(written, ["hi\nho\n"]);
 * ```
 */
export class Output {
  readonly #sink: Sink;
  readonly #encoder = new TextEncoder();
  #lines: string[] = [];
  #size = 0;
  #writing: Promise<void> | null = null;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  /** Adds a line for the next flush. Returns a promise if so much waits that it is flushed now. */
  line(text: string): Promise<void> | void {
    this.#lines.push(text);
    this.#size += text.length;
    if (this.#size > HIGH_WATER) return this.flush();
  }

  /**
   * Writes the lines that were added.
   *
   * @returns A promise that resolves when all of it is written, and rejects with any error of the sink.
   */
  flush(): Promise<void> {
    if (this.#writing === null && this.#lines.length > 0) this.#writing = this.#writeAll();
    return this.#writing ?? Promise.resolve();
  }

  async #writeAll(): Promise<void> {
    try {
      while (this.#lines.length > 0) {
        this.#lines.push("");
        const bytes = this.#encoder.encode(this.#lines.join("\n"));
        this.#lines = [];
        this.#size = 0;
        await this.#sink.write(bytes);
      }
    } finally {
      // Reset at once: a line added between the last check and a later reset would not be written by anybody.
      this.#writing = null;
    }
  }
}
