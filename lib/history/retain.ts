/** Bounds on what a history keeps. */

/**
 * The age of messages, the number of messages in each room, and the size of all together. Without bounds everything is
 * kept.
 */
export interface Retain {
  /** In seconds. */
  readonly age?: number;
  readonly count?: number;
  /** In bytes, approximately: of a file without SQLite's log beside it, of a stream with what the broker adds. */
  readonly size?: number;
}
