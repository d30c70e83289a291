/** The operator at the listener's own terminal: a peer like any other, on a connection in memory. */

import type { Clock } from "../base/clock.ts";
import { isSystemError } from "../base/errors.ts";
import type { Duplex } from "../connection/duplex.ts";
import { Client, type ClientOwner } from "../conversation/client.ts";
import type { Action, View } from "../view/view.ts";

/** The options of {@linkcode seatOperator}. */
export interface OperatorOptions {
  readonly view: View;
  /** The operator's first nick. */
  readonly nick: string;
  /** The name of the connector's program. */
  readonly client: string;
  /** 128 random bits in hexadecimal. */
  readonly session: string;
  readonly clock: Clock;
  /** Ends the operator's session, as when the listener ends. */
  readonly signal: AbortSignal;
  /** Called when it is over, before the view is closed. */
  readonly closing?: () => void;
}

/**
 * Seats an operator at a view and talks to the listener for them.
 *
 * @param duplex The operator's end of a connection; the hub has the other one.
 * @returns "left" if the operator has left and all their posts are stored, "ended" if the session was ended. The view is
 * closed.
 */
export function seatOperator(duplex: Duplex, options: OperatorOptions): Promise<"left" | "ended"> {
  return new Seat(options).run(duplex);
}

class Seat implements ClientOwner {
  readonly #options: OperatorOptions;
  readonly #client: Client;
  #wantsToLeave = false;
  #hasLeft = false;
  /** A fault of the program itself. */
  #fault: unknown = null;

  constructor(options: OperatorOptions) {
    const { view, clock, nick, client, session } = options;
    this.#options = options;
    this.#client = new Client({
      view,
      clock,
      conversation: { nick, client, session, greet: true, firstRef: 1 },
    }, this);
  }

  async run(duplex: Duplex): Promise<"left" | "ended"> {
    const { view, signal, closing } = this.#options;
    const end = () => this.#client.close();
    const fail = (error: unknown) => {
      this.#fault = error;
      end();
    };
    view.start?.({ leave: (how) => this.#askToLeave(how), retry: () => {}, fail });
    this.#client.begin(fail);
    const talked = this.#client.talk(duplex);
    if (signal.aborted) end();
    signal.addEventListener("abort", end, { once: true });
    const broken = await talked.then(({ broken }) => broken, (error) => error);
    signal.removeEventListener("abort", end);
    this.#client.finish();
    closing?.();
    await view.close();
    if (this.#fault !== null) throw this.#fault;
    if (this.#hasLeft) return "left";
    if (broken !== null) throw broken;
    return "ended";
  }

  /** Returns the next action. An input that cannot be read, such as that of a closed terminal, counts as ended. */
  async next(): Promise<Action | null> {
    try {
      return await this.#options.view.next();
    } catch (error) {
      if (isSystemError(error)) return null;
      throw error;
    }
  }

  changed(): void {
    const { input, conversation } = this.#client;
    if (input.ended && conversation.posts.settled) this.#leave();
  }

  outputFailed(): void {
    this.#leave();
  }

  #askToLeave(how: "acked" | "now"): void {
    // A second request to leave does not wait.
    if (how === "now" || this.#wantsToLeave) return this.#leave();
    this.#wantsToLeave = true;
    this.changed();
  }

  #leave(): void {
    if (!this.#client.isFinished) this.#hasLeft = true;
    this.#client.close();
  }
}
