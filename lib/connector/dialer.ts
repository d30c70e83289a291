/** Dialer: connects to one of the listeners of a chat, and to the next one after the connection was lost. */

import type { Clock } from "../base/clock.ts";
import { Backoff } from "./backoff.ts";
import { type Endpoint, type Endpoints, formatEndpoint } from "../base/address.ts";
import { dial, Unreachable } from "./dial.ts";
import { EXIT, Exit } from "../base/errors.ts";
import { CONNECT_OTHER_TIMEOUT_MS, CONNECT_TIMEOUT_MS, RECONNECT_OTHER_MS } from "../base/limits.ts";
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

/**
 * Connects to one of some hosts, again and again.
 *
 * The hosts are in a random order, so that connectors spread over them, even if they lose a host together. A round
 * tries each host once. A new round begins after a connection that worked, or after a wait.
 */
export class Dialer {
  readonly #hosts: readonly Endpoint[];
  readonly #options: DialerOptions;
  readonly #backoff: Backoff;
  /** The index of the host that was dialled last. */
  #current = -1;
  /** The number of hosts that are still to be tried in this round. */
  #untried: number;
  /** The reasons of all failures before the first connection that worked. */
  readonly #failures: string[] = [];
  #retryNow: (() => void) | null = null;

  constructor(hosts: Endpoints, options: DialerOptions) {
    this.#hosts = shuffled(hosts, options.random);
    this.#options = options;
    this.#backoff = new Backoff(options.random);
    this.#untried = hosts.length;
  }

  /** The host that was dialled last, or is dialled first. */
  get host(): Endpoint {
    return this.#hosts[Math.max(0, this.#current)]!;
  }

  /** Whether there are hosts that were not tried in this round. */
  get hasOther(): boolean {
    return this.#untried > 0;
  }

  /**
   * Tries each host once that was not tried in this round, and returns the first connection; null if the attempt was
   * cancelled.
   * @param reason The reason why the host that was reached last did not let this end in.
   * @throws {Exit} If there is none.
   */
  async dial(reason?: string): Promise<Deno.TcpConn | null> {
    if (reason !== undefined) this.#failures.push(reason);
    while (this.#untried > 0) {
      this.#next();
      if (reason !== undefined) {
        this.#options.told({ is: "lost", reason, retryMs: 0, next: formatEndpoint(this.host) });
      }
      try {
        return await this.again();
      } catch (error) {
        if (!(error instanceof Unreachable) || this.#hosts.length === 1) throw error;
        this.#failures.push(error.why);
        reason = undefined;
      }
    }
    throw new Exit(
      EXIT.lost,
      `none of the hosts lets you in: ${this.#failures.join(", ")}; check hosts and ports`,
    );
  }

  /**
   * Tries once more to connect to the same host.
   *
   * @returns The connection; null if the attempt was cancelled.
   * @throws {Unreachable} If there is none.
   */
  again(): Promise<Deno.TcpConn | null> {
    const { clock, signal, told } = this.#options;
    const { host } = this;
    const waiting = () => told({ is: "connecting", address: formatEndpoint(host) });
    const { length } = this.#hosts;
    const timeout = length === 1
      ? CONNECT_TIMEOUT_MS
      : Math.max(CONNECT_TIMEOUT_MS / length, CONNECT_OTHER_TIMEOUT_MS);
    return dial(host, { clock, signal, timeout, waiting });
  }

  /**
   * Tries one host after the other until there is a connection. It waits a moment before each, and longer before each
   * round. Returns null if that was cancelled.
   */
  async redial(reason: string): Promise<Deno.TcpConn | null> {
    const { signal, told, random } = this.#options;
    while (!signal.aborted) {
      const { hasOther } = this;
      if (!hasOther) this.#untried = this.#hosts.length;
      // Many connectors may have lost the same host at once.
      const retryMs = hasOther ? Math.round(random() * RECONNECT_OTHER_MS) : this.#backoff.next();
      this.#next();
      told({ is: "lost", reason, retryMs, ...hasOther ? { next: formatEndpoint(this.host) } : {} });
      await this.#pause(retryMs);
      try {
        return await this.again();
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

  /** Begins a new round with the other hosts and the shortest wait, after a connection that worked. */
  succeeded(): void {
    this.#backoff.reset();
    this.#untried = this.#hosts.length - 1;
  }

  #next(): void {
    this.#untried--;
    this.#current = (this.#current + 1) % this.#hosts.length;
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

/** Returns the items in a random order. */
function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.min(last, Math.floor(random() * (last + 1)));
    [result[last], result[other]] = [result[other]!, result[last]!];
  }
  return result;
}
