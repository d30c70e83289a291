/** Network addresses: parsing, formatting, and the part that identifies a client. */

import { formatGroups, parseIp } from "./ip.ts";

/** A host, by name or address, and a port. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** One or more of them. */
export type Endpoints = readonly [Endpoint, ...Endpoint[]];

/**
 * Formats an endpoint as the command line takes it: `localhost:1243`, `[::1]:1243`. An IPv4 address that is mapped into
 * IPv6 is written as IPv4.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatEndpoint } from "./address.ts";
 *
 * assertEquals(formatEndpoint({ host: "::1", port: 1243 }), "[::1]:1243");
 * assertEquals(formatEndpoint({ host: "::ffff:192.0.2.1", port: 1243 }), "192.0.2.1:1243");
 * ```
 */
export function formatEndpoint({ host, port }: Endpoint): string {
  if (!host.includes(":")) return `${host}:${port}`;
  const ip = parseIp(host);
  return ip?.version === 4 ? `${ip.bytes.join(".")}:${port}` : `[${host}]:${port}`;
}

/**
 * Returns the part of an address that identifies one client. Bans and limits use it.
 *
 * That is the whole IPv4 address, or the first 64 bits of an IPv6 address. If the first 64 bits are the same for
 * everybody, the whole address counts: link-local addresses (fe80::/10), ::1 and its like (::/64), and IPv4 that was
 * translated (64:ff9b::/96). A zone does not count, because it is this machine's name for the link.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { clientOf } from "./address.ts";
 *
 * assertEquals(clientOf("::ffff:192.0.2.1"), "192.0.2.1");
 * assertEquals(clientOf("2001:db8::1"), clientOf("2001:db8:0:0:ffff::2"));
 * assertEquals(clientOf("fe80::5%eth0"), "fe80:0:0:0:0:0:0:5");
 * ```
 */
export function clientOf(host: string): string {
  const ip = parseIp(host);
  if (ip === null) return host.toLowerCase();
  if (ip.version === 4) return ip.bytes.join(".");
  return formatGroups(sharesPrefix(ip.groups) ? ip.groups : ip.groups.slice(0, 4));
}

function sharesPrefix(groups: readonly number[]): boolean {
  const [first = 0, second, ...rest] = groups;
  if ((first & 0xffc0) === 0xfe80) return true;
  const isZero = rest.slice(0, 2).every((group) => group === 0);
  return isZero && (first === 0 && second === 0 || first === 0x64 && second === 0xff9b);
}

/**
 * Parses an address as people write it or copy it from a log, with or without a port.
 *
 * @returns The address without port and zone; null if the text is not an address.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readHost } from "./address.ts";
 *
 * assertEquals(["192.0.2.1:5000", "[2001:DB8::1]:5000"].map(readHost), ["192.0.2.1", "2001:db8::1"]);
 * assertEquals(["bob", "192.0.2.256", "192.0.2", "::1::"].map(readHost), [null, null, null, null]);
 * ```
 */
export function readHost(text: string): string | null {
  const host = /^\[(.*)\](?::\d+)?$/.exec(text)?.[1] ?? text.replace(/^([\d.]+):\d+$/, "$1");
  return parseIp(host) === null ? null : host.replace(/%.*$/, "").toLowerCase();
}

/**
 * Explains what is wrong with the zone of an IPv6 address that could not be used. The zone is the name of an interface
 * after a percent sign.
 *
 * @returns Advice for people; null if the zone is not the cause.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { zoneAdvice } from "./address.ts";
 *
 * assertEquals(zoneAdvice("fe80::5"), "a link-local address needs its interface: write fe80::5%eth0, for example");
 * assertEquals(zoneAdvice("2001:db8::1"), null);
 * ```
 */
export function zoneAdvice(host: string): string | null {
  const ip = parseIp(host);
  if (ip?.version !== 6) return null;
  const isLinkLocal = (ip.groups[0]! & 0xffc0) === 0xfe80;
  if (ip.zone === undefined) {
    return isLinkLocal ? `a link-local address needs its interface: write ${host}%eth0, for example` : null;
  }
  return isLinkLocal
    ? `check whether this machine has an interface ${ip.zone}`
    : `only a link-local address has an interface: leave %${ip.zone} out`;
}

/** Returns whether an address is a loopback address. */
export function isLoopback(host: string): boolean {
  const ip = parseIp(host);
  if (ip === null) return false;
  return ip.version === 4 ? ip.bytes[0] === 127 : formatGroups(ip.groups) === "0:0:0:0:0:0:0:1";
}

/**
 * Returns for whom a limit counts: the client of an address, see {@linkcode clientOf}. On the loopback one address
 * stands for many, who must not limit each other: there it is `own`, the name of one connection.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { originOf } from "./address.ts";
 *
 * assertEquals(originOf("192.0.2.1", "192.0.2.1:5000"), "192.0.2.1");
 * assertEquals(originOf("127.0.0.1", "127.0.0.1:5000"), "127.0.0.1:5000");
 * ```
 */
export function originOf(host: string, own: string): string {
  return isLoopback(host) ? own : clientOf(host);
}
