/** The last search, which `/search` without words continues. */

/** The most messages that a search shows: the newest ones. */
export const FOUND = 20;

/**
 * Follows a search.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { LastSearch } from "./last_search.ts";
 *
 * const search = new LastSearch();
 * search.asked({ room: "lobby", words: "tea", before: undefined });
 * for (const id of [7, 9]) search.found("lobby", id);
 * assertEquals(search.older("lobby"), { words: "tea", before: 7 });
 * assertEquals(search.older("ops"), undefined);
 * ```
 */
export class LastSearch {
  #room = "";
  #words = "";
  #oldest: number | undefined;
  /** Whether it continues the search before it. */
  goesOn = false;

  /** Records a request. */
  asked(
    { room, words, before }: {
      readonly room: string;
      readonly words: string;
      readonly before?: number | undefined;
    },
  ): void {
    this.#room = room;
    this.#words = words;
    this.#oldest = before;
    this.goesOn = before !== undefined;
  }

  /** Records a message that was found. */
  found(room: string, id: number): void {
    if (room === this.#room) this.#oldest = Math.min(this.#oldest ?? id, id);
  }

  /**
   * Returns the words, and the id before which to continue; undefined without a search in the room, or without a hit.
   */
  older(room: string): { readonly words: string; readonly before: number } | undefined {
    return room === this.#room && this.#oldest !== undefined
      ? { words: this.#words, before: this.#oldest }
      : undefined;
  }
}
