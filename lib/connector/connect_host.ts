/** Connections to a host that may have several addresses, of both families. */

import type { Endpoint } from "../base/address.ts";
import type { Clock } from "../base/clock.ts";
import { type Lookup, lookUp } from "../base/lookup.ts";

/** The options of {@linkcode connectToHost}. */
export interface ConnectOptions {
  readonly clock: Clock;
  /** Ends all attempts. */
  readonly signal: AbortSignal;
  readonly lookup?: Lookup;
  readonly connect?: (options: Deno.ConnectOptions & { signal: AbortSignal }) => Promise<Deno.TcpConn>;
}

/** The delay before the next address is tried in parallel (RFC 8305). */
export const ATTEMPT_DELAY_MS = 250;

/**
 * Connects to a host.
 *
 * In the first attempt the system chooses the address. If it fails, or has no answer after 250 ms, all other addresses
 * of the name are tried, each 250 ms after the one before or as soon as that one has failed. The first connection is
 * returned; the others are closed.
 *
 * @throws The signal's reason if it ended all attempts, else the most informative error: a closed port, or the error of
 * the first attempt.
 */
export function connectToHost(endpoint: Endpoint, options: ConnectOptions): Promise<Deno.TcpConn> {
  return new Attempts(endpoint, options).run();
}

class Attempts {
  readonly #endpoint: Endpoint;
  readonly #options: ConnectOptions;
  readonly #result = Promise.withResolvers<Deno.TcpConn>();
  readonly #over = new AbortController();
  readonly #errors: unknown[] = [];

  constructor(endpoint: Endpoint, options: ConnectOptions) {
    this.#endpoint = endpoint;
    this.#options = options;
  }

  async run(): Promise<Deno.TcpConn> {
    const { signal } = this.#options;
    signal.throwIfAborted();
    const stop = () => this.#result.reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    this.#tryAll().catch(this.#result.reject);
    try {
      return await this.#result.promise;
    } finally {
      signal.removeEventListener("abort", stop);
      this.#over.abort();
    }
  }

  async #tryAll(): Promise<void> {
    const { host } = this.#endpoint;
    const pending = [this.#attempt(host)];
    await this.#wait(pending[0]!);
    for (const address of await this.#others()) {
      if (this.#over.signal.aborted) return;
      pending.push(this.#attempt(address));
      await this.#wait(pending.at(-1)!);
    }
    await Promise.all(pending);
    const refused = this.#errors.find((error) => error instanceof Deno.errors.ConnectionRefused);
    this.#result.reject(refused ?? this.#errors[0]);
  }

  /** The addresses that are still to be tried. */
  async #others(): Promise<readonly string[]> {
    const { lookup = lookUp } = this.#options;
    const [error] = this.#errors;
    if (this.#over.signal.aborted || error !== undefined && isLookupError(error)) return [];
    const addresses = await lookup(this.#endpoint.host);
    if (addresses.length < 2) return [];
    // The system tried one of the addresses. It may not be the first of this lookup, because DNS can rotate them.
    return error === undefined ? addresses.slice(1) : addresses;
  }

  /** Tries an address. Resolves when the attempt has ended, whether it succeeded or failed. */
  async #attempt(hostname: string): Promise<void> {
    const { signal, connect = Deno.connect } = this.#options;
    const over = this.#over.signal;
    try {
      const { port } = this.#endpoint;
      const conn = await connect({ hostname, port, signal: AbortSignal.any([signal, over]) });
      // The lookup of a name cannot be cancelled, so its result may come too late.
      if (over.aborted || signal.aborted) return conn.close();
      this.#result.resolve(conn);
      this.#over.abort();
    } catch (error) {
      this.#errors.push(error);
    }
  }

  /** Waits until an attempt has ended, or the delay has passed. */
  async #wait(attempt: Promise<void>): Promise<void> {
    const late = Promise.withResolvers<void>();
    const cancel = this.#options.clock.after(ATTEMPT_DELAY_MS, late.resolve);
    this.#over.signal.addEventListener("abort", () => late.resolve(), { once: true });
    await Promise.race([attempt, late.promise]);
    cancel();
  }
}

/** Whether an error says that a name has no address. */
export function isLookupError(error: unknown): boolean {
  const text = error instanceof Error ? error.message : String(error);
  return /lookup|resolve|not known|No such host|getaddrinfo/i.test(text);
}
