/** Progress of a pipe: how many posts are stored, how fast, and how long the rest takes. */

import type { Clock } from "../base/clock.ts";
import { showDuration } from "./figures.ts";

/** The interval of progress lines, in milliseconds. */
const EVERY_MS = 5_000;

/** The most bytes of an input that are read ahead to count its lines. */
const READ_AHEAD = 4 * 1024 * 1024;

const NEWLINE = 0x0a;

/** The options of a {@linkcode Progress}. */
export interface ProgressOptions {
  readonly clock: Clock;
  /** Returns the total number of posts; undefined while it is not known. */
  readonly total: () => number | undefined;
  /** Shows a line. */
  readonly tell: (line: string) => void;
}

/**
 * Reports the progress of posting every few seconds, from the first post on.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Progress } from "./progress.ts";
 *
 * let look = () => {};
 * let told = "";
 * const clock = {
 *   now: () => 0,
 *   ticks: () => 0,
 *   lastTicks: () => 0,
 *   after: (_: number, then: () => void) => (look = then, () => {}),
 * };
 * const progress = new Progress({ clock, total: () => 20_000, tell: (line) => told = line });
 * for (let n = 0; n < 500; n++) progress.posted();
 * for (let n = 0; n < 500; n++) progress.answered();
 * look();
 * assertEquals(told, "500 of 20,000 posts stored, 100 a second, 3 min 15 s left");
 * ```
 */
export class Progress {
  readonly #options: ProgressOptions;
  #posted = 0;
  #answered = 0;
  /** The number of answered posts at the last report. */
  #before = 0;
  #stop: (() => void) | null = null;

  constructor(options: ProgressOptions) {
    this.#options = options;
  }

  /** Counts a post. */
  posted(): void {
    this.#posted++;
    this.#stop ??= this.#later();
  }

  /** Counts a post that is stored or refused. */
  answered(): void {
    this.#answered++;
  }

  /** Stops the reports. */
  stop(): void {
    this.#stop?.();
  }

  #later(): () => void {
    return this.#options.clock.after(EVERY_MS, () => this.#look());
  }

  #look(): void {
    const { total: totalOf, tell } = this.#options;
    const rate = (this.#answered - this.#before) / (EVERY_MS / 1000);
    const total = totalOf();
    const left = (total ?? this.#posted) - this.#answered;
    if (left > 0) {
      const of = total === undefined ? "" : ` of ${grouped(total)}`;
      const time = total === undefined || rate === 0 ? "" : `, ${showDuration(Math.ceil(left / rate))} left`;
      tell(`${grouped(this.#answered)}${of} posts stored, ${grouped(Math.round(rate))} a second${time}`);
    }
    this.#before = this.#answered;
    this.#stop = this.#later();
  }
}

/** An input that is read ahead, so that its lines are counted before they are posted. */
export class CountedInput {
  readonly readable: ReadableStream<Uint8Array>;
  #lines = 0;
  #hasRest = false;
  #hasEnded = false;

  constructor(input: ReadableStream<Uint8Array>) {
    const size = (chunk: Uint8Array) => chunk.length;
    this.readable = input.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>(
        {
          transform: (chunk, controller) => {
            this.#count(chunk);
            controller.enqueue(chunk);
          },
          flush: () => void (this.#hasEnded = true),
        },
        undefined,
        { highWaterMark: READ_AHEAD, size },
      ),
    );
  }

  /** The number of lines; undefined until the end has been read. */
  get lines(): number | undefined {
    return this.#hasEnded ? this.#lines + (this.#hasRest ? 1 : 0) : undefined;
  }

  #count(chunk: Uint8Array): void {
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, at + 1)) this.#lines++;
    if (chunk.length > 0) this.#hasRest = chunk.at(-1) !== NEWLINE;
  }
}

function grouped(number: number): string {
  return String(number).replace(/\B(?=(?:\d{3})+$)/g, ",");
}
