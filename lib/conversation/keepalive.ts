/** Whether a connection is alive: who hears nothing asks, and who then still hears nothing gives up. */

import type { Clock } from "../base/clock.ts";

/** How often the keepalive is felt. */
const BEAT_MS = 5_000;

/** Silence after which a ping goes out: longer than the listener's own wait, so that as a rule it is the one that asks. */
const ASK_AFTER_MS = 75_000;

/** Silence after a ping that means that nobody is there. */
const GIVE_UP_AFTER_MS = 15_000;

/** A beat that comes this late tells that the machine slept. */
const SLEPT_MS = 10_000;

/** What a keepalive does. */
export interface KeepaliveOptions {
  /** Whether the other end is listened to: not while what it said is still being shown. Nobody is silent who is not heard. */
  readonly isListening: () => boolean;
  /**
   * How many bytes were written, or null where none wait to be. Who takes more and more of a large frame is alive, though
   * the ping behind it is not answered.
   */
  readonly writing: () => number | null;
  /** Sends a ping. */
  readonly ask: () => void;
  /** Is called once where nobody answers. */
  readonly lost: () => void;
}

/** Watches over one connection. */
export class Keepalive {
  readonly #clock: Clock;
  readonly #options: KeepaliveOptions;
  #stop: () => void;
  #heardAt: number;
  #askedAt: number | null = null;
  #dueAt = 0;
  #written: number | null = null;

  constructor(clock: Clock, options: KeepaliveOptions) {
    this.#clock = clock;
    this.#options = options;
    this.#heardAt = clock.now();
    this.#stop = this.#next();
  }

  /** Takes that bytes came. */
  heard(): void {
    this.#heardAt = this.#clock.now();
    this.#askedAt = null;
  }

  /** Watches no more. */
  stop(): void {
    this.#stop();
  }

  #next(): () => void {
    this.#dueAt = this.#clock.now() + BEAT_MS;
    return this.#clock.after(BEAT_MS, () => this.#beat());
  }

  #beat(): void {
    const { isListening, writing } = this.#options;
    const written = writing();
    if (!isListening() || written !== null && written !== this.#written) this.heard();
    this.#written = written;
    const now = this.#clock.now();
    const slept = now - this.#dueAt > SLEPT_MS;
    if (this.#askedAt !== null && now - this.#askedAt >= GIVE_UP_AFTER_MS && !slept) {
      this.#options.lost();
      return;
    }
    if (slept || this.#askedAt === null && now - this.#heardAt >= ASK_AFTER_MS) {
      this.#askedAt = now;
      this.#options.ask();
    }
    this.#stop = this.#next();
  }
}
