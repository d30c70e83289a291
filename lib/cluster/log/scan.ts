/** Reading of stored messages in order, each time by a new consumer. */

import type { Clock } from "../../base/clock.ts";
import type { Broker } from "../broker/broker.ts";
import { createInbox, type Msg } from "../broker/nats.ts";
import { BATCH_HEADER } from "./batch.ts";
import type { LogNames } from "./names.ts";

/** A message of the stream. */
export interface StoredMessage {
  readonly sequence: number;
  /** The token of its room. */
  readonly token: string;
  /** The header of its batch; empty if it has none. */
  readonly header: string;
  /** Its body; empty if only headers are read. */
  readonly body: Uint8Array;
  /** The length of its body in bytes. */
  readonly size: number;
}

/** A message as a consumer delivers it. */
interface Delivered extends StoredMessage {
  /** From 1 on, without holes. */
  readonly delivery: number;
}

/** A range of stored messages. */
export interface ScanRange {
  /** The token of the only room that is read; all rooms if not given. */
  readonly token?: string;
  /** The sequence to begin at; `last` for only the newest message of each room. */
  readonly from: number | "last";
  readonly headersOnly?: boolean;
  /** At most this many messages. */
  readonly maxMessages: number;
  /** The approximate size of the result, in bytes; it is at least one message. */
  readonly maxBytes: number;
}

/** The longest wait for the next message, in milliseconds. */
const PATIENCE_MS = 5_000;

/** The time after which the broker drops an unused consumer, in nanoseconds. */
const FORGOTTEN_NS = 10_000_000_000;

/** The most messages that one request asks for. */
const MOST_ASKED = 1_000;

/** The status code if the next message is longer than the request allows. */
const TOO_LONG = 409;

/** The most readings at a time. */
const MOST_READINGS = 8;

/** Reads a stream. */
export class Scanner {
  readonly #broker: Broker;
  readonly #names: LogNames;
  readonly #clock: Clock;
  #readings = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(broker: Broker, names: LogNames, clock: Clock) {
    this.#broker = broker;
    this.#names = names;
    this.#clock = clock;
  }

  /**
   * Reads messages in ascending order of their sequences.
   *
   * The server that answers may be a replica that lags behind: then the newest messages are missing, but none before
   * one that was read.
   *
   * @param each Called with each message; reading ends if it returns false.
   * @throws If the broker does not answer.
   */
  async scan(range: ScanRange, each: (message: StoredMessage) => boolean | void): Promise<void> {
    if (this.#readings >= MOST_READINGS) await new Promise<void>((go) => this.#waiting.push(go));
    else this.#readings++;
    try {
      await this.#read(range, each);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#readings--;
      else next();
    }
  }

  async #read(range: ScanRange, each: (message: StoredMessage) => boolean | void): Promise<void> {
    const { manager } = this.#broker;
    const { stream, stored } = this.#names;
    const { token, from, headersOnly = false } = range;
    const { name, num_pending: pending } = await manager.consumers.add(stream, {
      ack_policy: "none",
      ...(from === "last"
        ? { deliver_policy: "last_per_subject" }
        : { deliver_policy: "by_start_sequence", opt_start_seq: Math.max(1, from) }),
      filter_subject: stored + (token ?? "*"),
      headers_only: headersOnly,
      mem_storage: true,
      num_replicas: 1,
      inactive_threshold: FORGOTTEN_NS,
    });
    try {
      let messages = Math.min(range.maxMessages, pending);
      let bytes = range.maxBytes;
      let delivered = 0;
      while (messages > 0 && bytes > 0) {
        const got = await this.#pull(name, { messages, bytes, delivered }, each);
        // A message that is longer than `maxBytes` is read alone.
        const { count, size, isEnd } = got.count > 0 || !got.isTooLong
          ? got
          : await this.#pull(name, { messages: 1, bytes: Infinity, delivered }, each);
        messages = isEnd ? 0 : messages - count;
        bytes -= size;
        delivered += count;
      }
    } finally {
      manager.consumers.delete(stream, name).catch(() => {
        // The broker drops it by itself.
      });
    }
  }

  /** Asks a consumer once for its next messages. */
  async #pull(
    consumer: string,
    most: { messages: number; bytes: number; delivered: number },
    each: (message: StoredMessage) => boolean | void,
  ): Promise<Pulled> {
    const { connection } = this.#broker;
    const { stream, stored } = this.#names;
    const asked = Math.min(most.messages, MOST_ASKED);
    const inbox = createInbox();
    const done = Promise.withResolvers<Pulled>();
    let [count, size, isDone] = [0, 0, false];
    const end = (isEnd: boolean, isTooLong = false) => {
      isDone = true;
      done.resolve({ count, size, isEnd, isTooLong });
    };
    const take = (message: Msg) => {
      const found = storedMessage(message, stored);
      if (found === undefined) return end(true, message.headers?.code === TOO_LONG);
      // Messages that a lost connection has swallowed are not delivered again.
      if (found.delivery !== most.delivered + ++count) {
        isDone = true;
        return done.reject(new Error("messages of the broker were lost"));
      }
      size += message.data.length + found.header.length;
      if (each(found) === false) end(true);
      else if (count === asked) end(false);
    };
    const subscription = connection.subscribe(inbox, {
      callback: (error, message) => {
        if (isDone) return;
        if (error) done.reject(error);
        else take(message);
      },
    });
    let stop = () => {};
    const watch = (before: number) => {
      stop = this.#clock.after(PATIENCE_MS, () => {
        if (count === before) done.reject(new Error("the broker does not answer"));
        else watch(count);
      });
    };
    watch(0);
    const request = {
      batch: asked,
      no_wait: true,
      ...(most.bytes === Infinity ? {} : { max_bytes: most.bytes }),
    };
    connection.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`, JSON.stringify(request), {
      reply: inbox,
    });
    try {
      return await done.promise;
    } finally {
      isDone = true;
      stop();
      subscription.unsubscribe();
    }
  }
}

/** The result of one request: the messages, their bytes, and whether the range has no more. */
interface Pulled {
  readonly count: number;
  readonly size: number;
  readonly isEnd: boolean;
  /** Whether the next message is longer than the request allows. */
  readonly isTooLong: boolean;
}

/** Reads a message that a consumer has delivered; undefined if it is a status message. */
function storedMessage({ subject, reply, headers, data }: Msg, stored: string): Delivered | undefined {
  // $JS.ACK, two or four names, how often it was delivered, its sequence in the stream, and that of the consumer.
  const parts = reply?.split(".") ?? [];
  if (parts[1] !== "ACK" || !subject.startsWith(stored)) return undefined;
  const at = parts.length === 9 ? 5 : 7;
  const size = headers?.get("Nats-Msg-Size");
  return {
    sequence: Number(parts[at]),
    delivery: Number(parts[at + 1]),
    token: subject.slice(stored.length),
    header: headers?.get(BATCH_HEADER) ?? "",
    body: data,
    size: size ? Number(size) : data.length,
  };
}
