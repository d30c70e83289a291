/** The way into the hub for every connection: past the gate, or turned away. */

import { clientOf, type Endpoint, formatEndpoint } from "../base/address.ts";
import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import type { Duplex } from "../connection/duplex.ts";
import type { Hub } from "../hub/hub.ts";
import type { Log } from "../log/log.ts";
import type { OnceLog } from "../log/once.ts";
import type { Gate } from "./gate.ts";

/** The parts that a new connection passes through. */
export interface EntranceOptions {
  readonly hub: Pick<Hub, "accept" | "reject">;
  readonly gate: Gate;
  readonly clock: Clock;
  readonly log: Log;
  /** Logs a refusal once for each client, until it is let in. */
  readonly once: OnceLog;
}

/** Admits connections. */
export class Entrance {
  readonly #options: EntranceOptions;

  constructor(options: EntranceOptions) {
    this.#options = options;
  }

  /**
   * Admits a connection or turns it away.
   *
   * @returns When it is gone. One that was turned away is none of the caller's any more.
   */
  async admit(duplex: Duplex, from: Endpoint): Promise<void> {
    const { hub, gate, clock, log, once } = this.#options;
    const { host } = from;
    const address = formatEndpoint(from);
    const reason = gate.enter(host, clock.ticks());
    if (reason !== null) {
      once.tell(`full ${clientOf(host)}`, { event: "refused", address, code: "full", text: reason });
      return hub.reject(duplex, reason);
    }
    once.forget(`full ${clientOf(host)}`);
    try {
      await hub.accept(duplex, { host, address });
    } catch (error) {
      log({ event: "failed", text: `A connection ended by a fault of the listener: ${messageOf(error)}` });
    } finally {
      gate.leave(host);
    }
  }
}
