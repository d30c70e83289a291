/** The chats that are measured: listeners on nats-servers, or one with a file, and peers that measure times. */

import { ChatNode } from "../../tests/cluster/chaos/node.ts";
import { type NatsCluster, startNats, startNatsCluster } from "../../tests/cluster/nats_server.ts";
import { TestPeer, type Told } from "../../tests/integration/listening.ts";

/** A chat that runs. */
export class BenchChat implements AsyncDisposable {
  readonly servers: NatsCluster | null;
  readonly nodes: readonly ChatNode[];
  readonly #folder: string;

  private constructor(servers: NatsCluster | null, nodes: readonly ChatNode[], folder: string) {
    this.servers = servers;
    this.nodes = nodes;
    this.#folder = folder;
  }

  /** Starts one; without servers it is kept in a file. Each message is kept on all servers. */
  static async start(
    { servers: count, listeners }: { servers: 0 | 1 | 3; listeners: number },
  ): Promise<BenchChat> {
    const servers = count === 0 ? null : count === 1 ? await startNats() : await startNatsCluster();
    const folder = await Deno.makeTempDir({ prefix: "chat-bench-" });
    const history = servers === null ? `${folder}/chat.db` : `nats://${servers.address}/bench`;
    const args = servers === null ? [] : ["--replicas", String(count)];
    const nodes = Array.from(
      { length: listeners },
      (_, n) => new ChatNode({ name: `listener ${n + 1}`, history, args }),
    );
    const chat = new BenchChat(servers, nodes, folder);
    for (const node of nodes) await node.start();
    return chat;
  }

  get ports(): number[] {
    return this.nodes.map((node) => node.port!);
  }

  get pids(): number[] {
    return this.nodes.map((node) => node.pid!);
  }

  /** Connects a peer that is in the lobby of a listener. */
  async enter(listener: number, nick: string): Promise<TestPeer> {
    const peer = new TestPeer(await Deno.connect({ hostname: "127.0.0.1", port: this.ports[listener]! }));
    peer.conn.setNoDelay(true);
    peer.send({ type: "hello", nick, replay: 0 });
    await peer.until("replay");
    return peer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const node of this.nodes) await node[Symbol.asyncDispose]();
    await this.servers?.[Symbol.asyncDispose]();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** A peer that posts at a steady rate, and notes when each post was acked. */
export class Probe {
  /** When posts were acked, in milliseconds. */
  readonly ackedAt: number[] = [];
  readonly #peer: TestPeer;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #reading: Promise<void>;

  constructor(peer: TestPeer, intervalMs: number) {
    this.#peer = peer;
    let ref = 1;
    this.#timer = setInterval(() => peer.send({ type: "message", body: "probe", ref: ref++ }), intervalMs);
    this.#reading = this.#read();
  }

  async #read(): Promise<void> {
    for (let told: Told | null = await this.#next(); told !== null; told = await this.#next()) {
      if (told.type === "ack") this.ackedAt.push(performance.now());
      if (told.type === "ping") this.#peer.send({ type: "pong" });
    }
  }

  #next(): Promise<Told | null> {
    return this.#peer.receive().catch(() => null);
  }

  /** The longest time between two acks since a moment, the time since the last one included. */
  longestGap(since: number): number {
    let longest = 0;
    let before = since;
    for (const at of [...this.ackedAt.filter((at) => at > since), performance.now()]) {
      longest = Math.max(longest, at - before);
      before = at;
    }
    return longest;
  }

  async end(): Promise<void> {
    clearInterval(this.#timer);
    this.#peer[Symbol.dispose]();
    await this.#reading;
  }
}
