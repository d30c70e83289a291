/** A peer whose reading the test paces, byte by byte, on a connection without a network. */

import type { Duplex } from "../../lib/connection/duplex.ts";
import { encodeFrame, FrameReader } from "../../lib/frame/mod.ts";
import { decode } from "../../lib/pickle/decode/decode.ts";
import { encode } from "../../lib/pickle/encode/encode.ts";
import type { Value } from "../../lib/pickle/values/values.ts";

/** What the peer was told. */
export type Told = Record<string, unknown> & { readonly type: string };

/** The listener's end is its `duplex`; a write of it ends when some of its bytes are taken. */
export class PacedPeer {
  readonly duplex: Duplex;
  readonly #input: Uint8Array[] = [];
  #reading: (() => void) | null = null;
  #writing: { bytes: Uint8Array; wrote: (count: number) => void } | null = null;
  #isClosed = false;
  /** What it has taken and not parsed yet. */
  readonly #taken: Uint8Array[] = [];
  readonly #frames: AsyncIterator<Uint8Array>;
  #wake: (() => void) | null = null;
  /** What went wrong in what it was told. */
  readonly faults: unknown[] = [];
  /** Called with each message that it has taken whole. */
  onMessage: (told: Told) => void = () => {};

  constructor() {
    this.duplex = {
      read: (into) => this.#read(into),
      write: (bytes) => new Promise((wrote) => this.#writing = { bytes, wrote }),
      closeWrite: () => Promise.resolve(),
      close: () => this.close(),
    };
    const source = { read: (into: Uint8Array) => this.#readTaken(into) };
    this.#frames = new FrameReader(source, { maxPayload: 1 << 26 })[Symbol.asyncIterator]();
    this.#parse();
  }

  /** Sends a message. */
  send(message: Record<string, Value>): void {
    this.#input.push(encodeFrame(encode(new Map(Object.entries(message)))));
    this.#reading?.();
  }

  /** Takes at most so many bytes of what the listener writes; tells how many it took. */
  take(most: number): number {
    const writing = this.#writing;
    if (writing === null) return 0;
    const count = Math.min(most, writing.bytes.length);
    this.#taken.push(writing.bytes.slice(0, count));
    this.#wake?.();
    this.#writing = null;
    writing.wrote(count);
    return count;
  }

  /** Whether the listener has nothing under way for it. */
  get isIdle(): boolean {
    return this.#writing === null;
  }

  close(): void {
    this.#isClosed = true;
    this.#reading?.();
    this.#wake?.();
    this.#writing?.wrote(this.#writing.bytes.length);
    this.#writing = null;
  }

  async #read(into: Uint8Array): Promise<number | null> {
    while (this.#input.length === 0) {
      if (this.#isClosed) return null;
      await new Promise<void>((resolve) => this.#reading = resolve);
    }
    return move(this.#input, into);
  }

  async #readTaken(into: Uint8Array): Promise<number | null> {
    while (this.#taken.length === 0) {
      if (this.#isClosed) return null;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return move(this.#taken, into);
  }

  async #parse(): Promise<void> {
    try {
      for (let next = await this.#frames.next(); !next.done; next = await this.#frames.next()) {
        this.onMessage(Object.fromEntries(decode(next.value) as Map<string, unknown>) as Told);
      }
    } catch (error) {
      // The end of the test may cut a frame.
      if (!this.#isClosed) this.faults.push(error);
    }
  }
}

function move(from: Uint8Array[], into: Uint8Array): number {
  const first = from[0]!;
  const count = Math.min(into.length, first.length);
  into.set(first.subarray(0, count));
  if (count === first.length) from.shift();
  else from[0] = first.subarray(count);
  return count;
}
