/** The listener's figures: the answer to `stats`. */

import { Float, type Value } from "../../pickle/values/values.ts";
import type { Peer } from "../people/peer.ts";
import type { RoomDirectory } from "../rooms/directory.ts";
import type { Counters } from "./counters.ts";
import type { LoopDelay } from "./loop_delay.ts";

/** The figures by their names in the protocol, in the order in which they are shown. docs/protocol.md describes each. */
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
  /** For operators only, because it contains addresses. */
  readonly slowest?: readonly SlowPeer[];
}

/** A peer that has frames waiting for it. */
export interface SlowPeer {
  readonly nick: string;
  readonly address: string;
  readonly queue: number;
  readonly behind: number;
  readonly stalled: Float;
}

/** Converts milliseconds to seconds, as the protocol has them. */
function seconds(ms: number): Float {
  return new Float(ms / 1000);
}

/** Converts figures to the dict that is sent. */
export function figuresDict({ slowest, ...figures }: Figures): Map<Value, Value> {
  const dict = new Map<Value, Value>(Object.entries(figures) as [string, Value][]);
  if (slowest) dict.set("slowest", slowest.map((peer) => new Map<Value, Value>(Object.entries(peer))));
  return dict;
}

/** The options of {@linkcode takeFigures}. */
export interface FiguresOptions {
  readonly peers: Iterable<Peer>;
  readonly directory: RoomDirectory;
  readonly counters: Counters;
  readonly loopDelay: LoopDelay;
  /** The start of the listener and the present, in milliseconds of the clock. */
  readonly startedAt: number;
  readonly now: number;
  /** The memory of the process, in bytes. */
  readonly memory: number;
  /** The most rooms that are listed by name. */
  readonly roomsListed: number;
  /** Whether the slowest peers are listed. */
  readonly forOperator: boolean;
}

/** The time after which a peer with a pending write counts as stalled, in milliseconds. */
const STALLED_MS = 1000;

/** The most slow peers that are listed. */
const MOST_SLOWEST = 10;

/** Collects the figures. It visits each peer and each room once. */
export function takeFigures(options: FiguresOptions): Figures {
  const { peers, directory, counters, loopDelay, startedAt, now, memory, roomsListed, forOperator } = options;
  const { messages, privates, deliveries, slow } = counters;
  let { received, sent } = counters;
  const slowest: SlowPeer[] = [];
  const sums = { peers: 0, queues: 0, stalled: 0 };
  let [largestQueue, furthestBehind] = [0, 0];
  for (const peer of peers) {
    const { connection } = peer;
    const [queue, behind, held] = [connection.queueSize, bytesBehind(peer), connection.writingFor(now)];
    received += connection.received;
    sent += connection.sent;
    sums.peers++;
    sums.queues += queue;
    largestQueue = Math.max(largestQueue, queue);
    furthestBehind = Math.max(furthestBehind, behind);
    const isStalled = held > STALLED_MS;
    if (isStalled) sums.stalled++;
    if (forOperator && (isStalled || queue + behind > 0)) {
      slowest.push({ nick: peer.nick, address: peer.address, queue, behind, stalled: seconds(held) });
    }
  }
  slowest.sort((a, b) => b.stalled.value - a.stalled.value || b.queue + b.behind - a.queue - a.behind);
  return {
    uptime: seconds(now - startedAt),
    peers: sums.peers,
    rooms: directory.size,
    messages,
    private_messages: privates,
    deliveries,
    received,
    sent,
    rings: directory.ringsSize,
    room_rings: ringSizes(directory, roomsListed),
    queues: sums.queues,
    largest_queue: largestQueue,
    furthest_behind: furthestBehind,
    stalled: sums.stalled,
    slow,
    loop_delay: seconds(loopDelay.median),
    longest_loop_delay: seconds(loopDelay.longest),
    memory,
    ...(forOperator ? { slowest: slowest.slice(0, MOST_SLOWEST) } : {}),
  };
}

/** Returns the bytes of a peer's rooms that are not written to it yet. */
function bytesBehind({ members }: Peer): number {
  let behind = 0;
  for (const [{ ring }, { position }] of members) behind += ring.head - Math.max(position, ring.oldest);
  return behind;
}

/** The sizes of the rooms' rings, the largest first. */
function ringSizes(directory: RoomDirectory, most: number): Map<string, number> {
  const sizes = Array.from(directory, ({ name, ring }): [string, number] => [name, ring.size]);
  return new Map(sizes.sort(([, a], [, b]) => b - a).slice(0, most));
}
