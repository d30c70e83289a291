/** Opens the history of a chat on its broker. */

import type { Clock } from "../../base/clock.ts";
import { Timers } from "../../base/timers.ts";
import type { Retain } from "../../history/retain.ts";
import type { Log } from "../../log/log.ts";
import type { Broker } from "../broker/broker.ts";
import { BrokerError } from "../broker/failures.ts";
import type { IdStamp } from "./frames.ts";
import { logNames } from "./names.ts";
import { StoredRooms } from "./rooms.ts";
import { Scanner, type StoredMessage } from "./scan.ts";
import type { Settings } from "./settings.ts";
import { LEAST_PAYLOAD, StreamHistory } from "./stream_history.ts";
import { isPurged } from "./stream_state.ts";

export type { Settings } from "./settings.ts";
export type { StreamHistory } from "./stream_history.ts";

/** The options of {@linkcode openLog}. */
export interface LogOptions {
  /** A broker that stays connected until the history is closed. */
  readonly broker: Broker;
  /** The number of servers that keep each message; one in a new stream if not given. */
  readonly replicas?: number | undefined;
  readonly settings: Settings;
  /** The bounds on what is kept. A room's newest batch is always kept. Each listener purges by its own bounds. */
  readonly retain: Retain;
  readonly clock: Clock;
  readonly log: Log;
  /** Returns a random name. */
  readonly randomName: () => string;
  /** Called once, with the reason, if the stream was deleted or purged: the listener has to end. */
  readonly onLost: (text: string) => void;
  /** Writes ids into payloads; {@linkcode PICKLE_STAMP} if not given. */
  readonly stamp?: IdStamp | undefined;
}

/**
 * Opens the history of the broker's chat: creates its stream if there is none, and reads its rooms.
 *
 * @throws {BrokerError} If the broker cannot be used.
 */
export async function openLog(options: LogOptions): Promise<StreamHistory> {
  const { broker, replicas, settings, retain, log, randomName, onLost, stamp } = options;
  const clock = new Timers(options.clock);
  const names = logNames(broker.chat);
  if (broker.maxPayload < LEAST_PAYLOAD) {
    throw new BrokerError(
      `Cannot use the broker: its max_payload is ${broker.maxPayload} bytes, and chat needs at least ${LEAST_PAYLOAD}`,
    );
  }
  const info = await broker.openStream({
    name: names.stream,
    subjects: [`${names.stored}*`],
    storage: "file",
    retention: "limits",
    discard: "new",
    max_age: 0,
    allow_direct: true,
    deny_delete: true,
    republish: { src: `${names.stored}*`, dest: `${names.feed}{{wildcard(1)}}` },
    ...(replicas === undefined ? {} : { num_replicas: replicas }),
  });
  if (isPurged(info)) {
    throw new BrokerError(
      `Cannot use the stream ${names.stream}: it was purged; delete it, so that ids begin again: nats stream rm ${names.stream}`,
    );
  }
  const scanner = new Scanner(broker, names, clock);
  const { rooms, next } = await broker.attempt(() => readRooms(scanner));
  const node = randomName();
  const { created } = info;
  const history = new StreamHistory({
    broker,
    names,
    scanner,
    clock,
    log,
    settings,
    retain,
    node,
    created,
    rooms,
    next,
    onLost,
    stamp,
  });
  history.expire(clock.now() / 1000);
  return history;
}

const ALL = { maxMessages: Infinity, maxBytes: Infinity, headersOnly: true } as const;

/** Reads the rooms of a stream, and the sequence up to which they are known. */
async function readRooms(scanner: Scanner): Promise<{ rooms: StoredRooms; next: number }> {
  const rooms = new StoredRooms();
  const skipped: Omit<StoredMessage, "body">[] = [];
  let last = 0;
  await scanner.scan({ ...ALL, from: "last" }, (message) => {
    last = Math.max(last, message.sequence);
    const room = rooms.get(message.token, message.token);
    if (!room.begin(message)) skipped.push(message);
  });
  for (const { token, sequence } of skipped) {
    const room = rooms.get(token, token);
    const newest = await newestBatch(scanner, token, sequence);
    if (newest !== undefined) room.begin(newest);
    room.sequence = sequence;
  }
  return { rooms, next: last + 1 };
}

/** Finds the newest batch of a room before a message that is not a batch. */
async function newestBatch(
  scanner: Scanner,
  token: string,
  before: number,
): Promise<StoredMessage | undefined> {
  let newest: StoredMessage | undefined;
  for (let width = 64, from = before; newest === undefined && from > 1; width *= 8) {
    from = Math.max(1, before - width);
    const probe = new StoredRooms().get(token, token);
    await scanner.scan({ ...ALL, token, from }, (message) => {
      if (message.sequence >= before) return false;
      if (probe.begin(message)) newest = message;
      return true;
    });
  }
  return newest;
}
