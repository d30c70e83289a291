/** Lookup of the addresses of a host name. */

import { parseIp } from "./ip.ts";

/** Returns all addresses of a host, in the system's order of preference; none if there is no such host. */
export type Lookup = (host: string) => Promise<readonly string[]>;

/** Asks the system, as other programs do: first its hosts file, then DNS. For an address the result is that address. */
export const lookUp: Lookup = async (host) => {
  if (parseIp(host) !== null) return [host];
  // Deno's own lookup asks only DNS. This module takes a while to load, so it is loaded only for a name.
  const { lookup } = await import("node:dns/promises");
  try {
    const found = await lookup(host, { all: true, verbatim: true });
    return [...new Set(found.map(({ address }) => address))];
  } catch {
    return [];
  }
};
