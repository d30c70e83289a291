/** Segment of a ring: a piece of memory that holds whole frames side by side. */

import { joined } from "../../base/bytes.ts";

/** A segment. Its bytes never change once written, so a pending write may refer to them. */
export interface Segment {
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

/** Makes an empty segment of `size` bytes that begins at a position. */
export function emptySegment(size: number, base: number): Segment {
  return {
    bytes: new Uint8Array(size),
    base,
    used: 0,
    firstId: 0,
    lastId: 0,
    starts: [],
    ids: [],
    senders: [],
  };
}

/** The frames between two offsets, without those of one sender; a view where they lie side by side, else a copy. */
export function othersFrames(
  segment: Segment,
  { from, to, without, since }: { from: number; to: number; without: number; since: number },
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

/** The id of the newest message before an offset, or 0. */
export function lastIdBefore({ starts, ids }: Segment, offset: number): number {
  for (let i = frameIndex(starts, offset) - 1; i >= 0; i--) if (ids[i]! > 0) return ids[i]!;
  return 0;
}

/** Copies of the frames from an index on that are no messages, each with its sender. */
export function presenceFrom(segment: Segment, index: number): { frame: Uint8Array; sender: number }[] {
  const { bytes, starts, ids, senders, used } = segment;
  const found: { frame: Uint8Array; sender: number }[] = [];
  for (let at = index; at < starts.length; at++) {
    if (ids[at] !== 0) continue;
    found.push({ frame: bytes.slice(starts[at], starts[at + 1] ?? used), sender: senders[at]! });
  }
  return found;
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
