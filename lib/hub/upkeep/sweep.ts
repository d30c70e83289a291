/** What is looked after from time to time: peers that are stuck, stalled or silent, and what is kept too long. */

import type { Clock } from "../../base/clock.ts";
import type { Failures } from "./failures.ts";
import type { Farewell } from "../people/farewell.ts";
import { type History, HistoryError } from "../../history/history.ts";
import type { Inbound } from "../../connection/inbound.ts";
import type { Limits } from "../../base/limits.ts";
import type { Peer } from "../people/peer.ts";
import type { Counters } from "./stats.ts";

/** What a {@linkcode Sweep} works on. */
export interface SweepOptions {
  readonly limits: Limits;
  readonly clock: Clock;
  readonly history: History;
  readonly peers: Iterable<Peer>;
  readonly inbound: Inbound;
  readonly farewell: Farewell;
  readonly failures: Failures;
  readonly counters: Counters;
}

/** How often peers are looked at, after which time without a look the listener itself was away, and how often it expires. */
const SWEEP_MS = 1000;
const AWAY_MS = 5 * SWEEP_MS;
const EXPIRE_MS = 10_000;

/** Looks after them once a second, from the beginning on. */
export class Sweep {
  readonly #options: SweepOptions;
  #sweptAt: number;
  #expiredAt: number;
  #cancel: () => void;

  constructor(options: SweepOptions) {
    this.#options = options;
    this.#sweptAt = this.#expiredAt = options.clock.now();
    this.#cancel = this.#plan();
  }

  /** Looks no more. */
  stop(): void {
    this.#cancel();
  }

  #plan(): () => void {
    return this.#options.clock.after(SWEEP_MS, () => {
      this.#sweep();
      this.#cancel = this.#plan();
    });
  }

  #sweep(): void {
    const { clock, limits, inbound, peers } = this.#options;
    const now = clock.now();
    // Where the listener itself was away, as on a machine that slept, what came meanwhile is looked at first.
    const wasAway = now - this.#sweptAt > AWAY_MS;
    this.#sweptAt = now;
    if (!wasAway) {
      const isShort = inbound.waitedMs > limits.halfFrame;
      for (const peer of peers) this.#lookAfter(peer, { now, isShort });
    }
    if (now - this.#expiredAt > EXPIRE_MS) {
      this.#expiredAt = now;
      this.#expire(now / 1000);
    }
  }

  #lookAfter(peer: Peer, { now, isShort }: { now: number; isShort: boolean }): void {
    // A terminal may stand still for as long as its owner likes, and what waits for it is bounded.
    if (peer.isAtTerminal) return;
    const { connection } = peer;
    const { limits, counters, farewell } = this.#options;
    const { pingAfter } = limits;
    if (connection.isStalled(now)) {
      counters.slow++;
      farewell.sayBye(peer, "slow", "nothing was read for too long");
      connection.close("slow");
    } else if (connection.isStuckInFrame(now, isShort)) {
      farewell.sayBye(peer, "idle", "a frame got no further");
    } else if (peer.hasSaidHello && connection.silentFor(now) > pingAfter) {
      const waited = now - peer.pingedAt;
      // Whatever came since the last ping has answered it.
      if (waited >= connection.silentFor(now)) {
        peer.pingedAt = now;
        peer.say({ type: "ping" });
      } else if (waited > pingAfter) farewell.sayBye(peer, "idle", "nothing was heard");
    }
  }

  #expire(now: number): void {
    const { history, failures } = this.#options;
    try {
      history.expire(now);
    } catch (error) {
      if (!(error instanceof HistoryError)) throw error;
      failures.tell(error.message);
    }
  }
}
