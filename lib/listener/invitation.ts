/** The command lines by which others join a chat: the addresses of this machine that reach its listener. */

import { formatEndpoint, isLoopback } from "../base/address.ts";
import { parseIp } from "../base/ip.ts";
import { DEFAULT_PORT } from "../base/limits.ts";

/**
 * Returns the addresses at which other machines reach a listener, without loopback and link-local ones, IPv4 first.
 *
 * @param listening The addresses that it listens on; `::` and `0.0.0.0` stand for all.
 * @param interfaces The addresses of the machine's interfaces.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { reachableAddresses } from "./invitation.ts";
 *
 * const interfaces = ["127.0.0.1", "fd00::2", "fe80::2", "192.168.1.20"];
 * assertEquals(reachableAddresses(["::"], interfaces), ["192.168.1.20", "fd00::2"]);
 * assertEquals(reachableAddresses(["127.0.0.1"], interfaces), []);
 * ```
 */
export function reachableAddresses(listening: readonly string[], interfaces: readonly string[]): string[] {
  const addresses = listening.flatMap((host) => {
    if (host === "::") return interfaces;
    return host === "0.0.0.0" ? interfaces.filter((address) => !address.includes(":")) : [host];
  });
  const reachable = [...new Set(addresses)].filter((address) =>
    !isLoopback(address) && !isLinkLocal(address)
  );
  return reachable.sort((a, b) => Number(a.includes(":")) - Number(b.includes(":")));
}

/**
 * Returns the command line that connects to an address.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { invitation } from "./invitation.ts";
 *
 * assertEquals(invitation("192.168.1.20:1243"), "chat --connect 192.168.1.20");
 * assertEquals(invitation("[fd00::2]:4000"), "chat --connect [fd00::2]:4000");
 * ```
 */
export function invitation(endpoint: string): string {
  const suffix = `:${DEFAULT_PORT}`;
  return `chat --connect ${endpoint.endsWith(suffix) ? endpoint.slice(0, -suffix.length) : endpoint}`;
}

/** Returns the addresses of {@linkcode reachableAddresses} with a port. */
export function reachableEndpoints(
  listening: readonly { readonly hostname: string; readonly port: number }[],
  interfaces: readonly string[],
): string[] {
  const port = listening[0]?.port ?? DEFAULT_PORT;
  const hosts = reachableAddresses(listening.map(({ hostname }) => hostname), interfaces);
  return hosts.map((host) => formatEndpoint({ host, port }));
}

function isLinkLocal(address: string): boolean {
  const ip = parseIp(address);
  if (ip === null) return true;
  if (ip.version === 4) return ip.bytes[0] === 169 && ip.bytes[1] === 254 || ip.bytes[0] === 0;
  return (ip.groups[0]! & 0xffc0) === 0xfe80;
}
