/** Rejections: goodbyes to connections that are not let in. */

import type { Clock } from "../../base/clock.ts";
import { Connection } from "../../connection/connection.ts";
import type { Duplex } from "../../connection/duplex.ts";
import type { Limits } from "../../base/limits.ts";
import type { ByeCode } from "../../protocol/message.ts";
import { encodeMessageFrame } from "../../protocol/message_frame.ts";

/** The most goodbyes at a time. Further connections are closed without one. */
const MOST_TOLD = 256;

/** The contents of the bye to a connection that is not let in. */
export interface Farewell {
  readonly code: ByeCode;
  readonly text: string;
  /** The certificate of a private chat, for a peer that does not know it yet. */
  readonly certificate?: string | undefined;
}

/** Says goodbye to connections that were not let in. */
export class Rejections {
  readonly #options: { readonly limits: Limits; readonly clock: Clock };
  readonly #connections = new Set<Connection>();

  constructor(options: { readonly limits: Limits; readonly clock: Clock }) {
    this.#options = options;
  }

  /**
   * Tells a connection why it is rejected, and closes it.
   *
   * @returns Resolves when it is closed.
   */
  async add(duplex: Duplex, bye: Farewell): Promise<void> {
    if (this.#connections.size >= MOST_TOLD) return duplex.close();
    const connection: Connection = new Connection(duplex, {
      payload() {},
      worked() {},
      broken() {},
      finished: () => connection.finish(),
      evicted: () => new Uint8Array(0),
      ended: () => this.#connections.delete(connection),
    }, this.#options);
    this.#connections.add(connection);
    connection.goodbye(encodeMessageFrame({ type: "bye", ...bye }));
    await connection.run();
  }

  /** Closes the rejected connections that are still open. */
  close(): void {
    for (const connection of this.#connections) connection.close();
  }
}
