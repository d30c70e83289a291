/** Dialling: connects, or reports in one line why there is no connection and what to do. */

import { type Endpoint, formatEndpoint, zoneAdvice } from "../base/address.ts";
import type { Clock } from "../base/clock.ts";
import { connectToHost, isLookupError } from "./connect_host.ts";
import { EXIT, Exit, messageOf } from "../base/errors.ts";
import { SAY_WAITING_AFTER_MS } from "../base/limits.ts";

/** The options of {@linkcode dial}. */
export interface DialOptions {
  readonly clock: Clock;
  /** Cancels it. */
  readonly signal: AbortSignal;
  /** The longest time that it may take, in milliseconds. */
  readonly timeout: number;
  /** Called after 300 ms without a connection. */
  readonly waiting: () => void;
}

/** The error if there is no connection. The message says why and what to do; `why` says only why. */
export class Unreachable extends Exit {
  constructor(readonly why: string, advice: string, cause: unknown) {
    super(EXIT.lost, why + advice, { cause });
  }
}

/**
 * Connects.
 *
 * @returns The connection; null if the signal cancelled the attempt.
 * @throws {Unreachable} With one line for people, status 3.
 */
export async function dial(address: Endpoint, options: DialOptions): Promise<Deno.TcpConn | null> {
  const { clock, signal, timeout, waiting } = options;
  const giveUp = new AbortController();
  const sayLater = clock.after(SAY_WAITING_AFTER_MS, waiting);
  const stopLater = clock.after(timeout, () => giveUp.abort());
  const stop = AbortSignal.any([signal, giveUp.signal]);
  try {
    const conn = await connectToHost(address, { clock, signal: stop });
    conn.setNoDelay(true);
    conn.setKeepAlive(true);
    return conn;
  } catch (error) {
    if (signal.aborted) return null;
    const [why, advice] = giveUp.signal.aborted ? whyLate(address, timeout) : whyNot(address, error);
    throw new Unreachable(why, advice, error);
  } finally {
    sayLater();
    stopLater();
  }
}

function whyLate(address: Endpoint, timeout: number): [why: string, advice: string] {
  return [
    `no answer from ${formatEndpoint(address)} in ${Math.round(timeout / 1000)} s`,
    ": check the address and the network",
  ];
}

/** Describes why there is no connection and what to do. */
function whyNot(address: Endpoint, error: unknown): [why: string, advice: string] {
  const where = formatEndpoint(address);
  if (error instanceof Deno.errors.ConnectionRefused) {
    return [
      `nobody is listening on ${where}`,
      ": start a chat there with `chat --serve`, or check host and port",
    ];
  }
  const why = `cannot connect to ${where}: ${messageOf(error)}`;
  const advice = zoneAdvice(address.host);
  if (advice !== null) return [why, `; ${advice}`];
  if (isLookupError(error)) {
    return [`there is no host named ${address.host}`, ": check the spelling, or give its address"];
  }
  return [why, "; check the address and the network"];
}
