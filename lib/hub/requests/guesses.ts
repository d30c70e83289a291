/** Guesses at the operator's token: one a second for each address. */

import { clientOf } from "../../base/address.ts";
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../log/log.ts";
import { Bucket } from "../upkeep/bucket.ts";

/** How many addresses are remembered; the one that guessed longest ago is forgotten for a new one. */
const MOST_ADDRESSES = 10_000;

const RATE = { perSecond: 1, burst: 1 };

/** How often wrong guesses of one address are logged, in milliseconds. */
const LOG_AGAIN_MS = 60_000;

interface Guesser {
  readonly bucket: Bucket;
  /** The number of wrong guesses not yet logged, and the time at which some were last logged, in ticks of the clock. */
  count: number;
  loggedAt: number;
}

/** Limits and logs guesses. */
export class Guesses {
  readonly #clock: Clock;
  readonly #log: Log;
  /** By the part of the address that identifies a client, in the order of their last guess. */
  readonly #guessers = new Map<string, Guesser>();

  constructor({ clock, log }: { clock: Clock; log: Log }) {
    this.#clock = clock;
    this.#log = log;
  }

  /** Returns whether a host may guess now. It may not within a second of a wrong guess. */
  mayGuess(host: string): boolean {
    return this.#guesser(host).bucket.level(this.#clock.ticks()) >= 1;
  }

  /** Counts a guess that is wrong or came too early. The first is logged at once, those of the next minute together. */
  wrong({ host, address }: { host: string; address: string }): void {
    const guesser = this.#guesser(host);
    guesser.count++;
    const now = this.#clock.ticks();
    guesser.bucket.tryTake(1, now);
    if (now - guesser.loggedAt < LOG_AGAIN_MS) return;
    this.#log({ event: "guessed", address, count: guesser.count });
    guesser.loggedAt = now;
    guesser.count = 0;
  }

  #guesser(host: string): Guesser {
    const client = clientOf(host);
    const guesser = this.#guessers.get(client) ??
      { bucket: new Bucket(RATE, this.#clock.ticks()), count: 0, loggedAt: -Infinity };
    this.#guessers.delete(client);
    if (this.#guessers.size >= MOST_ADDRESSES) this.#guessers.delete(this.#guessers.keys().next().value!);
    this.#guessers.set(client, guesser);
    return guesser;
  }
}
