/** Posts of an embedded history between two flushes, and its room logs. */

import type { Ref } from "../base/ref.ts";
import {
  HistoryError,
  type Messages,
  type Place,
  type Post,
  type Replay,
  type RoomLog,
  type RoomReader,
} from "./history.ts";

/** A post that waits for the flush. */
export interface Waiting<L extends EmbeddedLog> {
  readonly log: L;
  readonly post: Post;
  readonly id: number;
  /** The message that it repeats, of this turn or stored before. A repetition is not stored. */
  readonly original: Waiting<L> | Place | undefined;
}

/** The part of an embedded room log that all embedded histories share. */
export abstract class EmbeddedLog implements RoomLog {
  readonly name: string;
  readonly reader: RoomReader;
  /** The newest id that is stored. */
  head: number;
  /** The number of posts that wait for the flush. */
  waiting = 0;

  constructor(name: string, reader: RoomReader, head: number) {
    this.name = name;
    this.reader = reader;
    this.head = head;
  }

  get nextId(): number {
    return this.head + this.waiting + 1;
  }

  abstract readonly oldest: number;
  abstract post(post: Post): void;
  abstract replay(first: number, last: number): Replay;
  abstract overflow(messages: Messages): void;
  abstract release(first: number): void;
  abstract close(): void;
}

/** The posts of a turn, in order. They are stored together. */
export class Batch<L extends EmbeddedLog> {
  readonly #find: (session: string, ref: Ref) => Place | undefined;
  #waiting: Waiting<L>[] = [];
  /** The posts of this turn that have a ref, by session and ref. */
  readonly #byRef = new Map<string, Map<Ref, Waiting<L>>>();

  #hasRepetitions = false;

  /** @param find Finds a message that was stored before. */
  constructor(find: (session: string, ref: Ref) => Place | undefined) {
    this.#find = find;
  }

  /**
   * Adds a post, which gets the next id of its room unless it is a repetition.
   *
   * @throws {HistoryError} If stored refs cannot be read.
   */
  add(log: L, post: Post): void {
    const { session, ref } = post;
    if (ref === undefined) return this.#add({ log, post, id: log.nextId, original: undefined });
    let refs = this.#byRef.get(session);
    const original = refs?.get(ref) ?? this.#find(session, ref);
    if (original !== undefined) {
      this.#hasRepetitions = true;
      this.#waiting.push({ log, post, id: 0, original });
      return;
    }
    if (refs === undefined) this.#byRef.set(session, refs = new Map());
    const waiting = { log, post, id: log.nextId, original };
    this.#add(waiting);
    refs.set(ref, waiting);
  }

  #add(waiting: Waiting<L>): void {
    waiting.log.waiting++;
    this.#waiting.push(waiting);
  }

  /**
   * Ends the turn: stores its posts, and reports their outcomes in the order of the posts.
   *
   * @param store Stores all of them, or throws a HistoryError and stores none.
   */
  flush(store: (posts: readonly Waiting<L>[]) => void): void {
    const all = this.#waiting;
    if (all.length === 0) return;
    this.#waiting = [];
    this.#byRef.clear();
    const posts = this.#hasRepetitions ? all.filter(({ original }) => original === undefined) : all;
    this.#hasRepetitions = false;
    for (const { log } of posts) log.waiting = 0;
    let failure: HistoryError | undefined;
    try {
      if (posts.length > 0) store(posts);
    } catch (error) {
      if (!(error instanceof HistoryError)) throw error;
      failure = error;
    }
    tell(all, failure);
  }
}

/** Reports what was stored, in runs of one room, or why it was not stored. */
function tell<L extends EmbeddedLog>(all: readonly Waiting<L>[], failure: HistoryError | undefined): void {
  for (let at = 0; at < all.length;) {
    const { log, post, id, original } = all[at]!;
    if (original !== undefined && "room" in original) log.reader.repeated(post, original);
    else if (failure !== undefined) log.reader.refused(post, failure);
    else if (original !== undefined) {
      log.reader.repeated(post, { room: original.log.name, id: original.id, at: original.post.at });
    } else {
      const run: Post[] = [];
      for (; all[at]?.log === log && all[at]!.original === undefined; at++) run.push(all[at]!.post);
      log.head = id + run.length - 1;
      log.reader.arrived(id, run);
      continue;
    }
    at++;
  }
}
