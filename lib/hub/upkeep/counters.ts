/** Counters of events since the listener began. */

/** Counters that grow with each event. */
export class Counters {
  /** Posts that were stored, and private messages. */
  messages = 0;
  privates = 0;
  /** Live messages delivered to members, without replays and without copies to the sender. */
  deliveries = 0;
  /** Bytes of closed connections. */
  received = 0;
  sent = 0;
  /** Connections that were closed because a write made no progress. */
  slow = 0;
}
