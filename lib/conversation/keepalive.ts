/** Keepalive of a connection: a ping after silence, and the end where no answer comes. */

import type { Clock } from "../base/clock.ts";

/** How often the connection is looked at. */
const LOOK_EVERY_MS = 5_000;

/** Silence before a ping: longer than the listener's own wait, so that as a rule the listener is the one that pings. */
const ASK_AFTER_MS = 75_000;

/** Silence after a ping that means that the other end is gone. */
const GIVE_UP_AFTER_MS = 15_000;

/** A look that comes this late means that the machine slept. */
const SLEPT_MS = 10_000;

/** The options of a {@linkcode Keepalive}. */
export interface KeepaliveOptions {
  /** Whether this end is reading; while it is not, silence does not count. */
  readonly isListening: () => boolean;
  /**
   * How many bytes were written, or null where none wait to be. A peer that takes more and more of a large frame is alive,
   * though the ping behind it is not answered.
   */
  readonly writing: () => number | null;
  /** Sends a ping. */
  readonly ask: () => void;
  /** Is called once where no answer comes. */
  readonly lost: () => void;
}

/** The keepalive of one connection. */
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

  /** Counts incoming bytes as a sign of life. */
  heard(): void {
    this.#heardAt = this.#clock.now();
    this.#askedAt = null;
  }

  /** Stops the timer. */
  stop(): void {
    this.#stop();
  }

  #next(): () => void {
    this.#dueAt = this.#clock.now() + LOOK_EVERY_MS;
    return this.#clock.after(LOOK_EVERY_MS, () => this.#look());
  }

  #look(): void {
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
