/** Index of the newest refs in memory, bounded. */

import type { Ref } from "../../base/ref.ts";

interface Entry<T> {
  readonly session: string;
  readonly ref: Ref;
  readonly value: T;
}

/**
 * Keeps a value for each ref of each session, the newest `most` of all.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { RecentRefs } from "./recent_refs.ts";
 *
 * const recent = new RecentRefs<string>(2);
 * for (const ref of [1, "1", 3]) recent.add("session", ref, `post ${ref}`);
 * assertEquals(recent.find("session", 1), undefined);
 * assertEquals(recent.find("session", "1"), "post 1");
 * assertEquals(recent.find("another", "1"), undefined);
 * ```
 */
export class RecentRefs<T> {
  readonly #most: number;
  readonly #bySession = new Map<string, Map<Ref, Entry<T>>>();
  /** In the order in which they came, the oldest at `#oldest` once there are as many as there may be. */
  readonly #entries: Entry<T>[] = [];
  #oldest = 0;

  constructor(most: number) {
    this.#most = most;
  }

  find(session: string, ref: Ref): T | undefined {
    return this.#bySession.get(session)?.get(ref)?.value;
  }

  /** Keeps a value; where the ref is known already, in place of the one before. */
  add(session: string, ref: Ref, value: T): void {
    const entry = { session, ref, value };
    if (this.#entries.length < this.#most) this.#entries.push(entry);
    else {
      this.#forget(this.#entries[this.#oldest]!);
      this.#entries[this.#oldest] = entry;
      this.#oldest = (this.#oldest + 1) % this.#most;
    }
    const refs = this.#bySession.get(session);
    if (refs !== undefined) refs.set(ref, entry);
    else this.#bySession.set(session, new Map([[ref, entry]]));
  }

  #forget(entry: Entry<T>): void {
    const refs = this.#bySession.get(entry.session);
    if (refs?.get(entry.ref) !== entry) return;
    refs.delete(entry.ref);
    if (refs.size === 0) this.#bySession.delete(entry.session);
  }
}
