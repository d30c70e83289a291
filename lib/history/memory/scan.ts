/** Search in memory: a scan of the messages of a room, newest first, in slices between which the event loop runs. */

import type { Clock } from "../../base/clock.ts";
import { HEADER_SIZE, parseHeader } from "../../frame/mod.ts";
import type { Messages } from "../history.ts";
import { matches, type Query } from "../search/query.ts";
import { searchableWords } from "../search/searchable.ts";

/** The messages of a room. */
export interface Scanned {
  /** The first id that can still be read; it may grow during a scan. */
  readonly oldest: number;
  /** Reads the messages from an id on, up to `last`: at most `maxBytes`, but at least one. */
  read(first: number, last: number, maxBytes: number): Messages;
}

/** The options of {@linkcode scan}. */
export interface ScanOptions {
  readonly query: Query;
  /** The newest id to look at. */
  readonly last: number;
  /** The most messages to find. */
  readonly limit: number;
  readonly clock: Pick<Clock, "ticks" | "after">;
}

/** The most messages, and the most bytes of messages, that are read at a time. */
const BLOCK = 64;
const BLOCK_BYTES = 64 * 1024;
/** The length of a slice, and of the pause after it, in milliseconds. */
const SLICE_MS = 5;
const PAUSE_MS = 1;

/**
 * Finds the newest messages in which all terms of a query occur.
 *
 * @returns Their ids, ascending, and the milliseconds that the scan took without its pauses.
 */
export async function scan(room: Scanned, options: ScanOptions): Promise<{ ids: number[]; ms: number }> {
  const { query, limit, clock } = options;
  const ids: number[] = [];
  let ms = 0;
  let began = clock.ticks();
  const pause = async () => {
    const used = clock.ticks() - began;
    if (used < SLICE_MS) return;
    ms += used;
    await new Promise<void>((resume) => void clock.after(PAUSE_MS, resume));
    began = clock.ticks();
  };
  for (let last = options.last; last >= room.oldest && ids.length < limit;) {
    const first = Math.max(room.oldest, last - BLOCK + 1);
    const found: number[] = [];
    for (let id = first; id <= last;) {
      // Messages may have dropped out of memory during a pause.
      id = Math.max(id, room.oldest);
      if (id > last) break;
      const { frames, last: end } = room.read(id, last, BLOCK_BYTES);
      for (let at = 0; id <= end; id++) {
        const size = HEADER_SIZE + parseHeader(frames, at);
        if (matches(query, searchableWords(frames.subarray(at, at + size)))) found.push(id);
        at += size;
      }
      await pause();
    }
    ids.unshift(...found.slice(-(limit - ids.length)));
    last = first - 1;
  }
  return { ids, ms: ms + clock.ticks() - began };
}
