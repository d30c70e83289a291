/** The event loop's time that connections share. */

/** The work of one connection. */
export interface Work {
  /** Whether it has taken so much time lately that it is to queue. */
  readonly isHeavy: boolean;
  /**
   * Queues a job, which runs until it is done or `mayGoOn` says no, and then again in a later turn of the event loop.
   *
   * @param job Returns whether it is done.
   */
  add(job: (mayGoOn: () => boolean) => boolean): void;
}

/** The work of a connection that shares with no other. */
export const UNSHARED_WORK: Work = {
  isHeavy: false,
  add(job) {
    while (!job(() => true));
  },
};
