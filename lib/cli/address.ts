/** Parsing of hosts and ports on the command line. */

import { readHost } from "../base/address.ts";
import { parseIp } from "../base/ip.ts";
import { type Given, readCount, refused } from "./values.ts";

/** A host, by name or address, and the port if one was given. */
export interface HostAndPort {
  readonly host: string;
  readonly port: number | undefined;
}

const MAX_PORT = 65_535;

/** Reads a port to connect to, from 1 to 65535. */
export function readPort(given: Given): number {
  return readCount(given, { least: 1, most: MAX_PORT });
}

/** Reads a port to listen on: 0 is any free one. */
export function readListenPort(given: Given): number {
  return readCount(given, { least: 0, most: MAX_PORT });
}

/** Reads the address of a listener: `HOST`, `HOST:PORT`, `[IPV6]` or `[IPV6]:PORT`. */
export function readHostAndPort({ name, value }: Given): HostAndPort {
  if (isIpv6(value)) {
    throw refused({ name, value }, "write an IPv6 address in brackets, as [::1] or [::1]:1243");
  }
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:\[\]]*))(?::(.*))?$/s.exec(value) ?? [];
  if (bracketed === undefined && plain === undefined) {
    throw refused({ name, value }, "write HOST, HOST:PORT or [IPV6]:PORT");
  }
  if (port !== undefined && value.includes("://")) {
    throw refused({ name, value }, "write HOST or HOST:PORT, not a URL");
  }
  const host = bracketed ?? plain ?? "";
  if (host === "") {
    throw refused({ name, value }, "write the name or the address of a host, such as localhost");
  }
  if (bracketed !== undefined ? !isIpv6(host) : !isHost(host)) {
    throw refused({ name, value }, "it is neither a host name nor an address");
  }
  if (port === undefined) return { host, port: undefined };
  if (!/^\d+$/.test(port)) throw refused({ name, value }, "a port is a number from 1 to 65535");
  const number = Number(port);
  if (number < 1 || number > MAX_PORT) throw refused({ name, value }, "a port is a number from 1 to 65535");
  return { host, port: number };
}

/**
 * Reads the addresses of the listeners of one chat, with commas between: `HOST,HOST:PORT,[IPV6]`. Spaces around them
 * are ignored.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readHosts } from "./address.ts";
 *
 * const hosts = readHosts({ name: "connect", value: "n1,[::1]:4000" });
 * assertEquals(hosts, [{ host: "n1", port: undefined }, { host: "::1", port: 4000 }]);
 * ```
 */
export function readHosts({ name, value }: Given): HostAndPort[] {
  const parts = value.split(",").map((part) => part.trim());
  if (parts.length > 1 && parts.includes("")) {
    throw refused({ name, value }, "a host is missing beside a comma");
  }
  const hosts = parts.map((part) => readHostAndPort({ name, value: part }));
  const [twice] = hosts.filter(({ host, port }, index) =>
    hosts.findIndex((other) => other.host === host && other.port === port) < index
  );
  if (twice !== undefined) throw refused({ name, value }, `${twice.host} is given twice`);
  return hosts;
}

/** Reads a host to listen on: a name or an address, with or without brackets around IPv6. */
export function readListenHost({ name, value }: Given): string {
  const host = /^\[(.*)\]$/s.exec(value)?.[1] ?? value;
  if (isIpv6(host)) return host;
  if (host === value && isHost(host)) return host;
  const isPair = /^(?:\[[^\]]*\]|[^:]*):\d+$/.test(value);
  throw refused(
    { name, value },
    isPair ? "write the port with --port" : "write a name or an address of this machine",
  );
}

/** Reads a place to listen on: `PORT`, `ADDR:PORT` or `[IPV6]:PORT`. Without an address, that is every address. */
export function readListenPlace(
  { name, value }: Given,
): { readonly host: string | undefined; readonly port: number } {
  const [, host, port] = /^(?:(.*):)?(\d+)$/s.exec(value) ?? [];
  if (port === undefined) throw refused({ name, value }, "write PORT, ADDR:PORT or [IPV6]:PORT");
  return {
    host: host === undefined ? undefined : readListenHost({ name, value: host }),
    port: readListenPort({ name, value: port }),
  };
}

/** Reads the address of a client, without a port. */
export function readAddress({ name, value }: Given): string {
  const host = readHost(value);
  if (host === null) throw refused({ name, value }, "write an address, such as 192.0.2.7");
  return host;
}

function isHost(text: string): boolean {
  return text.length <= 253 && /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]*$/u.test(text);
}

/** Returns whether a text is an IPv6 address, with or without a zone after a percent sign. */
function isIpv6(text: string): boolean {
  return text.includes(":") && parseIp(text) !== null;
}
