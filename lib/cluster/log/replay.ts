/** Replay of a room's messages: the newest from memory, older ones from the stream, in pieces. */

import { joined } from "../../base/bytes.ts";
import type { Clock } from "../../base/clock.ts";
import { HistoryError, type RecentMessages, type Replay } from "../../history/history.ts";
import { NoLongerKept, type RangeReader } from "./range_reader.ts";
import type { StoredRoom } from "./rooms.ts";

/** The options of a {@linkcode StreamReplay}. */
export interface StreamReplayOptions {
  readonly room: StoredRoom;
  readonly recent: RecentMessages;
  readonly reader: RangeReader;
  readonly clock: Clock;
  readonly first: number;
  readonly last: number;
  /** Called when the messages are available for which the replay returned "later". */
  readonly ready: () => void;
}

/** About how many bytes are read at a time. */
const PIECE = 256 * 1024;

/** The time before the stream is read again after a reading that failed or found nothing, in milliseconds. */
const RETRY_MS = 250;

/** A replay that keeps at most one piece in memory. It waits as long as the broker cannot be reached. */
export class StreamReplay implements Replay {
  readonly first: number;
  readonly count: number;
  position: number;
  readonly #options: StreamReplayOptions;
  #frames: readonly Uint8Array[] = [];
  /** The sequence to read on from, once it is known. */
  #from: number | undefined;
  #isReading = false;
  #failure: HistoryError | null = null;
  #isClosed = false;

  constructor(options: StreamReplayOptions) {
    const { first, last } = options;
    this.#options = options;
    this.first = this.position = first;
    this.count = last - first + 1;
  }

  next(maxBytes: number): Uint8Array | "later" | null {
    const { last, recent } = this.#options;
    if (this.#isClosed || this.position > last) return null;
    if (this.#failure !== null) throw this.#failure;
    if (this.#frames.length > 0) return this.#take(maxBytes);
    if (this.position >= recent.oldestId) {
      const found = recent.messages(this.position, last, maxBytes);
      this.position = found.last + 1;
      return found.frames;
    }
    if (!this.#isReading) void this.#read();
    return "later";
  }

  close(): void {
    this.#isClosed = true;
    this.#frames = [];
  }

  #take(maxBytes: number): Uint8Array {
    const taken: Uint8Array[] = [];
    let size = 0;
    for (const frame of this.#frames) {
      if (size > 0 && size + frame.length > maxBytes) break;
      taken.push(frame);
      size += frame.length;
    }
    this.#frames = this.#frames.slice(taken.length);
    this.position += taken.length;
    return joined(taken, size);
  }

  async #read(): Promise<void> {
    const { room, last, reader, clock, ready } = this.#options;
    this.#isReading = true;
    while (!this.#isClosed && this.#frames.length === 0 && this.#failure === null) {
      try {
        const range = { first: this.position, last, maxBytes: PIECE, from: this.#from };
        const { frames, next } = await reader.read(room, range);
        this.#frames = frames;
        this.#from = next;
      } catch (error) {
        if (error instanceof NoLongerKept) {
          this.#failure = new HistoryError(`Cannot read the messages: ${error.message}`);
        }
      }
      const hasNews = this.#frames.length > 0 || this.#failure !== null;
      if (!hasNews) await new Promise<void>((resolve) => clock.after(RETRY_MS, resolve));
    }
    this.#isReading = false;
    if (this.#isClosed) this.#frames = [];
    else ready();
  }
}
