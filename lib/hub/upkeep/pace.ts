/** How fast peers may speak. Who is too fast is read more slowly, told so once, and never thrown out for it. */

import { Bucket, type Rate } from "./bucket.ts";
import type { Clock } from "../../base/clock.ts";
import type { Limits } from "../../base/limits.ts";
import type { Log } from "../../log/log.ts";
import type { Peer } from "../people/peer.ts";

/** What a {@linkcode Pace} works on. */
export interface PaceOptions {
  readonly limits: Limits;
  readonly clock: Clock;
  readonly log: Log;
}

/** Counts what peers send. */
export class Pace {
  readonly #options: PaceOptions;
  readonly #messages: Rate;
  readonly #bytes: Rate;

  constructor(options: PaceOptions) {
    const { limits } = options;
    this.#options = options;
    this.#messages = { perSecond: limits.messageRate, burst: limits.messageBurst };
    this.#bytes = { perSecond: limits.byteRate, burst: limits.byteBurst };
  }

  /** The buckets of a peer that comes. */
  newBuckets(): { messages: Bucket; bytes: Bucket } {
    const now = this.#options.clock.now();
    return { messages: new Bucket(this.#messages, now), bytes: new Bucket(this.#bytes, now) };
  }

  /** Counts what a peer sends, or what it asks for where that costs as much. */
  count(peer: Peer, { messages, bytes }: { messages: number; bytes: number }): void {
    const { clock, limits, log } = this.#options;
    const now = clock.now();
    const wait = Math.max(peer.messageBucket.take(messages, now), peer.byteBucket.take(bytes, now));
    if (wait === 0) return;
    peer.connection.restFor(wait);
    if (peer.wasToldToSlowDown) return;
    peer.wasToldToSlowDown = true;
    log({ event: "slowed", address: peer.address, nick: peer.nick });
    const text =
      `You are read more slowly: the limits are ${limits.messageRate} messages and ${limits.byteRate} bytes a second`;
    peer.say({ type: "error", code: "slow-down", text });
  }
}
