/** The operator at the listener's own terminal: a peer like any other, on a connection in memory. */

import type { Clock } from "../base/clock.ts";
import { isSystemError } from "../base/errors.ts";
import type { Duplex } from "../connection/duplex.ts";
import { Client } from "../conversation/client.ts";
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
  /** Ends it, as the end of the listener does. */
  readonly signal: AbortSignal;
  /** Is called when it is over, before the view is closed. */
  readonly closing?: () => void;
}

/**
 * Seats an operator at a view and talks to the listener for them.
 *
 * @param duplex The operator's end of a connection; the hub has the other one.
 * @returns Whether the operator has left, with everything they posted stored, or it was ended. The view is closed.
 */
export function seatOperator(
  duplex: Duplex,
  options: OperatorOptions,
): Promise<"left" | "ended"> {
  return new Seat(duplex, options).run();
}

class Seat {
  readonly #duplex: Duplex;
  readonly #options: OperatorOptions;
  readonly #client: Client;
  #wantsToLeave = false;
  #hasLeft = false;
  #isOver = false;
  /** A fault of the program itself. */
  #fault: unknown = null;

  constructor(duplex: Duplex, options: OperatorOptions) {
    const { view, clock, nick, client, session } = options;
    this.#duplex = duplex;
    this.#options = options;
    this.#client = new Client({
      view,
      clock,
      conversation: { nick, client, session, greet: true, firstRef: 1 },
      next: () => this.#next(),
      isOver: () => this.#isOver,
      outputFailed: () => this.#leave(),
      changed: () => this.#leaveIfDone(),
    });
  }

  async run(): Promise<"left" | "ended"> {
    const { view, signal, closing } = this.#options;
    const client = this.#client;
    const end = () => this.#close();
    const fail = (error: unknown) => {
      this.#fault = error;
      end();
    };
    view.start?.({ leave: (how) => this.#askToLeave(how), retry: () => {}, fail });
    if (signal.aborted) end();
    signal.addEventListener("abort", end, { once: true });
    client.pump.run().then(() => this.#leaveIfDone()).catch(fail);
    const { broken } = await client.talk(this.#duplex).catch((error) => ({ broken: error }));
    signal.removeEventListener("abort", end);
    this.#isOver = true;
    client.end();
    closing?.();
    await view.close();
    if (this.#fault !== null) throw this.#fault;
    if (this.#hasLeft) return "left";
    if (broken !== null) throw broken;
    return "ended";
  }

  /** Gives the next action; an input that cannot be read, such as that of a closed terminal, has ended. */
  async #next(): Promise<Action | null> {
    try {
      return await this.#options.view.next();
    } catch (error) {
      if (isSystemError(error)) return null;
      throw error;
    }
  }

  #askToLeave(how: "acked" | "now"): void {
    if (how === "now" || this.#wantsToLeave) return this.#leave();
    this.#wantsToLeave = true;
    this.#leaveIfDone();
  }

  #leaveIfDone(): void {
    const { pump, conversation } = this.#client;
    if (pump.ended && conversation.settled) this.#leave();
  }

  #leave(): void {
    if (!this.#isOver) this.#hasLeft = true;
    this.#close();
  }

  #close(): void {
    this.#client.end();
    this.#duplex.close();
  }
}
