/** Network addresses: read, written, and reduced to the part that identifies a client. */

/** A host, by name or address, and a port. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/**
 * Writes an endpoint as the command line takes it: `localhost:1243`, `[::1]:1243`. An IPv4 address that is mapped into
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
  const plain = host.startsWith("::ffff:") && host.includes(".") ? host.slice("::ffff:".length) : host;
  return plain.includes(":") ? `[${plain}]:${port}` : `${plain}:${port}`;
}

/**
 * Gives the part of an address that identifies one client: all of IPv4, the /64 of IPv6.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { clientOf } from "./address.ts";
 *
 * assertEquals(clientOf("::ffff:192.0.2.1"), "192.0.2.1");
 * assertEquals(clientOf("2001:db8::1"), clientOf("2001:db8:0:0:ffff::2"));
 * ```
 */
export function clientOf(host: string): string {
  const plain = host.toLowerCase().replace(/%.*$/, "");
  if (!plain.includes(":")) return plain;
  const [, head4 = "", quad] = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(plain) ?? [];
  const groups = groupsOf(quad === undefined ? plain : head4 + hexOf(quad));
  if (groups.slice(0, 6).join() !== "0,0,0,0,0,ffff") return groups.slice(0, 4).join(":");
  return groups.slice(6).flatMap((group) => {
    const value = parseInt(group, 16);
    return [value >> 8, value & 0xff];
  }).join(".");
}

/** The eight groups of an IPv6 address, without leading zeros. */
function groupsOf(address: string): string[] {
  const [head = "", tail] = address.split("::");
  const first = head === "" ? [] : head.split(":");
  const last = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: Math.max(0, 8 - first.length - last.length) }, () => "0");
  return [...first, ...zeros, ...last].map((group) => group.replace(/^0+(?=.)/, ""));
}

/** The last four numbers of an address as the two groups that they are. */
function hexOf(quad: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = quad.split(".").map(Number);
  return `${(a << 8 | b).toString(16)}:${(c << 8 | d).toString(16)}`;
}

/**
 * Reads an address as people write it or copy it from a log, with or without a port.
 *
 * @returns The address alone, or null where the text is no address.
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
  if (/^\d+(?:\.\d+){3}$/.test(host)) {
    return host.split(".").every((part) => Number(part) < 256 && !/^0./.test(part)) ? host : null;
  }
  const plain = host.replace(/%.*$/, "");
  if (!/^[\da-f:.]*:[\da-f:.]*$/i.test(plain) || !URL.canParse(`http://[${plain}]`)) return null;
  return plain.toLowerCase();
}

/** Tells whether an address is this machine's own. */
export function isLoopback(host: string): boolean {
  const person = clientOf(host);
  return /^127\./.test(person) || host === "::1";
}
