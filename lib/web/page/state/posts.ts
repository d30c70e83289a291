/** Posts that are not acked yet, and those that were refused. */

import type { Pending } from "./place.ts";

/** The most posts that wait for an ack. */
const MAX_PENDING = 256;

/** The posts in the order in which they were typed. */
export class Posts {
  readonly list: Pending[] = [];

  /** Adds a post. Returns false if too many are already waiting. */
  add(post: Pending): boolean {
    if (this.list.filter(({ refused }) => refused === undefined).length >= MAX_PENDING) return false;
    this.list.push(post);
    return true;
  }

  /** Takes a post out. */
  take(ref: string): Pending | undefined {
    const at = this.#at(ref);
    return at < 0 ? undefined : this.list.splice(at, 1)[0];
  }

  /** Marks a post as refused. Returns false if there is none with the ref. */
  refuse(ref: string, refused: string): boolean {
    const at = this.#at(ref);
    if (at >= 0) this.list[at] = { ...this.list[at]!, refused };
    return at >= 0;
  }

  /** Has the posts to a place follow its renaming. */
  rename(before: string, after: string): void {
    for (const [at, post] of this.list.entries()) {
      if (post.place === before) this.list[at] = { ...post, place: after };
    }
  }

  #at(ref: string): number {
    return this.list.findIndex((post) => post.ref === ref);
  }
}
