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

/** What a reader has of its own, whatever others take of a budget: frames up to here are never waited for. */
export const OWN_BUFFER = 4 * 1024;

/** Where payloads up to half of it come, a buffer grows to this, so that most of them lie whole in it. */
const MAX_BUFFER = 256 * 1024;

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

/**
 * A sum of memory that several readers share. It pays for all that a reader's buffer has beyond {@linkcode OWN_BUFFER}.
 * A reader asks once for all that a long frame needs until it is whole, and for nothing more before it gives that back.
 */
export interface Budget {
  /** Takes `size` bytes that a reader can do without; false where memory is short. */
  tryTake(size: number): boolean;
  /**
   * Takes `size` bytes that a frame cannot do without, behind those who asked before.
   *
   * @returns Null where they are taken. Otherwise `then` is called once they are, unless what is returned calls it off.
   */
  take(size: number, then: () => void): (() => void) | null;
  /** Gives `size` bytes back. */
  give(size: number): void;
}

/** The budget of a reader that shares with nobody: its own limit is the only one. */
const UNSHARED: Budget = { tryTake: () => true, take: () => null, give() {} };

/** The options of a {@linkcode FrameReader}. */
export interface FrameReaderOptions {
  /** The longest payload that is taken, in bytes. */
  readonly maxPayload: number;
  /** What pays for large buffers. If not given, they are bounded by `maxPayload` alone. */
  readonly budget?: Budget;
  /** Is told, each time that a frame is looked at: its header, and how many of its bytes are there, header included. */
  readonly trace?: (header: Uint8Array, have: number) => void;
}

/** What the budget of readers with that limit must hold, in bytes, so that a frame at the limit never waits for ever. */
export function leastBudget(maxPayload: number): number {
  return 2 * needOf(maxPayload);
}

/** What a long frame's buffers take at most until it is whole: the last, and the one that it is copied from. */
function needOf(length: number): number {
  return length > READ_SIZE ? length + Math.ceil(length / 2) : length;
}

/**
 * Reads payloads from a stream of frames.
 *
 * As an async iterator it yields one payload after the other. Whoever wants many of them without a promise for each
 * alternates {@linkcode FrameReader.fill} with {@linkcode FrameReader.take} until that gives null.
 *
 * A payload is a view that is good until the next `fill`, or the iterator's next step. It is not copied where it lies
 * whole in one read, and about once where it does not. Memory follows what arrived, at most twice as much: a header's
 * length is checked against `maxPayload` and allocates nothing.
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
  readonly #options: FrameReaderOptions;
  readonly #budget: Budget;
  #buffer = new Uint8Array(IDLE_BUFFER);
  #start = 0;
  #end = 0;
  /** Whether the last read filled the room it had, and whether an idle buffer would have been enough for it. */
  #filledWhole = false;
  #readLittle = true;
  /** The length that the header under way declares, or −1 where that header is not whole yet. */
  #length = -1;
  #header: Uint8Array | null = null;
  /** Whether the buffer is a long frame's alone, from the first byte of its payload on. */
  #isLong = false;
  /** What it took of the budget, what ends its waiting for more, and what is to be called then. */
  #held = 0;
  #endWait: (() => void) | null = null;
  #then: (() => void) | null = null;
  #released = false;

  constructor(source: Source, options: FrameReaderOptions) {
    this.#source = source;
    this.#options = options;
    this.#budget = options.budget ?? UNSHARED;
  }

  /** Whether a frame has begun to arrive and is not whole yet. */
  get insideFrame(): boolean {
    return this.#end > this.#start || this.#length >= 0;
  }

  /** The bytes of its buffer. */
  get bufferSize(): number {
    return this.#buffer.length;
  }

  /** Whether a long frame waits for memory, so that nothing is read. */
  get isWaiting(): boolean {
    return this.#endWait !== null;
  }

  /** The bytes that it has of the budget. */
  get held(): number {
    return this.#held;
  }

  /**
   * Takes the next payload that is there whole, or null where more bytes must be read first.
   *
   * @throws {FrameError} `bad-header`, or `too-large` where the length is above the limit.
   */
  take(): Uint8Array | null {
    if (this.#length < 0 && !this.#takeHeader()) return null;
    const length = this.#length;
    const have = this.#end - this.#start;
    if (this.#header !== null) this.#options.trace?.(this.#header, HEADER_SIZE + Math.min(have, length));
    if (have < length) return null;
    this.#length = -1;
    return this.#buffer.subarray(this.#start, this.#start += length);
  }

  /**
   * Reads once. Call it when {@linkcode FrameReader.take} has given null; the payloads taken before are void.
   *
   * @returns False where the stream ended between two frames.
   * @throws {FrameError} `cut`, where it ended inside one.
   */
  async fill(): Promise<boolean> {
    let room = this.room();
    if (room === null && this.isWaiting) {
      await new Promise<void>((resolve) => this.#then = resolve);
      room = this.room();
    }
    return room !== null && this.add(await this.#source.read(room));
  }

  /**
   * Gives where the next bytes are to be read into: the first half of {@linkcode FrameReader.fill}, without a promise.
   *
   * @param then Is called, where memory has to be waited for, when it is there: then ask again.
   * @returns Null where memory has to be waited for, or the reader was released.
   */
  room(then?: () => void): Uint8Array | null {
    if (this.#released) return null;
    if (this.#endWait === null) this.#makeRoom();
    if (this.#endWait !== null) {
      this.#then = then ?? null;
      return null;
    }
    // Of an idle connection's buffer no view is made: it would be kept for as long as nothing comes.
    return this.#end === 0 && this.#buffer.length <= READ_SIZE
      ? this.#buffer
      : this.#buffer.subarray(this.#end, this.#end + READ_SIZE);
  }

  /**
   * Takes that so many bytes were read, or that the stream has ended: the second half of {@linkcode FrameReader.fill}.
   *
   * @returns False where the stream ended between two frames, or the reader was released.
   * @throws {FrameError} `cut`, where it ended inside one.
   */
  add(count: number | null): boolean {
    if (this.#released) return false;
    if (count === null) {
      if (!this.insideFrame) return false;
      throw new FrameError("cut", "Cannot read on: the stream ended inside a frame");
    }
    this.#filledWhole = count === Math.min(READ_SIZE, this.#buffer.length - this.#end);
    this.#readLittle = count < IDLE_BUFFER;
    this.#end += count;
    return true;
  }

  /** Gives back what it took of its budget. No more can be read after. */
  release(): void {
    this.#released = true;
    this.#endWait?.();
    this.#buffer = new Uint8Array(0);
    this.#start = this.#end = 0;
    this.#give();
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
    if (length > this.#options.maxPayload) {
      throw new FrameError(
        "too-large",
        `Cannot take the frame: its payload of ${length} bytes is above the limit of ${this.#options.maxPayload}`,
      );
    }
    if (this.#options.trace) this.#header = this.#buffer.slice(this.#start, this.#start + HEADER_SIZE);
    this.#start += HEADER_SIZE;
    this.#length = length;
    return true;
  }

  /** Makes room behind `#end`, or begins to wait for the memory. */
  #makeRoom(): void {
    if (this.#isLong) {
      if (this.#length >= 0) this.#growLong();
      else this.#toIdle();
      return;
    }
    const left = this.#end - this.#start;
    const size = this.#buffer.length;
    if (size > IDLE_BUFFER && this.#readLittle && left <= IDLE_BUFFER / 2 && this.#length <= IDLE_BUFFER) {
      this.#toIdle();
    } else if (size <= OWN_BUFFER && (this.#filledWhole || this.#length > size)) {
      this.#growSmall();
    } else if (size < MAX_BUFFER && left > 0 && this.#end === size && this.#length > size / 2) {
      // A frame that was split: a few of its kind fit a larger buffer.
      if (this.#length <= MAX_BUFFER / 2 && this.#tryHold(size)) this.#replaceBuffer(2 * size);
    }
    // What is left goes to the front: there it needs no room behind the buffer's middle.
    if (this.#start > 0 && this.#buffer.length - this.#end < READ_SIZE) {
      this.#buffer.copyWithin(0, this.#start, this.#end);
      this.#end = left;
      this.#start = 0;
    }
    if (left === this.#buffer.length) this.#beginLong();
  }

  /** Goes on with an idle buffer: what is left fits it. */
  #toIdle(): void {
    this.#replaceBuffer(IDLE_BUFFER);
    this.#isLong = false;
    this.#give();
  }

  /** Makes a small buffer as large as every reader's may be, and one that was too small again a large one, if it may. */
  #growSmall(): void {
    if (this.#buffer.length < OWN_BUFFER && this.#length <= OWN_BUFFER) this.#replaceBuffer(OWN_BUFFER);
    else if (this.#tryHold(READ_SIZE)) this.#replaceBuffer(READ_SIZE);
    else if (this.#buffer.length < OWN_BUFFER) this.#replaceBuffer(OWN_BUFFER);
  }

  #tryHold(size: number): boolean {
    if (!this.#budget.tryTake(size)) return false;
    this.#held += size;
    return true;
  }

  /** Gives the frame under way a buffer of its own, once the budget has what it needs to become whole. */
  #beginLong(): void {
    const need = needOf(this.#length);
    const begin = () => {
      const before = this.#held;
      this.#held = need;
      this.#isLong = true;
      this.#growLong();
      if (before > 0) this.#budget.give(before);
    };
    const end = () => {
      this.#endWait = null;
      this.#then?.();
      this.#then = null;
    };
    const callOff = this.#budget.take(need, () => {
      begin();
      end();
    });
    if (callOff === null) return begin();
    this.#endWait = () => {
      callOff();
      end();
    };
  }

  /** Makes room for more of a long frame: its length, or the half of that, or the half of that, as bytes arrive. */
  #growLong(): void {
    const have = this.#end - this.#start;
    if (this.#start === 0 && have < this.#buffer.length) return;
    let size = this.#length;
    for (let half = Math.ceil(size / 2); half > have && half >= READ_SIZE; half = Math.ceil(size / 2)) {
      size = half;
    }
    this.#replaceBuffer(size);
  }

  /** Moves what is left into a new buffer. */
  #replaceBuffer(size: number): void {
    const next = new Uint8Array(size);
    next.set(this.#buffer.subarray(this.#start, this.#end));
    this.#end -= this.#start;
    this.#start = 0;
    this.#buffer = next;
  }

  #give(): void {
    const held = this.#held;
    this.#held = 0;
    if (held > 0) this.#budget.give(held);
  }
}
