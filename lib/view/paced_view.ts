/** Between a conversation and its view: what is worth showing is shown, and nothing is read faster than it is written. */

import type { ChatEvent, View } from "./view.ts";

/** The options of a {@linkcode PacedView}. */
export interface PacedViewOptions {
  /** Tells whether an event is worth showing. */
  readonly wants: (event: ChatEvent) => boolean;
  /** Is called where the output cannot be written. */
  readonly failed: (error: unknown) => void;
}

/** Shows events in a view, and makes whoever reads wait for it. */
export class PacedView {
  readonly #view: View;
  readonly #options: PacedViewOptions;
  #pressure: Promise<void> | null = null;
  #reading = false;

  constructor(view: View, options: PacedViewOptions) {
    this.#view = view;
    this.#options = options;
  }

  /** What to wait for before more is read, or null. */
  get pressure(): Promise<void> | null {
    return this.#pressure;
  }

  /** Shows an event where it is worth it. */
  show(event: ChatEvent): void {
    if (!this.#options.wants(event)) return;
    const pressure = this.#view.show(event);
    if (pressure) {
      const waiting = pressure.catch(this.#options.failed).finally(() => {
        if (this.#pressure === waiting) this.#pressure = null;
      });
      this.#pressure = waiting;
    }
    // What is read together is written together, by whoever reads.
    if (!this.#reading) this.flush();
  }

  /** Does something that shows events which {@linkcode PacedView.flush} is called for later. */
  whileReading(read: () => void): void {
    this.#reading = true;
    try {
      read();
    } finally {
      this.#reading = false;
    }
  }

  /** Resolves when what was shown is written, or cannot be. */
  async flush(): Promise<void> {
    try {
      await this.#view.flush();
    } catch (error) {
      this.#options.failed(error);
    }
  }
}
