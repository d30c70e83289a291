/** Output descriptors: standard output and standard error, on which every byte is written or the write fails. */

import { type Clock, SYSTEM_CLOCK } from "./clock.ts";

/** An output of the runtime, such as `Deno.stdout`: writes some bytes and returns their number. */
export interface RawOutput {
  write(bytes: Uint8Array): Promise<number>;
  writeSync(bytes: Uint8Array): number;
  isTerminal(): boolean;
}

/** The options of a {@linkcode Descriptor}. */
export interface DescriptorOptions {
  readonly clock: Pick<Clock, "after">;
  /** Whether the runtime buffers lines on it, as it does on standard output. */
  readonly isLineBuffered: boolean;
}

/** The first and the longest wait while a descriptor accepts nothing. */
const FIRST_WAIT_MS = 1;
const LONGEST_WAIT_MS = 50;

/** The longest time that {@linkcode Descriptor.writeSync} waits. */
const SYNC_WAIT_MS = 250;

/** The size up to which a write to a pipe is atomic in POSIX, in bytes. */
const PIPE_BUF = 4096;

/** The size of the runtime's line buffer. */
const LINE_BUFFER = 1024;

const NEWLINE = 0x0a;
const NOTHING = new Uint8Array();

/**
 * Writes all bytes to a descriptor: a pipe, a terminal, a socket or a file.
 *
 * Another program that shares a descriptor may make it non-blocking, and then a write may fail because the reader is
 * slow (EAGAIN). A program may also be interrupted by a signal (EINTR), and a write may be short. In each case the rest
 * is written later. All other errors are passed on.
 *
 * The runtime keeps the end of the output to standard output in a line buffer, and does not tell how much of a failed
 * write was accepted. So the bytes are written in pieces that are accepted whole or not at all.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { SYSTEM_CLOCK } from "./clock.ts";
 * import { Descriptor } from "./descriptor.ts";
 *
 * let written = "";
 * let isFull = false;
 * const write = (bytes: Uint8Array) => {
 *   isFull = !isFull;
 *   if (isFull) throw new Deno.errors.WouldBlock();
 *   written += new TextDecoder().decode(bytes.subarray(0, 2));
 *   return Math.min(bytes.length, 2);
 * };
 * const raw = { write: async (bytes: Uint8Array) => await write(bytes), writeSync: write, isTerminal: () => false };
 * const output = new Descriptor(raw, { clock: SYSTEM_CLOCK, isLineBuffered: false });
 * await output.write(new TextEncoder().encode("hello\n"));
 * assertEquals(written, "hello\n");
 * ```
 */
export class Descriptor {
  readonly #raw: RawOutput;
  readonly #options: DescriptorOptions;
  #failure: unknown = null;

  constructor(raw: RawOutput, options: DescriptorOptions) {
    this.#raw = raw;
    this.#options = options;
  }

  /** Whether bytes were lost by a failed write, other than to a reader that has closed its end. */
  get hasLost(): boolean {
    return this.#failure !== null && !(this.#failure instanceof Deno.errors.BrokenPipe);
  }

  /** Whether it is a terminal. */
  isTerminal(): boolean {
    return this.#raw.isTerminal();
  }

  /**
   * Writes all bytes. One write is under way at a time.
   *
   * @returns The number of the bytes.
   * @throws The system's error if they cannot be written.
   */
  async write(bytes: Uint8Array): Promise<number> {
    for (const piece of this.#pieces(bytes)) {
      for (let wait = FIRST_WAIT_MS; !piece.isWritten; wait = longer(wait)) {
        if (!piece.took(await this.#raw.write(piece.rest).catch(errorOf))) await this.#pause(wait);
      }
      if (piece.error !== null) throw this.#failure ??= piece.error;
    }
    return bytes.length;
  }

  /**
   * Writes all bytes before it returns, for the last ones of a program.
   *
   * @throws The system's error if they cannot be written, or the descriptor accepts nothing for 250 ms.
   */
  writeSync(bytes: Uint8Array): number {
    let waited = 0;
    for (const piece of this.#pieces(bytes)) {
      for (let wait = FIRST_WAIT_MS; !piece.isWritten; wait = longer(wait)) {
        if (piece.took(this.#tryNow(piece.rest))) continue;
        if (waited > SYNC_WAIT_MS) throw this.#failure ??= new Deno.errors.WouldBlock("it takes nothing");
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, wait);
        waited += wait;
      }
      if (piece.error !== null) throw this.#failure ??= piece.error;
    }
    return bytes.length;
  }

  #tryNow(bytes: Uint8Array): number | Refused {
    try {
      return this.#raw.writeSync(bytes);
    } catch (error) {
      return { error };
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#options.clock.after(ms, resolve));
  }

  *#pieces(bytes: Uint8Array): Generator<Piece, void> {
    const { isLineBuffered } = this.#options;
    const isTerminal = isLineBuffered && this.isTerminal();
    for (let at = 0; at < bytes.length;) {
      const rest = bytes.subarray(at);
      const size = !isLineBuffered ? rest.length : isTerminal ? terminalPiece(rest) : pipePiece(rest);
      const piece = new Piece(rest.subarray(0, size), isLineBuffered);
      yield piece;
      at += piece.count;
    }
  }
}

/** A failed attempt. */
interface Refused {
  readonly error: unknown;
}

/** A piece of output. After a temporary failure it is known whether the runtime has buffered it. */
class Piece {
  readonly #bytes: Uint8Array;
  readonly #fitsBuffer: boolean;
  #isKept = false;
  /** The number of its bytes that are written. */
  count = 0;
  isWritten = false;
  /** The error that ended it. */
  error: unknown = null;

  constructor(bytes: Uint8Array, isLineBuffered: boolean) {
    this.#bytes = bytes;
    this.#fitsBuffer = isLineBuffered && bytes.length < LINE_BUFFER && bytes.at(-1) !== NEWLINE;
  }

  /** The bytes of the next attempt; none if the runtime has buffered them and has to write them. */
  get rest(): Uint8Array {
    return this.#isKept ? NOTHING : this.#bytes;
  }

  /** Takes the result of an attempt, and returns whether to go on at once. */
  took(result: number | Refused): boolean {
    if (typeof result === "number") {
      this.count = this.#isKept ? this.#bytes.length : result;
      this.isWritten = this.count > 0;
      return this.isWritten;
    }
    const { error } = result;
    if (error instanceof Deno.errors.WouldBlock || error instanceof Deno.errors.Interrupted) {
      this.#isKept ||= this.#fitsBuffer;
      return error instanceof Deno.errors.Interrupted;
    }
    this.error = error;
    return this.isWritten = true;
  }
}

/** The size of the next piece for a pipe: whole lines, or the beginning of a long one. */
function pipePiece(bytes: Uint8Array): number {
  const end = bytes.subarray(0, PIPE_BUF).lastIndexOf(NEWLINE);
  return end === -1 ? Math.min(bytes.length, PIPE_BUF) : end + 1;
}

/**
 * The size of the next piece for a terminal, which may take any part of a write: a newline, or what is before one. Without
 * a newline the runtime buffers what fits its line buffer, and passes on the rest in one write of the system.
 */
function terminalPiece(bytes: Uint8Array): number {
  const newline = bytes.indexOf(NEWLINE);
  return newline === -1 ? bytes.length : Math.max(1, newline);
}

function longer(wait: number): number {
  return Math.min(wait * 2, LONGEST_WAIT_MS);
}

function errorOf(error: unknown): Refused {
  return { error };
}

/** Standard output. */
export const STANDARD_OUTPUT = new Descriptor(Deno.stdout, { clock: SYSTEM_CLOCK, isLineBuffered: true });

/** Standard error. */
export const STANDARD_ERROR = new Descriptor(Deno.stderr, { clock: SYSTEM_CLOCK, isLineBuffered: false });
