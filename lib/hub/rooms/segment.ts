/** Segment of a ring: a piece of memory that holds whole frames side by side. */

import { joined } from "../../base/bytes.ts";
import type { Messages } from "../../history/history.ts";

/** A segment. Its bytes never change once written, so a pending write may refer to them. */
export interface Segment {
  readonly bytes: Uint8Array;
  /** The position of its first byte. */
  readonly base: number;
  used: number;
  /** The ids of its first and last message; 0 if it has none. */
  firstId: number;
  lastId: number;
  /**
   * For each frame: its offset, the number of its sender, and its id, which is that of a message, or the negative
   * number of a presence.
   */
  readonly starts: number[];
  readonly ids: number[];
  readonly senders: number[];
}

/** Makes a segment without frames that begins at a position. */
export function segmentOf(bytes: Uint8Array, base: number): Segment {
  return { bytes, base, used: 0, firstId: 0, lastId: 0, starts: [], ids: [], senders: [] };
}

/** A part of a segment that a reader reads, and the frames to leave out. */
export interface Part {
  readonly from: number;
  readonly to: number;
  /** The sender whose frames are left out. */
  readonly without: number;
  /** The number up to which presence is left out. */
  readonly presence: number;
}

/**
 * Returns the frames of a part: a view if they are adjacent, else a copy, because one write of a copy costs less than
 * several writes.
 */
export function framesFor(
  segment: Segment,
  { from, to, without, presence }: Part,
): { bytes: Uint8Array | null; own: number } {
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
    const id = ids[i]!;
    if (senders[i] === without || id < 0 && -id <= presence) {
      endPiece(starts[i]!);
      if (id > 0) own++;
    } else if (pieceStart < 0) pieceStart = starts[i]!;
  }
  endPiece(to);
  if (pieces.length <= 1) return { bytes: pieces[0] ?? null, own };
  return { bytes: joined(pieces, total), own };
}

/** Returns the messages of a segment from the id `first` to `last`: at most `maxBytes`, but at least one message. */
export function messagesOf(
  { bytes, starts, ids, used }: Segment,
  { first, last, maxBytes }: { first: number; last: number; maxBytes: number },
): Messages {
  const pieces: Uint8Array[] = [];
  let total = 0;
  let id = first - 1;
  let at = ids.indexOf(first);
  while (at < ids.length && id < last) {
    if (ids[at]! < 0) {
      at++;
      continue;
    }
    // Adjacent frames are one piece.
    const start = starts[at]!;
    let end = start;
    for (; at < ids.length && ids[at]! > 0 && id < last; at++) {
      const next = starts[at + 1] ?? used;
      if (id >= first && total + next - start > maxBytes) {
        if (end > start) pieces.push(bytes.subarray(start, end));
        return { first, last: id, frames: joined(pieces, total + end - start) };
      }
      end = next;
      id++;
    }
    pieces.push(bytes.subarray(start, end));
    total += end - start;
  }
  return { first, last: id, frames: joined(pieces, total) };
}

/** The id of the newest message before an offset, or 0. */
export function lastIdBefore({ starts, ids }: Segment, offset: number): number {
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
