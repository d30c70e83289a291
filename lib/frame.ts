/**
 * Frames: a header of ten bytes that tells a length, and a payload of that many bytes.
 * This file knows nothing of what a payload holds.
 */

import { FrameError } from "./errors.ts";

/** The header's size in bytes. */
export const HEADER_SIZE = 10;

/** Frames are padded to a multiple of this: what the best-known client of the format reads at a time. */
const FRAME_MULTIPLE = 16;

/** What an idle connection waits with, and what a busy one reads at a time. */
const IDLE_BUFFER = 512;
const READ_SIZE = 64 * 1024;

/** Where payloads up to half of it come, a buffer grows to this, so that most of them lie whole in it. */
const MAX_BUFFER = 256 * 1024;

/** What a longer payload is kept in until it is whole. */
const MAX_PART = 1024 * 1024;

const END = { done: true, value: undefined } as const;

const SPACE = 0x20;
const ZERO = 0x30;

/**
 * Reads the length out of a header.
 *
 * The header is a decimal number, padded with spaces on either side or both; leading zeros are taken.
 *
 * @param bytes Where the header lies.
 * @param offset The header's first byte.
 * @returns The payload's length in bytes, 0 to 9,999,999,999.
 * @throws {FrameError} `bad-header`, for anything else: a sign, a point, a letter, an empty field.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseHeader } from "./frame.ts";
 *
 * assertEquals(parseHeader(new TextEncoder().encode("33        ")), 33);
 * ```
 */
export function parseHeader(bytes: Uint8Array, offset = 0): number {
  const end = offset + HEADER_SIZE;
  let at = offset;
  while (at < end && bytes[at] === SPACE) at++;
  const first = at;
  let length = 0;
  for (; at < end; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) break;
    length = length * 10 + digit;
  }
  const digits = at - first;
  while (at < end && bytes[at] === SPACE) at++;
  if (digits === 0 || at !== end) throw badHeader(bytes.subarray(offset, end));
  return length;
}

function badHeader(header: Uint8Array): FrameError {
  const shown = Array.from(
    header,
    (byte) =>
      byte >= SPACE && byte < 0x7f && byte !== 0x27 && byte !== 0x5c
        ? String.fromCharCode(byte)
        : `\\x${byte.toString(16).padStart(2, "0")}`,
  );
  return new FrameError("bad-header", `Cannot read the header: b'${shown.join("")}' is no length`);
}

/** Writes a header: the length as a decimal number, left-aligned, padded with spaces. */
export function writeHeader(target: Uint8Array, offset: number, length: number): void {
  let digits = 1;
  for (let rest = length; rest >= 10; rest = Math.floor(rest / 10)) digits++;
  let rest = length;
  for (let at = offset + digits - 1; at >= offset; at--) {
    const next = Math.floor(rest / 10);
    target[at] = ZERO + rest - next * 10;
    rest = next;
  }
  target.fill(SPACE, offset + digits, offset + HEADER_SIZE);
}

/** The size of the frame that carries a payload of `length` bytes: with its header and its padding. */
export function frameSize(length: number): number {
  return Math.ceil((HEADER_SIZE + length) / FRAME_MULTIPLE) * FRAME_MULTIPLE;
}

/**
 * Puts a payload into a frame: header, payload, zero bytes up to a multiple of 16.
 *
 * The header's length counts the padding, which a pickle's reader never looks at.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodeFrame } from "./frame.ts";
 *
 * const frame = encodeFrame(new TextEncoder().encode("N."));
 * assertEquals(new TextDecoder().decode(frame), "6         N.\0\0\0\0");
 * ```
 */
export function encodeFrame(payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(frameSize(payload.length));
  writeHeader(frame, 0, frame.length - HEADER_SIZE);
  frame.set(payload, HEADER_SIZE);
  return frame;
}

/** Anything that bytes can be read from, as a `Deno.Conn` is: how many came, or null at the end. */
export interface Source {
  read(into: Uint8Array): Promise<number | null>;
}

/** A sum of memory that several readers share. */
export interface Budget {
  /** Takes `size` bytes where they are free now. */
  tryTake(size: number): boolean;
  /** Takes `size` bytes, after a wait where they are not free. */
  take(size: number): Promise<void>;
  /** Gives `size` bytes back. */
  give(size: number): void;
}

/** The options of a {@linkcode FrameReader}. */
export interface FrameReaderOptions {
  /** The longest payload that is taken, in bytes. */
  readonly maxPayload: number;
  /** What pays for all buffers beyond the idle one. If not given, they are bounded by `maxPayload` alone. */
  readonly budget?: Budget;
  /** Is told, each time that a frame is looked at: its header, and how many of its bytes are there, header included. */
  readonly trace?: (header: Uint8Array, have: number) => void;
}

/**
 * Reads payloads from a stream of frames.
 *
 * As an async iterator it yields one payload after the other. Whoever wants many of them without a promise for each
 * alternates {@linkcode FrameReader.fill} with {@linkcode FrameReader.take} until that gives null.
 *
 * A payload is a view that is good until the next `fill`, or the iterator's next step. It is not copied where it lies
 * whole in one read, and once where it does not. Memory follows what arrived, at most twice as much: a header's length
 * is checked against `maxPayload` and allocates nothing.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodeFrame, FrameReader } from "./frame.ts";
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
  readonly #maxPayload: number;
  readonly #budget: Budget | undefined;
  readonly #trace: FrameReaderOptions["trace"];
  #buffer = new Uint8Array(IDLE_BUFFER);
  #start = 0;
  #end = 0;
  /** Whether the last read filled the room it had, and whether an idle buffer would have been enough for it. */
  #filledWhole = false;
  #readLittle = true;
  /** The length that the header under way declares, or −1 where that header is not whole yet. */
  #length = -1;
  #header: Uint8Array | null = null;
  /** The full buffers that hold the beginning of a long payload, and how many of its bytes. */
  #parts: Uint8Array[] = [];
  #partsSize = 0;
  #partsHeld = 0;
  /** A long payload put together, and the size of the one that was taken last. */
  #whole: Uint8Array | null = null;
  #spent = 0;
  /** What it took of the budget. */
  #held = 0;
  #released = false;

  constructor(source: Source, options: FrameReaderOptions) {
    this.#source = source;
    this.#maxPayload = options.maxPayload;
    this.#budget = options.budget;
    this.#trace = options.trace;
  }

  /** Whether a frame has begun to arrive and is not whole yet. */
  get insideFrame(): boolean {
    return this.#end > this.#start || this.#length >= 0;
  }

  /** The bytes of all its buffers. */
  get bufferSize(): number {
    return IDLE_BUFFER + this.#held;
  }

  /**
   * Takes the next payload that is there whole, or null where more bytes must be read first.
   *
   * @throws {FrameError} `bad-header`, or `too-large` where the length is above the limit.
   */
  take(): Uint8Array | null {
    if (this.#length < 0 && !this.#takeHeader()) return null;
    const length = this.#length;
    const have = this.#whole ? length : this.#partsSize + this.#end - this.#start;
    if (this.#header !== null) this.#trace?.(this.#header, HEADER_SIZE + Math.min(have, length));
    if (have < length) return null;
    this.#length = -1;
    if (this.#whole === null) return this.#buffer.subarray(this.#start, this.#start += length);
    const whole = this.#whole;
    this.#whole = null;
    this.#spent = length;
    return whole;
  }

  /**
   * Reads once. Call it when {@linkcode FrameReader.take} has given null; the payloads taken before are void.
   *
   * @returns False where the stream ended between two frames.
   * @throws {FrameError} `cut`, where it ended inside one.
   */
  async fill(): Promise<boolean> {
    if (this.#spent > 0) this.#give(this.#spent);
    this.#spent = 0;
    const lack = this.#makeRoom();
    if (lack) await lack;
    const room = this.#buffer.subarray(this.#end, this.#end + READ_SIZE);
    const count = await this.#source.read(room);
    if (count === null) {
      if (!this.insideFrame) return false;
      throw new FrameError("cut", "Cannot read on: the stream ended inside a frame");
    }
    this.#end += count;
    this.#filledWhole = count === room.length;
    this.#readLittle = count < IDLE_BUFFER;
    const missing = this.#length - this.#partsSize;
    if (this.#partsSize > 0 && this.#end - this.#start >= missing) await this.#join(missing);
    return true;
  }

  /** Gives back what it took of its budget. No more can be read after. */
  release(): void {
    this.#released = true;
    this.#budget?.give(this.#held);
    this.#held = 0;
    this.#buffer = new Uint8Array(0);
    this.#parts = [];
    this.#whole = null;
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
    if (this.#end - this.#start < HEADER_SIZE) return false;
    const length = parseHeader(this.#buffer, this.#start);
    if (length > this.#maxPayload) {
      throw new FrameError(
        "too-large",
        `Cannot take the frame: its payload of ${length} bytes is above the limit of ${this.#maxPayload}`,
      );
    }
    if (this.#trace) this.#header = this.#buffer.slice(this.#start, this.#start + HEADER_SIZE);
    this.#start += HEADER_SIZE;
    this.#length = length;
    return true;
  }

  /** Makes room behind `#end`; gives a promise only where memory has to be waited for. */
  #makeRoom(): Promise<void> | undefined {
    const size = this.#buffer.length;
    const left = this.#end - this.#start;
    const isIdle = size === IDLE_BUFFER;
    if (!isIdle && this.#readLittle && left <= IDLE_BUFFER / 2) {
      this.#give(size);
      this.#replaceBuffer(IDLE_BUFFER);
    } else if (isIdle && this.#filledWhole && this.#tryHold(READ_SIZE)) {
      this.#replaceBuffer(READ_SIZE);
    } else if (left > 0 && this.#end === size && this.#length > size / 2) {
      // A payload that is longer than a read: a few of them fit a larger buffer, one that does not is kept in parts.
      if (isIdle || this.#length > MAX_BUFFER / 2 || size >= MAX_BUFFER || !this.#tryHold(size)) {
        return this.#setAside();
      }
      this.#replaceBuffer(2 * size);
    } else if (left === size) {
      return this.#hold(READ_SIZE).then(() => this.#replaceBuffer(READ_SIZE));
    } else if (this.#start > 0 && size - this.#end < READ_SIZE) {
      this.#buffer.copyWithin(0, this.#start, this.#end);
      this.#start = 0;
      this.#end = left;
    }
    return undefined;
  }

  /** Moves what is left into a new buffer. */
  #replaceBuffer(size: number): void {
    const next = new Uint8Array(size);
    next.set(this.#buffer.subarray(this.#start, this.#end));
    this.#end -= this.#start;
    this.#start = 0;
    this.#buffer = next;
  }

  /** Keeps a full buffer as a part of a long payload, and goes on with a new one. */
  async #setAside(): Promise<void> {
    this.#parts.push(this.#buffer.subarray(this.#start, this.#end));
    this.#partsSize += this.#end - this.#start;
    // The idle buffer is not paid for.
    if (this.#buffer.length > IDLE_BUFFER) this.#partsHeld += this.#buffer.length;
    this.#start = this.#end = 0;
    const size = Math.min(MAX_PART, Math.max(READ_SIZE, this.#partsSize));
    await this.#hold(size);
    this.#buffer = new Uint8Array(size);
  }

  /** Puts a long payload together: its one copy. */
  async #join(missing: number): Promise<void> {
    await this.#hold(this.#length);
    const whole = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    whole.set(this.#buffer.subarray(this.#start, this.#start += missing), at);
    this.#give(this.#partsHeld);
    this.#partsHeld = 0;
    this.#parts = [];
    this.#partsSize = 0;
    this.#whole = whole;
  }

  #tryHold(size: number): boolean {
    if (this.#budget && !this.#budget.tryTake(size)) return false;
    this.#held += size;
    return true;
  }

  async #hold(size: number): Promise<void> {
    await this.#budget?.take(size);
    this.#held += size;
    if (this.#released) this.release();
  }

  #give(size: number): void {
    this.#held -= size;
    this.#budget?.give(size);
  }
}
