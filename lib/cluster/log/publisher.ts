/**
 * Publisher of one room. It has one batch in flight, and the broker stores a batch only directly after the message that
 * its publisher expects. So a batch is either the next message of its room or will never be stored, and the room's next
 * message decides which. An error or a lost answer decides nothing: the same batch is published again until the room
 * has a next message.
 */

import type { Clock } from "../../base/clock.ts";
import { messageOf } from "../../base/errors.ts";
import type { AppendAnswer } from "../broker/appender.ts";
import type { Broker } from "../broker/broker.ts";
import { CONFLICTS } from "../broker/failures.ts";
import { BATCH_HEADER } from "./batch.ts";

/** A batch in flight. */
export interface Flight {
  readonly node: string;
  readonly number: number;
  /** The sequence of the message that it follows. */
  readonly after: number;
  readonly header: string;
  readonly body: Uint8Array;
}

/** The options of a {@linkcode Publisher}. */
export interface PublisherOptions<F extends Flight> {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly subject: string;
  /** Makes the feed pass on everything that the stream has now. Rejects if the broker does not answer. */
  readonly sync: () => Promise<void>;
  /** The batch was stored with this sequence. */
  readonly stored: (flight: F, sequence: number) => void;
  /** The batch was not stored, and will not be. */
  readonly refused: (flight: F, text: string) => void;
}

/**
 * JetStream's codes for a batch that is too long, and for a stream that is full, sealed, or has no space left; and the
 * answer to a user who may not publish.
 */
const REFUSALS: ReadonlySet<unknown> = new Set(["denied", 10023, 10028, 10047, 10053, 10054, 10077, 10109]);

/** The time that the answer to a batch may take, in milliseconds. */
const ANSWER_MS = 2_000;

/** The time in which the feed has the batch that won the race, in milliseconds. */
const CONFLICT_MS = 50;

/** The times before a batch is published again, in milliseconds: doubled each time. */
const FIRST_RETRY_MS = 20;
const LAST_RETRY_MS = 500;

/** Publishes the batches of a room, one after the other. */
export class Publisher<F extends Flight> {
  readonly #options: PublisherOptions<F>;
  #flight: F | null = null;
  /** The number of times that the batch was published. */
  #attempts = 0;
  #retryMs = FIRST_RETRY_MS;
  #cancelRetry = () => {};
  /** Ends the wait for the answer. */
  #cancelAnswer = () => {};

  constructor(options: PublisherOptions<F>) {
    this.#options = options;
  }

  /** The batch in flight. */
  get flight(): F | null {
    return this.#flight;
  }

  /** Publishes a batch. No other may be in flight. */
  publish(flight: F): void {
    this.#flight = flight;
    this.#attempts = 0;
    this.#retryMs = FIRST_RETRY_MS;
    this.#send(flight);
  }

  /** Ends the flight: the room's next message is known. */
  landed(): F | null {
    const flight = this.#flight;
    this.#flight = null;
    this.#cancelAnswer();
    this.#cancelRetry();
    return flight;
  }

  /** Publishes the batch in flight again, now that the broker can be reached again. */
  resume(): void {
    this.#retryMs = FIRST_RETRY_MS;
    if (this.#flight !== null) this.#again(this.#flight, 0);
  }

  #send(flight: F): void {
    const { broker, subject } = this.#options;
    // The batch is published when the broker is back.
    if (!broker.isConnected) return;
    this.#attempts++;
    this.#cancelAnswer();
    const { header, body, after } = flight;
    const message = { subject, header: [BATCH_HEADER, header], body, after } as const;
    try {
      this.#cancelAnswer = broker.append(message, (answer) => this.#answered(flight, answer));
    } catch (error) {
      return this.#failed(flight, { code: 0, text: messageOf(error) });
    }
    this.#again(flight, ANSWER_MS);
  }

  #answered(flight: F, answer: AppendAnswer): void {
    if (this.#flight !== flight) return;
    if (!("sequence" in answer)) return this.#failed(flight, answer);
    this.landed();
    this.#options.stored(flight, answer.sequence);
  }

  #failed(flight: F, { code, text }: Exclude<AppendAnswer, { sequence: number }>): void {
    // If a later attempt is refused, an earlier one may still have been stored.
    if (REFUSALS.has(code) && this.#attempts === 1) {
      this.landed();
      this.#options.refused(flight, `the broker does not store it: ${text}`);
    } else if (CONFLICTS.has(code)) {
      this.#settle(flight, CONFLICT_MS);
    } else {
      this.#again(flight, this.#nextRetry());
    }
  }

  /**
   * Publishes the batch again after a while, unless the room's next message comes before. If the batch was stored
   * already, the broker reports a conflict. The publisher does not ask for the state of the stream first: while the
   * servers elect the leader of the cluster, no server answers that, but the stream takes messages.
   */
  #again(flight: F, ms: number): void {
    this.#retry(ms, () => {
      if (this.#flight === flight) this.#send(flight);
    });
  }

  /** After a conflict, makes the feed pass on the room's next message. If there is none, publishes the batch again. */
  #settle(flight: F, ms: number): void {
    this.#retry(ms, async () => {
      try {
        await this.#options.sync();
      } catch {
        if (this.#flight === flight) this.#settle(flight, this.#nextRetry());
        return;
      }
      if (this.#flight === flight) this.#send(flight);
    });
  }

  #nextRetry(): number {
    const ms = this.#retryMs;
    this.#retryMs = Math.min(LAST_RETRY_MS, 2 * ms);
    return ms;
  }

  #retry(ms: number, act: () => void): void {
    this.#cancelRetry();
    this.#cancelRetry = this.#options.clock.after(ms, act);
  }
}
