/** The callers for whom there is no room. */

import type { Clock } from "../../base/clock.ts";
import { Connection } from "../../connection/connection.ts";
import type { Duplex } from "../../connection/duplex.ts";
import type { Limits } from "../../base/limits.ts";
import { encodeMessageFrame } from "./peer.ts";

/** How many may be told so at the same time; others are told nothing. */
const MOST_TOLD = 256;

/** Says goodbye to callers, and nothing else. */
export class TurnedAway {
  readonly #options: { readonly limits: Limits; readonly clock: Clock };
  readonly #connections = new Set<Connection>();

  constructor(options: { readonly limits: Limits; readonly clock: Clock }) {
    this.#options = options;
  }

  /** Tells a caller why it is turned away, and closes. */
  add(duplex: Duplex, text: string): void {
    if (this.#connections.size >= MOST_TOLD) return duplex.close();
    const connection: Connection = new Connection(duplex, {
      payload() {},
      broken() {},
      finished: () => connection.finish(),
      ended: () => this.#connections.delete(connection),
    }, this.#options);
    this.#connections.add(connection);
    connection.goodbye(encodeMessageFrame({ type: "bye", code: "full", text }));
    connection.run();
  }

  /** Closes those that are still there. */
  close(): void {
    for (const connection of this.#connections) connection.close();
  }
}
