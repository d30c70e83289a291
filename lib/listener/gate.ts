/** The gate: how many connections there may be, in all and from one address. */

import { Bucket } from "../hub/upkeep/bucket.ts";
import type { Limits } from "../base/limits.ts";

const MINUTE_SECONDS = 60;

/** How many persons it remembers to have turned away. */
const MOST_TURNED_AWAY = 1000;

interface Visitor {
  connections: number;
  readonly bucket: Bucket;
  lastSeen: number;
}

/** Counts connections. */
export class Gate {
  readonly #limits: Limits;
  readonly #visitors = new Map<string, Visitor>();
  /** Who was turned away and not let in since. */
  readonly #turnedAway = new Set<string>();
  #connections = 0;
  #forgotAt = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /**
   * Asks for a connection to be let in.
   *
   * @param host The address that it comes from; a person's, see {@linkcode personOf}.
   * @returns Why it is not, or null where it is in: then {@linkcode Gate.leave} belongs to it.
   */
  enter(host: string, now: number): string | null {
    const { connections, connectionsPerAddress, newPerMinute } = this.#limits;
    if (this.#connections >= connections) return `there are ${connections} connections already`;
    if (!isLoopback(host)) {
      const visitor = this.#visitor(host, now);
      if (visitor.connections >= connectionsPerAddress) {
        return `there are ${connectionsPerAddress} connections from your address already`;
      }
      // Who is not let in owes nothing for it: otherwise one who keeps knocking would stay out for hours after.
      if (!visitor.bucket.tryTake(1, now)) {
        return `there were ${newPerMinute} connections from your address in a minute`;
      }
      visitor.connections++;
    }
    this.#connections++;
    this.#turnedAway.delete(personOf(host));
    return null;
  }

  /** Whether it is news that a host is turned away: it is not again before it was let in, or long after. */
  isNews(host: string): boolean {
    const person = personOf(host);
    if (this.#turnedAway.has(person)) return false;
    if (this.#turnedAway.size >= MOST_TURNED_AWAY) this.#turnedAway.clear();
    this.#turnedAway.add(person);
    return true;
  }

  /** Takes note that a connection that was let in is gone. */
  leave(host: string): void {
    this.#connections--;
    const visitor = this.#visitors.get(personOf(host));
    if (visitor && !isLoopback(host)) visitor.connections--;
  }

  #visitor(host: string, now: number): Visitor {
    const person = personOf(host);
    let visitor = this.#visitors.get(person);
    if (visitor === undefined) {
      this.#forget(now);
      const { newPerMinute } = this.#limits;
      const rate = { perSecond: newPerMinute / MINUTE_SECONDS, burst: newPerMinute };
      this.#visitors.set(person, visitor = { connections: 0, bucket: new Bucket(rate, now), lastSeen: now });
    }
    visitor.lastSeen = now;
    return visitor;
  }

  /** Forgets who was not here for a minute, from time to time, so that addresses do not pile up. */
  #forget(now: number): void {
    if (now - this.#forgotAt < MINUTE_SECONDS * 1000) return;
    this.#forgotAt = now;
    for (const [person, visitor] of this.#visitors) {
      if (visitor.connections === 0 && now - visitor.lastSeen > MINUTE_SECONDS * 1000) {
        this.#visitors.delete(person);
      }
    }
  }
}

/**
 * What is one person's of an address: all of IPv4, the first 64 bits of IPv6, which are one line's.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { personOf } from "./gate.ts";
 *
 * assertEquals(personOf("::ffff:192.0.2.1"), "192.0.2.1");
 * assertEquals(personOf("2001:db8::1"), personOf("2001:db8:0:0:ffff::2"));
 * ```
 */
export function personOf(host: string): string {
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
 * Reads an address as people write it, or copy it out of a log: with its port or without.
 *
 * @returns The address alone, or null where it is none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readHost } from "./gate.ts";
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

function isLoopback(host: string): boolean {
  const person = personOf(host);
  return /^127\./.test(person) || host === "::1";
}
