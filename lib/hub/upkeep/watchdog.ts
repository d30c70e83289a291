/** Watchdog: ends peers that are stalled, stuck or silent, pings the others, and expires old messages. */

import type { Clock } from "../../base/clock.ts";
import type { Departures } from "../people/departures.ts";
import { HistoryError } from "../../history/history.ts";
import type { Account } from "../../connection/account.ts";
import type { Limits } from "../../base/limits.ts";
import type { Peer } from "../people/peer.ts";
import type { ChatRooms } from "../rooms/chat_rooms.ts";
import type { OnceLog } from "../../log/once.ts";
import type { Counters } from "./counters.ts";

/** The options of a {@linkcode Watchdog}. */
export interface WatchdogOptions {
  readonly limits: Limits;
  readonly clock: Clock;
  readonly rooms: Pick<ChatRooms, "expire">;
  readonly peers: Iterable<Peer>;
  readonly account: Account;
  readonly departures: Pick<Departures, "sayBye">;
  readonly once: OnceLog;
  readonly counters: Counters;
}

const SWEEP_MS = 1000;
const EXPIRE_MS = 10_000;

/** After this time without a sweep the listener was suspended, for example because the machine slept. */
const AWAY_MS = 5 * SWEEP_MS;

/** Sweeps over all peers once a second. */
export class Watchdog {
  readonly #options: WatchdogOptions;
  #sweptAt: number;
  #expiredAt: number;
  #cancel: () => void;

  constructor(options: WatchdogOptions) {
    this.#options = options;
    this.#sweptAt = this.#expiredAt = options.clock.ticks();
    this.#cancel = this.#plan();
  }

  /** Stops its timer. */
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
    const { clock, limits, account, peers } = this.#options;
    const now = clock.ticks();
    // After a suspension, input that has arrived in the meantime is read first.
    const wasAway = now - this.#sweptAt > AWAY_MS;
    this.#sweptAt = now;
    if (!wasAway) {
      const isShort = account.waitedMs > limits.halfFrame;
      for (const peer of peers) this.#check(peer, { now, isShort });
    }
    if (now - this.#expiredAt > EXPIRE_MS) {
      this.#expiredAt = now;
      this.#expire(clock.now() / 1000);
    }
  }

  #check(peer: Peer, { now, isShort }: { now: number; isShort: boolean }): void {
    // The operator's terminal may be paused for any time, and the data that waits for it is limited.
    if (peer.isAtTerminal) return;
    const { connection } = peer;
    const { limits, counters, departures } = this.#options;
    const { pingAfter } = limits;
    if (connection.isStalled(now)) {
      counters.slow++;
      departures.sayBye(peer, "slow", "you read nothing for too long");
      connection.close("slow");
    } else if (connection.isStuckInFrame(now, isShort)) {
      departures.sayBye(peer, "idle", "a frame was not completed in time");
    } else if (peer.hasSaidHello && connection.silentFor(now) > pingAfter) {
      const waited = now - peer.pingedAt;
      // Any input since the last ping counts as its answer.
      if (waited >= connection.silentFor(now)) {
        peer.pingedAt = now;
        peer.say({ type: "ping" });
      } else if (waited > pingAfter) departures.sayBye(peer, "idle", "you did not answer a ping");
    }
  }

  #expire(now: number): void {
    const { rooms, once } = this.#options;
    try {
      rooms.expire(now);
    } catch (error) {
      if (!(error instanceof HistoryError)) throw error;
      once.tellFailure(error.message);
    }
  }
}
