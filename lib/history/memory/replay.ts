/** Replay of messages from the segments of a ring. */

import { joined } from "../../base/bytes.ts";
import type { Replay } from "../history.ts";
import type { Segment } from "./segment.ts";

/** Hands out the messages of some segments, which it keeps alive whatever their ring drops. */
export class RingReplay implements Replay {
  readonly count: number;
  readonly first: number;
  readonly #last: number;
  #segments: readonly Segment[];
  /** The index of the segment, and in it of the frame, to look at next. */
  #segment = 0;
  #frame = 0;
  #position: number;

  /** @param range The ids, all of which are in the segments. */
  constructor(segments: readonly Segment[], { first, last }: { first: number; last: number }) {
    this.#segments = segments;
    this.first = this.#position = first;
    this.#last = last;
    this.count = Math.max(0, last - first + 1);
  }

  get position(): number {
    return this.#position;
  }

  next(maxBytes: number): Uint8Array | null {
    const frames: Uint8Array[] = [];
    let size = 0;
    for (; this.#segment < this.#segments.length; this.#segment++, this.#frame = 0) {
      const { bytes, starts, ids, used } = this.#segments[this.#segment]!;
      for (; this.#frame < ids.length && this.#position <= this.#last; this.#frame++) {
        if (ids[this.#frame] !== this.#position) continue;
        const start = starts[this.#frame]!;
        const end = starts[this.#frame + 1] ?? used;
        if (size > 0 && size + end - start > maxBytes) return joined(frames, size);
        frames.push(bytes.subarray(start, end));
        size += end - start;
        this.#position++;
      }
    }
    return size === 0 ? null : joined(frames, size);
  }

  close(): void {
    this.#segments = [];
  }
}
