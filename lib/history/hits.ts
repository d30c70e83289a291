/** The messages that a search has found, as a replay. */

import { joined } from "../base/bytes.ts";
import { HistoryError, type Replay } from "./history.ts";

/** The options of {@linkcode Hits}. */
export interface HitsOptions {
  /** The ids of the messages, ascending. */
  readonly ids: readonly number[];
  /** Returns the frame of a message; undefined if it is no longer kept. */
  readonly read: (id: number) => Uint8Array | undefined;
  /** Called when the replay is closed. */
  readonly closed?: () => void;
}

/** A {@linkcode Replay} of single messages. Each is read when it is about to be sent. */
export class Hits implements Replay {
  readonly count: number;
  readonly first: number;
  readonly #options: HitsOptions;
  #next = 0;

  constructor(options: HitsOptions) {
    this.#options = options;
    this.count = options.ids.length;
    this.first = options.ids[0] ?? 0;
  }

  /** The id of the next message; infinity at the end. */
  get position(): number {
    return this.#options.ids[this.#next] ?? Infinity;
  }

  next(maxBytes: number): Uint8Array | null {
    const { ids, read } = this.#options;
    const frames: Uint8Array[] = [];
    let size = 0;
    for (; this.#next < ids.length && size < maxBytes; this.#next++) {
      const frame = read(this.position);
      if (frame === undefined) {
        // The frames that were read are sent first; the next call throws.
        if (frames.length > 0) break;
        throw new HistoryError(`Cannot read the messages: number ${this.position} is no longer kept`);
      }
      if (frames.length > 0 && size + frame.length > maxBytes) break;
      frames.push(frame);
      size += frame.length;
    }
    return frames.length === 0 ? null : joined(frames, size);
  }

  close(): void {
    this.#next = this.count;
    this.#options.closed?.();
  }
}
