/** Pump from the input to the conversation: passes on one action at a time, when there is room for it. */

import type { Action } from "../view/view.ts";

/** The options of a {@linkcode Pump}. */
export interface PumpOptions {
  /** Returns the next action, or null if there are no more. */
  readonly next: () => Promise<Action | null>;
  readonly hasRoom: () => boolean;
  /** Whether the client is finished. */
  readonly isOver: () => boolean;
  readonly act: (action: Action) => void;
}

/** The posts that are left in an input, counted up to a limit. */
export interface LeftOver {
  readonly count: number;
  readonly first: Action | null;
  readonly isMore: boolean;
}

/** The most remaining posts that are counted. */
const MOST_COUNTED = 1_000;

/** Takes actions until there are no more. */
export class Pump {
  readonly #options: PumpOptions;
  #wake: (() => void) | null = null;
  /** The requested action that nobody has taken yet. */
  #next: Promise<Action | null> | null = null;
  #ended = false;
  #took = false;

  constructor(options: PumpOptions) {
    this.#options = options;
  }

  /** Whether the input has ended. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whether an action was requested from the input and has not arrived yet. */
  get isAsking(): boolean {
    return this.#next !== null;
  }

  /** Whether any action came from the input. */
  get took(): boolean {
    return this.#took;
  }

  /** Checks again whether there is room, or the client is finished. */
  wake(): void {
    this.#wake?.();
  }

  /** Runs to the end of the input, or until the client is finished. */
  async run(): Promise<void> {
    const { isOver, act } = this.#options;
    for (;;) {
      await this.#room();
      if (isOver()) return;
      const action = await this.#ask();
      if (isOver()) return;
      this.#next = null;
      if (action === null) break;
      this.#took = true;
      act(action);
    }
    this.#ended = true;
  }

  /**
   * Counts the posts that are left in the input after the client is finished, until `until` resolves.
   *
   * An input that cannot be read has none.
   */
  async leftOver(until: Promise<void>): Promise<LeftOver> {
    let count = 0;
    let first: Action | null = null;
    while (!this.#ended && count < MOST_COUNTED) {
      const action = await Promise.race([this.#ask().catch(() => null), until]);
      if (action === undefined) break;
      this.#next = null;
      if (action === null) this.#ended = true;
      else if (isPost(action)) {
        first ??= action;
        count++;
      }
    }
    return { count, first, isMore: count === MOST_COUNTED };
  }

  #ask(): Promise<Action | null> {
    return this.#next ??= this.#options.next();
  }

  async #room(): Promise<void> {
    const { hasRoom, isOver } = this.#options;
    while (!isOver() && !hasRoom()) await new Promise<void>((resolve) => this.#wake = resolve);
  }
}

function isPost(action: Action): boolean {
  return action.kind === "post" || action.kind === "say" && action.dict.get("type") === "message";
}
