/** The listener's figures: what it answers when it is asked how it is. */

import { Float, type Value } from "../../pickle/values/values.ts";

/** What is counted as it happens. */
export class Counters {
  /** Posts that were stored, and private ones. */
  messages = 0;
  privates = 0;
  /** Messages that were handed to somebody, live: not those of replays, and not a sender's own. */
  deliveries = 0;
  /** Bytes of connections that are gone. */
  received = 0;
  sent = 0;
  /** Connections that were closed because they read nothing. */
  slow = 0;
}

/** The figures by the names that travel, in the order in which they are shown. docs/protocol.md tells what each is. */
export interface Figures {
  readonly uptime: Float;
  readonly peers: number;
  readonly rooms: number;
  readonly messages: number;
  readonly private_messages: number;
  readonly deliveries: number;
  readonly received: number;
  readonly sent: number;
  readonly rings: number;
  readonly room_rings: ReadonlyMap<string, number>;
  readonly queues: number;
  readonly largest_queue: number;
  readonly furthest_behind: number;
  readonly stalled: number;
  readonly slow: number;
  readonly loop_delay: Float;
  readonly longest_loop_delay: Float;
  readonly memory: number;
  /** For operators alone: it tells addresses, and who is in rooms that the asker is not in. */
  readonly slowest?: readonly SlowPeer[];
}

/** A peer for which something waits. */
export interface SlowPeer {
  readonly nick: string;
  readonly address: string;
  readonly queue: number;
  readonly behind: number;
  readonly stalled: Float;
}

/** Milliseconds as the seconds that travel. */
export function seconds(ms: number): Float {
  return new Float(ms / 1000);
}

/** The figures as the dict that travels. */
export function figuresDict({ slowest, ...figures }: Figures): Map<Value, Value> {
  const dict = new Map<Value, Value>(Object.entries(figures) as [string, Value][]);
  if (slowest) dict.set("slowest", slowest.map((peer) => new Map<Value, Value>(Object.entries(peer))));
  return dict;
}
