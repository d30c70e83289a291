/** A range of messages that is read from a history's file in pieces. */

import { joined } from "../../base/bytes.ts";
import { HistoryError, type Replay } from "../history.ts";
import { readPlace } from "./places.ts";
import { reason } from "./schema.ts";

/** A message as it is stored. */
export interface MessageRow {
  readonly place: number;
  readonly frame: Uint8Array;
}

/** For how long a replay keeps its messages from being dropped, in seconds: a peer that takes longer loses the rest. */
const MAX_PINNED = 300;

/** What a {@linkcode SqliteReplay} is made of. */
export interface ReplayOptions {
  /** Reads the messages `first` to `last`, in their order. */
  readonly read: (first: number, last: number) => Iterable<MessageRow>;
  readonly first: number;
  readonly last: number;
  /** Is called when it is over. */
  readonly closed: () => void;
}

/**
 * A {@linkcode Replay} that holds nothing between two pieces but where it stands. From there on its messages are kept for
 * a while: see {@linkcode SqliteReplay.pins}.
 */
export class SqliteReplay implements Replay {
  readonly count: number;
  readonly first: number;
  readonly #options: ReplayOptions;
  #position: number;
  /** When it was first asked what it pins, in seconds since 1970. */
  #pinsSince: number | undefined;

  constructor(options: ReplayOptions) {
    this.#options = options;
    this.first = this.#position = options.first;
    this.count = options.last - options.first + 1;
  }

  /** The id of the message that comes next. */
  get position(): number {
    return this.#position;
  }

  /** Whether it keeps its messages from being dropped at that time, in seconds since 1970. */
  pins(now: number): boolean {
    this.#pinsSince ??= now;
    return now - this.#pinsSince <= MAX_PINNED;
  }

  /** @throws {HistoryError} Where the file cannot be read, or messages were dropped that it had still to hand out. */
  next(maxBytes: number): Uint8Array | null {
    if (this.#position > this.#options.last) return null;
    const { frames, size } = this.#read(maxBytes);
    if (frames.length === 0) {
      throw new HistoryError(`Cannot read the messages: number ${this.#position} is no longer kept`);
    }
    this.#position += frames.length;
    return joined(frames, size);
  }

  close(): void {
    this.#position = this.#options.last + 1;
    this.#options.closed();
  }

  #read(maxBytes: number): { readonly frames: Uint8Array[]; readonly size: number } {
    const frames: Uint8Array[] = [];
    let size = 0;
    try {
      for (const { place, frame } of this.#options.read(this.#position, this.#options.last)) {
        if (readPlace(place).id !== this.#position + frames.length) break;
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
