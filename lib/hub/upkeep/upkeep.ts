/** The subsystem of upkeep: the watchdog of peers and history, and the listener's figures. */

import type { Clock } from "../../base/clock.ts";
import type { HistogramCounts } from "../../base/histogram.ts";
import type { Limits } from "../../base/limits.ts";
import type { Account } from "../../connection/account.ts";
import type { OnceLog } from "../../log/once.ts";
import type { Departures } from "../people/departures.ts";
import type { Peer } from "../people/peer.ts";
import type { ChatRooms } from "../rooms/chat_rooms.ts";
import type { Counters } from "./counters.ts";
import { type Figures, takeFigures } from "./figures.ts";
import { LoopDelay } from "./loop_delay.ts";
import { Watchdog } from "./watchdog.ts";

/** The options of {@linkcode Upkeep}. */
export interface UpkeepOptions {
  readonly limits: Limits;
  readonly clock: Clock;
  readonly once: OnceLog;
  readonly counters: Counters;
  readonly account: Account;
  readonly peers: ReadonlySet<Peer>;
  readonly departures: Pick<Departures, "sayBye">;
  readonly rooms: Pick<ChatRooms, "expire" | "directory">;
  /** Returns the memory of the process, in bytes. */
  readonly memory: () => number;
}

/** Looks after the listener from its start to its end. */
export class Upkeep {
  readonly #options: UpkeepOptions;
  readonly #startedAt: number;
  readonly #loopDelay: LoopDelay;
  readonly #watchdog: Watchdog;

  constructor(options: UpkeepOptions) {
    const { limits, clock, once, counters, account, peers, departures, rooms } = options;
    this.#options = options;
    this.#startedAt = clock.ticks();
    this.#loopDelay = new LoopDelay(clock);
    this.#watchdog = new Watchdog({ limits, clock, once, counters, account, peers, departures, rooms });
  }

  /** Collects the listener's figures. It visits each peer and each room once. */
  figures({ forOperator }: { forOperator: boolean }): Figures {
    const { limits, clock, counters, peers, rooms, memory } = this.#options;
    return takeFigures({
      peers,
      directory: rooms.directory,
      counters,
      loopDelay: this.#loopDelay,
      startedAt: this.#startedAt,
      now: clock.ticks(),
      memory: memory(),
      roomsListed: limits.namesListed,
      forOperator,
    });
  }

  /** The delays of the event loop since the start. */
  get loopDelays(): HistogramCounts {
    return this.#loopDelay.histogram;
  }

  /** Stops its timers. */
  end(): void {
    this.#watchdog.stop();
    this.#loopDelay.stop();
  }
}
