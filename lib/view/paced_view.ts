/** A view with backpressure: nothing is read faster than it is shown. */

import type { ChatEvent, View } from "./view.ts";

/** The options of a {@linkcode PacedView}. */
export interface PacedViewOptions {
  /** Tells whether an event is worth showing. */
  readonly wants: (event: ChatEvent) => boolean;
  /** Is called when the output cannot be written. */
  readonly failed: (error: unknown) => void;
}

/** Shows events in a view, and makes the reader of the connection wait for it. */
export class PacedView {
  readonly #view: View;
  readonly #options: PacedViewOptions;
  #pressure: Promise<void> | null = null;
  #reading = false;

  constructor(view: View, options: PacedViewOptions) {
    this.#view = view;
    this.#options = options;
  }

  /** Resolves when more may be read; null where it may be now. */
  get pressure(): Promise<void> | null {
    return this.#pressure;
  }

  /** Shows an event where it is wanted. */
  show(event: ChatEvent): void {
    if (!this.#options.wants(event)) return;
    const pressure = this.#view.show(event);
    if (pressure) {
      const waiting = pressure.catch(this.#options.failed).finally(() => {
        if (this.#pressure === waiting) this.#pressure = null;
      });
      this.#pressure = waiting;
    }
    // Events of one read are written together, after it.
    if (!this.#reading) this.flush();
  }

  /** Runs a function that shows events; {@linkcode PacedView.flush} is to be called later. */
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
