/** A conversation on one connection, from its first byte to its last. */

import type { Clock } from "../base/clock.ts";
import {
  ANSWER_TIMEOUT_MS,
  CONNECT_TIMEOUT_MS,
  PLAIN_AFTER_MS,
  SAY_WAITING_AFTER_MS,
} from "../base/limits.ts";
import { decode } from "../pickle/decode/decode.ts";
import { PickleError } from "../pickle/values/errors.ts";
import type { Output } from "../view/output.ts";
import type { PacedView } from "../view/paced_view.ts";
import type { Conversation } from "./conversation.ts";
import type { Uselessness } from "./outcome.ts";
import type { Link } from "./link.ts";
import { StallTimer } from "./stall_timer.ts";
import { Keepalive } from "./keepalive.ts";

/** What a talk needs, and what it tells. */
export interface TalkOptions {
  readonly conversation: Conversation;
  readonly paced: PacedView;
  readonly clock: Clock;
  /** Where a trace is written, if there is one. */
  readonly trace?: Output | undefined;
  /** Whether what comes is of no interest any more: then it is read to its end and left at that. */
  readonly isDeaf: () => boolean;
  /** Is called where it takes a while until the hello is answered. */
  readonly waiting?: () => void;
  /** Is called where the connection is of no use any more, and told in which way. */
  readonly useless: (how: Uselessness) => void;
}

/** One connection's talk. */
export class Talk {
  readonly #link: Link;
  readonly #options: TalkOptions;
  readonly #keepalive: Keepalive;
  readonly #watches: { stop(): void }[];

  constructor(link: Link, options: TalkOptions) {
    this.#link = link;
    this.#options = options;
    const { clock, conversation, useless, waiting } = options;
    this.#keepalive = new Keepalive(clock, {
      // Only a chat is known to answer.
      isListening: () => link.isReading && conversation.mode === "chat",
      writing: () => link.writing,
      ask: () => conversation.ping(),
      lost: () => useless("silent"),
    });
    this.#watches = [
      this.#keepalive,
      { stop: clock.after(PLAIN_AFTER_MS, () => conversation.silence()) },
      { stop: clock.after(SAY_WAITING_AFTER_MS, () => conversation.greeting && waiting?.()) },
      new StallTimer(clock, {
        ms: CONNECT_TIMEOUT_MS,
        mark: () => conversation.greeting || null,
        lost: () => useless("unwelcome"),
      }),
      new StallTimer(clock, {
        ms: ANSWER_TIMEOUT_MS,
        // What is still being written cannot be answered yet.
        mark: () => conversation.settled || !link.isReading ? null : link.writing ?? conversation.answers,
        lost: () => useless("unanswering"),
      }),
    ];
  }

  /**
   * Talks until the connection ends.
   *
   * @returns What reading it broke with, or null where it ended between two frames.
   */
  async run(): Promise<unknown> {
    this.#options.conversation.opened((frame) => this.#link.send(frame));
    try {
      return await this.#link.run({
        payload: (payload) => this.#payload(payload),
        afterRead: () => this.#afterRead(),
      });
    } finally {
      this.end();
    }
  }

  /** Ends the connection, and waits for nothing any more. */
  end(): void {
    for (const watch of this.#watches) watch.stop();
    this.#link.close();
  }

  #payload(payload: Uint8Array): boolean | Promise<boolean> {
    const { paced, isDeaf, conversation } = this.#options;
    if (isDeaf()) return true;
    paced.whileReading(() => this.#receive(payload));
    const goesOn = conversation.farewell === undefined;
    return paced.pressure === null ? goesOn : paced.pressure.then(() => goesOn);
  }

  #receive(payload: Uint8Array): void {
    const { paced, conversation } = this.#options;
    try {
      conversation.receive(decode(payload));
    } catch (error) {
      if (!(error instanceof PickleError)) throw error;
      // What cannot be read is still what the other end said first.
      conversation.silence();
      paced.show({ kind: "problem", code: "bad-pickle", text: error.message });
    }
  }

  async #afterRead(): Promise<void> {
    this.#keepalive.heard();
    await this.#options.paced.flush();
    await this.#options.trace?.flush().catch(() => {});
  }
}
