/** What a session that is to leave waits for, and how long at most. */

import type { Clock } from "../base/clock.ts";
import { LAST_ANSWERS_MS, LAST_WRITE_MS, PLAIN_SILENCE_MS } from "../base/limits.ts";
import type { Conversation } from "./conversation.ts";
import type { Link } from "./link.ts";
import { StallTimer } from "./stall_timer.ts";

/** What may be waited for. */
export interface LastWaitOptions {
  /** Who is waited for. */
  readonly where: string;
  readonly conversation: Conversation;
  /** Gives the connection, where there is one. */
  readonly link: () => Link | null;
  /** Whether it leaves as soon as all is answered: by a chat. */
  readonly awaitsAnswers: () => boolean;
  /** Whether it leaves as soon as the other end does, to which all was sent: a plain one. */
  readonly awaitsEnd: () => boolean;
  /** Whether it leaves as soon as all is written. */
  readonly awaitsWrites: () => boolean;
  /** Is told what was waited for in vain. */
  readonly lost: (text: string) => void;
}

/** Waits for the last that a session waits for, and not for ever. */
export class LastWait {
  readonly #waits: readonly StallTimer[];

  constructor(clock: Clock, options: LastWaitOptions) {
    const { where, conversation, link, lost } = options;
    this.#waits = [
      new StallTimer(clock, {
        ms: LAST_ANSWERS_MS,
        mark: () =>
          options.awaitsAnswers() && !conversation.settled ? link()?.writing ?? conversation.answers : null,
        lost: () => {
          const { unanswered } = conversation;
          const posts = unanswered === 1 ? "1 post was" : `${unanswered} posts were`;
          lost(`${where} answers nothing: ${posts} not acked`);
        },
      }),
      new StallTimer(clock, {
        ms: PLAIN_SILENCE_MS,
        // Nobody is silent who is not listened to.
        mark: () => options.awaitsEnd() && link()?.isReading ? link()!.taken : null,
        lost: () => lost(`${where} neither says anything nor ends the connection, though all was sent`),
      }),
      new StallTimer(clock, {
        ms: LAST_WRITE_MS,
        mark: () => options.awaitsWrites() ? link()?.writing ?? null : null,
        lost: () => lost(`${where} takes nothing more, and not all was sent`),
      }),
    ];
  }

  /** Waits no more. */
  stop(): void {
    for (const wait of this.#waits) wait.stop();
  }
}
