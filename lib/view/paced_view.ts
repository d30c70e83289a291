/** A view with backpressure, so that nothing is read faster than it is shown. */

import type { ChatEvent, View } from "./view.ts";

/** The options of a {@linkcode PacedView}. */
export interface PacedViewOptions {
  /** Returns whether to show an event. */
  readonly wants: (event: ChatEvent) => boolean;
  /** Called when the output cannot be written. */
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

  /** Resolves when more may be read; null if it may be read now. */
  get pressure(): Promise<void> | null {
    return this.#pressure;
  }

  /** Shows an event if it is wanted. */
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

  /** Runs a function that shows events. Call {@linkcode PacedView.flush} later. */
  whileReading(read: () => void): void {
    this.#reading = true;
    try {
      read();
    } finally {
      this.#reading = false;
    }
  }

  /** Resolves when everything shown is written, or writing has failed. */
  async flush(): Promise<void> {
    try {
      await this.#view.flush();
    } catch (error) {
      this.#options.failed(error);
    }
  }
}
