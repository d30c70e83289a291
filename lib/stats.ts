/** The listener's figures: what it answers when it is asked how it is. */

import { Float, type Value } from "./pickle/values.ts";

/** What is counted as it happens. */
export class Counters {
  /** Posts that were stored, and frames of rooms that were handed to members. */
  messages = 0;
  deliveries = 0;
  /** Bytes of connections that are gone. */
  received = 0;
  sent = 0;
  /** Connections that were closed because they read nothing. */
  slow = 0;
  /** By how much the last look around was late, in milliseconds: the delay of the event loop. */
  delayMs = 0;
}

/** The figures by name, in the order in which they are shown. Times are in seconds, sizes in bytes. */
export interface Figures {
  readonly uptime: number;
  readonly peers: number;
  readonly rooms: number;
  readonly messages: number;
  readonly deliveries: number;
  readonly received: number;
  readonly sent: number;
  readonly rings: number;
  readonly queues: number;
  readonly slow: number;
  readonly delay: number;
  readonly memory: number;
}

/** The figures as the dict that travels; uptime and delay are floats. */
export function figuresDict(figures: Figures): Map<Value, Value> {
  const entries = Object.entries(figures).map(([name, figure]): [Value, Value] => {
    const isTime = name === "uptime" || name === "delay";
    return [name, isTime && Number.isInteger(figure) ? new Float(figure) : figure];
  });
  return new Map(entries);
}
