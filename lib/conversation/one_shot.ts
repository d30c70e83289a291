/** One-shot commands: their actions, the events that they show, and the condition for their end. */

import type { Value } from "../pickle/values/values.ts";
import type { Action, ChatEvent } from "../view/view.ts";

/** The options of the command line that end a connector early, or keep it. */
export interface OneShotOptions {
  /** Objects to post, in place of the input. */
  readonly send: readonly Value[];
  /** Leave after this many bodies. */
  readonly receive?: number | undefined;
  /** Show this many old messages and leave. */
  readonly last?: number | undefined;
  /** Show the listener's figures and leave. */
  readonly stats: boolean;
  /** Stay after the end of the input. */
  readonly follow: boolean;
  /** The person to whom the posts go as private messages. */
  readonly to?: string | undefined;
  /** How many old messages to ask for. */
  readonly replay?: number | undefined;
  /** Whether the input is not a terminal, so that nobody sits at it. */
  readonly isPipe?: boolean;
}

/**
 * Returns the actions of a command, chooses the events to show, and decides when the command is done.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { OneShot } from "./one_shot.ts";
 *
 * const oneShot = new OneShot({ send: [], receive: 1, stats: false, follow: false });
 * assertEquals(oneShot.wants({ kind: "object", value: "hi" }), true);
 * assertEquals(oneShot.done, true);
 * assertEquals(oneShot.wants({ kind: "object", value: "ho" }), false);
 * ```
 */
export class OneShot {
  readonly #options: OneShotOptions;
  #received = 0;
  #answered = false;
  #isReplayed = false;

  constructor(options: OneShotOptions) {
    this.#options = options;
  }

  /** Whether everything that was requested has arrived. */
  get done(): boolean {
    const { receive } = this.#options;
    return this.#answered || receive !== undefined && this.#received >= receive;
  }

  /** Whether it requests something that only a chat has. */
  get needsChat(): boolean {
    return this.#options.stats || this.#options.last !== undefined;
  }

  /** Whether it stays until it is stopped from outside. */
  get follows(): boolean {
    return this.#options.follow;
  }

  /** Whether it stays after the last action, until it is stopped or has received enough. */
  get stays(): boolean {
    return this.follows || this.#options.receive !== undefined;
  }

  /** Whether it is a one-shot command, for which a lost connection is a failure. */
  get isDefinite(): boolean {
    const { send, receive } = this.#options;
    return this.needsChat || send.length > 0 || receive !== undefined;
  }

  /** Whether it only posts, and ignores all messages. */
  get onlySends(): boolean {
    return this.#options.send.length > 0 && !this.stays;
  }

  /** How many old messages to ask for, or undefined if the listener decides. */
  get replay(): number | undefined {
    const { last, replay, isPipe } = this.#options;
    return last ?? replay ?? (this.isDefinite || isPipe ? 0 : undefined);
  }

  /** Whether old messages that a pipe has asked for have yet to come from a chat. */
  get awaitsReplay(): boolean {
    return this.#wantsReplay && !this.#isReplayed;
  }

  /** Whether an event may have been the last that it waited for. */
  get mayBeDone(): boolean {
    return this.done || this.#wantsReplay && this.#isReplayed;
  }

  get #wantsReplay(): boolean {
    const { replay = 0, isPipe = false } = this.#options;
    return isPipe && replay > 0 && !this.isDefinite;
  }

  /** Whether it enters and leaves without an announcement, because it is a script that does not stay. */
  get isQuiet(): boolean {
    const { isPipe = false, follow } = this.#options;
    return this.isDefinite || isPipe && !follow;
  }

  /** Whether only a chat understands what it sends. */
  get addressesPerson(): boolean {
    return this.#options.to !== undefined;
  }

  /** The actions in place of the input, or null where the input is read. */
  get actions(): Action[] | null {
    const { send, stats, last, to } = this.#options;
    if (stats) return [{ kind: "say", dict: new Map([["type", "stats"]]) }];
    // The replay comes without a request, and the answer to this ping comes after it.
    if (last !== undefined) return [{ kind: "say", dict: new Map([["type", "ping"]]) }];
    return send.length > 0 ? send.map((body) => ({ kind: "post", body, to })) : null;
  }

  /** Counts an event and tells whether to show it. */
  wants(event: ChatEvent): boolean {
    if (this.done) return false;
    if (event.kind === "replayed") this.#isReplayed = true;
    const { receive, last, stats } = this.#options;
    if (receive !== undefined && isBody(event)) this.#received++;
    if (event.kind === "link" || event.kind === "problem" || event.kind === "refused") return true;
    if (event.kind === "bye" || event.kind === "told" && event.message.type === "error") return true;
    if (last !== undefined) {
      if (event.kind === "replayed") this.#answered = true;
      return event.kind === "message" && event.replayed;
    }
    // A script that waits for messages should not get the messages about its own join.
    if (receive !== undefined && this.#received === 0 && event.kind !== "message") return false;
    if (stats) return this.#answered = event.kind === "told" && event.message.type === "stats";
    return true;
  }
}

function isBody(event: ChatEvent): boolean {
  return event.kind === "object" || event.kind === "message" && !event.replayed;
}
