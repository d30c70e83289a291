/** Pump from the input to the conversation: one action at a time, each when there is room for it. */

import type { Action } from "../view/view.ts";

/** The options of a {@linkcode Pump}. */
export interface PumpOptions {
  /** Gives the next action, or null where there are no more. */
  readonly next: () => Promise<Action | null>;
  readonly hasRoom: () => boolean;
  /** Whether all is over. */
  readonly isOver: () => boolean;
  readonly act: (action: Action) => void;
}

/** Takes actions until there are no more. */
export class Pump {
  readonly #options: PumpOptions;
  #wake: (() => void) | null = null;
  #ended = false;
  #took = false;

  constructor(options: PumpOptions) {
    this.#options = options;
  }

  /** Whether the input has ended. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whether the input gave any action. */
  get took(): boolean {
    return this.#took;
  }

  /** Looks again whether there is room, or all is over. */
  wake(): void {
    this.#wake?.();
  }

  /** Runs to the end of the input, or until all is over. */
  async run(): Promise<void> {
    const { next, isOver, act } = this.#options;
    for (;;) {
      await this.#room();
      if (isOver()) return;
      const action = await next();
      if (isOver()) return;
      if (action === null) break;
      this.#took = true;
      act(action);
    }
    this.#ended = true;
  }

  async #room(): Promise<void> {
    const { hasRoom, isOver } = this.#options;
    while (!isOver() && !hasRoom()) await new Promise<void>((resolve) => this.#wake = resolve);
  }
}
