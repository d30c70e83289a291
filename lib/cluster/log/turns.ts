/**
 * Turns of the listeners that post to one room. Of two batches that are published at once, only one can be the room's
 * next; the other one loses the race. To avoid that, the listeners that have posted or lost a race lately take turns:
 * in the order of their names, beginning after the listener of the newest batch. Only the number of lost races depends
 * on it.
 */

/** The time for which a listener takes part after its last batch, or its last lost race, in milliseconds. */
const ACTIVE_MS = 100;

/** The most other listeners that take part. */
const MOST_OTHERS = 64;

/** The shortest and the longest turn, in milliseconds. */
const LEAST_MS = 1;
const MOST_MS = 20;

/** The length of a turn, as a multiple of the usual time between two batches. */
const TURN = 1.5;

/** The weight of the newest measurement in the usual time. */
const NEWEST = 0.2;

/** The turns of a room, as one listener sees them. */
export class Turns {
  readonly #self: string;
  /** The other listeners that take part, and the time of the last news of each, in ticks. */
  readonly #others = new Map<string, number>();
  #last = "";
  #lastAt = -Infinity;
  /** The times since which this listener has had posts, and has had its turn, in ticks; Infinity if it has none. */
  #wantsSince = Infinity;
  #goesSince = Infinity;
  /** The usual time from one batch to the next, in milliseconds. */
  #usual = LEAST_MS;

  /** @param self The name of the listener. */
  constructor(self: string) {
    this.#self = self;
  }

  /**
   * Returns the milliseconds that this listener, which has posts, waits before it publishes: 0 if it is its turn.
   */
  wait(now: number): number {
    this.#wantsSince = Math.min(this.#wantsSince, now);
    const turn = Math.min(MOST_MS, Math.max(LEAST_MS, TURN * this.#usual));
    const ms = this.#others.size === 0 ? 0 : this.#lastAt + turn * this.#before().length - now;
    if (ms > 0) return ms;
    this.#goesSince = now;
    return 0;
  }

  /** Ends a wait in which no batch came: the listeners before this one have nothing to post. */
  waited(): void {
    for (const node of this.#before()) this.#others.delete(node);
  }

  /** Notes that a batch of a listener came. */
  took(node: string, now: number): void {
    const since = node === this.#self ? this.#goesSince : Math.max(this.#lastAt, this.#wantsSince);
    if (since <= now) this.#usual += NEWEST * (Math.min(MOST_MS, now - since) - this.#usual);
    this.#wantsSince = this.#goesSince = Infinity;
    this.#last = node;
    this.#lastAt = now;
    this.wants(node, now);
  }

  /**
   * Notes that a listener has posts. A listener that has lost a race publishes that; otherwise the listener nearest to
   * the broker could win every race without knowing of the others.
   */
  wants(node: string, now: number): void {
    for (const [other, at] of this.#others) if (now - at > ACTIVE_MS) this.#others.delete(other);
    if (node === this.#self) return;
    if (this.#others.has(node) || this.#others.size < MOST_OTHERS) this.#others.set(node, now);
  }

  /** Returns the other listeners whose turns come before this one's. */
  #before(): string[] {
    const place = (node: string) => (node > this.#last ? 0 : 1);
    const isBefore = (a: string, b: string) => place(a) - place(b) || (a < b ? -1 : 1);
    return [...this.#others.keys()].filter((node) => isBefore(node, this.#self) < 0);
  }
}
