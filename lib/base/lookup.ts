/** The addresses of a host name. */

import { parseIp } from "./ip.ts";

/** Gives all addresses of a host, in the system's order of preference; none where it has no such host. */
export type Lookup = (host: string) => Promise<readonly string[]>;

/** Asks the system, as every other program does: its file of hosts first, then DNS. An address is its own answer. */
export const lookUp: Lookup = async (host) => {
  if (parseIp(host) !== null) return [host];
  // Deno's own look-up asks DNS alone. The module takes a while to load, so it is loaded where there is a name.
  const { lookup } = await import("node:dns/promises");
  try {
    const found = await lookup(host, { all: true, verbatim: true });
    return [...new Set(found.map(({ address }) => address))];
  } catch {
    return [];
  }
};
