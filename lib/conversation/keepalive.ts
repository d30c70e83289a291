/** Keepalive of a connection: sends a ping after silence, and reports a lost connection if no answer comes. */

import type { Clock } from "../base/clock.ts";

/** The interval at which the connection is checked, in milliseconds. */
const LOOK_EVERY_MS = 5_000;

/** The silence before a ping, in milliseconds. It is longer than the listener's, which therefore sends most pings. */
const ASK_AFTER_MS = 75_000;

/** The silence after a ping after which the other end counts as gone, in milliseconds. */
const GIVE_UP_AFTER_MS = 15_000;

/** If a check is this late, in milliseconds, the machine was suspended. */
const SLEPT_MS = 10_000;

/** The options of a {@linkcode Keepalive}. */
export interface KeepaliveOptions {
  /** Whether this end is reading; while it is not, silence does not count. */
  readonly isListening: () => boolean;
  /**
   * Returns the number of bytes written, or null if none wait to be written. A peer that keeps taking bytes of a large
   * frame is alive, even if it cannot answer the ping behind the frame yet.
   */
  readonly writing: () => number | null;
  /** Sends a ping. */
  readonly ask: () => void;
  /** Called once if no answer comes. */
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
