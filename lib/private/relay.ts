/** Relay: copies bytes between two streams, in both directions. */

import { endOfTurn } from "../base/turn.ts";
import type { Duplex } from "../connection/duplex.ts";

/** The buffer sizes of a direction, in bytes: when idle, and under load. */
const IDLE_SIZE = 1024;
const BUSY_SIZE = 64 * 1024;

/**
 * The number of pieces after each of which the relay pauses: those of a handshake. The pause lets the answer to a piece
 * be sent before the next piece is copied, so that this piece acknowledges the answer; otherwise the next answer would
 * wait 40 ms for the acknowledgement.
 */
const SLOW_TURNS = 4;

/** Copies the bytes of each of two streams to the other. */
export class Relay {
  readonly #ends: readonly Duplex[];
  /** Resolves when the inner stream's last byte is written to the outer one, or no more can be. */
  readonly outgoing: Promise<void>;
  #closed = false;

  /** Copies between a stream from outside and one inside. */
  constructor(outer: Duplex, inner: Duplex) {
    this.#ends = [outer, inner];
    this.#copy(outer, inner);
    this.outgoing = this.#copy(inner, outer);
  }

  /** Closes both. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const end of this.#ends) end.close();
  }

  /** Copies until the stream ends, and ends the other one; an error ends both, in both directions. */
  async #copy(from: Duplex, to: Duplex): Promise<void> {
    let turns = SLOW_TURNS;
    let buffer = new Uint8Array(IDLE_SIZE);
    try {
      for (let count = await from.read(buffer); count !== null; count = await from.read(buffer)) {
        for (let at = 0; at < count;) at += await to.write(buffer.subarray(at, count));
        if (turns-- > 0) await endOfTurn();
        if (count === buffer.length && count < BUSY_SIZE) buffer = new Uint8Array(BUSY_SIZE);
        else if (count < IDLE_SIZE && buffer.length > IDLE_SIZE) buffer = new Uint8Array(IDLE_SIZE);
      }
      await to.closeWrite();
    } catch {
      this.close();
    }
  }
}
