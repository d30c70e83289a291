/** Log of one room in a history file. */

import { type Batch, EmbeddedLog } from "../embedded.ts";
import { NO_REPLAY, type Post, type Replay, type RoomReader } from "../history.ts";
import { type MessageRow, SqliteReplay } from "./replay.ts";
import type { StoredRoom, StoredRooms } from "./stored_rooms.ts";

/** The parts of a history file that a {@linkcode SqliteLog} works on. */
export interface SqliteLogParts {
  readonly batch: Batch<SqliteLog>;
  readonly rooms: StoredRooms;
  /** Reads the messages `first` to `last` of a room, in their order. */
  readonly read: (room: StoredRoom, first: number, last: number) => Iterable<MessageRow>;
}

/** A log whose messages are all in the file, so that it need not keep those that drop out of memory. */
export class SqliteLog extends EmbeddedLog {
  readonly #parts: SqliteLogParts;

  constructor(name: string, reader: RoomReader, parts: SqliteLogParts) {
    super(name, reader, parts.rooms.get(name)?.head ?? 0);
    this.#parts = parts;
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

  overflow(): void {}

  release(): void {}

  close(): void {}
}
