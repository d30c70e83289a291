/** Histories on real servers, for tests. */

import { SYSTEM_CLOCK } from "../../../lib/base/clock.ts";
import { type Broker, connectBroker } from "../../../lib/cluster/broker/broker.ts";
import type { IdStamp } from "../../../lib/cluster/log/frames.ts";
import { openLog, type StreamHistory } from "../../../lib/cluster/log/mod.ts";
import type { Retain } from "../../../lib/history/retain.ts";
import type { Settings } from "../../../lib/cluster/log/settings.ts";
import type { Ban } from "../../../lib/history/history.ts";
import type { LogEvent } from "../../../lib/log/log.ts";
import type { NatsCluster } from "../nats_server.ts";

/** Leaves the frames of tests as they are, which are no pickles. */
export const NO_STAMP: IdStamp = {
  fits: () => true,
  length: () => 0,
  write: (target, offset, payload) => target.set(payload, offset),
};

/** Topics and bans of one listener. */
class OwnSettings implements Settings {
  readonly #topics = new Map<string, string>();
  readonly #bans = new Map<string, Ban>();

  topics(): ReadonlyMap<string, string> {
    return this.#topics;
  }

  setTopic(room: string, topic: string): void {
    this.#topics.set(room, topic);
  }

  bans(): Ban[] {
    return [...this.#bans.values()];
  }

  ban(ban: Ban): void {
    this.#bans.set(`${ban.kind} ${ban.value}`, ban);
  }

  unban({ kind, value }: Pick<Ban, "kind" | "value">): void {
    this.#bans.delete(`${kind} ${value}`);
  }
}

/** The options of a {@linkcode TestNode}. */
export interface TestNodeOptions {
  readonly replicas?: number;
  readonly retain?: Retain;
  readonly stamp?: IdStamp;
  /** Makes the connection lose things. */
  readonly faults?: (broker: Broker) => void;
}

/** A history on a broker of its own connection. */
export class TestNode implements AsyncDisposable {
  readonly events: LogEvent[] = [];
  readonly lost = Promise.withResolvers<string>();
  readonly broker: Broker;
  history!: StreamHistory;

  private constructor(broker: Broker) {
    this.broker = broker;
  }

  /** Opens the history of a chat. */
  static async open(
    servers: NatsCluster,
    chat: string,
    { replicas, retain = {}, stamp = NO_STAMP, faults }: TestNodeOptions = {},
  ): Promise<TestNode> {
    const endpoints = servers.nodes.map(({ port }) => ({ host: "127.0.0.1", port }));
    const address = { servers: endpoints, user: undefined, chat, isEncrypted: false };
    const node = new TestNode(await connectBroker({ address }));
    faults?.(node.broker);
    node.history = await openLog({
      broker: node.broker,
      replicas,
      retain,
      stamp,
      settings: new OwnSettings(),
      clock: SYSTEM_CLOCK,
      log: (event) => node.events.push(event),
      randomName: () => crypto.randomUUID(),
      onLost: (text) => node.lost.resolve(text),
    });
    return node;
  }

  /** Resolves when all posts have their outcomes. */
  async settled(): Promise<void> {
    while (this.history.held > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }

  /** Resolves when a room's messages up to an id are known here. */
  async knows(room: string, head: number): Promise<void> {
    const isKnown = () => this.history.rooms().some((record) => record.room === room && record.head >= head);
    while (!isKnown()) await new Promise((resolve) => setTimeout(resolve, 1));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.history.close();
    await this.broker.close();
  }
}
