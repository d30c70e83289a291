/** Posts of this listener to one room that wait to be stored, and the batches made of them. */

import type { Place, Post } from "../../history/history.ts";
import { BatchHeader, type PostText, postText } from "./batch.ts";
import { payloadOf } from "./frames.ts";
import type { Flight } from "./publisher.ts";
import type { Refs } from "./refs.ts";

/** A post that has no outcome yet. */
export interface Waiting {
  readonly post: Post;
  readonly payload: Uint8Array;
  readonly text: PostText;
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
  /** The header of the items that are no repetitions, and the length of their payloads. */
  readonly header: BatchHeader;
  readonly size: number;
}

/** The most bytes of payloads, and of the header before the last post, in a batch of several posts. */
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
   *
   * @param maxBytes The most bytes of payloads, and of the header of several posts without that of the last one.
   */
  take(refs: Refs<Waiting>, maxBytes: number): Taken {
    const items: Item[] = [];
    const header = new BatchHeader();
    const inBatch = new Set<Waiting>();
    const most = Math.min(maxBytes, MOST_BYTES);
    let size = 0;
    for (const waiting of this.#queue) {
      const { payload, text } = waiting;
      const original = originalOf(waiting, refs);
      if (original === undefined) {
        if (header.count > 0 && size + payload.length + header.size > most || !header.add(text)) break;
        size += payload.length;
        inBatch.add(waiting);
      } else if ("post" in original && !inBatch.has(original)) break;
      items.push({ waiting, original });
    }
    this.#queue.splice(0, items.length);
    return { items, header, size };
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
export function ownBatch({ items, header, size }: Taken, place: BatchPlace): OwnBatch {
  const body = new Uint8Array(size);
  let at = 0;
  for (const { waiting: { payload }, original } of items) {
    if (original !== undefined) continue;
    body.set(payload, at);
    at += payload.length;
  }
  return { ...place, items, count: header.count, header: header.text(place), body };
}

/** Makes a waiting post. */
export function waitingOf(post: Post): Waiting {
  const payload = payloadOf(post.frame);
  const { at, session, origin, ref } = post;
  return { post, payload, text: postText({ size: payload.length, at, session, origin, ref }) };
}
