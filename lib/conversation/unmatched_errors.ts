/** Unmatched errors: those without a ref, matched to the posts that they refuse. */

import type { Ref } from "../base/ref.ts";

/** The options of {@linkcode UnmatchedErrors}. */
export interface UnmatchedErrorsOptions<E> {
  /** Sends a ping and returns the ref of its pong. */
  readonly ping: () => Ref;
  /** The refs of the posts that were sent and are not answered, oldest first. */
  readonly unanswered: () => readonly Ref[];
  /** Called with each error and the post that it refused; undefined if all posts were answered. */
  readonly decided: (error: E, post: Ref | undefined) => void;
}

/**
 * Finds the post that an error without a ref refused. Such errors exist because a listener cannot read the ref of a
 * frame that it cannot decode.
 *
 * A listener answers in order, except for acks, which wait until the post is stored. After the pongs of two pings in a
 * row, each earlier post is answered, except the one that the error is about.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { UnmatchedErrors } from "./unmatched_errors.ts";
 *
 * let ref = 0;
 * let unanswered = ["a", "b"];
 * const meant: unknown[] = [];
 * const unmatched = new UnmatchedErrors<string>({
 *   ping: () => ++ref,
 *   unanswered: () => unanswered,
 *   decided: (error, post) => meant.push([error, post]),
 * });
 * unmatched.raise("no");
 * assertEquals(unmatched.pong(1), true);
 * unanswered = ["b"];
 * assertEquals(unmatched.pong(2), true);
 * assertEquals(meant, [["no", "b"]]);
 * ```
 */
export class UnmatchedErrors<E> {
  readonly #options: UnmatchedErrorsOptions<E>;
  /** The errors that came after the first ping was sent. */
  #raised: E[] = [];
  #asked: { errors: E[]; posts: readonly Ref[]; ref: Ref; again: boolean } | null = null;

  constructor(options: UnmatchedErrorsOptions<E>) {
    this.#options = options;
  }

  /** Whether an error waits to be matched. */
  get pending(): boolean {
    return this.#asked !== null;
  }

  /** Adds an error. */
  raise(error: E): void {
    this.#raised.push(error);
    if (this.#asked === null) this.#ask();
  }

  /** Handles a pong. Returns whether it answers a ping of this class. */
  pong(ref: Ref): boolean {
    const asked = this.#asked;
    if (asked === null || ref !== asked.ref) return false;
    if (!asked.again) {
      this.#asked = { ...asked, ref: this.#options.ping(), again: true };
      return true;
    }
    this.#asked = null;
    const unanswered = new Set(this.#options.unanswered());
    const refused = asked.posts.filter((post) => unanswered.has(post));
    asked.errors.forEach((error, index) => this.#options.decided(error, refused[index]));
    if (this.#raised.length > 0) this.#ask();
    return true;
  }

  /** Reports all errors without a post: the connection is lost, and no pong will come. */
  forget(): void {
    const errors = [...this.#asked?.errors ?? [], ...this.#raised];
    this.#asked = null;
    this.#raised = [];
    for (const error of errors) this.#options.decided(error, undefined);
  }

  #ask(): void {
    const errors = this.#raised;
    this.#raised = [];
    this.#asked = { errors, posts: this.#options.unanswered(), ref: this.#options.ping(), again: false };
  }
}
