/**
 * A room as a log of bytes: each encoded frame stands in it once, in the order in which everybody gets it. Who reads is
 * a position, a number of bytes since the room began; nobody's reading costs the ring anything.
 */

import type { Replay } from "./history.ts";

/** A new room's first segment, and the size that they double up to. Dropping goes by segments. */
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

/**
 * The ring of one room: the newest frames, within a size, the last one always.
 *
 * What was added is a draft until {@linkcode Ring.commit}; nobody reads it before, and {@linkcode Ring.rollback} takes
 * it back.
 */
export class Ring {
  readonly #segments: Segment[] = [];
  readonly #maxSize: number;
  /** Behind the last committed frame, and the id of the last committed message. */
  #head = 0;
  #headId = 0;
  /** Behind the last frame, committed or not. */
  #tail = 0;
  #tailId: number;
  #size = 0;
  #committed = { segments: 0, used: 0, frames: 0 };

  /** @param headId The id of the room's newest message, where it has some that this ring has not. */
  constructor(maxSize: number, headId = 0) {
    this.#maxSize = maxSize;
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
    for (const segment of this.#segments) {
      for (const id of segment.ids) if (id > 0) return Math.min(id, this.#headId + 1);
    }
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
      const usual = last === undefined ? FIRST_SEGMENT : Math.min(LAST_SEGMENT, 2 * last.bytes.length);
      last = {
        bytes: new Uint8Array(Math.max(size, usual)),
        base: this.#tail,
        used: 0,
        starts: [],
        ids: [],
        senders: [],
      };
      this.#segments.push(last);
      this.#size += last.bytes.length;
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
    if (id > 0) this.#tailId = id;
  }

  /** Lets everything that was added be read, and drops what is too old then. */
  commit(): void {
    this.#head = this.#tail;
    this.#headId = this.#tailId;
    while (this.#size > this.#maxSize && this.#segments.length > 1) this.dropOldest();
    this.#mark();
  }

  /** Drops the oldest segment. A reader in it has fallen behind. */
  dropOldest(): void {
    const dropped = this.#segments.shift();
    this.#size -= dropped?.bytes.length ?? 0;
    this.#mark();
  }

  /** Takes back the messages that were added since the last commit; presence among them stays. */
  rollback(): void {
    const kept: { frame: Uint8Array; sender: number }[] = [];
    for (const [i, segment] of this.#segments.entries()) {
      if (i < this.#committed.segments - 1) continue;
      const isMarked = i === this.#committed.segments - 1;
      const firstFrame = isMarked ? this.#committed.frames : 0;
      for (let at = firstFrame; at < segment.starts.length; at++) {
        const end = segment.starts[at + 1] ?? segment.used;
        if (segment.ids[at] === 0) {
          kept.push({ frame: segment.bytes.slice(segment.starts[at]!, end), sender: segment.senders[at]! });
        }
      }
      segment.starts.length = segment.ids.length = segment.senders.length = firstFrame;
      segment.used = isMarked ? this.#committed.used : 0;
    }
    while (this.#segments.length > this.#committed.segments) this.#size -= this.#segments.pop()!.bytes.length;
    this.#tail = this.#head;
    this.#tailId = this.#headId;
    for (const { frame, sender } of kept) {
      const { bytes, offset } = this.reserve(frame.length);
      bytes.set(frame, offset);
      this.add(frame.length, 0, sender);
    }
  }

  #mark(): void {
    const last = this.#segments.at(-1);
    // A draft under way keeps its own mark: only what is committed may be marked.
    if (this.#head !== this.#tail) {
      this.#committed.segments = Math.max(0, this.#committed.segments - 1);
      return;
    }
    this.#committed = {
      segments: this.#segments.length,
      used: last?.used ?? 0,
      frames: last?.starts.length ?? 0,
    };
  }

  /**
   * Reads what lies at a position, within one segment: whole frames up to the head.
   *
   * @param position Where to begin; not before {@linkcode Ring.oldest}.
   * @param without The sender whose frames are left out, or NOBODY.
   * @returns No bytes where everything there was to be left out, or nothing is there.
   */
  read(position: number, without: number): Reading {
    const segment = this.#segmentAt(position);
    if (segment === undefined || position >= this.#head) {
      return { bytes: null, next: this.#head, lastId: this.#headId, own: 0 };
    }
    const from = position - segment.base;
    const to = Math.min(segment.used, this.#head - segment.base);
    const next = segment.base + to;
    const lastId = next === this.#head ? this.#headId : lastIdBefore(segment, to);
    if (without === NOBODY) return { bytes: segment.bytes.subarray(from, to), next, lastId, own: 0 };
    const { bytes, own } = othersFrames(segment, from, to, without);
    return { bytes, next, lastId, own };
  }

  /** Where the frames of the messages `first` and later begin, or the head where they are not here yet. */
  positionOf(first: number): number {
    for (const segment of this.#segments) {
      for (const [i, id] of segment.ids.entries()) {
        if (id >= first) return Math.min(this.#head, segment.base + segment.starts[i]!);
      }
    }
    return this.#head;
  }

  /** The messages `first` to `last` as far as they are here. The replay holds on to its bytes, whatever the ring drops. */
  replay(first: number, last: number): Replay {
    const frames: Uint8Array[] = [];
    let firstId = 0;
    for (const segment of this.#segments) {
      for (const [i, id] of segment.ids.entries()) {
        if (id < first || id === 0 || id > Math.min(last, this.#headId)) continue;
        if (frames.length === 0) firstId = id;
        frames.push(segment.bytes.subarray(segment.starts[i]!, segment.starts[i + 1] ?? segment.used));
      }
    }
    return new FramesReplay(frames, firstId);
  }

  #segmentAt(position: number): Segment | undefined {
    for (let i = this.#segments.length - 1; i >= 0; i--) {
      const segment = this.#segments[i]!;
      if (position >= segment.base) return segment;
    }
    return undefined;
  }
}

/** The frames between two offsets that `sender` did not send; one piece of the segment where they lie side by side. */
function othersFrames(
  segment: Segment,
  from: number,
  to: number,
  sender: number,
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
    if (senders[i] === sender) {
      endPiece(starts[i]!);
      if (ids[i]! > 0) own++;
    } else if (pieceStart < 0) pieceStart = starts[i]!;
  }
  endPiece(to);
  if (pieces.length <= 1) return { bytes: pieces[0] ?? null, own };
  // One write of a copy costs less than a write for each piece.
  const whole = new Uint8Array(total);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return { bytes: whole, own };
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

class FramesReplay implements Replay {
  readonly count: number;
  #at = 0;
  constructor(readonly frames: Uint8Array[], readonly first: number) {
    this.count = frames.length;
  }

  next(maxBytes: number): Uint8Array | null {
    const from = this.#at;
    let size = 0;
    while (this.#at < this.frames.length) {
      const length = this.frames[this.#at]!.length;
      if (this.#at > from && size + length > maxBytes) break;
      size += length;
      this.#at++;
    }
    if (this.#at === from) return null;
    if (this.#at === from + 1) return this.frames[from]!;
    const piece = new Uint8Array(size);
    let at = 0;
    for (let i = from; i < this.#at; i++) {
      piece.set(this.frames[i]!, at);
      at += this.frames[i]!.length;
    }
    return piece;
  }

  close(): void {
    this.#at = this.frames.length;
  }
}
