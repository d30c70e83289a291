/** What an error means that names no post, while posts wait for their answers. */

import type { Ref } from "../view/view.ts";

/** What is asked, and what is told. */
export interface UnmatchedErrorsOptions<E> {
  /** Sends a ping and gives the ref that its pong will carry. */
  readonly ping: () => Ref;
  /** The refs of the posts that were sent and are not answered, oldest first. */
  readonly unanswered: () => readonly Ref[];
  /** Is told what an error meant: the post that it refused, or undefined where all of them were answered. */
  readonly decided: (error: E, post: Ref | undefined) => void;
}

/**
 * Finds out which post an error refused where it does not say: a listener cannot read the ref of what it cannot read.
 *
 * It answers in order, but for acks, which wait until what was posted is stored. So after two pings, one after the other,
 * whatever was sent before them is answered, or was what the error is about.
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
  /** The errors that came since the first ping of this time went out. */
  #raised: E[] = [];
  #asked: { errors: E[]; posts: readonly Ref[]; ref: Ref; again: boolean } | null = null;

  constructor(options: UnmatchedErrorsOptions<E>) {
    this.#options = options;
  }

  /** Whether something is still to be found out. */
  get pending(): boolean {
    return this.#asked !== null;
  }

  /** Takes an error that names no post. */
  raise(error: E): void {
    this.#raised.push(error);
    if (this.#asked === null) this.#ask();
  }

  /** Takes a pong; tells whether it was asked for here. */
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

  /** Takes that no pong will come: the connection is lost. What was not answered goes out again. */
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
