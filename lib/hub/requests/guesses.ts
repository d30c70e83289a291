/** Guesses at the operator's token: one a second for each origin. */

import { clientOf } from "../../base/address.ts";
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../log/log.ts";
import { Bucket } from "../upkeep/bucket.ts";

/**
 * The most origins, and the most addresses, that are remembered. A new one replaces the one that guessed longest ago.
 */
const MOST_REMEMBERED = 10_000;

const RATE = { perSecond: 1, burst: 1 };

/** The interval at which wrong guesses of one address are logged, in milliseconds. */
const LOG_AGAIN_MS = 60_000;

/** A peer that guesses. */
export interface Guesser {
  readonly host: string;
  readonly address: string;
  /** Its client's address; on the loopback, where one address stands for many peers, its own. */
  readonly origin: string;
}

/** The number of wrong guesses not yet logged, and the time at which some were last logged, in ticks of the clock. */
interface Unlogged {
  count: number;
  loggedAt: number;
}

/** Limits and logs guesses. */
export class Guesses {
  readonly #clock: Clock;
  readonly #log: Log;
  /** By origin, in the order of their last guess. */
  readonly #buckets = new Map<string, Bucket>();
  /** By the part of the address that identifies a client, in the same order. */
  readonly #unlogged = new Map<string, Unlogged>();

  constructor({ clock, log }: { clock: Clock; log: Log }) {
    this.#clock = clock;
    this.#log = log;
  }

  /** Returns whether a peer may guess now. It may not within a second of a wrong guess from its origin. */
  mayGuess({ origin }: Pick<Guesser, "origin">): boolean {
    return (this.#buckets.get(origin)?.level(this.#clock.ticks()) ?? 1) >= 1;
  }

  /** Counts a guess that is wrong or too early. The first is logged at once, further ones once a minute. */
  wrong({ host, address, origin }: Guesser): void {
    const now = this.#clock.ticks();
    touch(this.#buckets, origin, () => new Bucket(RATE, now)).tryTake(1, now);
    const unlogged = touch(this.#unlogged, clientOf(host), () => ({ count: 0, loggedAt: -Infinity }));
    unlogged.count++;
    if (now - unlogged.loggedAt < LOG_AGAIN_MS) return;
    this.#log({ event: "guessed", address, count: unlogged.count });
    unlogged.loggedAt = now;
    unlogged.count = 0;
  }
}

/** Moves the entry of a key to the end, or creates it, and drops the first entry if there are too many. */
function touch<T>(entries: Map<string, T>, key: string, make: () => T): T {
  const entry = entries.get(key) ?? make();
  entries.delete(key);
  if (entries.size >= MOST_REMEMBERED) entries.delete(entries.keys().next().value!);
  entries.set(key, entry);
  return entry;
}
