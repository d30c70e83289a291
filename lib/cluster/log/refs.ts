/** Refs of the posts to all rooms, stored or in flight. */

import { RecentRefs } from "../../base/recent_refs.ts";
import type { Ref } from "../../base/ref.ts";
import type { Place, Post } from "../../history/history.ts";

/** A post that a listener is about to store. */
export interface Claimant {
  readonly post: Post;
}

/** Keeps the newest refs of each session, within the bounds of {@linkcode RecentRefs}. */
export class Refs<C extends Claimant> {
  readonly #stored = new RecentRefs<Place>();
  /** The first post in flight with each ref, by session. */
  readonly #claims = new Map<string, Map<Ref, C>>();

  find(session: string, ref: Ref): Place | undefined {
    return this.#stored.find(session, ref);
  }

  /** Adds the ref of a stored message. The first message with a ref counts. */
  add({ session, ref, origin }: { session: string; ref: Ref; origin: string }, place: Place): void {
    if (this.find(session, ref) === undefined) this.#stored.add({ session, ref, origin }, place);
  }

  sessionEnded(session: string): void {
    this.#stored.ended(session);
  }

  /** Claims the ref of a post, unless another post in flight has it. Returns the post that has it. */
  claim(claimant: C, ref: Ref): C {
    const { session } = claimant.post;
    let refs = this.#claims.get(session);
    if (refs === undefined) this.#claims.set(session, refs = new Map());
    const owner = refs.get(ref);
    if (owner === undefined) refs.set(ref, claimant);
    return owner ?? claimant;
  }

  /** Gives up the claim of a post, if it has one. */
  unclaim(claimant: C): void {
    const { session, ref } = claimant.post;
    const refs = this.#claims.get(session);
    if (ref === undefined || refs?.get(ref) !== claimant) return;
    refs.delete(ref);
    if (refs.size === 0) this.#claims.delete(session);
  }
}
