/** IP addresses as numbers: IPv4 as four bytes, IPv6 as eight groups of 16 bits. */

/** An address: its groups, and the zone of an IPv6 one, which names the interface. */
export type Ip =
  | { readonly version: 4; readonly bytes: readonly number[] }
  | { readonly version: 6; readonly groups: readonly number[]; readonly zone?: string };

/**
 * Reads an address without brackets and port.
 *
 * @returns The address; null if the text is not an address. An IPv4 address that is mapped into IPv6 (`::ffff:192.0.2.1`)
 * is returned as IPv4.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseIp } from "./ip.ts";
 *
 * assertEquals(parseIp("::ffff:c000:201"), { version: 4, bytes: [192, 0, 2, 1] });
 * assertEquals(parseIp("FE80::1%eth0"), { version: 6, groups: [0xfe80, 0, 0, 0, 0, 0, 0, 1], zone: "eth0" });
 * assertEquals(["192.0.2", "192.0.2.01", "1::2::3", "localhost"].map(parseIp), [null, null, null, null]);
 * ```
 */
export function parseIp(text: string): Ip | null {
  // No address is longer, even with a zone.
  if (text.length > 100) return null;
  const bytes = parseIpv4(text);
  if (bytes !== null) return { version: 4, bytes };
  const [, address = "", zone] = /^([\da-f:.]+)(?:%([\w.-]+))?$/i.exec(text) ?? [];
  const groups = parseIpv6(address);
  if (groups === null) return null;
  const isMapped = groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
  if (isMapped) return { version: 4, bytes: groups.slice(6).flatMap((group) => [group >> 8, group & 0xff]) };
  return { version: 6, groups, ...(zone === undefined ? {} : { zone }) };
}

function parseIpv4(text: string): number[] | null {
  if (!/^\d{1,3}(?:\.\d{1,3}){3}$/.test(text)) return null;
  const parts = text.split(".");
  // A leading zero means octal to some programs, so nobody writes one.
  return parts.every((part) => Number(part) < 256 && !/^0./.test(part)) ? parts.map(Number) : null;
}

function parseIpv6(text: string): number[] | null {
  const [head = "", tail, more] = text.split("::");
  if (more !== undefined) return null;
  const first = groupsOf(head, tail === undefined);
  const last = tail === undefined ? [] : groupsOf(tail, true);
  if (first === null || last === null) return null;
  const missing = 8 - first.length - last.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return null;
  return [...first, ...new Array<number>(missing).fill(0), ...last];
}

/** Reads groups between colons. The last group may be an IPv4 address, at the end of the text. */
function groupsOf(text: string, mayEndInIpv4: boolean): number[] | null {
  if (text === "") return [];
  const groups: number[] = [];
  const words = text.split(":");
  for (const [n, word] of words.entries()) {
    const bytes = mayEndInIpv4 && n === words.length - 1 ? parseIpv4(word) : null;
    if (bytes !== null) groups.push(bytes[0]! << 8 | bytes[1]!, bytes[2]! << 8 | bytes[3]!);
    else if (/^[\da-f]{1,4}$/i.test(word)) groups.push(parseInt(word, 16));
    else return null;
  }
  return groups;
}

/** Writes groups of IPv6 in lower case, without leading zeros and without `::`. */
export function formatGroups(groups: readonly number[]): string {
  return groups.map((group) => group.toString(16)).join(":");
}
