/** Limits on connections: in total, for each address, and for each minute. */

import { Bucket } from "../hub/upkeep/bucket.ts";
import { clientOf, isLoopback } from "../base/address.ts";
import type { Limits } from "../base/limits.ts";

const MINUTE_SECONDS = 60;

interface Visitor {
  connections: number;
  readonly bucket: Bucket;
  lastSeen: number;
}

/** Counts connections and refuses those above a limit. */
export class Gate {
  readonly #limits: Limits;
  readonly #visitors = new Map<string, Visitor>();
  #connections = 0;
  #forgotAt = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /**
   * Admits a connection.
   *
   * @param host The peer's address; connections are counted by its {@linkcode clientOf}.
   * @returns Null if it is admitted; then call {@linkcode Gate.leave} at its end. Otherwise the reason, for people.
   */
  enter(host: string, now: number): string | null {
    const { connections, connectionsPerAddress, newPerMinute } = this.#limits;
    if (this.#connections >= connections) return `there are ${connections} connections already`;
    if (!isLoopback(host)) {
      const visitor = this.#visitor(host, now);
      if (visitor.connections >= connectionsPerAddress) {
        return `there are ${connectionsPerAddress} connections from your address already`;
      }
      // A refused connection takes nothing from the bucket. Otherwise a client that retries would stay out for hours.
      if (!visitor.bucket.tryTake(1, now)) {
        return `there were ${newPerMinute} connections from your address in a minute`;
      }
      visitor.connections++;
    }
    this.#connections++;
    return null;
  }

  /** Counts the end of an admitted connection. */
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

  /** Drops the clients that had no connection for a minute. Runs at most once a minute. */
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
