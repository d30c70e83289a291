/**
 * Search index of a history file, kept and searched by a worker.
 *
 * Writing a message to the index takes three times as long as storing it, so a worker does it. The worker gets the
 * stored messages in the order of their ids. It gets a search after all messages that were stored before it, so the
 * search finds every one of them. The index records up to which id each room is indexed. Messages can be missing from
 * it because it is new, an earlier version stored them, or the process was killed; these are read from the history in
 * pieces.
 */

import type { Clock } from "../../../base/clock.ts";
import { startWorker } from "../../../base/worker.ts";
import { BusyError, HistoryError } from "../../history.ts";
import type { Query } from "../../search/query.ts";
import { placeOf, readPlace } from "../columns.ts";
import type { MessageRow } from "../replay.ts";
import type { StoredRoom } from "../stored_rooms.ts";
import type { Batch, Progress, Range } from "./tables.ts";
import type { SearchAnswer, SearchJob } from "./worker.ts";

/** The parts of a history that its search needs. */
export interface SearchOptions {
  /** Starts worker.ts; {@linkcode openSearchWorker} or a test's. */
  readonly openWorker: () => Worker;
  readonly clock: Pick<Clock, "after">;
  /** Called with the reason when the index cannot be used. It is tried again with the next tick. */
  readonly onFailure: (text: string) => void;
}

/** The options of a {@linkcode SearchIndex}. */
export interface SearchIndexOptions extends SearchOptions {
  /** The file of the index. */
  readonly path: string;
  /** The name of the history. */
  readonly epoch: string;
  /** The rooms of the history; a live collection. */
  readonly rooms: Iterable<StoredRoom>;
  /** Reads the messages `first` to `last` of a room, in their order. */
  readonly read: (room: StoredRoom, first: number, last: number) => Iterable<MessageRow>;
}

/**
 * The size of a batch, in bytes, which the worker writes in a few milliseconds; and the most bytes that it has to
 * write.
 */
const BATCH = 64 * 1024;
const MOST_WAITING = 4 * BATCH;
/**
 * The pause after a batch that was read from the history (which takes about 1 ms), in ms; none while a search waits.
 */
const PAUSE_MS = 8;
/** The most missing messages for which a search waits. Indexing them takes about a second. */
const MOST_BEHIND = 50_000;
/** The longest time for a search, in milliseconds. The worker is ended after it. */
const TIME_LIMIT = 10_000;
const TOO_LONG = "Cannot search: it took too long; search for longer or rarer words";
/** The longest time for the worker to close the index. */
const CLOSING_MS = 2000;

/** A search that is not answered yet. */
interface Search {
  readonly room: StoredRoom;
  readonly query: Query;
  readonly range: Range;
  readonly answer: PromiseWithResolvers<Ids>;
}

/** The ids of the messages found, ascending, and the time that it took. */
export interface Ids {
  readonly ids: readonly number[];
  readonly ms: number;
}

/** Messages for the worker. */
class Outbox {
  #frames = new Uint8Array(0);
  #ends: number[] = [];
  #places: number[] = [];
  size = 0;

  add(place: number, frame: Uint8Array): void {
    const end = this.size + frame.length;
    if (end > this.#frames.length) {
      const grown = new Uint8Array(Math.max(BATCH, end, 2 * this.#frames.length));
      grown.set(this.#frames.subarray(0, this.size));
      this.#frames = grown;
    }
    this.#frames.set(frame, this.size);
    this.#ends.push(end);
    this.#places.push(place);
    this.size = end;
  }

  take(): Batch {
    const batch = { frames: this.#frames.slice(0, this.size), ends: this.#ends, places: this.#places };
    this.clear();
    return batch;
  }

  clear(): void {
    this.#ends = [];
    this.#places = [];
    this.size = 0;
  }
}

/** The index, as the history uses it. The worker is started with the first tick or search. */
export class SearchIndex {
  readonly #options: SearchIndexOptions;
  #worker: Worker | null = null;
  #isReady = false;
  #hasFailed = false;
  #closed: PromiseWithResolvers<void> | null = null;
  /** The newest id of each room, by its key, that was sent to the worker or waits in the outbox. */
  readonly #fed = new Map<number, number>();
  /** The rooms with messages that were not sent yet. */
  readonly #behind = new Set<StoredRoom>();
  readonly #outbox = new Outbox();
  /** The bytes that the worker has not added yet. */
  #inFlight = 0;
  /** Ends the pause between two batches that are read from the file. */
  #cancelPause: (() => void) | null = null;
  /** The searches that wait for messages to be fed, and those that the worker has, by number. */
  #waiting: Search[] = [];
  readonly #asked = new Map<number, Search>();
  #lastNumber = 0;

  constructor(options: SearchIndexOptions) {
    this.#options = options;
  }

  /** Whether the worker takes messages. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Adds a stored message. Call {@linkcode SearchIndex.turnEnded} after the last one of a turn. */
  stored(room: StoredRoom, id: number, frame: Uint8Array): void {
    const isNext = this.#fedOf(room) === id - 1;
    if (!isNext || this.#outbox.size + frame.length > MOST_WAITING) return void this.#behind.add(room);
    this.#outbox.add(placeOf(room.key, id), frame);
    this.#fed.set(room.key, id);
  }

  turnEnded(): void {
    if (this.#outbox.size >= BATCH && this.#inFlight < MOST_WAITING) this.#send();
  }

  /** Deletes the messages of a room up to an id. */
  drop(room: StoredRoom, last: number): void {
    if (this.#worker === null) return;
    this.#send();
    this.#post({ kind: "drop", roomKey: room.key, last });
    this.#fed.set(room.key, Math.max(this.#fedOf(room), last));
  }

  /** Brings the index up to date. Call it from time to time. */
  tick(): void {
    if (this.#worker !== null) return this.#feed(true);
    for (const { head, dropped } of this.#options.rooms) if (head > dropped) return this.#start();
  }

  /**
   * Finds messages of a room.
   *
   * @throws {BusyError} If too many messages are not in the index yet.
   * @throws {HistoryError} If the index cannot be used.
   */
  async find(room: StoredRoom, query: Query, range: Omit<Range, "roomKey">): Promise<Ids> {
    const answer = Promise.withResolvers<Ids>();
    const search = { room, query, range: { roomKey: room.key, ...range }, answer };
    this.#waiting.push(search);
    this.#endPause();
    const cancel = this.#options.clock.after(TIME_LIMIT, () => {
      if (!this.#waiting.includes(search)) {
        return this.#fail(`a search took more than ${TIME_LIMIT / 1000} seconds`);
      }
      // On a busy machine the index is not up to date yet, which is no failure. A worker that hangs before it is looks the
      // same: its searches are answered in this way until the listener ends.
      this.#waiting = this.#waiting.filter((each) => each !== search);
      answer.reject(this.#notYet(room, this.#missing(search)));
    });
    try {
      if (this.#worker === null) this.#start();
      else this.#feed(true);
      return await answer.promise;
    } finally {
      cancel();
    }
  }

  /** Closes it; returns a promise if there is a worker to wait for. */
  close(): Promise<void> | void {
    const worker = this.#worker;
    if (worker === null) return;
    this.#rejectAll(new HistoryError("Cannot search: the history is closed"));
    this.#endPause();
    this.#closed = Promise.withResolvers();
    if (this.#isReady) this.#send();
    this.#post({ kind: "close" });
    const cancel = this.#options.clock.after(CLOSING_MS, this.#closed.resolve);
    return this.#closed.promise.finally(() => {
      cancel();
      this.#stop();
    });
  }

  #start(): void {
    const { path, epoch, rooms, openWorker } = this.#options;
    const worker = this.#worker = openWorker();
    worker.onmessage = ({ data }: MessageEvent<SearchAnswer>) => this.#take(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#fail(event.message);
    };
    const known = Array.from(rooms, ({ key, head, dropped }) => ({ key, head, dropped }));
    this.#post({ kind: "open", path, source: { epoch, rooms: known } });
  }

  #take(answer: SearchAnswer): void {
    switch (answer.kind) {
      case "opened":
        return this.#opened(answer.progress);
      case "added":
        this.#hasFailed = false;
        this.#inFlight -= answer.size;
        return this.#feed();
      case "found": {
        const { number, ids, ms } = answer;
        const asked = this.#asked.get(number)?.answer;
        this.#asked.delete(number);
        return ids === null ? asked?.reject(new HistoryError(TOO_LONG)) : asked?.resolve({ ids, ms });
      }
      case "closed":
        return this.#closed?.resolve();
      case "failed":
        return this.#fail(answer.text);
    }
  }

  #opened(progress: readonly Progress[]): void {
    if (this.#closed !== null) return;
    for (const { key, last } of progress) this.#fed.set(key, last);
    for (const room of this.#options.rooms) if (this.#fedOf(room) < room.head) this.#behind.add(room);
    this.#isReady = true;
    this.#feed();
  }

  #fedOf({ key, dropped }: StoredRoom): number {
    return Math.max(this.#fed.get(key) ?? 0, dropped);
  }

  /** Sends messages to the worker as fast as it writes them, and the searches whose messages it has. */
  #feed(isUrgent = false): void {
    if (!this.#isReady || this.#closed !== null) return;
    if (isUrgent || this.#waiting.length > 0 || this.#outbox.size >= BATCH && this.#inFlight < MOST_WAITING) {
      this.#send();
    }
    try {
      while (this.#inFlight <= BATCH && this.#behind.size > 0 && this.#cancelPause === null) {
        this.#sendStored();
      }
    } catch (error) {
      return this.#fail(error instanceof Error ? error.message : String(error));
    }
    this.#askWaiting();
  }

  #send(): void {
    if (this.#outbox.size === 0) return;
    const batch = this.#outbox.take();
    this.#inFlight += batch.frames.length;
    this.#post({ kind: "add", batch }, [batch.frames.buffer as ArrayBuffer]);
  }

  /** Reads a batch of one room from the file: first of a room that somebody searches. */
  #sendStored(): void {
    this.#send();
    const wanted = this.#waiting.find(({ room }) => this.#behind.has(room))?.room;
    const room = wanted ?? this.#behind.values().next().value!;
    let fed = this.#fedOf(room);
    for (const { place, frame } of this.#options.read(room, fed + 1, room.head)) {
      this.#outbox.add(place, frame);
      fed = readPlace(place).id;
      if (this.#outbox.size >= BATCH) break;
    }
    // Messages that are missing in the history were deleted.
    if (this.#outbox.size < BATCH) fed = room.head;
    this.#fed.set(room.key, fed);
    if (fed >= room.head) this.#behind.delete(room);
    this.#send();
    if (wanted !== undefined) return;
    this.#cancelPause = this.#options.clock.after(PAUSE_MS, () => {
      this.#cancelPause = null;
      this.#feed();
    });
  }

  #askWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const search of waiting) {
      const { room, query, range, answer } = search;
      const missing = this.#missing(search);
      if (missing <= 0) {
        const number = ++this.#lastNumber;
        this.#asked.set(number, search);
        this.#post({ kind: "find", number, query, range });
      } else if (missing <= MOST_BEHIND) this.#waiting.push(search);
      else answer.reject(this.#notYet(room, missing));
    }
  }

  /** Returns how many of the messages that are to be searched were not sent to the worker. */
  #missing({ room, range }: Search): number {
    return Math.min(range.last, room.head) - this.#fedOf(room);
  }

  #notYet(room: StoredRoom, missing: number): BusyError {
    const percent = Math.max(0, Math.floor(100 * (1 - missing / (room.head - room.dropped))));
    return new BusyError(`Cannot search yet: ${percent} % of the messages are indexed; ask again later`);
  }

  #post(job: SearchJob, transfer: ArrayBuffer[] = []): void {
    this.#worker?.postMessage(job, transfer);
  }

  #fail(text: string): void {
    this.#stop();
    this.#rejectAll(new HistoryError(`Cannot search: ${text}`));
    if (!this.#hasFailed) this.#options.onFailure(`Cannot keep ${this.#options.path}: ${text}`);
    this.#hasFailed = true;
    this.#closed?.resolve();
  }

  #rejectAll(error: HistoryError): void {
    for (const { answer } of [...this.#waiting, ...this.#asked.values()]) answer.reject(error);
    this.#waiting = [];
    this.#asked.clear();
  }

  #stop(): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.#isReady = false;
    this.#fed.clear();
    this.#behind.clear();
    this.#outbox.clear();
    this.#inFlight = 0;
    this.#endPause();
  }

  #endPause(): void {
    this.#cancelPause?.();
    this.#cancelPause = null;
  }
}

/** Starts the worker. */
export function openSearchWorker(): Worker {
  return startWorker("search_worker.js", new URL("./worker.ts", import.meta.url));
}
