/** Counters of events since the listener began. */

/** Numbers that are counted as things happen. */
export class Counters {
  /** Posts that were stored, and private messages. */
  messages = 0;
  privates = 0;
  /** Live messages that were handed to a reader: not those of replays, and not a sender's own. */
  deliveries = 0;
  /** Bytes of closed connections. */
  received = 0;
  sent = 0;
  /** Connections that were closed because a write got no further. */
  slow = 0;
}
