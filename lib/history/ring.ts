/**
 * A room as a log of bytes: each encoded frame stands in it once, in the order in which everybody gets it. Who reads is
 * a position, a number of bytes since the room began; nobody's reading costs the ring anything.
 */

import type { Replay } from "./history.ts";

/** A new room's first segment, and the size that they double up to, or an eighth of the ring. Dropping goes by segments. */
const FIRST_SEGMENT = 4 * 1024;
const LAST_SEGMENT = 128 * 1024;

/** The sender of what nobody sent, as presence: a member's own number is above it. */
export const NOBODY = 0;

/** A piece of the log. Its bytes never change once they are there, so a write that is under way may hold on to it. */
interface Segment {
  readonly bytes: Uint8Array;
  /** The position of its first byte. */
  readonly base: number;
  used: number;
  /** The ids of its first and last message; 0 where it has none. */
  firstId: number;
  lastId: number;
  /** For each frame: its offset, its message's id (0 for presence) and its sender's number. */
  readonly starts: number[];
  readonly ids: number[];
  readonly senders: number[];
}

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

  /** The bytes of memory that it takes. */
  get size(): number {
    return this.#size;
  }

  /** Gives room for a frame of at most `size` bytes. Nothing is taken before {@linkcode Ring.add}. */
  reserve(size: number): Space {
    let last = this.#segments.at(-1);
    if (last === undefined || last.bytes.length - last.used < size) {
      const usual = last === undefined ? FIRST_SEGMENT : Math.min(this.#maxSegment, 2 * last.bytes.length);
      last = {
        bytes: new Uint8Array(Math.max(size, usual)),
        base: this.#tail,
        used: 0,
        firstId: 0,
        lastId: 0,
        starts: [],
        ids: [],
        senders: [],
      };
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
    const kept: { frame: Uint8Array; sender: number }[] = [];
    for (let index = Math.max(0, segments - 1); index < this.#segments.length; index++) {
      const segment = this.#segments[index]!;
      const { bytes, starts, ids, senders } = segment;
      for (let at = index < segments ? frames : 0; at < starts.length; at++) {
        if (ids[at] !== 0) continue;
        kept.push({ frame: bytes.slice(starts[at], starts[at + 1] ?? segment.used), sender: senders[at]! });
      }
    }
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

/** The frames between two offsets that are to be read; one piece of the segment where they lie side by side. */
function othersFrames(
  segment: Segment,
  { from, to, without, since }: { from: number; to: number; without: number; since: number },
): Pick<Reading, "bytes" | "own"> {
  const pieces: Uint8Array[] = [];
  let pieceStart = -1;
  let total = 0;
  let own = 0;
  const endPiece = (end: number) => {
    if (pieceStart < 0) return;
    pieces.push(segment.bytes.subarray(pieceStart, end));
    total += end - pieceStart;
    pieceStart = -1;
  };
  const { starts, ids, senders } = segment;
  for (let i = frameIndex(starts, from); i < starts.length && starts[i]! < to; i++) {
    if (senders[i] === without || ids[i] === 0 && starts[i]! < since) {
      endPiece(starts[i]!);
      if (ids[i]! > 0) own++;
    } else if (pieceStart < 0) pieceStart = starts[i]!;
  }
  endPiece(to);
  if (pieces.length <= 1) return { bytes: pieces[0] ?? null, own };
  // One write of a copy costs less than a write for each piece.
  return { bytes: joined(pieces, total), own };
}

/** The newest message's id among the frames before an offset. */
function lastIdBefore({ starts, ids }: Segment, offset: number): number {
  for (let i = frameIndex(starts, offset) - 1; i >= 0; i--) if (ids[i]! > 0) return ids[i]!;
  return 0;
}

/** The index of the frame that starts at an offset. */
function frameIndex(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (starts[middle]! < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

class RingReplay implements Replay {
  readonly count: number;
  readonly first: number;
  readonly #last: number;
  #segments: readonly Segment[];
  /** The index of the segment, and in it of the frame, to look at next. */
  #segment = 0;
  #frame = 0;
  #position: number;

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

function joined(frames: readonly Uint8Array[], size: number): Uint8Array {
  if (frames.length === 1) return frames[0]!;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const frame of frames) {
    whole.set(frame, at);
    at += frame.length;
  }
  return whole;
}
