/** Refusals: the answers to what a peer may not have, and their lines in the log. */

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
   * Tells a peer why its request was refused, and logs each kind of refusal once for a peer: its mistakes must not fill the log.
   *
   * @throws {unknown} The error itself, where it is neither the peer's nor the history's.
   */
  tell(peer: Peer, error: unknown, ref?: Ref): void {
    const { code, message: text } = refusalOf(error);
    if (code === "not-stored") this.#once.tellFailure(text);
    else {
      const { number, address } = peer;
      this.#once.tell(`refused ${code} ${number}`, { event: "refused", address, code, text });
    }
    peer.say({ type: "error", code, text, ref });
  }
}

/** The refusal that an error stands for, where the error is not the listener's own. */
function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof HistoryError) return new Refusal("not-stored", error.message);
  throw error;
}
