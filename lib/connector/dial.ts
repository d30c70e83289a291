/** Dialling: connects, or reports in one line why there is no connection and what to do. */

import { type Endpoint, formatEndpoint, zoneAdvice } from "../base/address.ts";
import type { Clock } from "../base/clock.ts";
import { connectToHost, isLookupError } from "./connect_host.ts";
import { EXIT, Exit, messageOf } from "../base/errors.ts";
import { CONNECT_TIMEOUT_MS, SAY_WAITING_AFTER_MS } from "../base/limits.ts";

/** The options of {@linkcode dial}. */
export interface DialOptions {
  readonly clock: Clock;
  /** Cancels it. */
  readonly signal: AbortSignal;
  /** Called after 300 ms without a connection. */
  readonly waiting: () => void;
}

/**
 * Connects, in at most 10 s.
 *
 * @returns The connection; null if the signal cancelled the attempt.
 * @throws {Exit} With one line for people, status 3.
 */
export async function dial(address: Endpoint, options: DialOptions): Promise<Deno.TcpConn | null> {
  const { clock, signal, waiting } = options;
  const giveUp = new AbortController();
  const sayLater = clock.after(SAY_WAITING_AFTER_MS, waiting);
  const stopLater = clock.after(CONNECT_TIMEOUT_MS, () => giveUp.abort());
  const stop = AbortSignal.any([signal, giveUp.signal]);
  try {
    const conn = await connectToHost(address, { clock, signal: stop });
    conn.setNoDelay(true);
    conn.setKeepAlive(true);
    return conn;
  } catch (error) {
    if (signal.aborted) return null;
    throw new Exit(EXIT.lost, whyNot(address, giveUp.signal.aborted ? null : error), { cause: error });
  } finally {
    sayLater();
    stopLater();
  }
}

/** Describes why there is no connection and what to do; `null` stands for a timeout. */
function whyNot(address: Endpoint, error: unknown): string {
  const where = formatEndpoint(address);
  if (error === null) {
    return `no answer from ${where} in ${CONNECT_TIMEOUT_MS / 1000} s: check the address and the network`;
  }
  if (error instanceof Deno.errors.ConnectionRefused) {
    return `nobody is listening on ${where}: start a chat there with \`chat --serve\`, or check host and port`;
  }
  const advice = zoneAdvice(address.host);
  if (advice !== null) return `cannot connect to ${where}: ${messageOf(error)}; ${advice}`;
  if (isLookupError(error)) {
    return `there is no host named ${address.host}: check how it is written, or give its address`;
  }
  return `cannot connect to ${where}: ${messageOf(error)}; check the address and the network`;
}
