/** Dialer: connects to the other end, and reconnects after the connection was lost. */

import type { Clock } from "../base/clock.ts";
import { Backoff } from "./backoff.ts";
import { type Endpoint, formatEndpoint } from "../base/address.ts";
import { dial } from "./dial.ts";
import { Exit } from "../base/errors.ts";
import type { LinkState } from "../view/view.ts";

/** The options of a {@linkcode Dialer}. */
export interface DialerOptions {
  readonly clock: Clock;
  /** Returns a number from 0 to 1. */
  readonly random: () => number;
  /** Cancels it. */
  readonly signal: AbortSignal;
  /** Called with each change of state. */
  readonly told: (state: LinkState) => void;
}

/** Connects to one address, again and again. */
export class Dialer {
  readonly #address: Endpoint;
  readonly #options: DialerOptions;
  readonly #backoff: Backoff;
  #retryNow: (() => void) | null = null;

  constructor(address: Endpoint, options: DialerOptions) {
    this.#address = address;
    this.#options = options;
    this.#backoff = new Backoff(options.random);
  }

  /**
   * Tries to connect once.
   *
   * @returns The connection; null if the attempt was cancelled.
   * @throws {Exit} If there is none.
   */
  dial(): Promise<Deno.TcpConn | null> {
    const { clock, signal, told } = this.#options;
    const waiting = () => told({ is: "connecting", address: formatEndpoint(this.#address) });
    return dial(this.#address, { clock, signal, waiting });
  }

  /** Waits and tries again until there is a connection. Returns null if that was cancelled. */
  async redial(reason: string): Promise<Deno.TcpConn | null> {
    const { signal, told } = this.#options;
    while (!signal.aborted) {
      const retryMs = this.#backoff.next();
      told({ is: "lost", reason, retryMs });
      await this.#pause(retryMs);
      try {
        return await this.dial();
      } catch (error) {
        if (!(error instanceof Exit)) throw error;
        reason = error.message;
      }
    }
    return null;
  }

  /** Ends the wait before the next attempt, if there is one. */
  retryNow(): void {
    this.#retryNow?.();
  }

  /** Resets the wait to the shortest one, after a connection that worked. */
  succeeded(): void {
    this.#backoff.reset();
  }

  async #pause(ms: number): Promise<void> {
    const { clock, signal } = this.#options;
    const over = Promise.withResolvers<void>();
    const stop = clock.after(ms, over.resolve);
    this.#retryNow = over.resolve;
    signal.addEventListener("abort", over.resolve as () => void, { once: true });
    await over.promise;
    signal.removeEventListener("abort", over.resolve as () => void);
    this.#retryNow = null;
    stop();
  }
}
