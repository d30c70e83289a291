/** Refusals of requests: the error that the peer gets, and the line in the log. */

import type { Ref } from "../../base/ref.ts";
import { HistoryError } from "../../history/history.ts";
import type { OnceLog } from "../../log/once.ts";
import { Refusal } from "../../protocol/message.ts";
import type { Peer } from "../people/peer.ts";

/** Answers refused requests with `error`. */
export class Refusals {
  readonly #once: OnceLog;

  constructor(once: OnceLog) {
    this.#once = once;
  }

  /**
   * Sends a peer the reason why its request was refused. Each kind of refusal is logged once for a peer, so that
   * mistakes do not fill the log.
   *
   * @throws {unknown} The error itself, if neither the peer nor the history caused it.
   */
  tell(peer: Peer, error: unknown, ref?: Ref): void {
    const { code, message: text, ref: ownRef } = refusalOf(error);
    if (code === "not-stored") this.#once.tellFailure(text);
    else {
      const { number, address, nick } = peer;
      this.#once.tell(`refused ${code} ${number}`, { event: "refused", address, nick, code, text });
    }
    peer.say({ type: "error", code, text, ref: ref ?? ownRef });
  }
}

/** Returns the refusal that an error stands for. A fault of the listener itself is thrown. */
function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof HistoryError) return new Refusal("not-stored", error.message);
  throw error;
}
