/**
 * Feed of a stream: all its messages in the order of their sequences, each once. The broker republishes each stored
 * message to the connected listeners; messages that a listener misses are read from the stream.
 */

import type { Clock } from "../../base/clock.ts";
import type { Broker } from "../broker/broker.ts";
import type { Msg, Subscription } from "../broker/nats.ts";
import { BATCH_HEADER } from "./batch.ts";
import type { LogNames } from "./names.ts";
import type { Scanner, StoredMessage } from "./scan.ts";

/** The options of a {@linkcode Feed}. */
export interface FeedOptions {
  readonly broker: Broker;
  readonly names: LogNames;
  readonly scanner: Scanner;
  readonly clock: Clock;
  /** The first sequence to pass on. */
  readonly next: number;
  /** Takes the messages. */
  readonly take: (message: StoredMessage) => void;
}

/**
 * The bounds on early messages: those that came while an older one is missing. Further ones are read from the stream.
 */
const MOST_EARLY = 1_000;
const MOST_EARLY_BYTES = 8 * 1024 * 1024;

/** The most messages, and the most bytes, of one reading of the stream. */
const MESSAGES_AT_ONCE = 1_000;
const BYTES_AT_ONCE = 4 * 1024 * 1024;

/** The time before the stream is read again after a reading that failed or found nothing, in milliseconds. */
const RETRY_MS = 100;

/** Passes on the messages of a stream. */
export class Feed {
  readonly #options: FeedOptions;
  readonly #subscription: Subscription;
  /** The next sequence to pass on. */
  #next: number;
  /** Messages after a missing one, by sequence. */
  readonly #early = new Map<number, StoredMessage>();
  #earlyBytes = 0;
  /** The highest sequence that the stream is known to have. */
  #target = 0;
  /** The reading of the stream that is under way. */
  #reading: symbol | null = null;
  #isClosed = false;
  #waiting: { readonly sequence: number; readonly then: () => void }[] = [];

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#next = options.next;
    const { broker, names } = options;
    this.#subscription = broker.connection.subscribe(`${names.feed}*`, {
      callback: (error, message) => {
        if (error === null) this.#took(message);
      },
    });
  }

  /** Whether all messages up to a sequence have been passed on. */
  has(sequence: number): boolean {
    return sequence < this.#next;
  }

  /** Notes that the stream has messages up to a sequence. The missing ones are read from it. */
  reach(sequence: number): void {
    this.#target = Math.max(this.#target, sequence);
    if (!this.has(this.#target)) void this.#read();
  }

  /** Resolves when all messages up to a sequence have been passed on. */
  caughtUp(sequence: number): Promise<void> {
    if (this.has(sequence)) return Promise.resolve();
    return new Promise((then) => this.#waiting.push({ sequence, then }));
  }

  close(): void {
    this.#isClosed = true;
    this.#subscription.unsubscribe();
  }

  #took(message: Msg): void {
    const found = republished(message, this.#options.names.feed);
    if (found === undefined || this.#isClosed || this.has(found.sequence)) return;
    const { sequence } = found;
    if (sequence === this.#next) {
      this.#handOn(found);
      this.#handOnEarly();
    } else {
      this.#keepEarly(found);
      this.reach(sequence);
    }
  }

  #keepEarly(message: StoredMessage): void {
    if (this.#early.size >= MOST_EARLY || this.#earlyBytes + message.size > MOST_EARLY_BYTES) return;
    if (this.#early.has(message.sequence)) return;
    this.#early.set(message.sequence, message);
    this.#earlyBytes += message.size;
  }

  #handOnEarly(): void {
    for (let early; (early = this.#early.get(this.#next)) !== undefined;) this.#handOn(early);
  }

  /** Passes on a message. No message before it is missing, except those that are no longer kept. */
  #handOn(message: StoredMessage): void {
    if (this.#early.delete(message.sequence)) this.#earlyBytes -= message.size;
    this.#next = message.sequence + 1;
    this.#options.take(message);
    if (this.#waiting.length > 0) this.#tellWaiting();
  }

  #tellWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(({ sequence }) => !this.has(sequence));
    for (const { sequence, then } of waiting) if (this.has(sequence)) then();
  }

  /** Starts the reading again after a reconnection, because earlier requests may never be answered. */
  reconnected(): void {
    this.#reading = null;
    this.reach(this.#target);
  }

  /** Reads the missing messages up to the target. */
  async #read(): Promise<void> {
    if (this.#reading !== null) return;
    const own = this.#reading = Symbol();
    try {
      while (!this.#isClosed && this.#reading === own && !this.has(this.#target)) {
        const before = this.#next;
        try {
          await this.#readOnce();
        } catch {
          // The connection or the server is lost: the reading is tried again.
        }
        if (this.#next === before) await this.#pause();
      }
    } finally {
      if (this.#reading === own) this.#reading = null;
    }
  }

  async #readOnce(): Promise<void> {
    const { scanner } = this.#options;
    const range = { from: this.#next, maxMessages: MESSAGES_AT_ONCE, maxBytes: BYTES_AT_ONCE };
    await scanner.scan(range, (message) => {
      if (this.#isClosed) return false;
      // Messages that are missing before it are no longer kept.
      if (!this.has(message.sequence)) this.#handOn(message);
      this.#handOnEarly();
      return !this.has(this.#target);
    });
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => this.#options.clock.after(RETRY_MS, resolve));
  }
}

/** Reads a message that the broker has republished. */
function republished({ subject, headers, data }: Msg, feed: string): StoredMessage | undefined {
  const sequence = Number(headers?.get("Nats-Sequence"));
  if (!Number.isSafeInteger(sequence) || sequence <= 0) return undefined;
  return {
    sequence,
    token: subject.slice(feed.length),
    header: headers!.get(BATCH_HEADER),
    body: data,
    size: data.length,
  };
}
