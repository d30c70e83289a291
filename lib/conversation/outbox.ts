/** Outbox: posts and questions that are not answered yet, in order. */

import { MAX_UNACKED_BYTES, MAX_UNACKED_POSTS } from "../base/limits.ts";
import type { Dict } from "../view/view.ts";
import type { Ref } from "../base/ref.ts";

/** A post that waits for its ack, or a question followed by a ping, which waits for the pong. */
export interface Entry {
  /** The ref of the answer: the post's own, or that of the ping. */
  readonly ref: Ref;
  readonly kind: "post" | "ask";
  readonly dict: Dict;
  /** The encoded frames, sent again after each reconnect. */
  readonly bytes: Uint8Array;
  /** Whether the ref is the user's own. */
  readonly given: boolean;
}

/** The most posts, and the most bytes, that may be sent without an answer. */
export interface Window {
  readonly posts: number;
  readonly bytes: number;
}

const WINDOW: Window = { posts: MAX_UNACKED_POSTS, bytes: MAX_UNACKED_BYTES };

/**
 * Keeps entries until they are answered, and limits the unanswered ones that are sent at a time to a window.
 *
 * Entries are sent in order: one that does not fit into the window delays those after it. An entry larger than the
 * window is sent alone.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Outbox } from "./outbox.ts";
 *
 * const outbox = new Outbox({ posts: 1, bytes: 1000 });
 * const post = (ref: number) =>
 *   outbox.add({ ref, kind: "post", dict: new Map(), bytes: new Uint8Array(10), given: false });
 * post(1);
 * post(2);
 * assertEquals(outbox.due().map((entry) => entry.ref), [1]);
 * outbox.answer(1);
 * assertEquals(outbox.due().map((entry) => entry.ref), [2]);
 * ```
 */
export class Outbox {
  readonly #window: Window;
  readonly #sent = new Map<Ref, Entry>();
  #waiting: Entry[] = [];
  #bytes = 0;
  #sentBytes = 0;

  constructor(window: Window = WINDOW) {
    this.#window = window;
  }

  /** The number of unanswered entries. */
  get size(): number {
    return this.#sent.size + this.#waiting.length;
  }

  /** Whether another entry may be added. A window of entries may wait even while nothing can be sent. */
  get hasRoom(): boolean {
    const { posts, bytes } = this.#window;
    return this.size < posts && this.#bytes < bytes;
  }

  /** All entries that are not answered, in order. */
  get entries(): Entry[] {
    return [...this.#sent.values(), ...this.#waiting];
  }

  /** The entries that were sent and are not answered, in order. */
  get sent(): Entry[] {
    return [...this.#sent.values()];
  }

  /** Adds an entry at the end. */
  add(entry: Entry): void {
    this.#waiting.push(entry);
    this.#bytes += entry.bytes.length;
  }

  /** Returns whether there is an unanswered entry with the given ref. */
  has(ref: Ref): boolean {
    return this.#sent.has(ref) || this.#waiting.some((entry) => entry.ref === ref);
  }

  /** Returns the entries to send now, in order, and marks them as sent. */
  due(): Entry[] {
    let count = 0;
    for (const entry of this.#waiting) {
      if (!this.#fits(entry.bytes.length)) break;
      this.#sent.set(entry.ref, entry);
      this.#sentBytes += entry.bytes.length;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  /** Removes and returns the sent entry with the given ref; undefined if there is none. */
  answer(ref: Ref): Entry | undefined {
    const entry = this.#sent.get(ref);
    if (entry === undefined) return undefined;
    this.#sent.delete(ref);
    this.#bytes -= entry.bytes.length;
    this.#sentBytes -= entry.bytes.length;
    return entry;
  }

  /** Keeps only the entries that pass a test, and returns the others. */
  keep(test: (entry: Entry) => boolean): Entry[] {
    const others = this.sent.filter((entry) => !test(entry));
    for (const { ref } of others) this.answer(ref);
    const waiting = this.#waiting.filter((entry) => !test(entry));
    for (const { bytes } of waiting) this.#bytes -= bytes.length;
    this.#waiting = this.#waiting.filter(test);
    return [...others, ...waiting];
  }

  /** Marks all entries as not sent, because the connection is lost. */
  unsend(): void {
    this.#waiting = this.entries;
    this.#sent.clear();
    this.#sentBytes = 0;
  }

  #fits(bytes: number): boolean {
    const { posts, bytes: most } = this.#window;
    return this.#sent.size === 0 || this.#sent.size < posts && this.#sentBytes + bytes <= most;
  }
}
