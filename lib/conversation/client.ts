/** A client of a chat: a view and a conversation, carried by one connection at a time. */

import type { Duplex } from "../connection/duplex.ts";
import type { Clock } from "../base/clock.ts";
import { MAX_RECEIVED } from "../base/limits.ts";
import type { Output } from "../view/output.ts";
import { PacedView } from "../view/paced_view.ts";
import { Trace } from "../view/trace.ts";
import type { Action, ChatEvent, View } from "../view/view.ts";
import { Conversation, type ConversationOptions } from "./conversation.ts";
import { Link } from "./link.ts";
import type { Uselessness } from "./outcome.ts";
import { Pump } from "./pump.ts";
import { Talk } from "./talk.ts";

/** The options of a {@linkcode Client}. */
export interface ClientOptions {
  readonly view: View;
  readonly conversation: ConversationOptions;
  readonly clock: Clock;
  /** Gives the next action, or null where there are no more. */
  readonly next: () => Promise<Action | null>;
  /** Whether all is over: nothing is taken or shown any more. */
  readonly isOver: () => boolean;
  /** Whether an event is worth showing; each one if not given. */
  readonly wants?: (event: ChatEvent) => boolean;
  /** Is called after each event that was shown or passed over. */
  readonly shown?: () => void;
  /** Is called where the view cannot write. */
  readonly outputFailed: (error: unknown) => void;
  /** Is called where the conversation moved: something was answered, or its mode is known. */
  readonly changed: () => void;
  /** The output of a trace, if there is to be one. */
  readonly trace?: Output | undefined;
}

/** How a connection ended. */
export interface TalkEnd {
  /** The error that reading it broke with, or null where it ended between two frames. */
  readonly broken: unknown;
  /** Why this end gave it up, or null where it did not. */
  readonly gaveUp: Uselessness | null;
}

/** A client of a chat. */
export class Client {
  readonly conversation: Conversation;
  readonly pump: Pump;
  readonly #options: ClientOptions;
  readonly #paced: PacedView;
  #link: Link | null = null;
  #talk: Talk | null = null;

  constructor(options: ClientOptions) {
    const { view, next, isOver, wants, outputFailed, changed } = options;
    this.#options = options;
    this.#paced = new PacedView(view, {
      wants: (event) => !isOver() && (wants?.(event) ?? true),
      failed: outputFailed,
    });
    this.conversation = new Conversation(options.conversation, {
      show: (event) => this.show(event),
      changed: () => {
        this.pump.wake();
        changed();
      },
    });
    this.pump = new Pump({
      next,
      hasRoom: () => this.conversation.hasRoom && (this.#link?.hasRoom ?? true),
      isOver,
      act: (action) => this.conversation.act(action),
    });
    view.limitLine?.(this.conversation.longestText);
  }

  /** The connection, while there is one. */
  get link(): Link | null {
    return this.#link;
  }

  /** Shows an event, if it is wanted. */
  show(event: ChatEvent): void {
    const { view, shown } = this.#options;
    // Each listener has a limit of its own.
    if (event.kind === "link" && event.state.is === "ready") view.limitLine?.(this.conversation.longestText);
    this.#paced.show(event);
    shown?.();
  }

  /**
   * Talks on a connection until it ends.
   *
   * @param waiting Is called where the answer to hello takes a while.
   */
  async talk(duplex: Duplex, waiting?: () => void): Promise<TalkEnd> {
    const { clock, isOver, trace } = this.#options;
    const link = this.#link = new Link(duplex, {
      maxPayload: MAX_RECEIVED,
      trace: trace && new Trace(trace),
    });
    let gaveUp: Uselessness | null = null;
    link.onRoom = () => this.pump.wake();
    this.#talk = new Talk(link, {
      conversation: this.conversation,
      paced: this.#paced,
      clock,
      trace,
      isDeaf: isOver,
      ...(waiting ? { waiting } : {}),
      useless: (how) => {
        gaveUp = how;
        link.close();
      },
    });
    try {
      return { broken: await this.#talk.run(), gaveUp };
    } finally {
      this.#link = this.#talk = null;
    }
  }

  /** Ends the connection, if there is one, and takes no further action. */
  end(): void {
    this.#talk?.end();
    this.pump.wake();
  }
}
