/** State of a stream, which the broker is asked for once a second and on demand. */

import type { Clock } from "../../base/clock.ts";
import type { Broker } from "../broker/broker.ts";
import { isMissing } from "../broker/failures.ts";
import type { StreamInfo } from "../broker/nats.ts";
import type { Feed } from "./feed.ts";
import type { LogNames } from "./names.ts";
import type { StoredRoom } from "./rooms.ts";

/** The options of a {@linkcode StreamState}. */
export interface StreamStateOptions {
  readonly broker: Broker;
  readonly names: LogNames;
  readonly clock: Clock;
  /** When the stream was made. */
  readonly created: string;
  readonly feed: Pick<Feed, "reach" | "caughtUp">;
  /** Called once if the stream is gone, or is another one. */
  readonly onLost: (text: string) => void;
}

/** The time between two questions, in milliseconds. */
const INTERVAL_MS = 1_000;

/** The time in which the feed should deliver the newest messages, in milliseconds. After it they are read. */
const GRACE_MS = 100;

/** The number of answers in a row that a stream, or any message of a room, does not exist after which it is lost. */
const GONE_AFTER = 3;

/** Asks for the state of a stream. */
export class StreamState {
  readonly #options: StreamStateOptions;
  #asking: Promise<StreamInfo> | null = null;
  #cancel = () => {};
  #isOver = false;
  /** The number of answers in a row that the stream does not exist. */
  #missing = 0;
  /** The number of answers in a row that a room has no message, by its token. */
  readonly #empty = new Map<string, number>();

  constructor(options: StreamStateOptions) {
    this.#options = options;
    this.#plan();
  }

  /**
   * Makes the feed pass on everything that the stream has now.
   *
   * @throws If the broker does not answer.
   */
  async sync(): Promise<void> {
    // The broker may have answered a pending question already, before the newest messages came.
    await this.#asking?.catch(() => {});
    const { feed } = this.#options;
    const { state } = await this.ask();
    feed.reach(state.last_seq);
    await feed.caughtUp(state.last_seq);
  }

  /**
   * Makes the feed pass on everything that the stream has now, after the broker has said that a room's newest message is
   * another one than this listener knows. It may have none: then somebody has purged them.
   *
   * @throws If the broker does not answer.
   */
  async settle(room: StoredRoom): Promise<void> {
    await this.sync();
    const { broker, names: { stream, stored } } = this.#options;
    // The stream's leader answers, which does not lag behind.
    const newest = await broker.manager.streams.getMessage(stream, { last_by_subj: stored + room.token });
    if (newest !== null || room.sequence === 0) return void this.#empty.delete(room.token);
    const times = (this.#empty.get(room.token) ?? 0) + 1;
    this.#empty.set(room.token, times);
    if (times >= GONE_AFTER) this.purged(room);
  }

  /** Ends the listener, because the messages of a room that it knows were purged. */
  purged({ name }: StoredRoom): void {
    this.#lost(`the messages of the room ${name} in the stream ${this.#options.names.stream} were purged`);
  }

  /** Asks again after a reconnection, because earlier questions may never be answered. */
  reconnected(): void {
    this.#asking = null;
  }

  close(): void {
    this.#isOver = true;
    this.#cancel();
  }

  #plan(): void {
    if (this.#isOver) return;
    this.#cancel = this.#options.clock.after(INTERVAL_MS, () => void this.#check());
  }

  /** Asks for the newest sequence, so that the feed reads what it has missed. */
  async #check(): Promise<void> {
    const { broker, feed, clock } = this.#options;
    try {
      if (broker.isConnected) {
        const { state } = await this.ask();
        if (!this.#isOver) clock.after(GRACE_MS, () => feed.reach(state.last_seq));
      }
    } catch {
      // It is asked again.
    }
    this.#plan();
  }

  /**
   * Asks for the state of the stream. At most one question is pending.
   *
   * @throws If the broker does not answer.
   */
  ask(): Promise<StreamInfo> {
    if (this.#asking !== null) return this.#asking;
    const asking = this.#asking = this.#askNow().finally(() => {
      if (this.#asking === asking) this.#asking = null;
    });
    return asking;
  }

  async #askNow(): Promise<StreamInfo> {
    const { broker, names: { stream }, created } = this.#options;
    try {
      const info = await broker.manager.streams.info(stream);
      this.#missing = 0;
      if (info.created !== created) {
        this.#lost(`the stream ${stream} on the broker was deleted and created again`);
      } else if (isPurged(info)) this.#lost(`the stream ${stream} on the broker was purged`);
      return info;
    } catch (error) {
      if (isMissing(error) && ++this.#missing >= GONE_AFTER) {
        this.#lost(`the stream ${stream} on the broker was deleted`);
      }
      throw error;
    }
  }

  #lost(text: string): void {
    if (this.#isOver) return;
    this.close();
    this.#options.onLost(text);
  }
}

/** Whether a stream once had messages and has none now. Listeners keep the newest message of every room. */
export function isPurged({ state }: StreamInfo): boolean {
  return state.messages === 0 && state.last_seq > 0;
}
