/** The interface to the event loop's time, which connections share. */

/** The work of one connection. */
export interface Work {
  /**
   * Whether the next work must be queued: the connection has used much time lately, or this turn of the event loop has been
   * long already and more than a little is to be handled.
   *
   * @param size The bytes to be handled.
   */
  mustWait(size: number): boolean;
  /**
   * Queues a job, which runs until it is done or `mayGoOn` returns false, and then continues in a later turn of the event loop.
   *
   * @param job Returns whether it is done.
   */
  add(job: (mayGoOn: () => boolean) => boolean): void;
}

/** The work of a connection that has the event loop to itself. */
export const UNSHARED_WORK: Work = {
  mustWait: () => false,
  add(job) {
    while (!job(() => true));
  },
};
