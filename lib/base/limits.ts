/**
 * Limits and defaults: each size, count and time that bounds what a peer can make a listener do, and the connector's own.
 * lib/cli/options.ts makes an option of each of the listener's.
 */

import { isLoopback } from "./address.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const SECOND = 1000;

/** The unit of a limit: bytes, a count, or milliseconds. */
export type LimitKind = "size" | "count" | "time";

interface Limit {
  readonly kind: LimitKind;
  readonly value: number;
  readonly about: string;
  /** Whether `--no-limits` lifts it: rates and numbers of connections, never memory. */
  readonly lifted?: true;
  /** Whether it may be 0, for none at all. */
  readonly mayBeZero?: true;
  /** Whether no option sets it. */
  readonly internal?: true;
}

/** The listener's limits by name; the option is the name with dashes: `maxFrame` is `--max-frame`. */
export const LIMITS = {
  maxFrame: { kind: "size", value: 16 * MIB, about: "payload of one frame" },
  maxEnvelope: { kind: "size", value: 64 * KIB, about: "a message without its body" },
  memory: { kind: "size", value: 512 * MIB, about: "everything that is held for peers" },
  spill: { kind: "size", value: 1024 * MIB, about: "temporary file for slow readers", mayBeZero: true },
  roomRing: { kind: "size", value: MIB, about: "newest frames of a room, in memory", internal: true },
  privateQueue: { kind: "size", value: MIB, about: "frames queued for one peer alone", internal: true },
  roomsPerPeer: { kind: "count", value: 100, about: "rooms that a peer may be in" },
  rooms: { kind: "count", value: 1000, about: "rooms; an empty one makes way" },
  presence: { kind: "count", value: 500, about: "largest room in which joins are announced" },
  maxTopic: { kind: "count", value: 500, about: "characters of a topic or of a reason" },
  maxBans: { kind: "count", value: 10_000, about: "bans, and muted names of a room" },
  namesListed: { kind: "count", value: 1000, about: "nicks listed in one answer" },
  connections: { kind: "count", value: 10_000, about: "connections", lifted: true },
  connectionsPerAddress: { kind: "count", value: 64, about: "connections of one address", lifted: true },
  newPerMinute: { kind: "count", value: 120, about: "new connections a minute of one address", lifted: true },
  messageRate: { kind: "count", value: 100, about: "messages a second of one peer", lifted: true },
  messageBurst: { kind: "count", value: 1000, about: "messages at once above that rate", lifted: true },
  byteRate: { kind: "size", value: 4 * MIB, about: "bytes a second of one peer", lifted: true },
  // As much as the ring of a room holds for readers that are behind.
  byteBurst: { kind: "size", value: 8 * MIB, about: "bytes at once above that rate", lifted: true },
  workRate: { kind: "time", value: SECOND / 5, about: "work a second for one peer", lifted: true },
  workBurst: { kind: "time", value: SECOND, about: "work at once above that rate", lifted: true },
  enterAfter: { kind: "time", value: SECOND, about: "silence before a peer enters as a guest" },
  halfFrame: { kind: "time", value: 30 * SECOND, about: "longest pause inside a frame" },
  writeStall: { kind: "time", value: 30 * SECOND, about: "longest pause of a write" },
  pingAfter: {
    kind: "time",
    value: 60 * SECOND,
    about: "silence before a ping, and after it",
  },
  goodbye: { kind: "time", value: SECOND, about: "wait for a peer to close after bye" },
  drain: { kind: "time", value: 5 * SECOND, about: "wait for queued frames at the end" },
} as const satisfies Record<string, Limit>;

/** The name of a limit. */
export type LimitName = keyof typeof LIMITS;

/** The value of each limit: bytes, a count, or milliseconds. */
export type Limits = Readonly<Record<LimitName, number>>;

/** The names of all limits, in the order of the table. */
export const LIMIT_NAMES = Object.keys(LIMITS) as LimitName[];

/** The names of the limits that an option sets. */
export const LIMIT_OPTIONS = LIMIT_NAMES.filter((name) => !("internal" in LIMITS[name]));

/** The default limits. */
export const DEFAULT_LIMITS: Limits = limitsWith((limit) => limit.value);

/** The limits with `--no-limits`: no bounds on rates and connections. */
export const LIFTED_LIMITS: Limits = limitsWith((limit) => limit.lifted ? Infinity : limit.value);

function limitsWith(number: (limit: Limit) => number): Limits {
  return Object.fromEntries(LIMIT_NAMES.map((name) => [name, number(LIMITS[name])])) as Record<
    LimitName,
    number
  >;
}

/** The factor by which the message rate of a peer on this machine is higher, for scripts that feed a room. */
const LOOPBACK_RATE = 10;

/**
 * Returns the number of messages a second that a peer may send.
 *
 * @param host The peer's address.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { DEFAULT_LIMITS, messageRateOf } from "./limits.ts";
 *
 * assertEquals(["192.0.2.1", "127.0.0.1", "::1"].map((host) => messageRateOf(DEFAULT_LIMITS, host)), [100, 1000, 1000]);
 * ```
 */
export function messageRateOf({ messageRate }: Limits, host: string): number {
  return messageRate * (isLoopback(host) ? LOOPBACK_RATE : 1);
}

/** The longest nick or name of a room, in characters. */
export const MAX_NAME_LENGTH = 32;

/** The default maximum size of a history file, in bytes; `--retain` sets another one. */
export const DEFAULT_RETAIN_SIZE = 10 * 1024 * MIB;

/** The default of `--replay`: the number of messages that a new member gets. */
export const DEFAULT_REPLAY = 50;

/** The amount of history that is read at a time for a replay, in bytes. */
export const REPLAY_PIECE = 256 * KIB;

/** The longest single write to a peer, in bytes. */
export const MAX_WRITE = 256 * KIB;

/** Connector: the most posts, and bytes of posts, that may wait for an ack. */
export const MAX_UNACKED_POSTS = 256;
export const MAX_UNACKED_BYTES = MIB;

/**
 * Connector: the timeout of a connection attempt, the first and the longest wait between attempts to reconnect, and how
 * long the longest one is shorter.
 */
export const CONNECT_TIMEOUT_MS = 10 * SECOND;
/** Connector: how long an attempt may take at least where there are other hosts to try, and the longest wait before it. */
export const CONNECT_OTHER_TIMEOUT_MS = 3 * SECOND;
export const RECONNECT_OTHER_MS = SECOND / 2;
export const RECONNECT_FIRST_MS = SECOND;
export const RECONNECT_SOON_MS = 10 * SECOND;
export const RECONNECT_EARLY_MS = 300 * SECOND;
export const RECONNECT_LAST_MS = 30 * SECOND;

/** Connector: the time that it waits for the other end before it reports that it is waiting. */
export const SAY_WAITING_AFTER_MS = 300;

/** Connector: the time without an answer to posts after which the connection counts as lost. */
export const ANSWER_TIMEOUT_MS = 60 * SECOND;

/** Connector: the time that it waits for answers to its last posts before it leaves. */
export const LAST_ANSWERS_MS = 120 * SECOND;

/** Connector: the time that its last write may stall before it leaves. */
export const LAST_WRITE_MS = 30 * SECOND;

/** Connector: the time that a plain peer may stay silent after the end of the input. */
export const PLAIN_SILENCE_MS = 300 * SECOND;

/** Connector: the time that it waits for a first frame before it treats the other end as a plain peer. */
export const PLAIN_AFTER_MS = 1.5 * SECOND;

/** Connector: the longest payload that it accepts; a listener's own limit is an option. */
export const MAX_RECEIVED = 1024 * MIB;

/** The default port. */
export const DEFAULT_PORT = 1243;
