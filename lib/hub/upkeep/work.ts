/** The event loop's time: what each peer takes of it is measured, and long work runs in slices. */

import type { Clock } from "../../base/clock.ts";
import type { Work } from "../../connection/work.ts";
import { Bucket, type Rate } from "./bucket.ts";

/** How long work may run before the event loop gets a turn, in milliseconds. */
export const SLICE_MS = 10;

/** What a peer may use of its burst before its work has to queue, in milliseconds. */
const FREE_MS = 50;

/** A job that runs until it is done, or until `mayGoOn` says no; it returns whether it is done. */
export type Job = (mayGoOn: () => boolean) => boolean;

/** The options of a {@linkcode WorkQueue}. */
export interface WorkQueueOptions {
  readonly clock: Clock;
  /** Calls back in the next turn of the event loop. */
  readonly inNextTurn: (then: () => void) => void;
}

/** Runs jobs in turn, one slice of one of them in each turn of the event loop. */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #jobs: Job[] = [];
  #isPlanned = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  get clock(): Clock {
    return this.#options.clock;
  }

  /** Adds a job behind the others. */
  add(job: Job): void {
    this.#jobs.push(job);
    this.#plan();
  }

  #plan(): void {
    if (this.#isPlanned || this.#jobs.length === 0) return;
    this.#isPlanned = true;
    this.#options.inNextTurn(() => this.#runSlice());
  }

  #runSlice(): void {
    const { clock } = this.#options;
    const end = clock.ticks() + SLICE_MS;
    const mayGoOn = () => clock.ticks() < end;
    do {
      const job = this.#jobs.shift()!;
      if (!job(mayGoOn)) this.#jobs.push(job);
    } while (this.#jobs.length > 0 && mayGoOn());
    this.#isPlanned = false;
    this.#plan();
  }
}

/** The time of the event loop that one peer takes. */
export class WorkShare implements Work {
  readonly #queue: WorkQueue;
  readonly #rate: Rate;
  readonly #bucket: Bucket;

  /** @param rate In milliseconds of work. */
  constructor(queue: WorkQueue, rate: Rate) {
    this.#queue = queue;
    this.#rate = rate;
    this.#bucket = new Bucket(rate, queue.clock.ticks());
  }

  /** Whether it has taken so much lately that its work has to queue. */
  get isHeavy(): boolean {
    return this.#bucket.level(this.#queue.clock.ticks()) < this.#rate.burst - FREE_MS;
  }

  /** Charges work; returns the milliseconds to wait until it is paid for, 0 where it is. */
  charge(ms: number): number {
    return this.#bucket.take(ms, this.#queue.clock.ticks());
  }

  add(job: Job): void {
    this.#queue.add(job);
  }
}
