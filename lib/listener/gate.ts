/** The gate: how many connections there may be, in all and from one address. */

import { Bucket } from "../hub/upkeep/bucket.ts";
import { clientOf, isLoopback } from "../base/address.ts";
import type { Limits } from "../base/limits.ts";

const MINUTE_SECONDS = 60;

interface Visitor {
  connections: number;
  readonly bucket: Bucket;
  lastSeen: number;
}

/** Counts connections. */
export class Gate {
  readonly #limits: Limits;
  readonly #visitors = new Map<string, Visitor>();
  #connections = 0;
  #forgotAt = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /**
   * Asks for a connection to be let in.
   *
   * @param host The address that it comes from; a person's, see {@linkcode clientOf}.
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
    return null;
  }

  /** Takes note that a connection that was let in is gone. */
  leave(host: string): void {
    this.#connections--;
    const visitor = this.#visitors.get(clientOf(host));
    if (visitor && !isLoopback(host)) visitor.connections--;
  }

  #visitor(host: string, now: number): Visitor {
    const person = clientOf(host);
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
