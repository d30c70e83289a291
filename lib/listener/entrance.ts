/**
 * The entrance: passes each new connection through the gate, and the door of a private chat, to the hub, or refuses it.
 */

import { clientOf, type Endpoint, formatEndpoint } from "../base/address.ts";
import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import type { Duplex } from "../connection/duplex.ts";
import type { Hub } from "../hub/hub.ts";
import type { Log } from "../log/log.ts";
import type { OnceLog } from "../log/once.ts";
import type { Caller, Door } from "../private/door.ts";
import type { Gate } from "./gate.ts";

/** The parts that a new connection passes. */
export interface EntranceOptions {
  readonly hub: Pick<Hub, "accept" | "reject">;
  readonly gate: Gate;
  readonly clock: Clock;
  readonly log: Log;
  /** Logs a refusal once for each client, until that client is let in. */
  readonly once: OnceLog;
  /** The door of a private chat. If not given, everybody is let in. */
  readonly door?: Door | undefined;
}

/** The properties of a connection. */
export interface Admission {
  /** Whether it is a browser's, for which a private chat has another handshake. */
  readonly isBrowser?: boolean;
  /**
   * Closes it, and resolves when its descriptor is free. Until then it counts as a connection, so that the limits on
   * connections bound the descriptors.
   */
  readonly release?: () => Promise<void>;
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
   * @returns A promise that resolves when the connection has ended. The caller need not wait for one that was turned away.
   */
  async admit(duplex: Duplex, from: Endpoint, { isBrowser = false, release }: Admission = {}): Promise<void> {
    const { hub, gate, clock, log, once, door } = this.#options;
    const { host } = from;
    const address = formatEndpoint(from);
    const reason = gate.enter(host, clock.ticks());
    if (reason !== null) {
      once.tell(`full ${clientOf(host)}`, { event: "refused", address, code: "full", text: reason });
      const hearing = door === undefined || isBrowser ? duplex : await door.canHear(duplex);
      if (hearing !== null) await hub.reject(hearing, { code: "full", text: reason });
      return await release?.();
    }
    once.forget(`full ${clientOf(host)}`);
    try {
      await (door === undefined
        ? hub.accept(duplex, { host, address })
        : this.#meet(door, duplex, { host, address, isBrowser }));
    } catch (error) {
      log({ event: "failed", text: `A connection ended by a fault of the listener: ${messageOf(error)}` });
    } finally {
      await release?.();
      gate.leave(host);
    }
  }

  /** Passes a connection to the door of a private chat, which decides about it. */
  async #meet(
    door: Door,
    conn: Duplex,
    { isBrowser, ...caller }: Caller & { readonly isBrowser: boolean },
  ): Promise<void> {
    const { hub } = this.#options;
    const verdict = await (isBrowser ? door.meetBrowser(conn, caller) : door.meet(conn, caller));
    if (verdict.is === "refused") return await hub.reject(verdict.duplex, verdict.bye);
    if (verdict.is === "gone") return;
    const { duplex, admission: { member, proof, secret, holds, gone } } = verdict;
    try {
      if (!holds()) return duplex.close();
      await hub.accept(duplex, { ...caller, member, credentials: { proof, secret } });
    } finally {
      gone();
    }
  }
}
