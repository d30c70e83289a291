/**
 * Batches: the posts of one listener to one room that are stored as one message of the stream.
 *
 * The header `Chat-Batch` describes the posts as JSON, so that they can be read without their payloads. The body holds
 * the payloads, one after the other: pickles with all keys of a message except `id`.
 */

import type { Ref } from "../../base/ref.ts";
import { isRef } from "../../protocol/message.ts";
import { tokenOf } from "./names.ts";

/** The header of a stored batch. */
export const BATCH_HEADER = "Chat-Batch";

/**
 * The most bytes of the posts in a batch's header, unless there is only one. The broker takes 64 KiB for all headers of a
 * message.
 */
const MAX_POSTS = 56 * 1024;

/** The longest session and origin that are read, in UTF-16 code units. */
const MAX_TEXT = 1024;

/** A post in a batch. */
export interface BatchPost {
  /** The length of its payload in bytes. */
  readonly size: number;
  /** Seconds since 1970. */
  readonly at: number;
  readonly session: string;
  readonly origin: string;
  readonly ref: Ref | undefined;
}

/** The header of a batch. */
export interface Batch {
  /** The random name of the run of the listener that published the batch, and the number that this run gave it. */
  readonly node: string;
  readonly number: number;
  /** The name of the room, as its creator spelled it. */
  readonly room: string;
  /** The id of the first post. */
  readonly first: number;
  /** The first id of the room that was kept when the batch was published. */
  readonly oldest: number;
  /** At least one. */
  readonly posts: readonly BatchPost[];
}

/** The text of a post in the header of a batch, without the number of its sender there. */
export interface PostText {
  /** The text of its sender. */
  readonly by: string;
  /** The text before and after the number of the sender. */
  readonly start: string;
  readonly end: string;
  /** Upper bounds for the bytes of the sender, and of the rest. */
  readonly bySize: number;
  readonly size: number;
}

/** Returns the text of a post. It is the same in every batch. */
export function postText({ size, at, session, origin, ref }: BatchPost): PostText {
  const by = JSON.stringify([session, origin]);
  const start = `[${size},${at},`;
  const end = ref === undefined ? "]" : `,${JSON.stringify(ref)}]`;
  return { by, start, end, bySize: boundOf(by), size: 8 + start.length + boundOf(end) };
}

/** Returns an upper bound for the bytes of a text, with a comma after it. */
function boundOf(text: string): number {
  return 1 + (ASCII.test(text) ? 1 : 3) * text.length;
}

// deno-lint-ignore no-control-regex
const ASCII = /^[\x00-\x7f]*$/;

/** Writer of the header of a batch. */
export class BatchHeader {
  readonly #senders = new Map<string, number>();
  #rows = "";
  #size = 0;
  count = 0;

  /** An upper bound for the bytes of the posts in the header. */
  get size(): number {
    return this.#size;
  }

  /** Adds a post. Returns whether there was room for it, as there always is for the first one. */
  add({ by, start, end, bySize, size }: PostText): boolean {
    let sender = this.#senders.get(by);
    const added = sender === undefined ? bySize + size : size;
    if (this.count > 0 && this.#size + added > MAX_POSTS) return false;
    if (sender === undefined) this.#senders.set(by, sender = this.#senders.size);
    this.#rows += `${this.count === 0 ? "" : ","}${start}${sender}${end}`;
    this.#size += added;
    this.count++;
    return true;
  }

  /** Returns the header. */
  text({ node, number, room, first, oldest }: Omit<Batch, "posts">): string {
    const place = JSON.stringify({ v: 1, node, number, room, first, oldest });
    return `${place.slice(0, -1)},"by":[${[...this.#senders.keys()].join()}],"posts":[${this.#rows}]}`;
  }
}

/** Returns the header of a batch. */
export function formatBatch(batch: Batch): string {
  const header = new BatchHeader();
  for (const post of batch.posts) header.add(postText(post));
  return header.text(batch);
}

/**
 * Reads the header of a batch.
 *
 * @param token The token of the room, from the subject.
 * @param size The length of the body in bytes.
 * @returns Undefined if {@linkcode formatBatch} has not written it for that room and a body of that size.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatBatch, parseBatch } from "./batch.ts";
 *
 * const post = { size: 3, at: 1.5, session: "s", origin: "192.0.2.1", ref: "r" };
 * const batch = { node: "n", number: 1, room: "Lobby", first: 7, oldest: 1, posts: [post] };
 * const header = formatBatch(batch);
 * assertEquals(parseBatch(header, "lobby", 3), batch);
 * assertEquals(parseBatch(header, "lobby", 4), undefined);
 * assertEquals(parseBatch(header, "ops", 3), undefined);
 * ```
 */
export function parseBatch(header: string, token: string, size: number): Batch | undefined {
  const found = parse(header);
  if (!isRecord(found) || found["v"] !== 1) return undefined;
  const { node, number, room, first, oldest, by, posts: rows } = found;
  if (!isText(node) || !isCount(number) || !isText(room) || tokenOf(room) !== token) return undefined;
  if (!isCount(first) || !isCount(oldest) || oldest > first) return undefined;
  if (!Array.isArray(by) || !by.every(isPair) || !Array.isArray(rows) || rows.length === 0) return undefined;
  const posts: BatchPost[] = [];
  let sum = 0;
  for (const row of rows) {
    const post = postOf(row, by);
    if (post === undefined) return undefined;
    posts.push(post);
    sum += post.size;
  }
  if (sum !== size || !Number.isSafeInteger(first + posts.length)) return undefined;
  return { node, number, room, first, oldest, posts };
}

function postOf(row: unknown, by: readonly (readonly [string, string])[]): BatchPost | undefined {
  if (!Array.isArray(row) || row.length < 3 || row.length > 4) return undefined;
  const [size, at, index, ref] = row;
  if (!isCount(size) || typeof at !== "number" || !Number.isSafeInteger(index)) return undefined;
  const [session, origin] = by[index] ?? [];
  if (session === undefined || origin === undefined) return undefined;
  if (row.length === 4 && !isRef(ref)) return undefined;
  return { size, at, session, origin, ref };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.length <= MAX_TEXT;
}

function isPair(value: unknown): value is readonly [string, string] {
  return Array.isArray(value) && value.length === 2 && value.every(isText);
}

/** Whether a value is a whole number above 0. */
function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0;
}
