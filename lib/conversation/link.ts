/** One connection of a connector: reads payloads, and writes frames in as few writes as possible. */

import { joined } from "../base/bytes.ts";
import { endOfTurn } from "../base/turn.ts";
import type { Duplex } from "../connection/duplex.ts";
import { FrameReader } from "../frame/mod.ts";
import { HEAD_SIZE } from "./other_service.ts";

/** The receiver of a trace: each frame as it is read, before it is decoded. */
export interface LinkTrace {
  /** Called after each read of a frame, with its header and the number of its bytes received so far. */
  look(header: Uint8Array, have: number): void;
  /** Called with each payload. */
  payload(payload: Uint8Array): void;
}

/** The options of a {@linkcode Link}. */
export interface LinkOptions {
  /** The longest payload that is read, in bytes. */
  readonly maxPayload: number;
  readonly trace?: LinkTrace | undefined;
}

/** The reader of a link. */
export interface LinkReader {
  /**
   * Handles a payload: a view that is valid until this returns, or its promise resolves.
   *
   * @returns False to stop reading; a promise to continue when it resolves.
   */
  payload(payload: Uint8Array): boolean | Promise<boolean>;
  /** Called after each read, when its payloads are handled. Reading continues when the promise resolves. */
  afterRead(): Promise<void>;
}

/** The size up to which frames are joined into one write. */
const WRITE_SIZE = 64 * 1024;

/** The number of waiting bytes above which there is no room for more frames. */
const HIGH_WATER = 256 * 1024;

/** One connection of a connector. */
export class Link {
  readonly #duplex: Duplex;
  readonly #options: LinkOptions;
  #waiting: Uint8Array[] = [];
  #size = 0;
  #writing: Promise<void> | null = null;
  #written = 0;
  #head: Uint8Array<ArrayBufferLike> = new Uint8Array();
  #taken = 0;
  #reading = false;
  #failed = false;
  #error: unknown = null;
  #closed = false;

  constructor(duplex: Duplex, options: LinkOptions) {
    this.#duplex = duplex;
    this.#options = options;
  }

  /** Whether more frames may be added before some are written. */
  get hasRoom(): boolean {
    return this.#size < HIGH_WATER;
  }

  /** Whether it waits for the other end, rather than for this end to show what was received. */
  get isReading(): boolean {
    return this.#reading;
  }

  /** The first bytes that came, at most {@linkcode HEAD_SIZE}. */
  get head(): Uint8Array {
    return this.#head;
  }

  /** The frames that are not completely written, oldest first, including those that were given up. */
  get unsent(): readonly Uint8Array[] {
    return this.#waiting;
  }

  /** The number of payloads read. */
  get taken(): number {
    return this.#taken;
  }

  /** The number of bytes written; null if none wait to be written. */
  get writing(): number | null {
    return this.#writing === null ? null : this.#written;
  }

  /** Called when there is room again. */
  onRoom: () => void = () => {};

  /** Sends a frame after the earlier ones, in one write with all frames sent in this turn of the event loop. */
  send(frame: Uint8Array): void {
    if (this.#failed || this.#closed) return;
    this.#waiting.push(frame);
    this.#size += frame.length;
    // The first frame is written at once: the other end waits for it, and setImmediate takes long to load.
    this.#writing ??= (this.#written === 0 ? Promise.resolve() : endOfTurn()).then(() => this.#writeAll());
  }

  /** Resolves when everything is written or writing has failed. */
  async drained(): Promise<void> {
    while (this.#writing !== null) await this.#writing;
  }

  /** Ends this direction when everything is written. The other direction stays open. */
  async finish(): Promise<void> {
    await this.drained();
    if (this.#failed || this.#closed) return;
    // If the other end is already gone, there is nothing to end.
    await this.#duplex.closeWrite().catch(() => {});
  }

  /** Ends both directions with an error, as if reading had ended with it. */
  fail(error: unknown): void {
    this.#error ??= error;
    this.close();
  }

  /** Ends both directions at once. {@linkcode Link.run} returns. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#drop();
    this.#duplex.close();
  }

  /**
   * Reads until the stream ends, the reader stops, or the link is closed.
   * @returns The error that reading ended with: a {@linkcode FrameError} if the stream has no frames or ends inside
   *   one, or an error of the connection; null if the stream ended cleanly. Errors of the reader are thrown.
   */
  async run(reader: LinkReader): Promise<unknown> {
    const { maxPayload, trace } = this.#options;
    const frames = new FrameReader({ read: (into) => this.#read(into) }, {
      maxPayload,
      ...(trace ? { trace: (header: Uint8Array, have: number) => trace.look(header, have) } : {}),
    });
    let broken: unknown = null;
    const take = () => {
      try {
        return frames.take();
      } catch (error) {
        broken = error;
        return null;
      }
    };
    try {
      do {
        for (let payload = take(); payload !== null; payload = take()) {
          this.#taken++;
          trace?.payload(payload);
          const more = reader.payload(payload);
          if (!(typeof more === "boolean" ? more : await more)) return null;
        }
        await reader.afterRead();
      } while (!this.#closed && broken === null && await this.#fill(frames, (error) => broken = error));
      await reader.afterRead();
      return this.#error ?? (this.#closed ? null : broken);
    } finally {
      frames.release();
    }
  }

  async #read(into: Uint8Array): Promise<number | null> {
    const count = await this.#duplex.read(into);
    if (count !== null && this.#head.length < HEAD_SIZE) {
      const more = into.subarray(0, Math.min(count, HEAD_SIZE - this.#head.length));
      this.#head = joined([this.#head, more], this.#head.length + more.length);
    }
    return count;
  }

  async #fill(frames: FrameReader, broken: (error: unknown) => void): Promise<boolean> {
    this.#reading = true;
    try {
      return await frames.fill();
    } catch (error) {
      broken(error);
      return false;
    } finally {
      this.#reading = false;
    }
  }

  async #writeAll(): Promise<void> {
    try {
      while (this.#waiting.length > 0 && !this.#closed) {
        const frames = this.#nextFrames();
        const bytes = frames.length === 1 ? frames[0]! : joined(frames, sizeOf(frames));
        for (let at = 0; at < bytes.length;) {
          const count = await this.#duplex.write(bytes.subarray(at));
          at += count;
          this.#written += count;
        }
        this.#waiting.splice(0, frames.length);
        this.#size -= bytes.length;
        this.onRoom();
      }
    } catch {
      // Frames from the other end may still be unread, so the reader has to find the end by itself.
      this.#failed = true;
      this.#drop();
    } finally {
      this.#writing = null;
    }
  }

  /** Returns the frames of the next write: many small ones, or a single large one. */
  #nextFrames(): Uint8Array[] {
    let count = 0;
    let size = 0;
    for (const frame of this.#waiting) {
      if (count > 0 && size + frame.length > WRITE_SIZE) break;
      size += frame.length;
      count++;
    }
    return this.#waiting.slice(0, count);
  }

  /** Stops writing. */
  #drop(): void {
    this.#size = 0;
    this.onRoom();
  }
}

function sizeOf(frames: readonly Uint8Array[]): number {
  return frames.reduce((size, frame) => size + frame.length, 0);
}
