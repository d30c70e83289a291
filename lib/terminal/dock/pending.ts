/** Posts of this end that the listener has not stored yet. */

import type { Ref } from "../../base/ref.ts";
import type { Dict } from "../../view/view.ts";

/** The time in ms after which an unacked post is shown as pending. Usually the ack comes sooner. */
const SHOWN_AFTER_MS = 300;
/** The most posts that are shown one by one. */
const ROWS = 3;

/**
 * The posts that wait for their acks, oldest first.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { PendingPosts } from "./pending.ts";
 *
 * const pending = new PendingPosts();
 * pending.add(1, { dict: new Map([["body", "hi"]]), since: 1000 });
 * assertEquals(pending.shown(1299), { posts: [], more: 0 });
 * assertEquals(pending.shown(1300).posts.length, 1);
 * assertEquals(pending.take(1)?.get("body"), "hi");
 * ```
 */
export class PendingPosts {
  readonly #posts = new Map<Ref, { readonly dict: Dict; readonly since: number }>();

  /** Adds a post, with the time in ms. */
  add(ref: Ref, post: { readonly dict: Dict; readonly since: number }): void {
    this.#posts.set(ref, post);
  }

  /** Removes and returns a post; undefined if it is not pending. */
  take(ref: Ref): Dict | undefined {
    const post = this.#posts.get(ref);
    this.#posts.delete(ref);
    return post?.dict;
  }

  /** Returns the posts to show at a time in ms, and the number of further ones. */
  shown(now: number): { readonly posts: readonly Dict[]; readonly more: number } {
    let due = 0;
    const posts: Dict[] = [];
    for (const { dict, since } of this.#posts.values()) {
      if (since + SHOWN_AFTER_MS > now) break;
      if (++due <= ROWS) posts.push(dict);
    }
    return { posts, more: due - posts.length };
  }

  /** Returns the ms until one more post is to be shown; null if there is none. */
  changesIn(now: number): number | null {
    for (const { since } of this.#posts.values()) {
      if (since + SHOWN_AFTER_MS > now) return since + SHOWN_AFTER_MS - now;
    }
    return null;
  }
}
