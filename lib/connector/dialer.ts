/** Who calls the other end, and calls again where the connection was lost. */

import type { Clock } from "../base/clock.ts";
import { Backoff } from "./backoff.ts";
import { type Endpoint, formatEndpoint } from "../base/address.ts";
import { dial } from "./dial.ts";
import { Exit } from "../base/errors.ts";
import type { LinkState } from "../view/view.ts";

/** The options of a {@linkcode Dialer}. */
export interface DialerOptions {
  readonly clock: Clock;
  /** Gives a number from 0 to 1. */
  readonly random: () => number;
  /** Calls it off. */
  readonly signal: AbortSignal;
  /** Is told what it is doing. */
  readonly told: (state: LinkState) => void;
}

/** Calls an address. */
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
   * Calls once.
   *
   * @returns The connection, or null where it was called off.
   * @throws {Exit} Where there is none.
   */
  call(): Promise<Deno.TcpConn | null> {
    const { clock, signal, told } = this.#options;
    const waiting = () => told({ is: "connecting", address: formatEndpoint(this.#address) });
    return dial(this.#address, { clock, signal, waiting });
  }

  /** Waits and calls, again and again, until there is a connection; gives null where it was called off. */
  async callAgain(reason: string): Promise<Deno.TcpConn | null> {
    const { signal, told } = this.#options;
    while (!signal.aborted) {
      const retryMs = this.#backoff.next();
      told({ is: "lost", reason, retryMs });
      await this.#pause(retryMs);
      try {
        return await this.call();
      } catch (error) {
        if (!(error instanceof Exit)) throw error;
        reason = error.message;
      }
    }
    return null;
  }

  /** Calls at once, where it waits to call again. */
  retryNow(): void {
    this.#retryNow?.();
  }

  /** Takes that the connection was worth something: the next time it calls again soon. */
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
