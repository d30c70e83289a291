/** What peers are refused: they are told why, and so is the log. */

import type { Failures } from "./failures.ts";
import type { Ref } from "../../base/ref.ts";
import { HistoryError } from "../../history/history.ts";
import type { Log } from "../../log/log.ts";
import { ERROR_CODES, type ErrorCode, Refusal } from "../../protocol/message.ts";
import type { Peer } from "../people/peer.ts";

/** What {@linkcode Refusals} works on. */
export interface RefusalsOptions {
  readonly log: Log;
  readonly failures: Failures;
}

/** Tells of refusals. */
export class Refusals {
  readonly #options: RefusalsOptions;

  constructor(options: RefusalsOptions) {
    this.#options = options;
  }

  /**
   * Tells a peer why it was refused what it asked for.
   *
   * @throws {unknown} The error itself, where it is neither the peer's nor the history's.
   */
  tell(peer: Peer, error: unknown, ref?: Ref): void {
    const { code, message } = refusalOf(error);
    if (code === "not-stored") this.#options.failures.tell(message);
    else this.note(peer, code, message);
    peer.say({ type: "error", code, text: message, ref });
  }

  /** Logs what a peer is refused, each kind once: nobody is to fill the log with what it gets wrong. */
  note(peer: Peer, code: ErrorCode, text: string): void {
    const kind = 1 << ERROR_CODES.indexOf(code);
    if ((peer.refusals & kind) !== 0) return;
    peer.refusals |= kind;
    this.#options.log({ event: "refused", address: peer.address, code, text });
  }
}

/** What a peer is told of an error that is not the listener's own. */
function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof HistoryError) return new Refusal("not-stored", error.message);
  throw error;
}
