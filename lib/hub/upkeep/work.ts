/** The time of the event loop: the share of each peer is measured, and long work runs in slices. */

import type { Clock } from "../../base/clock.ts";
import type { Work } from "../../connection/work.ts";
import { Bucket, type Rate } from "./bucket.ts";

/** How long work may run before the event loop gets a turn, in milliseconds. */
export const SLICE_MS = 10;

/** The part of its burst that a peer may use before its work is queued, in milliseconds. */
const FREE_MS = 50;

/** A job that runs until it is done or `mayGoOn` returns false. It returns whether it is done. */
export type Job = (mayGoOn: () => boolean) => boolean;

/** Calls `then` after a pause. The function that it returns cancels the call. */
export type Pause = (then: () => void) => () => void;

/** The pause between two slices, in milliseconds. An event loop that is never idle rarely serves its sockets. */
const PAUSE_MS = 1;

/** Runs jobs in turn, one slice after the other, between which the event loop runs. */
export class WorkQueue {
  readonly clock: Clock;
  readonly #pause: Pause;
  readonly #jobs: Job[] = [];
  #cancel: (() => void) | null = null;

  /**
   * @param clock Measures the work.
   * @param pause The pause between slices; 1 ms if not given.
   */
  constructor(clock: Clock, pause: Pause = (then) => clock.after(PAUSE_MS, then)) {
    this.clock = clock;
    this.#pause = pause;
  }

  /** Adds a job behind the others. */
  add(job: Job): void {
    this.#jobs.push(job);
    this.#plan();
  }

  /** Drops all jobs. */
  stop(): void {
    this.#jobs.length = 0;
    this.#cancel?.();
    this.#cancel = null;
  }

  #plan(): void {
    if (this.#jobs.length === 0) return;
    this.#cancel ??= this.#pause(() => this.#runSlice());
  }

  #runSlice(): void {
    const { clock } = this;
    const end = clock.ticks() + SLICE_MS;
    const mayGoOn = () => clock.ticks() < end;
    do {
      const job = this.#jobs.shift()!;
      if (!job(mayGoOn)) this.#jobs.push(job);
    } while (this.#jobs.length > 0 && mayGoOn());
    this.#cancel = null;
    this.#plan();
  }
}

/** Runs jobs one after the other in a {@linkcode WorkQueue}, so that only one of them holds memory at a time. */
export class Lane {
  readonly #queue: WorkQueue;
  readonly #jobs: Job[] = [];

  constructor(queue: WorkQueue) {
    this.#queue = queue;
  }

  /** Whether no job is under way. */
  get isFree(): boolean {
    return this.#jobs.length === 0;
  }

  /** Adds a job behind the others. */
  add(job: Job): void {
    this.#jobs.push(job);
    if (this.#jobs.length === 1) this.#queue.add(this.#run);
  }

  readonly #run: Job = (mayGoOn) => {
    do {
      if (!this.#jobs[0]!(mayGoOn)) return false;
      this.#jobs.shift();
    } while (this.#jobs.length > 0 && mayGoOn());
    return this.#jobs.length === 0;
  };
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

  /** Whether it has used so much time lately that its work is queued. */
  get isHeavy(): boolean {
    return this.#bucket.level(this.#queue.clock.lastTicks()) < this.#rate.burst - FREE_MS;
  }

  /** Charges work, and returns the milliseconds until the debt is paid off; 0 if there is none. */
  charge(ms: number): number {
    // The work was measured just now.
    return this.#bucket.take(ms, this.#queue.clock.lastTicks());
  }

  add(job: Job): void {
    this.#queue.add(job);
  }
}
