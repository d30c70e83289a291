/** Reading of a room's messages by their ids. */

import type { Clock } from "../../base/clock.ts";
import type { Broker } from "../broker/broker.ts";
import { type Batch, BATCH_HEADER, parseBatch } from "./batch.ts";
import { FrameWriter, type IdStamp, payloadsOf } from "./frames.ts";
import type { LogNames } from "./names.ts";
import type { StoredRoom } from "./rooms.ts";
import type { Scanner } from "./scan.ts";

/** Frames of consecutive messages. */
export interface ReadFrames {
  readonly frames: readonly Uint8Array[];
  /** The sequence after that of the last message that was read. */
  readonly next: number;
}

/** A range of ids to be read. */
export interface ReadRange {
  readonly first: number;
  readonly last: number;
  /** About so many bytes, but at least one message. */
  readonly maxBytes: number;
  /** A sequence at or before the batch of the first message. If not given, it is searched for. */
  readonly from: number | undefined;
}

/** The options of a {@linkcode RangeReader}. */
export interface RangeReaderOptions {
  readonly broker: Broker;
  readonly names: LogNames;
  readonly scanner: Scanner;
  readonly clock: Clock;
  readonly stamp: IdStamp;
}

/** A search ends within this many sequences before a batch. */
const NEAR = 16;

/** The number of a room's newest messages whose refs are read when the room is first posted to. */
const REF_WINDOW = 10_000;

/** The time before reading is tried again, in milliseconds. */
const RETRY_MS = 250;

/** Messages that are no longer kept. */
export class NoLongerKept extends Error {
  override readonly name = "NoLongerKept";
}

/** Reads messages of the rooms of a stream. */
export class RangeReader {
  readonly #options: RangeReaderOptions;

  constructor(options: RangeReaderOptions) {
    this.#options = options;
  }

  /**
   * Reads messages of a room. None are returned if the server that answers lags behind.
   *
   * @throws {NoLongerKept} If the first message is not kept any longer.
   * @throws If the broker does not answer.
   */
  async read(room: StoredRoom, { first, last, maxBytes, from }: ReadRange): Promise<ReadFrames> {
    const { scanner, stamp } = this.#options;
    const frames: Uint8Array[] = [];
    let next = from ?? await this.#find(room, first);
    let id = first;
    let isGone = false;
    const range = { token: room.token, from: next, maxMessages: last - first + 1 + NEAR, maxBytes };
    await scanner.scan(range, ({ sequence, header, body, size }) => {
      const batch = parseBatch(header, room.token, size);
      next = sequence + 1;
      if (batch === undefined || lastOf(batch) < id) return true;
      if (batch.first > id) {
        // A message that does not follow is skipped, as it was when it arrived.
        if (id > first) return true;
        room.dropped(batch.first);
        isGone = true;
        return false;
      }
      const payloads = payloadsOf(batch.posts, body, stamp);
      const writer = new FrameWriter(stamp, body.length, payloads.length);
      for (; id <= Math.min(last, lastOf(batch)); id++) {
        frames.push(writer.frame(payloads[id - batch.first]!, id));
      }
      // The rest of the batch is read again.
      if (id <= lastOf(batch)) next = sequence;
      return id <= last;
    });
    if (isGone) throw new NoLongerKept(`number ${first} is no longer kept`);
    return { frames, next };
  }

  /**
   * Reads the headers of a room's newest batches, until that has succeeded.
   *
   * @param isOver Whether they are no longer wanted.
   */
  async readRefs(room: StoredRoom, isOver: () => boolean, each: (batch: Batch) => void): Promise<void> {
    const { scanner, clock } = this.#options;
    const first = Math.max(room.oldest, room.head - REF_WINDOW + 1);
    const { head } = room;
    for (let read = 0; !isOver() && read < head;) {
      try {
        const from = await this.#find(room, first);
        const all = { maxMessages: Infinity, maxBytes: Infinity };
        await scanner.scan({ token: room.token, from, headersOnly: true, ...all }, ({ header, size }) => {
          const batch = parseBatch(header, room.token, size);
          if (batch !== undefined) {
            each(batch);
            read = lastOf(batch);
          }
          return read < head && !isOver();
        });
      } catch {
        // The connection or the server is lost: the reading is tried again.
      }
      if (read < head) await new Promise<void>((resolve) => clock.after(RETRY_MS, resolve));
    }
  }

  /** Returns a sequence at or shortly before the batch with an id; far before it only if messages were dropped. */
  async #find(room: StoredRoom, id: number): Promise<number> {
    let { low, high } = room.around(id);
    while (high.sequence - low.sequence > NEAR) {
      const middle = middleOf(low.sequence, high.sequence);
      const found = await this.batchFrom(room, middle);
      if (found === undefined || found.sequence >= high.sequence || found.first > id) {
        high = { first: found?.first ?? high.first, sequence: middle };
      } else low = found;
    }
    return Math.max(1, low.sequence);
  }

  /**
   * Finds the first batch of a room for which a test fails, by bisection. The test must succeed for the batch with the
   * sequence `low`, and all batches for which it succeeds must come before the others.
   * @returns Undefined if the test succeeds for all batches before the sequence `high`.
   */
  async findFirst(
    room: StoredRoom,
    { low, high }: { low: number; high: number },
    test: (batch: FoundBatch) => boolean,
  ): Promise<FoundBatch | undefined> {
    let first: FoundBatch | undefined;
    for (let [below, above] = [low, high]; above - below > 1;) {
      const middle = middleOf(below, above);
      const found = await this.batchFrom(room, middle);
      if (found === undefined || found.sequence >= above) above = middle;
      else if (test(found)) below = found.sequence;
      else [above, first] = [middle, found];
    }
    return first;
  }

  /** Returns a room's first batch from a sequence on; undefined if there is none. */
  async batchFrom(room: StoredRoom, from: number): Promise<FoundBatch | undefined> {
    const { broker: { manager }, names: { stream, stored } } = this.#options;
    for (let sequence = from;;) {
      const query = { seq: sequence, next_by_subj: stored + room.token };
      const found = await manager.direct.getMessage(stream, query);
      if (found === null) return undefined;
      const batch = parseBatch(found.header.get(BATCH_HEADER), room.token, found.data.length);
      if (batch !== undefined) {
        const { at } = batch.posts.at(-1)!;
        return { first: batch.first, last: lastOf(batch), at, sequence: found.seq };
      }
      sequence = found.seq + 1;
    }
  }
}

/** The place of a batch, and the time of its newest post in seconds since 1970. */
export interface FoundBatch {
  readonly first: number;
  readonly last: number;
  readonly at: number;
  readonly sequence: number;
}

function middleOf(low: number, high: number): number {
  return low + Math.floor((high - low) / 2);
}

function lastOf({ first, posts }: Batch): number {
  return first + posts.length - 1;
}
