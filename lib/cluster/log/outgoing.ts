/** Posts of this listener to one room that wait to be stored, and the batches made of them. */

import type { Place, Post } from "../../history/history.ts";
import { formatBatch, headerSizeOf, MAX_BATCH_HEADER } from "./batch.ts";
import { payloadOf } from "./frames.ts";
import type { Flight } from "./publisher.ts";
import type { Refs } from "./refs.ts";

/** A post that has no outcome yet. */
export interface Waiting {
  readonly post: Post;
  readonly payload: Uint8Array;
}

/** A post of a batch, or a repetition of a stored message or of an earlier post in the batch. */
export interface Item {
  readonly waiting: Waiting;
  readonly original: Place | Waiting | undefined;
}

/** A batch of this listener. */
export interface OwnBatch extends Flight {
  /** Its posts, and the repetitions between them. */
  readonly items: readonly Item[];
  /** The id of its first post, and the number of its posts. */
  readonly first: number;
  readonly count: number;
  /** The name of the room, and the first id that was kept of it. */
  readonly room: string;
  readonly oldest: number;
}

/** The next items of a queue. */
export interface Taken {
  readonly items: Item[];
  /** The number of items without the repetitions, and the length of their payloads. */
  readonly posts: number;
  readonly size: number;
}

/** The most bytes of payloads in a batch of several posts, if the broker takes as many. */
const MOST_BYTES = 512 * 1024;

/** The posts of a room, in their order. */
export class Outgoing {
  #queue: Waiting[] = [];

  get length(): number {
    return this.#queue.length;
  }

  add(waiting: Waiting): void {
    this.#queue.push(waiting);
  }

  /** Puts the posts of a batch that was not stored back to the front. */
  putBack(items: readonly Item[]): void {
    this.#queue = [...items.map(({ waiting }) => waiting), ...this.#queue];
  }

  /**
   * Takes as many posts from the front as a batch holds. It ends before a post that repeats one of another room that
   * has no outcome yet.
   */
  take(refs: Refs<Waiting>, maxBytes: number): Taken {
    const items: Item[] = [];
    const inBatch = new Set<Waiting>();
    let [size, headerSize] = [0, 0];
    for (const waiting of this.#queue) {
      const { post, payload } = waiting;
      const original = originalOf(waiting, refs);
      if (original === undefined) {
        headerSize += headerSizeOf(post);
        size += payload.length;
        const isFull = headerSize > MAX_BATCH_HEADER || size > Math.min(maxBytes, MOST_BYTES);
        if (inBatch.size > 0 && isFull) {
          size -= payload.length;
          break;
        }
        inBatch.add(waiting);
      } else if ("post" in original && !inBatch.has(original)) break;
      items.push({ waiting, original });
    }
    this.#queue.splice(0, items.length);
    return { items, posts: inBatch.size, size };
  }
}

/** Returns the message that a post repeats; undefined if its ref is new, or it has none. */
function originalOf(waiting: Waiting, refs: Refs<Waiting>): Place | Waiting | undefined {
  const { session, ref } = waiting.post;
  if (ref === undefined) return undefined;
  const place = refs.find(session, ref);
  if (place !== undefined) return place;
  const owner = refs.claim(waiting, ref);
  return owner === waiting ? undefined : owner;
}

/** The place of a batch in its room, and what it is called. */
export interface BatchPlace {
  readonly node: string;
  readonly number: number;
  readonly room: string;
  readonly first: number;
  readonly oldest: number;
  /** The sequence of the message before it. */
  readonly after: number;
}

/** Makes a batch of posts. */
export function ownBatch({ items, size }: Taken, place: BatchPlace): OwnBatch {
  const own = items.filter(({ original }) => original === undefined).map(({ waiting }) => waiting);
  const body = new Uint8Array(size);
  let at = 0;
  for (const { payload } of own) {
    body.set(payload, at);
    at += payload.length;
  }
  const posts = own.map(({ post: { at, session, origin, ref }, payload }) => {
    return { size: payload.length, at, session, origin, ref };
  });
  return { ...place, items, count: posts.length, header: formatBatch({ ...place, posts }), body };
}

/** Makes a waiting post. */
export function waitingOf(post: Post): Waiting {
  return { post, payload: payloadOf(post.frame) };
}
