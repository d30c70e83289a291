/** Pins: memory that several connections hold together, such as a segment that a room has dropped while it is being written. */

import type { Holding } from "./account.ts";

/**
 * Charges memory to one of its holders at a time, until none is left.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { SYSTEM_CLOCK } from "../base/clock.ts";
 * import { Account, type Holding } from "./account.ts";
 * import { Pin } from "./pin.ts";
 *
 * const account = new Account(100, SYSTEM_CLOCK);
 * const [ann, bob] = ["ann", "bob"].map((owner) => account.open(owner, { giveWay() {} })) as [Holding, Holding];
 * const pin = new Pin(60);
 * pin.add(ann);
 * pin.add(bob);
 * assertEquals([ann.size, bob.size], [60, 0]);
 * pin.remove(ann);
 * assertEquals([ann.size, bob.size], [0, 60]);
 * ```
 */
export class Pin {
  readonly #size: number;
  /** The holders; the first is charged. */
  readonly #holders = new Set<Holding>();

  /** @param size In bytes. */
  constructor(size: number) {
    this.#size = size;
  }

  /** Adds a holder. If it is the first and has no memory left for the charge, it gives way. */
  add(holder: Holding): void {
    if (this.#holders.has(holder)) return;
    this.#holders.add(holder);
    if (this.#holders.size === 1) this.#charge(holder);
  }

  /** Removes a holder; the next one is charged in its place. */
  remove(holder: Holding): void {
    const isCharged = this.#first() === holder;
    if (!this.#holders.delete(holder) || !isCharged) return;
    holder.release(this.#size);
    const next = this.#first();
    if (next !== undefined) this.#charge(next);
  }

  #first(): Holding | undefined {
    for (const holder of this.#holders) return holder;
    return undefined;
  }

  #charge(holder: Holding): void {
    if (holder.charge(this.#size)) return;
    this.#holders.delete(holder);
    holder.giveWay();
    const next = this.#first();
    if (next !== undefined) this.#charge(next);
  }
}
