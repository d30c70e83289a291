/** The operator at the listener's own terminal: a peer like any other, on a connection in memory. */

import type { Clock } from "../base/clock.ts";
import type { Duplex } from "../connection/duplex.ts";
import { Conversation } from "../conversation/conversation.ts";
import { isSystemError } from "../base/errors.ts";
import { Link } from "../conversation/link.ts";
import { Pump } from "../conversation/pump.ts";
import { Talk } from "../conversation/talk.ts";
import { MAX_RECEIVED } from "../base/limits.ts";
import { PacedView } from "../view/paced_view.ts";
import type { Action, ChatEvent, View } from "../view/view.ts";

/** The options of {@linkcode seatOperator}. */
export interface OperatorOptions {
  readonly view: View;
  /** Who the operator is. */
  readonly nick: string;
  /** What the connector calls itself. */
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
export function seatOperator(duplex: Duplex, options: OperatorOptions): Promise<"left" | "ended"> {
  return new Seat(duplex, options).run();
}

class Seat {
  readonly #options: OperatorOptions;
  readonly #link: Link;
  readonly #conversation: Conversation;
  readonly #paced: PacedView;
  readonly #pump: Pump;
  #wantsToLeave = false;
  #hasLeft = false;
  #isOver = false;
  /** What went wrong in the program itself. */
  #fault: unknown = null;

  constructor(duplex: Duplex, options: OperatorOptions) {
    const { view, nick, client, session } = options;
    this.#options = options;
    this.#link = new Link(duplex, { maxPayload: MAX_RECEIVED });
    this.#link.onRoom = () => this.#pump.wake();
    this.#paced = new PacedView(view, { wants: () => !this.#isOver, failed: () => this.#leave() });
    this.#conversation = new Conversation({ nick, client, session, greet: true, firstRef: 1 }, {
      show: (event) => this.#show(event),
      changed: () => this.#changed(),
    });
    this.#pump = new Pump({
      next: () => this.#next(),
      hasRoom: () => this.#conversation.hasRoom && this.#link.hasRoom,
      isOver: () => this.#isOver,
      act: (action) => this.#conversation.act(action),
    });
  }

  async run(): Promise<"left" | "ended"> {
    const { view, clock, signal, closing } = this.#options;
    const end = () => this.#link.close();
    const fail = (error: unknown) => {
      this.#fault = error;
      end();
    };
    view.start?.({ leave: (how) => this.#askToLeave(how), retry: () => {}, fail });
    if (signal.aborted) end();
    signal.addEventListener("abort", end, { once: true });
    this.#pump.run().then(() => this.#changed()).catch(fail);
    const broken = await new Talk(this.#link, {
      conversation: this.#conversation,
      paced: this.#paced,
      clock,
      isDeaf: () => this.#isOver,
      useless: end,
    }).run().catch((error) => error);
    signal.removeEventListener("abort", end);
    this.#isOver = true;
    this.#pump.wake();
    closing?.();
    await view.close();
    if (this.#fault !== null) throw this.#fault;
    if (this.#hasLeft) return "left";
    if (broken !== null) throw broken;
    return "ended";
  }

  /** An input that cannot be read, as that of a terminal that is gone, has ended. */
  async #next(): Promise<Action | null> {
    try {
      return await this.#options.view.next();
    } catch (error) {
      if (isSystemError(error)) return null;
      throw error;
    }
  }

  #show(event: ChatEvent): void {
    if (event.kind === "link" && event.state.is === "ready") {
      this.#options.view.limitLine?.(this.#conversation.longestText);
    }
    this.#paced.show(event);
  }

  #askToLeave(how: "acked" | "now"): void {
    // Who asks twice does not want to wait.
    if (how === "now" || this.#wantsToLeave) return this.#leave();
    this.#wantsToLeave = true;
    this.#changed();
  }

  /** Looks whether there is room for more, and whether everything was said before it leaves. */
  #changed(): void {
    this.#pump.wake();
    if (this.#pump.ended && this.#conversation.settled) this.#leave();
  }

  #leave(): void {
    if (!this.#isOver) this.#hasLeft = true;
    this.#link.close();
  }
}
