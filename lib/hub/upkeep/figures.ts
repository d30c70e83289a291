/** Takes the listener's figures: how much there is of everything right now. */

import type { Peer } from "../people/peer.ts";
import type { Rooms } from "../rooms/rooms.ts";
import { type Counters, type Figures, seconds, type SlowPeer } from "./stats.ts";
import type { LoopDelay } from "./loop_delay.ts";

/** What the figures are taken of. */
export interface FiguresOptions {
  readonly peers: Iterable<Peer>;
  readonly rooms: Rooms;
  readonly counters: Counters;
  readonly loopDelay: LoopDelay;
  /** Milliseconds since 1970, when the listener began and now. */
  readonly startedAt: number;
  readonly now: number;
  /** The memory of the process, in bytes. */
  readonly memory: number;
  /** How many rooms are listed by name. */
  readonly roomsListed: number;
  /** Whether to tell of single peers. */
  readonly forOperator: boolean;
}

/** A write that is under way for longer is one that a peer holds up. */
const STALLED_MS = 1000;

/** How many of the slowest peers an operator is told. */
const MOST_SLOWEST = 10;

/** Takes the figures; it looks at each peer and each room once. */
export function takeFigures(options: FiguresOptions): Figures {
  const { peers, rooms, counters, loopDelay, startedAt, now, memory, roomsListed, forOperator } = options;
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
    rooms: rooms.size,
    messages,
    private_messages: privates,
    deliveries,
    received,
    sent,
    rings: rooms.ringsSize,
    room_rings: ringSizes(rooms, roomsListed),
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

/** What the rooms that a peer is in hold and have not been written to it, in bytes. */
function bytesBehind({ members }: Peer): number {
  let behind = 0;
  for (const [{ ring }, { position }] of members) behind += ring.head - Math.max(position, ring.oldest);
  return behind;
}

/** The sizes of the rooms' rings, the largest first. */
function ringSizes(rooms: Rooms, most: number): Map<string, number> {
  const sizes = Array.from(rooms, ({ name, ring }): [string, number] => [name, ring.size]);
  return new Map(sizes.sort(([, a], [, b]) => b - a).slice(0, most));
}
