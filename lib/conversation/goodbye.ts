/** How a session takes its leave: it ends its direction of the connection, and gives the other end a little time. */

import type { Clock } from "../base/clock.ts";
import type { Link } from "./link.ts";

/** What a goodbye needs, and what it tells. */
export interface GoodbyeOptions {
  readonly clock: Clock;
  /** Gives the connection, where there is one. */
  readonly link: () => Link | null;
  /** Whether nothing of what the other end may still say is of interest once all is written. */
  readonly onlySends: boolean;
  /** Is called when it was said, and the other end had its time. */
  readonly over: () => void;
}

/** How long a goodbye may take. */
const GOODBYE_MS = 1_000;

/** The goodbye of a session. */
export class Goodbye {
  readonly #options: GoodbyeOptions;
  #isUnderWay = false;
  #isHalfClosed = false;
  #stop = () => {};

  constructor(options: GoodbyeOptions) {
    this.#options = options;
  }

  /** Whether it is being said, so that what comes is of no interest any more. */
  get isUnderWay(): boolean {
    return this.#isUnderWay;
  }

  /** Whether this direction has ended while the other one is still read. */
  get isHalfClosed(): boolean {
    return this.#isHalfClosed;
  }

  /** Ends this direction of a plain conversation; the other one is read to its end. */
  halfClose(): void {
    if (this.#isHalfClosed) return;
    this.#isHalfClosed = true;
    const { link, onlySends } = this.#options;
    link()?.finish().then(() => onlySends && this.#endSoon());
  }

  /**
   * Ends this direction, and waits a little for the other end to do so too.
   *
   * @param options Whether the conversation is a plain one, and whether anything was said in it.
   */
  say({ isPlain, saidAnything }: { readonly isPlain: boolean; readonly saidAnything: boolean }): void {
    this.#isUnderWay = true;
    const link = this.#options.link();
    if (link === null || isPlain && !saidAnything) return this.#options.over();
    const finished = link.finish();
    // A chat has acked everything; elsewhere it may still be on its way.
    if (isPlain) finished.then(() => this.#endSoon());
    else this.#endSoon();
  }

  /** Waits for nothing any more. */
  stop(): void {
    this.#stop();
  }

  #endSoon(): void {
    const { clock, over } = this.#options;
    this.#stop();
    this.#stop = clock.after(GOODBYE_MS, over);
  }
}
