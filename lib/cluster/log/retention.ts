/** Retention of a stream: the bounds on what it keeps, and the purging of each room's oldest batches. */

import type { Retain } from "../../history/retain.ts";
import type { Broker } from "../broker/broker.ts";
import type { StreamInfo, Subscription } from "../broker/nats.ts";
import type { LogNames } from "./names.ts";
import type { FoundBatch, RangeReader } from "./range_reader.ts";
import type { StoredRoom, StoredRooms } from "./rooms.ts";

/** The options of a {@linkcode Retention}. */
export interface RetentionOptions {
  readonly broker: Broker;
  readonly names: LogNames;
  readonly rooms: StoredRooms;
  readonly reader: RangeReader;
  readonly retain: Retain;
  readonly state: () => Promise<StreamInfo>;
}

/** The most rooms that are examined at a time. */
const AT_ONCE = 8;

/**
 * Purges old batches. Every listener does so by its own bounds; to repeat another listener's purge has no effect. The
 * newest message of a room is never purged, because the next one has to follow it.
 */
export class Retention {
  readonly #options: RetentionOptions;
  #isRunning = false;
  /** The oldest batch of each room, as it was found last. */
  readonly #oldest = new WeakMap<StoredRoom, FoundBatch>();
  readonly #subscription: Subscription;

  constructor(options: RetentionOptions) {
    this.#options = options;
    const { broker, names, rooms } = options;
    // A batch that is missed is found the next time.
    this.#subscription = broker.connection.subscribe(`${names.dropped}*`, {
      callback: (error, { subject, data }) => {
        const first = Number(new TextDecoder().decode(data));
        const room = rooms.find(subject.slice(names.dropped.length));
        if (error === null && room !== undefined && first <= room.head) room.dropped(first);
      },
    });
  }

  close(): void {
    this.#subscription.unsubscribe();
  }

  /**
   * Examines every room, and purges what need not be kept. After an error it does the rest the next time.
   *
   * @param now In seconds since 1970.
   */
  async run(now: number): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      const rooms = [...this.#options.rooms].filter(({ head }) => head > 0);
      await eachOf(rooms, (room) => this.#look(room));
      const before = await this.#sequenceToKeep(rooms);
      await eachOf(rooms, (room) => this.#purge(room, { now, before }));
    } catch {
      // The broker cannot be reached.
    } finally {
      this.#isRunning = false;
    }
  }

  /** Finds the oldest batch of a room, which another listener may have purged. */
  async #look(room: StoredRoom): Promise<void> {
    const known = this.#oldest.get(room);
    const oldest = await this.#options.reader.batchFrom(room, known?.sequence ?? 1);
    if (oldest === undefined) return;
    this.#oldest.set(room, oldest);
    room.dropped(oldest.first);
  }

  /** Returns the sequence before which batches have to go because the stream is too large; 0 if it is not. */
  async #sequenceToKeep(rooms: readonly StoredRoom[]): Promise<number> {
    const { size = Infinity } = this.#options.retain;
    if (size === Infinity) return 0;
    const { state: { bytes, last_seq: last } } = await this.#options.state();
    if (bytes <= size) return 0;
    const first = Math.min(...rooms.flatMap((room) => {
      const oldest = this.#oldest.get(room);
      return oldest !== undefined && oldest.sequence < room.sequence ? [oldest.sequence] : [];
    }));
    // An estimate: all batches are taken to have one size. What is still too much is purged the next time.
    return first === Infinity ? 0 : first + Math.ceil((last - first) * (1 - size / bytes));
  }

  async #purge(room: StoredRoom, { now, before }: { now: number; before: number }): Promise<void> {
    const { broker, names, reader, retain: { age = Infinity, count = Infinity } } = this.#options;
    const oldest = this.#oldest.get(room);
    const isOld = ({ at, last, sequence }: FoundBatch) =>
      sequence < before || at < now - age || last <= room.head - count;
    const { sequence: newest } = room;
    if (oldest === undefined || oldest.sequence >= newest || !isOld(oldest)) return;
    const kept = await reader.findFirst(room, { low: oldest.sequence, high: newest }, isOld) ??
      await reader.batchFrom(room, newest);
    if (kept === undefined || kept.sequence > newest) return;
    await broker.manager.streams.purge(names.stream, {
      filter: names.stored + room.token,
      seq: kept.sequence,
    });
    this.#oldest.set(room, kept);
    room.dropped(kept.first);
    broker.connection.publish(names.dropped + room.token, `${kept.first}`);
  }
}

/** Runs a task for each item, a few at a time. */
async function eachOf<T>(all: readonly T[], act: (one: T) => Promise<void>): Promise<void> {
  const rest = all.values();
  const worker = async () => {
    for (const one of rest) await act(one);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
