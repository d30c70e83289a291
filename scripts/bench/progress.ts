/** The progress of clients: the messages that all of them have received. */

import type { Client } from "./crowd.ts";

/** Knows how many messages each receiver has seen, and the least of that. */
export class Progress {
  readonly #seen: Map<Client, number>;
  #least = 0;
  #atLeast: number;

  constructor(receivers: readonly Client[]) {
    this.#seen = new Map(receivers.map((receiver) => [receiver, 0]));
    this.#atLeast = receivers.length;
  }

  /** How many messages all have seen. */
  get least(): number {
    return this.#least;
  }

  /** Counts what a receiver has seen; gives how many more all have seen now. */
  add(receiver: Client, count: number): number {
    const before = this.#seen.get(receiver)!;
    this.#seen.set(receiver, before + count);
    if (before > this.#least || --this.#atLeast > 0) return 0;
    let least = Infinity;
    for (const seen of this.#seen.values()) {
      if (seen < least) {
        least = seen;
        this.#atLeast = 1;
      } else if (seen === least) this.#atLeast++;
    }
    const grown = least - this.#least;
    this.#least = least;
    return grown;
  }
}
