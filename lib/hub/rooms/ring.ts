/**
 * Ring of a room: its newest frames as a log of bytes. Each frame is in it once, in the order in which all members get
 * them. A reader is a position, counted in bytes since the room was opened, and costs the ring nothing.
 */

import type { Messages, RecentMessages } from "../../history/history.ts";
import { framesFor, lastIdBefore, messagesOf, type Segment, segmentOf } from "./segment.ts";

/**
 * The size of a room's first segment, and the largest size. Sizes double up to that, or to an eighth of the ring if
 * that is smaller. Frames are dropped by whole segments.
 */
const FIRST_SEGMENT = 4 * 1024;
const LAST_SEGMENT = 128 * 1024;

/** The sender number of frames that belong to no peer. The numbers of peers are above it. */
export const NOBODY = 0;

/** The result of a read: whole frames, and the position after them. */
export interface Reading {
  readonly bytes: Uint8Array | null;
  readonly next: number;
  /** The id of the newest message before that position; 0 if there is none. */
  readonly lastId: number;
  /** The number of messages of the reader's own that were left out. */
  readonly own: number;
}

/** The multiple of `maxSize` that a ring may take to keep frames for readers that are behind. */
const PATIENCE = 8;

/** The bytes of several rings together. */
export interface RingSum {
  size: number;
}

/** The options of a {@linkcode Ring}. */
export interface RingOptions {
  /** The bytes that it keeps when no reader is behind. */
  readonly maxSize: number;
  /** The id of the newest message that the room had before this ring. */
  readonly headId?: number;
  /** The total that its size is added to. */
  readonly sum?: RingSum;
  /** Called before a segment is dropped, with the id of its last message. `read` returns its messages. */
  readonly dropping?: (last: number, read: () => Messages) => void;
  /** Called with memory that it has dropped. A pending write may still refer to it. */
  readonly dropped?: (bytes: Uint8Array) => void;
}

/** The newest frames of a room, limited to a size. */
export class Ring implements RecentMessages {
  readonly #segments: Segment[] = [];
  readonly #maxSize: number;
  readonly #maxSegment: number;
  readonly #sum: RingSum;
  readonly #dropping: (last: number, read: () => Messages) => void;
  readonly #dropped: (bytes: Uint8Array) => void;
  #head = 0;
  #headId: number;
  /** The positions of the beginning and the end of the frames that the last turn with frames added. */
  #fresh = 0;
  #seen = 0;
  #size = 0;

  constructor(
    { maxSize, headId = 0, sum = { size: 0 }, dropping = () => {}, dropped = () => {} }: RingOptions,
  ) {
    this.#maxSize = maxSize;
    this.#maxSegment = Math.max(FIRST_SEGMENT, Math.min(LAST_SEGMENT, Math.floor(maxSize / 8)));
    this.#sum = sum;
    this.#dropping = dropping;
    this.#dropped = dropped;
    this.#headId = headId;
  }

  /** The position behind the last frame. */
  get head(): number {
    return this.#head;
  }

  /** The newest message's id. */
  get headId(): number {
    return this.#headId;
  }

  /** The position of the oldest frame in the ring. */
  get oldest(): number {
    return this.#segments[0]?.base ?? this.#head;
  }

  get oldestId(): number {
    for (const { firstId } of this.#segments) if (firstId > 0) return firstId;
    return this.#headId + 1;
  }

  /** The bytes of all frames in the ring. */
  get length(): number {
    return this.#head - this.oldest;
  }

  /** The bytes of memory that it takes. */
  get size(): number {
    return this.#size;
  }

  /** Appends the next message. */
  addMessage(frame: Uint8Array, sender: number): void {
    const segment = this.#add(frame, ++this.#headId, sender);
    segment.lastId = this.#headId;
    if (segment.firstId === 0) segment.firstId = this.#headId;
  }

  /** Appends a frame that is not a message. `number` is above 0 and grows. */
  addPresence(frame: Uint8Array, { number, sender }: { number: number; sender: number }): void {
    this.#add(frame, -number, sender);
  }

  #add(frame: Uint8Array, id: number, sender: number): Segment {
    const segment = this.#segmentFor(frame);
    segment.starts.push(segment.used);
    segment.ids.push(id);
    segment.senders.push(sender);
    segment.used += frame.length;
    this.#head += frame.length;
    return segment;
  }

  /** Puts a frame into a segment. A long frame with memory of its own becomes a segment without a copy. */
  #segmentFor(frame: Uint8Array): Segment {
    let last = this.#segments.at(-1);
    if (last === undefined || last.bytes.length - last.used < frame.length) {
      const isOne = frame.length >= this.#maxSegment && frame.length === frame.buffer.byteLength;
      const usual = last === undefined ? FIRST_SEGMENT : Math.min(this.#maxSegment, 2 * last.bytes.length);
      last = segmentOf(isOne ? frame : new Uint8Array(Math.max(frame.length, usual)), this.#head);
      this.#segments.push(last);
      this.#resize(last.bytes.length);
      if (isOne) return last;
    }
    last.bytes.set(frame, last.used);
    return last;
  }

  /** Whether it exceeds its size. */
  get isOver(): boolean {
    return this.#size > this.#maxSize && this.#segments.length > 1;
  }

  /**
   * Drops old frames: first those that no reader needs, then, if the ring is still above {@linkcode PATIENCE} times its
   * size, those that slow readers need. The frames of the last turn stay, because no reader has had time to read them.
   *
   * @param needed The position of the reader that is furthest behind.
   */
  trim(needed: number): void {
    this.endTurn();
    while (this.isOver) {
      const end = this.#segments[1]!.base;
      const isFarOver = this.#size > PATIENCE * this.#maxSize;
      if (end > needed && !(isFarOver && end <= this.#fresh)) return;
      this.dropOldest();
    }
  }

  /** Ends a turn: the next frames begin a new one, which replaces this one as the newest. */
  endTurn(): void {
    if (this.#head === this.#seen) return;
    this.#fresh = this.#seen;
    this.#seen = this.#head;
  }

  /** Drops the oldest segment. A reader in it has fallen behind. */
  dropOldest(): void {
    const oldest = this.#segments[0];
    if (oldest === undefined) return;
    const { firstId: first, lastId: last } = oldest;
    if (first > 0) this.#dropping(last, () => messagesOf(oldest, { first, last, maxBytes: Infinity }));
    this.#segments.shift();
    this.#resize(-oldest.bytes.length);
    this.#dropped(oldest.bytes);
  }

  /** Releases its memory, because its room is gone. */
  clear(): void {
    this.#segments.length = 0;
    this.#resize(-this.#size);
  }

  #resize(change: number): void {
    this.#size += change;
    this.#sum.size += change;
  }

  /**
   * Reads whole frames from a position, within one segment and up to the head.
   *
   * @param position The position to begin at; not before {@linkcode Ring.oldest}.
   * @param without The sender whose frames are left out, or NOBODY to leave none out.
   * @param presence The number up to which presence is left out too.
   * @returns No bytes if all frames there are left out, or there are none.
   */
  read(position: number, without: number, presence = 0): Reading {
    const segment = this.#segmentAt(position);
    if (segment === undefined || position >= this.#head) {
      return { bytes: null, next: this.#head, lastId: this.#headId, own: 0 };
    }
    const from = position - segment.base;
    const to = segment.used;
    const next = segment.base + to;
    const lastId = next === this.#head ? this.#headId : lastIdBefore(segment, to);
    if (without === NOBODY) return { bytes: segment.bytes.subarray(from, to), next, lastId, own: 0 };
    const { bytes, own } = framesFor(segment, { from, to, without, presence });
    return { bytes, next, lastId, own };
  }

  /** Returns the position at which the messages from `first` on begin, or the head if there are none yet. */
  positionOf(first: number): number {
    for (const { base, starts, ids, lastId } of this.#segments) {
      if (lastId < first) continue;
      return base + starts[ids.findIndex((id) => id >= first)]!;
    }
    return this.#head;
  }

  messages(first: number, last: number, maxBytes: number): Messages {
    for (const segment of this.#segments) {
      if (segment.lastId >= first) {
        return messagesOf(segment, { first, last: Math.min(last, segment.lastId), maxBytes });
      }
    }
    throw new RangeError(`Cannot read the messages: ${first} is not in memory`);
  }

  #segmentAt(position: number): Segment | undefined {
    for (let i = this.#segments.length - 1; i >= 0; i--) {
      const segment = this.#segments[i]!;
      if (position >= segment.base) return segment;
    }
    return undefined;
  }
}
