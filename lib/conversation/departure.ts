/** The departure of a connector: when and how it leaves, and whether it reconnects after the loss of a connection. */

import type { Clock } from "../base/clock.ts";
import { EXIT } from "../base/errors.ts";
import { LAST_ANSWERS_MS, LAST_WRITE_MS, PLAIN_SILENCE_MS } from "../base/limits.ts";
import type { Client } from "./client.ts";
import { afterLoss, nextStep, type Situation } from "./departure_cases.ts";
import type { OneShot } from "./one_shot.ts";
import type { Loss, Outcome } from "./outcome.ts";
import { StallTimer } from "./stall_timer.ts";

/** The time that the other end has to close after this end has ended its direction. */
const CLOSE_MS = 1_000;

/** The options of a {@linkcode Departure}. */
export interface DepartureOptions {
  readonly clock: Clock;
  readonly client: Client;
  readonly oneShot: OneShot;
  /** Returns the address of the other end, for messages. */
  readonly where: () => string;
  /** Whether to reconnect when the connection to a chat is lost. */
  readonly reconnect: boolean;
  /** Returns the outcome for a session in which everything was done. */
  readonly success: () => Outcome;
  /** Ends everything. */
  readonly end: (outcome: Outcome) => void;
}

/** The departure of a connector. */
export class Departure {
  readonly #options: DepartureOptions;
  readonly #timers: readonly StallTimer[];
  #isWanted = false;
  #isUnderWay = false;
  #isHalfClosed = false;
  #stopClosing = () => {};

  constructor(options: DepartureOptions) {
    this.#options = options;
    this.#timers = this.#lastWaits();
  }

  /** Leaves when everything is answered, or at once. A second call leaves at once. */
  leave(how: "acked" | "now"): void {
    const { client, success, end } = this.#options;
    if (how === "now" || this.#isWanted) return end(success());
    this.#isWanted = true;
    this.review();
    const { unanswered } = client.conversation.posts;
    if (client.isFinished || unanswered === 0) return;
    const answers = unanswered === 1 ? "1 answer" : `${unanswered} answers`;
    const text = `waiting for ${answers}; /quit again leaves at once`;
    client.show({ kind: "note", text });
  }

  /** Checks whether it is time to leave. */
  review(): void {
    const { client, where, end } = this.#options;
    if (client.isFinished) return;
    const { turnedAway } = client.conversation;
    if (turnedAway !== undefined) {
      return end({ status: EXIT.failed, text: `the name is refused: ${turnedAway}` });
    }
    const step = nextStep(this.#situation);
    if (step === "leave") this.#sayGoodbye();
    else if (step === "half-close") this.#halfClose();
    else if (step === "fail") end({ status: EXIT.failed, text: `${where()} does not answer the request` });
  }

  /** Decides after the loss of a connection: returns the outcome, or null to reconnect. */
  afterLoss(loss: Loss): Outcome | null {
    const { reconnect, success } = this.#options;
    if (this.#isUnderWay) return success();
    const meaning = afterLoss(loss, this.#situation, { reconnect });
    if (meaning === "reconnect") return null;
    return meaning === "done" ? success() : { status: loss.status, text: loss.text };
  }

  /** Stops all timers. */
  stop(): void {
    for (const timer of this.#timers) timer.stop();
    this.#stopClosing();
  }

  get #situation(): Situation {
    const { client: { conversation, input }, oneShot } = this.#options;
    return {
      oneShot,
      peer: conversation.peer,
      input: !input.ended ? "open" : input.took ? "ended" : "empty",
      settled: conversation.posts.settled,
      leaving: this.#isWanted,
    };
  }

  /** Ends this direction of a plain conversation. The other one is read to its end. */
  #halfClose(): void {
    if (this.#isHalfClosed) return;
    this.#isHalfClosed = true;
    const { client, oneShot } = this.#options;
    client.link?.finish().then(() => oneShot.onlySends && this.#closeSoon());
  }

  /** Ends this direction, and waits a little for the other end to do so too. */
  #sayGoodbye(): void {
    const { client: { link, conversation, input }, success, end } = this.#options;
    this.#isUnderWay = true;
    this.#options.client.finish();
    const isPlain = conversation.mode === "plain";
    if (link === null || isPlain && !input.took) return end(success());
    const finished = link.finish();
    // A chat has acked everything. With another program, data may still be on its way.
    if (isPlain) finished.then(() => this.#closeSoon());
    else this.#closeSoon();
  }

  #closeSoon(): void {
    const { clock, success, end } = this.#options;
    this.#stopClosing();
    this.#stopClosing = clock.after(CLOSE_MS, () => end(success()));
  }

  /** The timers of the last waits: for answers, for the end of a plain peer, and for writes. */
  #lastWaits(): StallTimer[] {
    const { clock, where, client, oneShot, end } = this.#options;
    const { conversation, input } = client;
    const lost = (text: string) => end({ status: EXIT.lost, text: `${where()} ${text}` });
    return [
      new StallTimer(clock, {
        ms: LAST_ANSWERS_MS,
        mark: () => {
          const isLast = this.#isWanted || input.ended && !oneShot.stays;
          return isLast && (!conversation.posts.settled || oneShot.awaitsReplay)
            ? client.link?.writing ?? conversation.posts.answers
            : null;
        },
        lost: () => lost("does not answer"),
      }),
      new StallTimer(clock, {
        ms: PLAIN_SILENCE_MS,
        // A peer counts as silent only while this end is reading.
        mark: () => this.#isHalfClosed && client.link?.isReading ? client.link.taken : null,
        lost: () => lost("got everything, but neither answers nor ends the connection"),
      }),
      new StallTimer(clock, {
        ms: LAST_WRITE_MS,
        mark: () => {
          const isLast = this.#isWanted || this.#isUnderWay || oneShot.onlySends;
          return isLast ? client.link?.writing ?? null : null;
        },
        lost: () => lost("reads nothing more"),
      }),
    ];
  }
}
