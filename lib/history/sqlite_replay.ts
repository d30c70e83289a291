/** A range of messages that is read from a history's file in pieces. */

import { HistoryError, type Replay } from "./history.ts";
import { reason } from "./schema.ts";

/** What a {@linkcode SqliteReplay} is made of. */
export interface ReplayOptions {
  /** Reads the frames of the messages `first` to `last`, in their order. */
  readonly read: (first: number, last: number) => Iterable<{ readonly frame: Uint8Array }>;
  readonly first: number;
  readonly last: number;
  /** Is called when it is over. */
  readonly closed: () => void;
}

/**
 * A {@linkcode Replay} that holds nothing between two pieces but where it stands. From there on its messages are kept:
 * the history drops nothing at or above {@linkcode SqliteReplay.position}.
 */
export class SqliteReplay implements Replay {
  readonly count: number;
  readonly first: number;
  readonly #options: ReplayOptions;
  #position: number;

  constructor(options: ReplayOptions) {
    this.#options = options;
    this.first = this.#position = options.first;
    this.count = options.last - options.first + 1;
  }

  /** The id of the message that comes next. */
  get position(): number {
    return this.#position;
  }

  /** @throws {HistoryError} Where the file cannot be read. */
  next(maxBytes: number): Uint8Array | null {
    if (this.#position > this.#options.last) return null;
    const { frames, size } = this.#read(maxBytes);
    if (frames.length === 0) {
      throw new HistoryError(
        `Cannot read the messages: number ${this.#position} is not in the file any more`,
      );
    }
    this.#position += frames.length;
    return frames.length === 1 ? frames[0]! : joined(frames, size);
  }

  close(): void {
    this.#position = this.#options.last + 1;
    this.#options.closed();
  }

  #read(maxBytes: number): { readonly frames: Uint8Array[]; readonly size: number } {
    const frames: Uint8Array[] = [];
    let size = 0;
    try {
      for (const { frame } of this.#options.read(this.#position, this.#options.last)) {
        if (frames.length > 0 && size + frame.length > maxBytes) break;
        frames.push(frame);
        size += frame.length;
        if (size >= maxBytes) break;
      }
    } catch (error) {
      throw new HistoryError(`Cannot read the messages: ${reason(error)}`, { cause: error });
    }
    return { frames, size };
  }
}

function joined(frames: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const frame of frames) {
    whole.set(frame, at);
    at += frame.length;
  }
  return whole;
}
