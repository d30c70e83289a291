/** Posts for tests of histories. */

import type { Ref } from "../../lib/base/ref.ts";
import type { History, Post, Replay } from "../../lib/history/history.ts";

/** A frame of `size` bytes, a multiple of 16, that says whose it is. */
export function frameOf(room: string, id: number, size = 32): Uint8Array {
  const frame = new Uint8Array(size);
  new TextEncoder().encodeInto(`${String(size - 10).padEnd(10)}${room}:${id}`, frame);
  return frame;
}

/** Posts with the ids `first` to `last`, one second apart. */
export function posts(room: string, first: number, last: number, size?: number): Post[] {
  const made: Post[] = [];
  for (let id = first; id <= last; id++) {
    made.push({ room, id, at: 1000 + id, frame: frameOf(room, id, size), session: "s", ref: undefined });
  }
  return made;
}

/** One post that can be found again. */
export function postWith(session: string, ref: Ref, place: { room?: string; id: number }): Post {
  const { room = "lobby", id } = place;
  return { room, id, at: 1000 + id, frame: frameOf(room, id), session, ref };
}

/** What the frames of a replay say. */
export function said(replay: Replay, maxBytes = 1 << 20): string[] {
  const names: string[] = [];
  for (let piece = replay.next(maxBytes); piece !== null; piece = replay.next(maxBytes)) {
    for (let at = 0; at < piece.length;) {
      const size = parseInt(new TextDecoder().decode(piece.subarray(at, at + 10))) + 10;
      names.push(new TextDecoder().decode(piece.subarray(at + 10, at + size)).replaceAll("\0", ""));
      at += size;
    }
  }
  replay.close();
  return names;
}

/** What the history keeps of a room. */
export function kept(history: History, room: string): string[] {
  return said(history.replay(room, 1, Infinity));
}

/** `room:first` to `room:last`. */
export function names(room: string, first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => `${room}:${first + index}`);
}
