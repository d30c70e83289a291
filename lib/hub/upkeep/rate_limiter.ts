/** Rate limits of peers. A peer above its rate is read more slowly and gets one warning, but is never disconnected. */

import type { Clock } from "../../base/clock.ts";
import { type Limits, messageRateOf } from "../../base/limits.ts";
import type { OnceLog } from "../../log/once.ts";
import type { Peer } from "../people/peer.ts";
import { Bucket, type Rate } from "./bucket.ts";
import { type WorkQueue, WorkShare } from "./work.ts";

/** The options of a {@linkcode RateLimiter}. */
export interface RateLimiterOptions {
  readonly limits: Limits;
  readonly clock: Clock;
  readonly once: OnceLog;
  /** The queue of long work. */
  readonly queue: WorkQueue;
}

/** Counts what peers send against their rates. */
export class RateLimiter {
  readonly #options: RateLimiterOptions;
  readonly #bytes: Rate;
  readonly #work: Rate;

  constructor(options: RateLimiterOptions) {
    const { limits } = options;
    this.#options = options;
    this.#bytes = { perSecond: limits.byteRate, burst: limits.byteBurst };
    this.#work = { perSecond: limits.workRate, burst: limits.workBurst };
  }

  /** Returns the buckets for a new peer at an address. */
  newBuckets(host: string): { messages: Bucket; bytes: Bucket; work: WorkShare } {
    const { limits, clock, queue } = this.#options;
    const now = clock.ticks();
    const messages = { perSecond: messageRateOf(limits, host), burst: limits.messageBurst };
    return {
      messages: new Bucket(messages, now),
      bytes: new Bucket(this.#bytes, now),
      work: new WorkShare(queue, this.#work),
    };
  }

  /** Charges a peer for work done on its behalf, in milliseconds, and returns how many milliseconds it has to wait. */
  chargeWork(peer: Peer, ms: number): number {
    const wait = peer.work.charge(ms);
    if (wait === 0) return 0;
    peer.connection.restFor(wait);
    const { workRate } = this.#options.limits;
    this.#tellOnce(peer, `the limit is ${workRate} ms of the server's time a second`);
    return wait;
  }

  /** Charges a peer for messages and bytes that it sent, or for a request that costs as much. */
  charge(peer: Peer, { messages, bytes }: { messages: number; bytes: number }): void {
    // Reading the clock for each message would cost more than the rest of this method.
    const now = peer.connection.lastRead;
    const wait = Math.max(peer.messageBucket.take(messages, now), peer.byteBucket.take(bytes, now));
    if (wait === 0) return;
    peer.connection.restFor(wait);
    const { limits } = this.#options;
    const rate = messageRateOf(limits, peer.host);
    this.#tellOnce(peer, `the limit is ${grouped(rate)} messages or ${formatSize(limits.byteRate)} a second`);
  }

  #tellOnce(peer: Peer, limit: string): void {
    const { once } = this.#options;
    const { number, address, nick } = peer;
    if (!once.tell(`slowed ${number}`, { event: "slowed", address, nick })) return;
    peer.say({ type: "error", code: "slow-down", text: `you are sending too fast: ${limit}` });
  }
}

/** Groups digits by thousands. */
function grouped(number: number): string {
  return String(number).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

function formatSize(bytes: number): string {
  if (bytes >= 1 << 20 && bytes % (1 << 20) === 0) return `${bytes / (1 << 20)} MiB`;
  if (bytes >= 1 << 10 && bytes % (1 << 10) === 0) return `${bytes / (1 << 10)} KiB`;
  return `${bytes} bytes`;
}
