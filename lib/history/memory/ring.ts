/**
 * A room as a log of bytes: each encoded frame stands in it once, in the order in which everybody gets it. Who reads is
 * a position, a number of bytes since the room began; nobody's reading costs the ring anything.
 */

import type { Replay } from "../history.ts";
import { RingReplay } from "./replay.ts";
import { emptySegment, lastIdBefore, othersFrames, presenceFrom, type Segment } from "./segment.ts";

/** A new room's first segment, and the size that they double up to, or an eighth of the ring. Dropping goes by segments. */
const FIRST_SEGMENT = 4 * 1024;
const LAST_SEGMENT = 128 * 1024;

/** The sender of what nobody sent, as presence: a member's own number is above it. */
export const NOBODY = 0;

/** A place to write a frame into. */
export interface Space {
  readonly bytes: Uint8Array;
  readonly offset: number;
}

/** What a reader gets: whole frames, and the position behind them. */
export interface Reading {
  readonly bytes: Uint8Array | null;
  readonly next: number;
  /** The newest message's id up to there, 0 where there was none. */
  readonly lastId: number;
  /** How many messages were left out. */
  readonly own: number;
}

/** How many times its size a ring may take for the sake of readers that are behind. */
const PATIENCE = 8;

/** The bytes that several rings take together. */
export interface RingSum {
  size: number;
}

/** The options of a {@linkcode Ring}. */
export interface RingOptions {
  /** The bytes that it keeps where nobody is behind. */
  readonly maxSize: number;
  /** The id of the room's newest message, where it has some that this ring has not. */
  readonly headId?: number;
  /** Where its size counts too. */
  readonly sum?: RingSum;
}

/**
 * The ring of one room: the newest frames, within a size.
 *
 * What was added is a draft until {@linkcode Ring.commit}; nobody reads it before, and {@linkcode Ring.rollback} takes
 * it back. Nothing is dropped while there are drafts.
 */
export class Ring {
  readonly #segments: Segment[] = [];
  readonly #maxSize: number;
  readonly #maxSegment: number;
  readonly #sum: RingSum;
  /** Behind the last committed frame, and the id of the last committed message. */
  #head = 0;
  #headId = 0;
  /** Where the frames of the last commit begin. */
  #batch = 0;
  /** Behind the last frame, committed or not. */
  #tail = 0;
  #tailId: number;
  #size = 0;
  /** Of the last segment that has something committed: its number from 1 on, and what of it is. */
  #committed = { segments: 0, used: 0, frames: 0, firstId: 0, lastId: 0 };

  constructor({ maxSize, headId = 0, sum = { size: 0 } }: RingOptions) {
    this.#maxSize = maxSize;
    this.#maxSegment = Math.max(FIRST_SEGMENT, Math.min(LAST_SEGMENT, Math.floor(maxSize / 8)));
    this.#sum = sum;
    this.#headId = this.#tailId = headId;
  }

  /** The position behind the last frame that may be read. */
  get head(): number {
    return this.#head;
  }

  /** The position behind the last frame, drafts too. */
  get tail(): number {
    return this.#tail;
  }

  /** The newest message's id; drafts do not count. */
  get headId(): number {
    return this.#headId;
  }

  /** The id that the next message will have. */
  get nextId(): number {
    return this.#tailId + 1;
  }

  /** The position of the oldest frame that is still here. */
  get oldest(): number {
    return this.#segments[0]?.base ?? this.#tail;
  }

  /** The id of the oldest message that is still here, one above the head where none is. */
  get oldestId(): number {
    for (const { firstId } of this.#segments) if (firstId > 0) return Math.min(firstId, this.#headId + 1);
    return this.#headId + 1;
  }

  /** The bytes of the frames that are here. */
  get length(): number {
    return this.#tail - this.oldest;
  }

  /** The bytes of memory that it takes. */
  get size(): number {
    return this.#size;
  }

  /** Gives room for a frame of at most `size` bytes. Nothing is taken before {@linkcode Ring.add}. */
  reserve(size: number): Space {
    let last = this.#segments.at(-1);
    if (last === undefined || last.bytes.length - last.used < size) {
      const usual = last === undefined ? FIRST_SEGMENT : Math.min(this.#maxSegment, 2 * last.bytes.length);
      last = emptySegment(Math.max(size, usual), this.#tail);
      this.#segments.push(last);
      this.#resize(last.bytes.length);
    }
    return { bytes: last.bytes, offset: last.used };
  }

  /** Takes in the frame that was written where {@linkcode Ring.reserve} said; `id` 0 is no message. */
  add(size: number, id: number, sender: number): void {
    const last = this.#segments.at(-1)!;
    last.starts.push(last.used);
    last.ids.push(id);
    last.senders.push(sender);
    last.used += size;
    this.#tail += size;
    if (id === 0) return;
    this.#tailId = last.lastId = id;
    if (last.firstId === 0) last.firstId = id;
  }

  /** Lets everything that was added be read. */
  commit(): void {
    this.#batch = this.#head;
    this.#head = this.#tail;
    this.#headId = this.#tailId;
    this.#mark();
  }

  /** Whether it keeps more than it is to keep. */
  get isOver(): boolean {
    return this.#size > this.#maxSize && this.#segments.length > 1;
  }

  /**
   * Drops what is too old: first what nobody needs any more, then, where that is far too much, what somebody is behind
   * with. What was committed last stays, for nobody has had the time to read it.
   *
   * @param needed The position of the reader that is furthest behind.
   */
  trim(needed: number): void {
    while (this.isOver) {
      const end = this.#segments[1]!.base;
      const isFarOver = this.#size > PATIENCE * this.#maxSize;
      if (end > needed && !(isFarOver && end <= this.#batch)) return;
      this.dropOldest();
    }
  }

  /** Drops the oldest segment. A reader in it has fallen behind. */
  dropOldest(): void {
    const dropped = this.#segments.shift();
    this.#resize(-(dropped?.bytes.length ?? 0));
    this.#mark();
  }

  /** Gives its memory back: its room is gone. */
  clear(): void {
    while (this.#segments.length > 0) this.dropOldest();
  }

  /** Takes back the messages that were added since the last commit; presence among them stays. */
  rollback(): void {
    const { segments, used, frames, firstId, lastId } = this.#committed;
    const kept = this.#segments.slice(Math.max(0, segments - 1)).flatMap((segment, index) =>
      presenceFrom(segment, index === 0 && segments > 0 ? frames : 0)
    );
    while (this.#segments.length > segments) this.#resize(-this.#segments.pop()!.bytes.length);
    const last = this.#segments.at(-1);
    if (last !== undefined) {
      last.starts.length = last.ids.length = last.senders.length = frames;
      Object.assign(last, { used, firstId, lastId });
    }
    this.#tail = this.#head;
    this.#tailId = this.#headId;
    for (const { frame, sender } of kept) {
      const { bytes, offset } = this.reserve(frame.length);
      bytes.set(frame, offset);
      this.add(frame.length, 0, sender);
    }
  }

  #resize(change: number): void {
    this.#size += change;
    this.#sum.size += change;
  }

  /** Notes that all there is is committed. */
  #mark(): void {
    const last = this.#segments.at(-1);
    const mark = this.#committed;
    mark.segments = this.#segments.length;
    mark.used = last?.used ?? 0;
    mark.frames = last?.starts.length ?? 0;
    mark.firstId = last?.firstId ?? 0;
    mark.lastId = last?.lastId ?? 0;
  }

  /**
   * Reads what lies at a position, within one segment: whole frames up to the head.
   *
   * @param position Where to begin; not before {@linkcode Ring.oldest}.
   * @param without The sender whose frames are left out, or NOBODY: then nothing is.
   * @param since Presence from before this position is left out too.
   * @returns No bytes where everything there was to be left out, or nothing is there.
   */
  read(position: number, without: number, since = 0): Reading {
    const segment = this.#segmentAt(position);
    if (segment === undefined || position >= this.#head) {
      return { bytes: null, next: this.#head, lastId: this.#headId, own: 0 };
    }
    const from = position - segment.base;
    const to = Math.min(segment.used, this.#head - segment.base);
    const next = segment.base + to;
    const lastId = next === this.#head ? this.#headId : lastIdBefore(segment, to);
    if (without === NOBODY) return { bytes: segment.bytes.subarray(from, to), next, lastId, own: 0 };
    const { bytes, own } = othersFrames(segment, { from, to, without, since: since - segment.base });
    return { bytes, next, lastId, own };
  }

  /** Where the frames of the messages `first` and later begin, or the head where they are not here yet. */
  positionOf(first: number): number {
    for (const { base, starts, ids, lastId } of this.#segments) {
      if (lastId < first) continue;
      const index = ids.findIndex((id) => id >= first);
      return Math.min(this.#head, base + starts[index]!);
    }
    return this.#head;
  }

  /** The messages `first` to `last` as far as they are here. The replay holds on to its bytes, whatever the ring drops. */
  replay(first: number, last: number): Replay {
    const range = { first: Math.max(first, this.oldestId), last: Math.min(last, this.#headId) };
    const segments = this.#segments.filter(({ firstId, lastId }) => {
      return firstId > 0 && firstId <= range.last && lastId >= range.first;
    });
    return new RingReplay(segments, range);
  }

  #segmentAt(position: number): Segment | undefined {
    for (let i = this.#segments.length - 1; i >= 0; i--) {
      const segment = this.#segments[i]!;
      if (position >= segment.base) return segment;
    }
    return undefined;
  }
}
