/** History without a file: the newest messages in the rings of the rooms, older ones that somebody needs in a spill. */

import { type Clock, SYSTEM_CLOCK } from "../../base/clock.ts";
import type { Ref } from "../../base/ref.ts";
import { Batch, EmbeddedLog } from "../embedded.ts";
import {
  type Ban,
  type Found,
  type History,
  HistoryError,
  type Messages,
  NO_REPLAY,
  type Place,
  type Post,
  type Replay,
  type RoomLog,
  type RoomReader,
  type RoomRecord,
  type SearchRange,
} from "../history.ts";
import { Hits } from "../hits.ts";
import type { Query } from "../search/query.ts";
import { RecentRefs } from "../../base/recent_refs.ts";
import { scan } from "./scan.ts";
import { Spill, SpilledRoom, type SpillOptions } from "./spill.ts";
import { take } from "./take.ts";

/** The options of a {@linkcode MemoryHistory}. */
export interface MemoryOptions {
  readonly epoch: string;
  /** The file for slow readers. If not given, there is none. */
  readonly spill?: SpillOptions;
  /** The clock for slices of searches; the system's if not given. */
  readonly clock?: Pick<Clock, "ticks" | "after">;
}

/** Keeps the heads of the rooms, the refs and the bans. The messages are the rooms' own. */
export class MemoryHistory implements History {
  readonly epoch: string;
  readonly backpressure = undefined;
  readonly #batch = new Batch<MemoryLog>((session, ref) => this.find(session, ref));
  readonly #spill: Spill;
  readonly #refs = new RecentRefs<Place>();
  readonly #bans = new Map<string, Ban>();
  /** The heads of the rooms that are not open. */
  readonly #heads = new Map<string, number>();
  readonly #clock: Pick<Clock, "ticks" | "after">;
  /** The search under way; the next one begins behind it. */
  #searching: Promise<unknown> = Promise.resolve();

  constructor({ epoch, spill = { maxSize: 0 }, clock = SYSTEM_CLOCK }: MemoryOptions) {
    this.epoch = epoch;
    this.#clock = clock;
    this.#spill = new Spill(spill);
  }

  /** The bytes of the messages that wait for slow readers in the file. */
  get spilled(): number {
    return this.#spill.size;
  }

  /** There are no rooms from before the listener started. */
  rooms(): RoomRecord[] {
    return [];
  }

  open(room: string, reader: RoomReader): RoomLog {
    const head = this.#heads.get(room) ?? 0;
    this.#heads.delete(room);
    return new MemoryLog(room, reader, {
      head,
      batch: this.#batch,
      spill: this.#spill,
      scan: (log, query, range) => this.#scan(log, query, range),
      closed: (head) => head > 0 && this.#heads.set(room, head),
    });
  }

  #scan(log: MemoryLog, query: Query, { before, limit }: SearchRange): Promise<Found> {
    const last = Math.min(before - 1, log.head);
    const searching = this.#searching.then(async () => {
      const { ids, ms } = await scan(log, { query, last, limit, clock: this.#clock });
      return { replay: log.hits(ids), ms };
    });
    this.#searching = searching.catch(() => {});
    return searching;
  }

  flush(): void {
    this.#batch.flush((posts) => {
      for (const { log, post, id } of posts) {
        const { session, ref, at, origin } = post;
        if (ref !== undefined) this.#refs.add({ session, ref, origin }, { room: log.name, id, at });
      }
    });
  }

  find(session: string, ref: Ref): Place | undefined {
    return this.#refs.find(session, ref);
  }

  sessionEnded(session: string): void {
    this.#refs.ended(session);
  }

  /** Does nothing, because the rooms hold their topics themselves. */
  setTopic(): void {}

  bans(): Ban[] {
    return [...this.#bans.values()];
  }

  ban(ban: Ban): void {
    this.#bans.set(`${ban.kind} ${ban.value}`, ban);
  }

  unban({ kind, value }: Pick<Ban, "kind" | "value">): void {
    this.#bans.delete(`${kind} ${value}`);
  }

  /** Drops no messages, because the rings do that themselves. */
  expire(): void {
    this.#spill.tidy();
  }

  close(): void {
    this.#spill.close();
  }
}

interface MemoryLogOptions {
  readonly head: number;
  readonly batch: Batch<MemoryLog>;
  readonly spill: Spill;
  readonly scan: (log: MemoryLog, query: Query, range: SearchRange) => Promise<Found>;
  readonly closed: (head: number) => void;
}

class MemoryLog extends EmbeddedLog {
  readonly #options: MemoryLogOptions;
  readonly #spilled = new SpilledRoom();

  constructor(name: string, reader: RoomReader, options: MemoryLogOptions) {
    super(name, reader, options.head);
    this.#options = options;
  }

  get oldest(): number {
    const { oldestId } = this.reader.recent;
    const { first, last } = this.#spilled;
    return first > 0 && last + 1 >= oldestId ? first : oldestId;
  }

  post(post: Post): void {
    this.#options.batch.add(this, post);
  }

  replay(first: number, last: number): Replay {
    const from = Math.max(first, this.oldest);
    const to = Math.min(last, this.head);
    return to < from ? NO_REPLAY : new MemoryReplay({ log: this, first: from, last: to });
  }

  /** Reads messages from an id on, from the ring or the spill. */
  read(id: number, last: number, maxBytes: number): Messages {
    const { recent } = this.reader;
    if (id >= recent.oldestId) return recent.messages(id, last, maxBytes);
    const found = this.#options.spill.read(this.#spilled, id);
    if (found !== null) return take(found, { first: id, last, maxBytes });
    throw new HistoryError(`Cannot read the messages: number ${id} is no longer kept`);
  }

  search(query: Query, range: SearchRange): Promise<Found> {
    return this.#options.scan(this, query, range);
  }

  /** The messages with these ids, as far as they are still kept. */
  hits(ids: readonly number[]): Replay {
    return new Hits({
      ids: ids.filter((id) => id >= this.oldest),
      read: (id) => id < this.oldest ? undefined : this.read(id, id, 1).frames,
    });
  }

  overflow(messages: Messages): void {
    this.#options.spill.add(this.#spilled, messages);
  }

  release(first: number): void {
    this.#options.spill.release(this.#spilled, first);
  }

  close(): void {
    this.#options.spill.drop(this.#spilled);
    this.#options.closed(this.head);
  }
}

class MemoryReplay implements Replay {
  readonly #log: MemoryLog;
  readonly #last: number;
  readonly first: number;
  readonly count: number;
  position: number;

  constructor({ log, first, last }: { log: MemoryLog; first: number; last: number }) {
    this.#log = log;
    this.#last = last;
    this.first = this.position = first;
    this.count = last - first + 1;
  }

  next(maxBytes: number): Uint8Array | null {
    if (this.position > this.#last) return null;
    const { last, frames } = this.#log.read(this.position, this.#last, maxBytes);
    this.position = last + 1;
    return frames;
  }

  close(): void {
    this.position = this.#last + 1;
  }
}
