/** The interface to the event loop's time, which connections share. */

/** The work of one connection. */
export interface Work {
  /** Whether it has used so much time lately that its work must be queued. */
  readonly isHeavy: boolean;
  /**
   * Queues a job, which runs until it is done or `mayGoOn` returns false, and then continues in a later turn of the event loop.
   *
   * @param job Returns whether it is done.
   */
  add(job: (mayGoOn: () => boolean) => boolean): void;
}

/** The work of a connection that has the event loop to itself. */
export const UNSHARED_WORK: Work = {
  isHeavy: false,
  add(job) {
    while (!job(() => true));
  },
};
