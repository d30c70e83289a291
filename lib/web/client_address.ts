/** The address of the client that sent a request, directly or through a proxy. */

import { readHost } from "../base/address.ts";

/** The parts of a request that identify its sender. */
export interface RequestSender {
  /** The other end of the connection. */
  readonly remote: string;
  /** The header X-Forwarded-For. */
  readonly forwardedFor: string | undefined;
  /** Whether that header is trusted: `--web-trust-proxy`. */
  readonly trustProxy: boolean;
}

/** The address that stands for requests through an unknown proxy, so that they do not count as local ones. */
export const UNKNOWN_PROXY = "0.0.0.0";

/**
 * Returns the address to which limits and bans on a request apply. If the proxy is trusted, that is the last address in
 * X-Forwarded-For (the sender can write any addresses before it); else it is the other end of the connection. A request
 * that has the header although no proxy is trusted came through an unknown proxy, and does not count as one from this
 * machine.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { clientAddress } from "./client_address.ts";
 *
 * const request = { remote: "127.0.0.1", forwardedFor: "10.0.0.9, 192.0.2.1" };
 * assertEquals(clientAddress({ ...request, trustProxy: true }), "192.0.2.1");
 * assertEquals(clientAddress({ ...request, trustProxy: false }), "0.0.0.0");
 * assertEquals(clientAddress({ remote: "::1", forwardedFor: undefined, trustProxy: true }), "::1");
 * ```
 */
export function clientAddress({ remote, forwardedFor, trustProxy }: RequestSender): string {
  if (forwardedFor === undefined) return remote;
  if (!trustProxy) return UNKNOWN_PROXY;
  return readHost(forwardedFor.slice(forwardedFor.lastIndexOf(",") + 1).trim()) ?? UNKNOWN_PROXY;
}
