/** Index of all rooms of a stream, including those that the hub has not opened. */

import { type Batch, parseBatch } from "./batch.ts";
import type { StoredMessage } from "./scan.ts";

/** A place in a room's log: the batch that begins with an id. */
export interface Mark {
  readonly first: number;
  readonly sequence: number;
}

/** A batch, and its place. */
export interface AppendedBatch extends Pick<Batch, "room" | "first" | "oldest"> {
  readonly count: number;
  readonly sequence: number;
}

/** The most marks of a room. If there are more, every other one is dropped. */
const MOST_MARKS = 512;

/** A room of the stream. */
export class StoredRoom {
  readonly token: string;
  /** Its name, as its first batch spells it. */
  name: string;
  /** The newest id, and the sequence of the newest message; 0 if there is none. */
  head = 0;
  sequence = 0;
  #oldest = 1;
  /** Some of its batches, in their order. */
  #marks: Mark[] = [];
  /** One of this many batches is marked. */
  #stride = 1;
  #sinceMark = 0;

  constructor(token: string, name: string) {
    this.token = token;
    this.name = name;
  }

  /** The first id that may still be kept. */
  get oldest(): number {
    return Math.min(this.#oldest, this.head + 1);
  }

  /** Notes that the ids before `oldest` are no longer kept. */
  dropped(oldest: number): void {
    if (oldest <= this.#oldest) return;
    this.#oldest = oldest;
    const kept = this.#marks.findIndex(({ first }) => first >= oldest);
    this.#marks.splice(0, kept === -1 ? this.#marks.length : kept);
  }

  /**
   * Adds the next message of the room.
   * @returns Its batch; undefined if it is not a batch that follows. All listeners skip such a message.
   */
  add({ sequence, header, size }: Omit<StoredMessage, "body">): Batch | undefined {
    const batch = parseBatch(header, this.token, size);
    this.sequence = sequence;
    if (batch === undefined || batch.first !== this.head + 1) return undefined;
    this.append({ ...batch, count: batch.posts.length, sequence });
    return batch;
  }

  /** Sets a message as the newest of the room, whatever came before it. Returns whether it is a batch. */
  begin({ sequence, header, size }: Omit<StoredMessage, "body">): boolean {
    const batch = parseBatch(header, this.token, size);
    if (batch === undefined) return false;
    this.append({ ...batch, count: batch.posts.length, sequence });
    return true;
  }

  /** Adds a batch that is known to follow. */
  append({ room, first, count, oldest, sequence }: AppendedBatch): void {
    if (this.head === 0) this.name = room;
    this.sequence = sequence;
    this.head = first + count - 1;
    this.dropped(oldest);
    this.#mark({ first, sequence });
  }

  #mark(mark: Mark): void {
    if (++this.#sinceMark < this.#stride) return;
    this.#sinceMark = 0;
    this.#marks.push(mark);
    if (this.#marks.length < MOST_MARKS) return;
    this.#marks = this.#marks.filter((_, index) => index % 2 === 0);
    this.#stride *= 2;
  }

  /**
   * Returns the nearest known places around the batch with an id: the last one at or before it, and the first one after
   * it. Without one, it is the place before the first message, or after the last.
   */
  around(id: number): { readonly low: Mark; readonly high: Mark } {
    const after = this.#marks.findIndex(({ first }) => first > id);
    const high = after === -1 ? { first: this.head + 1, sequence: this.sequence + 1 } : this.#marks[after]!;
    const low = this.#marks[(after === -1 ? this.#marks.length : after) - 1];
    return { low: low ?? { first: 0, sequence: 0 }, high };
  }
}

/** The rooms of a stream by their tokens. */
export class StoredRooms {
  readonly #rooms = new Map<string, StoredRoom>();

  [Symbol.iterator](): IterableIterator<StoredRoom> {
    return this.#rooms.values();
  }

  find(token: string): StoredRoom | undefined {
    return this.#rooms.get(token);
  }

  /** Returns the room with that token, which is added under the name if it is new. */
  get(token: string, name: string): StoredRoom {
    let room = this.#rooms.get(token);
    if (room === undefined) this.#rooms.set(token, room = new StoredRoom(token, name));
    return room;
  }

  /** Removes a room in which nothing was ever posted. */
  forget(room: StoredRoom): void {
    if (room.sequence === 0) this.#rooms.delete(room.token);
  }
}
