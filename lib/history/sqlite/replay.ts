/** Replay of a range of messages from a history file, in pieces. */

import { joined } from "../../base/bytes.ts";
import { Hits } from "../hits.ts";
import { HistoryError, type Replay } from "../history.ts";
import { readPlace } from "./columns.ts";
import { reason } from "../driver.ts";

/** A message as it is stored. */
export interface MessageRow {
  readonly place: number;
  readonly frame: Uint8Array;
}

/** The time for which a replay protects its messages from deletion, in seconds. A peer that takes longer loses the rest. */
const MAX_PINNED = 300;

/** A replay whose messages are protected from deletion for a while, from its position on. */
export interface PinnedReplay extends Replay {
  /** Whether they are protected at the given time, in seconds since 1970. */
  pins(now: number): boolean;
}

/** Returns the {@linkcode PinnedReplay.pins} of a new replay. */
function pinTimer(): (now: number) => boolean {
  let since: number | undefined;
  return (now) => now - (since ??= now) <= MAX_PINNED;
}

/** {@linkcode Hits} in a history file. */
export class SqliteHits extends Hits implements PinnedReplay {
  readonly pins = pinTimer();
}

/** The options of a {@linkcode SqliteReplay}. */
export interface ReplayOptions {
  /** Reads the messages `first` to `last`, in their order. */
  readonly read: (first: number, last: number) => Iterable<MessageRow>;
  readonly first: number;
  readonly last: number;
  /** Called when the replay is closed. */
  readonly closed: () => void;
}

/**
 * A {@linkcode Replay} that keeps only its position between two pieces. The messages from there on are protected
 * from deletion for a while: see {@linkcode SqliteReplay.pins}.
 */
export class SqliteReplay implements PinnedReplay {
  readonly count: number;
  readonly first: number;
  readonly #options: ReplayOptions;
  #position: number;
  readonly pins = pinTimer();

  constructor(options: ReplayOptions) {
    this.#options = options;
    this.first = this.#position = options.first;
    this.count = options.last - options.first + 1;
  }

  /** The id of the message that comes next. */
  get position(): number {
    return this.#position;
  }

  /** @throws {HistoryError} If the file cannot be read, or the next message was deleted. */
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
