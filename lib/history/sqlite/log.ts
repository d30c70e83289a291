/** Log of one room in a history file. */

import { type Batch, EmbeddedLog } from "../embedded.ts";
import {
  type Found,
  HistoryError,
  NO_REPLAY,
  type Post,
  type Replay,
  type RoomLog,
  type RoomReader,
  type SearchRange,
} from "../history.ts";
import { reason } from "../driver.ts";
import type { Query } from "../search/query.ts";
import { type MessageRow, SqliteHits, SqliteReplay } from "./replay.ts";
import type { SearchIndex } from "./search/search_index.ts";
import type { StoredRoom, StoredRooms } from "./stored_rooms.ts";

/** The parts of a history file that a {@linkcode SqliteLog} works on. */
export interface SqliteLogParts {
  readonly batch: Batch<SqliteLog>;
  readonly rooms: StoredRooms;
  readonly index: Pick<SearchIndex, "find"> | undefined;
  /** Reads the messages `first` to `last` of a room, in their order. */
  readonly read: (room: StoredRoom, first: number, last: number) => Iterable<MessageRow>;
}

/** A log whose messages are all in the file, so that it need not keep those that drop out of memory. */
export class SqliteLog extends EmbeddedLog {
  readonly #parts: SqliteLogParts;
  readonly search?: NonNullable<RoomLog["search"]>;

  constructor(name: string, reader: RoomReader, parts: SqliteLogParts) {
    super(name, reader, parts.rooms.get(name)?.head ?? 0);
    this.#parts = parts;
    const { index } = parts;
    if (index !== undefined) this.search = (query, range) => this.#search(index, query, range);
  }

  get oldest(): number {
    return (this.#parts.rooms.get(this.name)?.dropped ?? 0) + 1;
  }

  post(post: Post): void {
    this.#parts.batch.add(this, post);
  }

  replay(first: number, last: number): Replay {
    const room = this.#parts.rooms.get(this.name);
    const from = Math.max(first, this.oldest);
    const to = Math.min(last, this.head);
    if (room === undefined || to < from) return NO_REPLAY;
    const replay = new SqliteReplay({
      read: (first, last) => this.#parts.read(room, first, last),
      first: from,
      last: to,
      closed: () => room.replays.delete(replay),
    });
    room.replays.add(replay);
    return replay;
  }

  async #search(
    index: Pick<SearchIndex, "find">,
    query: Query,
    { before, limit }: SearchRange,
  ): Promise<Found> {
    const room = this.#parts.rooms.get(this.name);
    const last = Math.min(before - 1, this.head);
    if (room === undefined || last < this.oldest || limit <= 0) return { replay: NO_REPLAY, ms: 0 };
    const { ids, ms } = await index.find(room, query, { first: this.oldest, last, limit });
    const replay = new SqliteHits({
      // Some may have been deleted meanwhile.
      ids: ids.filter((id) => id >= this.oldest),
      read: (id) => this.#read(room, id),
      closed: () => room.replays.delete(replay),
    });
    room.replays.add(replay);
    return { replay, ms };
  }

  #read(room: StoredRoom, id: number): Uint8Array | undefined {
    try {
      for (const { frame } of this.#parts.read(room, id, id)) return frame;
    } catch (error) {
      throw new HistoryError(`Cannot read the messages: ${reason(error)}`, { cause: error });
    }
    return undefined;
  }

  overflow(): void {}

  release(): void {}

  close(): void {}
}
