/**
 * The time of the event loop: each peer's share is measured, and work runs in slices if it is long or comes late in a
 * long turn.
 */

import type { Clock } from "../../base/clock.ts";
import type { Work } from "../../connection/work.ts";
import { Bucket, type Rate } from "./bucket.ts";

/** The time after which a slice begins no further job, in milliseconds, except one of a heavy peer. */
export const SLICE_MS = 10;

/** The size up to which a payload is handled in the turn in which it comes, however long that is already; in bytes. */
const SMALL = 4 * 1024;

/** The part of its burst that a peer may use before its work is queued, in milliseconds. */
const FREE_MS = 50;

/** A job that runs until it is done or `mayGoOn` returns false. It returns whether it is done. */
export type Job = (mayGoOn: () => boolean) => boolean;

/** Calls `then` after a pause. The function that it returns cancels the call. */
export type Pause = (then: () => void) => () => void;

/** The pause between two slices, in milliseconds. An event loop that is never idle rarely serves its sockets. */
const PAUSE_MS = 1;

/** The options of a {@linkcode WorkQueue}. */
export interface WorkQueueOptions {
  /** Measures the work. */
  readonly clock: Clock;
  /** Calls `then` at the end of this turn of the event loop. */
  readonly atTurnsEnd: (then: () => void) => void;
  /** The pause between slices; 1 ms if not given. */
  readonly pause?: Pause | undefined;
}

/** Runs jobs in turn, in slices. The event loop runs between two slices. */
export class WorkQueue {
  readonly clock: Clock;
  readonly #atTurnsEnd: (then: () => void) => void;
  readonly #pause: Pause;
  readonly #lightJobs: Job[] = [];
  readonly #jobs: Job[] = [];
  #cancel: (() => void) | null = null;
  /** The ticks at which this turn of the event loop began to handle payloads; −1 if it has not. */
  #turnBegan = -1;

  constructor({ clock, atTurnsEnd, pause = (then) => clock.after(PAUSE_MS, then) }: WorkQueueOptions) {
    this.clock = clock;
    this.#atTurnsEnd = atTurnsEnd;
    this.#pause = pause;
  }

  /** Whether this turn of the event loop has been so long that the rest of its work is left to slices. */
  isTurnOver(): boolean {
    return this.clock.ticks() > this.#beginTurn() + SLICE_MS;
  }

  /** Adds a job after the others of its kind. Each slice runs light jobs first, and then at least one other. */
  add(job: Job, isLight = false): void {
    (isLight ? this.#lightJobs : this.#jobs).push(job);
    this.#plan();
  }

  /** Drops all jobs. */
  stop(): void {
    this.#lightJobs.length = this.#jobs.length = 0;
    this.#cancel?.();
    this.#cancel = null;
  }

  #beginTurn(): number {
    if (this.#turnBegan < 0) {
      this.#turnBegan = this.clock.lastTicks();
      this.#atTurnsEnd(() => this.#turnBegan = -1);
    }
    return this.#turnBegan;
  }

  #plan(): void {
    if (this.#lightJobs.length + this.#jobs.length === 0) return;
    this.#cancel ??= this.#pause(() => this.#runSlice());
  }

  #runSlice(): void {
    const { clock } = this;
    const end = clock.ticks() + SLICE_MS;
    this.#beginTurn();
    const mayGoOn = () => clock.ticks() < end;
    runJobs(this.#lightJobs, mayGoOn);
    runJobs(this.#jobs, mayGoOn);
    this.#cancel = null;
    this.#plan();
  }
}

/** Runs at least one job, if there is one. */
function runJobs(jobs: Job[], mayGoOn: () => boolean): void {
  if (jobs.length === 0) return;
  do {
    const job = jobs.shift()!;
    if (!job(mayGoOn)) jobs.push(job);
  } while (jobs.length > 0 && mayGoOn());
}

/** Runs jobs one after the other in a {@linkcode WorkQueue}, so that only one of them holds memory at a time. */
export class Lane {
  readonly #queue: WorkQueue;
  readonly #isLight: boolean;
  readonly #jobs: Job[] = [];

  /** @param isLight Whether its jobs belong to peers that have used little time lately. */
  constructor(queue: WorkQueue, isLight = false) {
    this.#queue = queue;
    this.#isLight = isLight;
  }

  /** Whether no job is running or waiting. */
  get isFree(): boolean {
    return this.#jobs.length === 0;
  }

  /** Adds a job behind the others. */
  add(job: Job): void {
    this.#jobs.push(job);
    if (this.#jobs.length === 1) this.#queue.add(this.#run, this.#isLight);
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

  /** Whether it has used so much time lately that its work is queued, behind that of others. */
  get isHeavy(): boolean {
    return this.#bucket.level(this.#queue.clock.lastTicks()) < this.#rate.burst - FREE_MS;
  }

  mustWait(size: number): boolean {
    // The turn first: it reads the clock, by which a peer that has recovered is heavy no longer.
    return size > SMALL && this.#queue.isTurnOver() || this.isHeavy;
  }

  /** Charges work, and returns the milliseconds until the debt is paid off; 0 if there is none. */
  charge(ms: number): number {
    // The work was measured just now.
    return this.#bucket.take(ms, this.#queue.clock.lastTicks());
  }

  add(job: Job): void {
    this.#queue.add(job, !this.isHeavy);
  }
}
