/** A chat client: joins a conversation to the view that shows it and to the current connection. */

import type { Clock } from "../base/clock.ts";
import { FrameError } from "../base/errors.ts";
import {
  ANSWER_TIMEOUT_MS,
  CONNECT_TIMEOUT_MS,
  MAX_RECEIVED,
  PLAIN_AFTER_MS,
  SAY_WAITING_AFTER_MS,
} from "../base/limits.ts";
import type { Duplex } from "../connection/duplex.ts";
import { HEADER_SIZE } from "../frame/mod.ts";
import { decode } from "../pickle/decode/decode.ts";
import { PickleError } from "../pickle/values/errors.ts";
import type { Value } from "../pickle/values/values.ts";
import type { Output } from "../view/output.ts";
import { PacedView } from "../view/paced_view.ts";
import { Trace } from "../view/trace.ts";
import type { Action, ChatEvent, View } from "../view/view.ts";
import { Conversation, type ConversationOptions, type Credentials } from "./conversation.ts";
import { Keepalive } from "./keepalive.ts";
import { Link } from "./link.ts";
import { mayBeHeader, quotedText } from "./other_service.ts";
import type { Uselessness } from "./outcome.ts";
import { Pump } from "./pump.ts";
import { StallTimer } from "./stall_timer.ts";
import { type Rest, restText } from "./unsent.ts";

/** The options of a {@linkcode Client}. */
export interface ClientOptions {
  readonly view: View;
  readonly clock: Clock;
  readonly conversation: ConversationOptions;
  /** The output for the trace, if there is one. */
  readonly trace?: Output | undefined;
}

/** The owner of a client: decides what is shown and when to leave. */
export interface ClientOwner {
  /** Returns whether to show an event. If not given, all events are shown. */
  wants?(event: ChatEvent): boolean;
  /** Returns the next action, or null if there are no more. If not given, actions come from the view. */
  next?(): Promise<Action | null>;
  /** Called after each event. */
  shown?(): void;
  /** Called after progress: everything may be answered, or the input may have ended. */
  changed(): void;
  /** Called when the output cannot be written. */
  outputFailed(error: unknown): void;
  /** Called if the hello is not answered after 300 ms. */
  greetingTakesLong?(): void;
}

const NO_HEADER = "Cannot read the header: it does not begin with a digit";

/** The time that the input may take to return the actions that wait in it. */
const INPUT_WAIT_MS = 100;

/** How a connection ended. */
export interface ConnectionEnd {
  /** The error that reading ended with; null if the stream ended between two frames. */
  readonly broken: unknown;
  /** The reason why this end gave up the connection, if it did. */
  readonly gaveUp: Uselessness | null;
  /** The first bytes that came. */
  readonly head: Uint8Array;
}

/** A client, on one connection at a time. */
export class Client {
  readonly conversation: Conversation;
  readonly input: Pump;
  readonly #options: ClientOptions;
  readonly #owner: ClientOwner;
  readonly #paced: PacedView;
  #link: Link | null = null;
  #lastLink: Link | null = null;
  #keepalive: Keepalive | null = null;
  #stopWatching = () => {};
  #isFinished = false;

  constructor(options: ClientOptions, owner: ClientOwner) {
    const { view } = options;
    this.#options = options;
    this.#owner = owner;
    this.#paced = new PacedView(view, {
      wants: (event) => !this.#isFinished && (owner.wants?.(event) ?? true),
      failed: (error) => owner.outputFailed(error),
    });
    this.conversation = new Conversation(options.conversation, {
      show: (event) => this.show(event),
      changed: () => this.#changed(),
    });
    this.input = new Pump({
      next: () => owner.next?.() ?? view.next(),
      hasRoom: () => this.conversation.hasRoom && (this.#link?.hasRoom ?? true),
      isOver: () => this.#isFinished,
      act: (action) => this.conversation.act(action),
    });
  }

  /** The connection, or null if there is none. */
  get link(): Link | null {
    return this.#link;
  }

  /** Whether it is finished, and so shows no events and takes no actions. */
  get isFinished(): boolean {
    return this.#isFinished;
  }

  /** Starts taking actions. `failed` is called with a fault of the program. */
  begin(failed: (error: unknown) => void): void {
    this.#limitLine();
    this.input.run().then(() => this.#changed()).catch(failed);
  }

  /** Talks on a connection until it ends. */
  async talk(duplex: Duplex, credentials?: Credentials): Promise<ConnectionEnd> {
    const { conversation } = this;
    const { trace } = this.#options;
    const link = this.#link = this.#lastLink = new Link(duplex, {
      maxPayload: MAX_RECEIVED,
      trace: trace && new Trace(trace),
    });
    link.onRoom = () => this.input.wake();
    let gaveUp: Uselessness | null = null;
    this.#stopWatching = this.#watch(link, (how) => {
      gaveUp = how;
      link.close();
    });
    conversation.opened((frame) => link.send(frame), credentials);
    try {
      const broken = await link.run({
        payload: (payload) => this.#payload(payload),
        afterRead: () => this.#afterRead(),
      });
      return { broken, gaveUp, head: link.head };
    } finally {
      this.close();
      this.#link = this.#keepalive = null;
    }
  }

  /** Shows an event. */
  show(event: ChatEvent): void {
    // Each listener has a limit of its own.
    if (event.kind === "link" && event.state.is === "ready") this.#limitLine();
    this.#paced.show(event);
    if (!this.#isFinished) this.#owner.shown?.();
  }

  /** Stops showing events and taking actions. Further input is read and dropped. */
  finish(): void {
    this.#isFinished = true;
    this.input.wake();
  }

  /**
   * Describes the posts, frames and waiting actions that will never be sent or acked. Call it after the client is
   * finished.
   *
   * @param options Whether a silent peer may have read everything sent to it.
   * @returns Text for people; "" if there is nothing.
   */
  async unsent({ mayHaveRead }: { readonly mayHaveRead: boolean }): Promise<string> {
    const { conversation, input } = this;
    const { clock } = this.#options;
    const unsent = conversation.mode === "plain" ? this.#lastLink?.unsent ?? [] : [];
    const time = Promise.withResolvers<void>();
    const stop = clock.after(INPUT_WAIT_MS, time.resolve);
    const { count, first, isMore } = await input.leftOver(time.promise);
    stop();
    const rest: Rest = {
      count: unsent.length + count,
      first: unsent[0] !== undefined ? decode(unsent[0].subarray(HEADER_SIZE)) : bodyOf(first),
      isMore,
    };
    const { count: sent, first: firstSent } = conversation.plain.unanswered;
    const unanswered = mayHaveRead ? 0 : sent - unsent.length;
    return [
      restText(conversation.posts.unacked, "confirmed"),
      restText({ count: unanswered, first: firstSent }, "answered"),
      restText(rest, "sent"),
    ].filter(Boolean).join("; ");
  }

  /** Ends the connection. {@linkcode Client.talk} returns when everything that arrived is shown. */
  close(): void {
    this.#stopWatching();
    this.#link?.close();
  }

  #limitLine(): void {
    this.#options.view.limitLine?.(this.conversation.longestText);
  }

  #changed(): void {
    this.input.wake();
    if (!this.#isFinished) this.#owner.changed();
  }

  /** Starts the timers of a connection, and returns a function that stops them. */
  #watch(link: Link, useless: (how: Uselessness) => void): () => void {
    const { conversation } = this;
    const { clock } = this.#options;
    const keepalive = this.#keepalive = new Keepalive(clock, {
      // Only a chat is certain to answer.
      isListening: () => link.isReading && conversation.mode === "chat",
      writing: () => link.writing,
      ask: () => conversation.ping(),
      lost: () => useless("silent"),
    });
    const unwelcome = new StallTimer(clock, {
      ms: CONNECT_TIMEOUT_MS,
      mark: () => conversation.greeting || null,
      lost: () => useless("unwelcome"),
    });
    const unanswered = new StallTimer(clock, {
      ms: ANSWER_TIMEOUT_MS,
      // A frame that is still being written cannot be answered yet.
      mark: () =>
        conversation.posts.settled || !link.isReading ? null : link.writing ?? conversation.posts.answers,
      lost: () => useless("unanswering"),
    });
    const stopPlain = clock.after(PLAIN_AFTER_MS, () => {
      if (link.taken === 0 && !mayBeHeader(link.head)) link.fail(new FrameError("bad-header", NO_HEADER));
      conversation.silence();
    });
    const stopWaiting = clock.after(SAY_WAITING_AFTER_MS, () => {
      if (conversation.greeting) this.#owner.greetingTakesLong?.();
    });
    return () => {
      for (const timer of [keepalive, unwelcome, unanswered]) timer.stop();
      stopPlain();
      stopWaiting();
    };
  }

  #payload(payload: Uint8Array): boolean | Promise<boolean> {
    if (this.#isFinished) return true;
    this.#paced.whileReading(() => this.#receive(payload));
    const goesOn = this.conversation.farewell === undefined;
    const { pressure } = this.#paced;
    return pressure === null ? goesOn : pressure.then(() => goesOn);
  }

  #receive(payload: Uint8Array): void {
    try {
      this.conversation.receive(decode(payload));
    } catch (error) {
      if (!(error instanceof PickleError)) throw error;
      this.conversation.receiveUnreadable();
      const quoted = quotedText(payload);
      const text = quoted === null ? error.message : `this is text, not a pickle: ${quoted}`;
      this.#paced.show({ kind: "problem", code: "bad-pickle", text });
    }
  }

  async #afterRead(): Promise<void> {
    this.#keepalive?.heard();
    await this.#paced.flush();
    await this.#options.trace?.flush().catch((error) => this.#owner.outputFailed(error));
  }
}

/** The body of a post, or the message of another action. */
function bodyOf(action: Action | null): Value {
  if (action === null || action.kind === "wrong") return null;
  if (action.kind === "post") return action.body;
  return action.dict.get("body") ?? new Map(action.dict);
}
