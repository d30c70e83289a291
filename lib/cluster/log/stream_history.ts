/**
 * History on a stream of a message broker, which several listeners share.
 *
 * Each message of the stream is a batch of posts to one room. A listener publishes a batch with the sequence of the
 * message that it has to follow. So the broker stores it only if its publisher knew everything in that room, ids have
 * no holes, and no ref is stored twice. All listeners read the stream in order, and skip the same messages: those that
 * are not batches.
 */

import type { Ref } from "../../base/ref.ts";
import type { Timers } from "../../base/timers.ts";
import type { Ban, History, Place, RoomLog, RoomReader, RoomRecord } from "../../history/history.ts";
import type { Retain } from "../../history/retain.ts";
import type { Log } from "../../log/log.ts";
import type { Broker } from "../broker/broker.ts";
import type { Subscription } from "../broker/nats.ts";
import { parseBatch } from "./batch.ts";
import { Feed } from "./feed.ts";
import { type IdStamp, PICKLE_STAMP } from "./frames.ts";
import { type LogNames, tokenOf } from "./names.ts";
import type { OwnBatch, Waiting } from "./outgoing.ts";
import { RangeReader } from "./range_reader.ts";
import { Refs } from "./refs.ts";
import { type LogParts, StreamLog } from "./room_log.ts";
import { Retention } from "./retention.ts";
import type { StoredRoom, StoredRooms } from "./rooms.ts";
import type { Scanner, StoredMessage } from "./scan.ts";
import type { Settings } from "./settings.ts";
import { StreamState } from "./stream_state.ts";

/** The options of a {@linkcode StreamHistory}. */
export interface StreamHistoryOptions {
  readonly broker: Broker;
  readonly names: LogNames;
  readonly scanner: Scanner;
  /** It is closed with the history. */
  readonly clock: Timers;
  readonly log: Log;
  readonly settings: Settings;
  readonly retain: Retain;
  /** The random name of this run of the listener. */
  readonly node: string;
  /** When the stream was made. */
  readonly created: string;
  /** The rooms of the stream up to the sequence `next`. */
  readonly rooms: StoredRooms;
  readonly next: number;
  /** Called once if the stream was deleted, purged or created again. The listener has to end. */
  readonly onLost: (text: string) => void;
  readonly stamp?: IdStamp | undefined;
}

/**
 * An upper bound for the bytes of a broker message besides its payloads, if it has one post; {@linkcode Outgoing}
 * counts the header of several.
 */
const OVERHEAD = 40 * 1024;

/** An upper bound for the bytes that a listener adds to a sender's frame: its keys. */
const STAMPED = 4 * 1024;

/** The smallest max_payload of a broker that is used. */
export const LEAST_PAYLOAD = 64 * 1024;

/** The most bytes of posts that wait for the broker. Further posts wait until half of them are stored. */
const MOST_HELD = 32 * 1024 * 1024;

/**
 * The longest wait for messages that a peer has seen at another listener, in milliseconds. Servers take 4 to 9 s to
 * elect a leader.
 */
const CATCH_UP_MS = 10_000;

/** The time before the broker is asked again, in milliseconds. */
const CATCH_UP_RETRY_MS = 250;

/** The interval at which messages that need not be kept are purged, in milliseconds. */
const RETAIN_EVERY_MS = 60_000;

/** Keeps the messages of a chat on a broker. */
export class StreamHistory implements History {
  readonly epoch: string;
  readonly #options: StreamHistoryOptions;
  readonly #parts: LogParts;
  readonly #refs = new Refs<Waiting>();
  readonly #feed: Feed;
  readonly #state: StreamState;
  readonly #retention: Retention;
  #retainedAt = -Infinity;
  readonly #logs = new Map<StoredRoom, StreamLog>();
  #touched = new Set<StreamLog>();
  #blocked = new Set<StreamLog>();
  #held = 0;
  #payload = LEAST_PAYLOAD;
  /** Resolves when there is room for posts again; null while there is. */
  #pressure: PromiseWithResolvers<void> | null = null;
  readonly #wanted: Subscription;
  readonly #unwatch: () => void;
  /** The rooms of which a message was skipped. That is logged once for each room. */
  readonly #damaged = new Set<StoredRoom>();

  constructor(options: StreamHistoryOptions) {
    const { broker, names, scanner, clock, node, rooms, retain, created, next, onLost } = options;
    const { stamp = PICKLE_STAMP } = options;
    this.#options = options;
    this.epoch = created.replaceAll(/\D/g, "");
    this.#feed = new Feed({ broker, names, scanner, clock, next, take: (message) => this.#took(message) });
    this.#state = new StreamState({ broker, names, clock, created, feed: this.#feed, onLost });
    const reader = new RangeReader({ broker, names, scanner, clock, stamp });
    const state = () => this.#state.ask();
    this.#retention = new Retention({ broker, names, rooms, reader, retain, state });
    let number = 0;
    this.#parts = {
      broker,
      clock,
      node,
      stamp,
      refs: this.#refs,
      reader,
      subjectOf: (token) => names.stored + token,
      nextNumber: () => ++number,
      maxBatch: () => this.#maxPayload() - OVERHEAD,
      settle: (room) => this.#state.settle(room),
      wanted: (token) => broker.publish(names.wanted + token, node),
      stored: (room, batch, sequence) => this.#stored(room, batch, sequence),
      held: (bytes) => this.#hold(bytes),
      touched: (log) => this.#touched.add(log),
      blocked: (log) => this.#blocked.add(log),
      settled: () => this.#settled(),
      closed: (log) => this.#closed(log),
    };
    this.#wanted = broker.connection.subscribe(`${names.wanted}*`, {
      callback: (error, { subject, data }) => {
        const room = error === null ? rooms.find(subject.slice(names.wanted.length)) : undefined;
        if (room !== undefined) this.#logs.get(room)?.wanted(new TextDecoder().decode(data));
      },
    });
    this.#unwatch = broker.watch(({ state }) => {
      if (state !== "back") return;
      this.#state.reconnected();
      this.#feed.reconnected();
      for (const log of this.#logs.values()) log.resume();
    });
  }

  /** The max_payload of the server that is connected, or was connected last. */
  #maxPayload(): number {
    const { broker } = this.#options;
    return this.#payload = broker.isConnected && broker.maxPayload > 0 ? broker.maxPayload : this.#payload;
  }

  /** The longest payload of a frame that can be stored, in bytes. */
  get maxFrame(): number {
    return this.#parts.maxBatch() - STAMPED;
  }

  /** The bytes of the posts that have no outcome yet. */
  get held(): number {
    return this.#held;
  }

  get backpressure(): Promise<void> | undefined {
    return this.#pressure?.promise;
  }

  rooms(): RoomRecord[] {
    const topics = new Map(this.#options.settings.topics());
    const records: RoomRecord[] = [];
    for (const { name, head } of this.#options.rooms) {
      const topic = topics.get(name) ?? "";
      topics.delete(name);
      if (head > 0 || topic !== "") records.push({ room: name, head, topic });
    }
    for (const [room, topic] of topics) records.push({ room, head: 0, topic });
    return records;
  }

  open(name: string, reader: RoomReader): RoomLog {
    const room = this.#options.rooms.get(tokenOf(name), name);
    const log = new StreamLog(room, reader, this.#parts);
    this.#logs.set(room, log);
    return log;
  }

  #closed(log: StreamLog): void {
    this.#logs.delete(log.room);
    this.#touched.delete(log);
    this.#blocked.delete(log);
    this.#options.rooms.forget(log.room);
  }

  reach(name: string, id: number): Promise<void> | undefined {
    const head = this.#options.rooms.find(tokenOf(name))?.head ?? 0;
    return id <= head ? undefined : this.#catchUp();
  }

  /** Reads everything that the stream has now, or what can be read within some seconds. */
  async #catchUp(): Promise<void> {
    const { clock } = this.#options;
    const time = Promise.withResolvers<void>();
    const cancel = clock.after(CATCH_UP_MS, time.resolve);
    let isOver = false;
    const synced = async () => {
      for (let isSynced = false; !isSynced && !isOver;) {
        isSynced = await this.#state.sync().then(() => true, () => false);
        // The broker cannot be reached, or its servers elect a leader.
        if (!isSynced) await new Promise<void>((resolve) => clock.after(CATCH_UP_RETRY_MS, resolve));
      }
    };
    await Promise.race([synced(), time.promise]);
    isOver = true;
    cancel();
  }

  flush(): void {
    const touched = this.#touched;
    this.#touched = new Set();
    for (const log of touched) log.publish();
  }

  /** Resumes the logs that waited for the outcome of another log's post. */
  #settled(): void {
    if (this.#blocked.size === 0) return;
    const blocked = this.#blocked;
    this.#blocked = new Set();
    for (const log of blocked) log.publish();
  }

  #took(message: StoredMessage): void {
    const { rooms, node } = this.#options;
    const room = rooms.get(message.token, message.token);
    if (message.sequence <= room.sequence) return;
    const log = this.#logs.get(room);
    if (log?.landed(message) === true) return;
    const batch = room.add(message);
    if (batch === undefined) this.#skipped(room, message);
    else if (batch.node !== node) {
      for (const [index, { session, origin, ref, at }] of batch.posts.entries()) {
        const place = { room: room.name, id: batch.first + index, at };
        if (ref !== undefined) this.#refs.add({ session, origin, ref }, place);
      }
    }
    log?.arrived(batch, message.body);
  }

  #skipped(room: StoredRoom, { sequence, header, size }: StoredMessage): void {
    // A listener that has begun to number the room anew knows nothing of its messages: they are gone.
    if (parseBatch(header, room.token, size)?.first === 1) return this.#state.purged(room);
    if (this.#damaged.has(room)) return;
    this.#damaged.add(room);
    const { log, names: { stream } } = this.#options;
    log({
      event: "failed",
      text:
        `Cannot read message ${sequence} of the stream ${stream}: no listener wrote it, and it is skipped`,
    });
  }

  #stored(room: StoredRoom, batch: OwnBatch, sequence: number): void {
    room.append({ ...batch, sequence });
    this.#logs.get(room)?.stored(batch);
  }

  #hold(bytes: number): void {
    this.#held += bytes;
    if (this.#held >= MOST_HELD) this.#pressure ??= Promise.withResolvers<void>();
    else if (this.#pressure !== null && this.#held <= MOST_HELD / 2) {
      this.#pressure.resolve();
      this.#pressure = null;
    }
  }

  find(session: string, ref: Ref): Place | undefined {
    return this.#refs.find(session, ref);
  }

  sessionEnded(session: string): void {
    this.#refs.sessionEnded(session);
  }

  setTopic(room: string, topic: string, by?: string): void {
    this.#options.settings.setTopic(room, topic, by);
  }

  bans(): Ban[] {
    return this.#options.settings.bans();
  }

  ban(ban: Ban, by?: string): void {
    this.#options.settings.ban(ban, by);
  }

  unban(ban: Pick<Ban, "kind" | "value">): void {
    this.#options.settings.unban(ban);
  }

  expire(now: number): void {
    const { broker, clock } = this.#options;
    const ticks = clock.ticks();
    if (!broker.isConnected || ticks - this.#retainedAt < RETAIN_EVERY_MS) return;
    this.#retainedAt = ticks;
    void this.retained(now);
  }

  /** Drops messages that need not be kept any longer, and resolves when that is done. `now` is in seconds since 1970. */
  async retained(now: number): Promise<void> {
    await this.#retention.run(now);
  }

  close(): void {
    this.#unwatch();
    this.#wanted.unsubscribe();
    this.#feed.close();
    this.#retention.close();
    this.#state.close();
    this.#options.clock.close();
  }
}
