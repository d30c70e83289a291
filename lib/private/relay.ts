/** Relay: copies bytes between two streams, in both directions. */

import type { Duplex } from "../connection/duplex.ts";

/** The buffer sizes of a direction: when idle, and while much is transferred. */
const IDLE_SIZE = 1024;
const BUSY_SIZE = 64 * 1024;

/**
 * The number of pieces after which it copies without a pause. The first pieces are those of a handshake. The answer to
 * a piece must be on its way before the next piece is copied, because that one acknowledges it. Otherwise the next
 * answer would wait 40 ms for the acknowledgement.
 */
const SLOW_TURNS = 4;

/** Two streams, each of which gets what the other gives. */
export class Relay {
  readonly #ends: readonly Duplex[];
  /** Resolves when the first stream has got the last byte of the second, or no more can come. */
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

function endOfTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
