/** Reader of frames from a stream of bytes. */

import { FrameError } from "../base/errors.ts";
import type { Budget } from "./budget.ts";
import { HEADER_SIZE, parseHeader } from "./header.ts";
import { ReadBuffer } from "./read_buffer.ts";

/** A source of bytes, such as a `Deno.Conn`. */
export interface Source {
  /** Reads some bytes; resolves to their number, or to null at the end. */
  read(into: Uint8Array): Promise<number | null>;
}

const END = { done: true, value: undefined } as const;

/** The options of a {@linkcode FrameReader}. */
export interface FrameReaderOptions {
  /** The longest payload that is accepted, in bytes. */
  readonly maxPayload: number;
  /** The budget of large buffers. If not given, they are bounded by `maxPayload` alone. */
  readonly budget?: Budget;
  /**
   * Whether the buffers of long frames are used again, also by other readers. Then nothing may refer to a payload when it is no
   * longer valid.
   */
  readonly reuses?: boolean;
  /** Called each time that a frame is looked at, with its header and how many of its bytes are there, header included. */
  readonly trace?: (header: Uint8Array, have: number) => void;
}

/**
 * Reads payloads from a stream of frames.
 *
 * As an async iterator it yields one payload after the other. To take many of them without a promise for each, alternate
 * {@linkcode FrameReader.fill} with {@linkcode FrameReader.take} until that returns null.
 *
 * A payload is a view that is good until the next `fill`, or the iterator's next step. It is not copied where it lies
 * whole in one read, and about once where it does not. Memory follows what arrived, at most twice as much: a header's
 * length is checked against `maxPayload` and allocates nothing.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodeFrame, FrameReader } from "./mod.ts";
 *
 * let wire: Uint8Array | null = encodeFrame(new TextEncoder().encode("N."));
 * const source = {
 *   read(into: Uint8Array) {
 *     const count = wire?.length ?? null;
 *     if (wire) into.set(wire);
 *     wire = null;
 *     return Promise.resolve(count);
 *   },
 * };
 * for await (const payload of new FrameReader(source, { maxPayload: 1000 })) {
 *   assertEquals(payload, new TextEncoder().encode("N.\0\0\0\0"));
 * }
 * ```
 */
export class FrameReader implements AsyncIterable<Uint8Array> {
  readonly #source: Source;
  readonly #options: FrameReaderOptions;
  readonly #buffer: ReadBuffer;
  /** The length in the current header, or −1 where that header is not complete. */
  #length = -1;
  #header: Uint8Array | null = null;

  constructor(source: Source, options: FrameReaderOptions) {
    this.#source = source;
    this.#options = options;
    this.#buffer = new ReadBuffer(options.budget, options.reuses);
  }

  /** Whether a frame has begun to arrive and is not complete. */
  get insideFrame(): boolean {
    return this.#buffer.have > 0 || this.#length >= 0;
  }

  /** The bytes that were read and not taken. */
  get have(): number {
    return this.#buffer.have;
  }

  /** The size of its buffer in bytes. */
  get bufferSize(): number {
    return this.#buffer.size;
  }

  /** Whether a long frame waits for memory, so that nothing is read. */
  get isWaiting(): boolean {
    return this.#buffer.isWaiting;
  }

  /** The bytes that it has of the budget. */
  get held(): number {
    return this.#buffer.held;
  }

  /**
   * Takes the next payload, or null if more bytes must be read first.
   *
   * @throws {FrameError} `bad-header`, or `too-large` where the length is above the limit.
   */
  take(): Uint8Array | null {
    if (this.#length < 0 && !this.#takeHeader()) return null;
    const length = this.#length;
    const { have } = this.#buffer;
    if (this.#header !== null) this.#options.trace?.(this.#header, HEADER_SIZE + Math.min(have, length));
    if (have < length) return null;
    this.#length = -1;
    return this.#buffer.take(length);
  }

  /**
   * Reads once. Call it when {@linkcode FrameReader.take} has given null; the payloads taken before are no longer valid.
   *
   * @returns False where the stream ended between two frames.
   * @throws {FrameError} `cut`, where it ended inside one.
   */
  async fill(): Promise<boolean> {
    let room = this.room();
    if (room === null && this.isWaiting) {
      await new Promise<void>((resolve) => this.room(resolve));
      room = this.room();
    }
    return room !== null && this.add(await this.#source.read(room));
  }

  /**
   * Returns the buffer for the next bytes: the first half of {@linkcode FrameReader.fill}, without a promise.
   *
   * @param then Called, where memory has to be waited for, once it is there: then ask again.
   * @returns Null where memory has to be waited for, or the reader was released.
   */
  room(then?: () => void): Uint8Array | null {
    return this.#buffer.room(this.#length, then);
  }

  /**
   * Adds the bytes that were read, or the end of the stream: the second half of {@linkcode FrameReader.fill}.
   *
   * @returns False where the stream ended between two frames, or the reader was released.
   * @throws {FrameError} `cut`, where it ended inside one.
   */
  add(count: number | null): boolean {
    if (this.#buffer.isReleased) return false;
    if (count === null) {
      if (!this.insideFrame) return false;
      throw new FrameError("cut", "Cannot read on: the stream ended inside a frame");
    }
    this.#buffer.add(count);
    return true;
  }

  /** Frees its memory. Nothing can be read after. */
  release(): void {
    this.#buffer.release();
  }

  // By hand and not an async generator, which takes three turns of the microtask queue for each payload.
  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
      try {
        while (await this.fill()) {
          const payload = this.take();
          if (payload !== null) return { done: false, value: payload };
        }
      } catch (error) {
        this.release();
        throw error;
      }
      this.release();
      return END;
    };
    return {
      next: () => {
        try {
          const payload = this.take();
          return payload === null ? next() : Promise.resolve({ done: false, value: payload });
        } catch (error) {
          this.release();
          return Promise.reject(error);
        }
      },
      return: () => {
        this.release();
        return Promise.resolve(END);
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  #takeHeader(): boolean {
    if (this.#buffer.have < HEADER_SIZE) return false;
    const { bytes, start } = this.#buffer;
    const length = parseHeader(bytes, start);
    if (length > this.#options.maxPayload) {
      throw new FrameError(
        "too-large",
        `Cannot take the frame: its payload of ${length} bytes is above the limit of ${this.#options.maxPayload}`,
      );
    }
    if (this.#options.trace) this.#header = bytes.slice(start, start + HEADER_SIZE);
    this.#buffer.skip(HEADER_SIZE);
    this.#length = length;
    return true;
  }
}
