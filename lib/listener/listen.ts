/** Listening sockets: on every address of the machine, or on each address of one name. */

import { formatEndpoint, zoneAdvice } from "../base/address.ts";
import { EXIT, Exit, messageOf } from "../base/errors.ts";
import { type Lookup, lookUp } from "../base/lookup.ts";
import type { Log } from "../log/log.ts";

/** The options of {@linkcode listen}. */
export interface ListenOptions {
  /** The name or address to listen on; every address of the machine if not given. */
  readonly host?: string | undefined;
  /** 0 for any free one; it is the same on all addresses. */
  readonly port: number;
  readonly log: Log;
  readonly lookup?: Lookup;
}

/** The number of other free ports that are tried if the first is taken on one of several addresses. */
const PORT_ATTEMPTS = 10;

/**
 * Listens on all addresses of a host. An address that this machine does not have, such as ::1 without IPv6, is left out
 * and logged, as long as there is another.
 *
 * @returns At least one socket, each on the same port.
 * @throws {Exit} If it cannot listen on any address, or the port is taken on one of them.
 */
export async function listen(options: ListenOptions): Promise<Deno.TcpListener[]> {
  const { host, port, lookup = lookUp } = options;
  // On some systems `::` takes IPv4 too, on others it takes two sockets.
  if (host === undefined) return listenOn(["::", "0.0.0.0"], options);
  const addresses = await lookup(host);
  if (addresses.length === 0) {
    throw new Exit(EXIT.failed, `Cannot listen on ${host}: there is no host of that name; check --host`);
  }
  for (let attempt = 1;; attempt++) {
    try {
      return listenOn(addresses, options);
    } catch (error) {
      const isTaken = error instanceof Exit && error.cause instanceof Deno.errors.AddrInUse;
      if (!isTaken || port !== 0 || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

/** Listens on the given addresses, as {@linkcode listen} does. */
function listenOn(addresses: readonly string[], { host, port, log }: ListenOptions): Deno.TcpListener[] {
  const listeners: Deno.TcpListener[] = [];
  const errors: Exit[] = [];
  for (const hostname of addresses) {
    const number = listeners[0]?.addr.port ?? port;
    try {
      listeners.push(Deno.listen({ hostname, port: number }));
    } catch (error) {
      // The second socket of `::` and 0.0.0.0 is needed only if the first does not accept IPv4.
      if (host === undefined && listeners.length > 0) continue;
      const exit = cannotListen(error, { host: host && hostname, port: number });
      if (host !== undefined && error instanceof Deno.errors.AddrInUse) {
        for (const listener of listeners) listener.close();
        throw exit;
      }
      errors.push(exit);
    }
  }
  if (listeners.length === 0) throw errors[0]!;
  if (host !== undefined) { for (const { message: text } of errors) log({ event: "failed", text }); }
  return listeners;
}

function cannotListen(error: unknown, { host, port }: Pick<ListenOptions, "host" | "port">): Exit {
  const where = host === undefined ? "every address" : formatEndpoint({ host, port });
  const cause = error instanceof Deno.errors.AddrInUse
    ? `port ${port} is in use: end what uses it, or choose another with --port`
    : error instanceof Deno.errors.PermissionDenied
    ? `port ${port} is not allowed: choose one above 1023 with --port`
    : error instanceof Deno.errors.AddrNotAvailable
    ? "this machine has no such address: leave --host out for every address"
    : `${messageOf(error)}: ${zoneAdvice(host ?? "") ?? "check --host and --port"}`;
  return new Exit(EXIT.failed, `Cannot listen on ${where}: ${cause}`, { cause: error });
}
