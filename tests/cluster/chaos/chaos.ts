/** A chat of several listeners under load and faults, and the check of what must hold after them. */

import { randomOf } from "../../random.ts";
import { type NatsCluster, type NatsOptions, startNats, startNatsCluster } from "../nats_server.ts";
import { ChatNode } from "./node.ts";
import { ChaosPeer } from "./peer.ts";
import { readRooms } from "./reader.ts";

const ROOMS = ["lobby", "ops", "Größe"];

/** The options of {@linkcode Chaos.start}. */
export interface ChaosOptions {
  readonly seed: number;
  /** The number of nats-servers, and on how many each message is kept. Default 3. */
  readonly servers?: number;
  readonly listeners?: number;
  readonly peers?: number;
  readonly nats?: NatsOptions;
}

/** A chat on nats-servers with listeners and peers, all of which it starts and ends. */
export class Chaos implements AsyncDisposable {
  readonly random: (n: number) => number;
  readonly servers: NatsCluster;
  readonly nodes: readonly ChatNode[];
  readonly peers: readonly ChaosPeer[];
  readonly chat: string;

  private constructor(
    servers: NatsCluster,
    { seed, servers: replicas = 3, listeners = 3, peers = 6 }: ChaosOptions,
  ) {
    this.random = randomOf(seed);
    this.servers = servers;
    this.chat = `chaos${seed}`;
    const history = `nats://${servers.address}/${this.chat}`;
    // Nobody is to be taken for a guest because the machine was slow: a guest gets what it has seen elsewhere again.
    const args = ["--replicas", String(replicas), "--enter-after", "1h"];
    this.nodes = Array.from(
      { length: listeners },
      (_, n) => new ChatNode({ name: `listener ${n + 1}`, history, args }),
    );
    this.peers = Array.from({ length: peers }, (_, n) =>
      new ChaosPeer({
        nick: `peer${n + 1}`,
        rooms: ROOMS.slice(0, 1 + n % ROOMS.length),
        random: randomOf(seed * 100 + n),
        port: () => this.#portFor(n),
      }));
  }

  /** Starts servers, listeners and peers, and waits until all peers are in their rooms. */
  static async start(options: ChaosOptions): Promise<Chaos> {
    const { servers = 3, nats = {} } = options;
    const cluster = servers === 1
      ? await startNats(nats)
      : await startNatsCluster({ size: servers, ...nats });
    const chaos = new Chaos(cluster, options);
    try {
      for (const node of chaos.nodes) await node.start();
      for (const peer of chaos.peers) peer.begin();
      await chaos.progress();
    } catch (error) {
      await chaos[Symbol.asyncDispose]();
      throw error;
    }
    return chaos;
  }

  /** The stream that keeps the messages. */
  get stream(): string {
    return `chat-${this.chat}`;
  }

  /** A peer prefers one listener, so that each has some, and goes to another where that does not answer. */
  #portFor(peer: number): number | undefined {
    const ports = this.nodes.map((node) => node.isPaused ? undefined : node.port);
    const preferred = ports[peer % ports.length];
    if (preferred !== undefined && this.random(4) > 0) return preferred;
    const others = ports.filter((port) => port !== undefined);
    return others[this.random(others.length)];
  }

  /** Waits until each peer has had so many more acks, and fails after a minute. Gives how long it took, in milliseconds. */
  async progress(acks = 5, most = 60_000): Promise<number> {
    const begin = performance.now();
    const wanted = this.peers.map((peer) => peer.counts.acks + acks);
    while (this.peers.some((peer, n) => peer.counts.acks < wanted[n]!)) {
      if (performance.now() - begin > most) {
        const stuck = this.peers.filter((peer, n) => peer.counts.acks < wanted[n]!);
        throw new Error(`No progress of ${stuck.map((peer) => peer.nick)}: ${this.#state()}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return performance.now() - begin;
  }

  /**
   * Ends the load, waits until all peers have everything, and checks that all of them and all listeners have the same,
   * without holes, doubles and losses.
   *
   * @returns All that does not hold; empty if all is well.
   */
  async check(): Promise<string[]> {
    const faults = await this.#settle();
    const stored: Map<string, Map<number, string>>[] = [];
    for (const node of this.nodes) {
      if (node.port === undefined) faults.push(`${node.name} does not run`);
      else stored.push(await readRooms(node.port, ROOMS));
    }
    const [first] = stored;
    if (first === undefined) return faults;
    const hashes = new Set<string>();
    for (const rooms of stored) hashes.add(await hashOf(rooms));
    if (hashes.size > 1) faults.push(`the listeners have different messages: ${compare(stored)}`);
    for (const [room, messages] of first) {
      const ids = [...messages.keys()].sort((a, b) => a - b);
      if (ids.some((id, n) => id !== n + 1)) {
        faults.push(`${room} has holes: ${ids.length} messages up to ${ids.at(-1)}`);
      }
      if (new Set(messages.values()).size < messages.size) faults.push(`${room} has a post twice`);
      faults.push(...disorder(room, ids.map((id) => messages.get(id)!)));
    }
    for (const peer of this.peers) {
      faults.push(...peer.faults);
      for (const [room, messages] of peer.got) {
        for (const [id, body] of messages) {
          if (first.get(room)?.get(id) !== body) faults.push(`${peer.nick} got another ${room} ${id}`);
        }
      }
      for (const [body, { room, id }] of peer.acked) {
        if (first.get(room)?.get(id) !== body) {
          faults.push(`${peer.nick}: ${room} ${id} was acked and is another`);
        }
      }
    }
    for (const node of this.nodes) faults.push(...node.faults);
    return faults;
  }

  /** What was done, for people. */
  get summary(): string {
    const sum = (count: (peer: ChaosPeer) => number) =>
      this.peers.reduce((all, peer) => all + count(peer), 0);
    const acks = sum((peer) => peer.counts.acks);
    const connections = sum((peer) => peer.counts.connections);
    const again = sum((peer) => peer.counts.again);
    const wait = Math.max(...this.peers.map((peer) => peer.longestWait));
    return `${acks} posts acked, ${again} posted again, ${connections} connections, longest wait ${
      Math.round(wait)
    } ms`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.peers.map((peer) => peer.end()));
    await Promise.all(this.nodes.map((node) => node[Symbol.asyncDispose]()));
    await this.servers[Symbol.asyncDispose]();
  }

  /** Waits until nothing is unacked and all peers know the newest messages of their rooms. */
  async #settle(): Promise<string[]> {
    for (const peer of this.peers) peer.isPosting = false;
    const begin = performance.now();
    while (!this.#isLevel()) {
      if (performance.now() - begin > 60_000) return [`not everything came: ${this.#state()}`];
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return [];
  }

  #isLevel(): boolean {
    const isDone = this.peers.every((peer) => peer.unacked === 0 && peer.isIn);
    return isDone && ROOMS.every((room) => new Set(this.#lasts(room)).size === 1);
  }

  #lasts(room: string): (number | undefined)[] {
    return this.peers.filter((peer) => peer.rooms.includes(room)).map((peer) => peer.last(room));
  }

  #state(): string {
    const peers = this.peers.map((peer) => `${peer.nick} ${peer.isIn ? "in" : "out"} ${peer.unacked}`);
    const nodes = this.nodes.map((node) =>
      `${node.name} ${node.port ?? "down"} ${JSON.stringify(node.log.at(-1))}`
    );
    const rooms = ROOMS.map((room) => `${room} ${this.#lasts(room)}`);
    return [...peers, ...rooms, ...nodes, ...this.peers.flatMap((peer) => peer.faults.slice(0, 3))].join(
      "; ",
    );
  }
}

/** Each peer's posts to a room must be in the order in which it posted them. */
function disorder(room: string, bodies: readonly string[]): string[] {
  const refs = new Map<string, number>();
  const faults: string[] = [];
  for (const body of bodies) {
    const [nick, ref] = body.split(" ", 2);
    const before = refs.get(nick!) ?? 0;
    if (Number(ref) <= before) faults.push(`${room}: ${nick} ${ref} stands behind ${before}`);
    refs.set(nick!, Number(ref));
  }
  return faults;
}

async function hashOf(rooms: Map<string, Map<number, string>>): Promise<string> {
  const all = [...rooms].map(([room, messages]) => [room, [...messages].sort(([a], [b]) => a - b)]);
  const bytes = new TextEncoder().encode(JSON.stringify(all));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

function compare(stored: readonly Map<string, Map<number, string>>[]): string {
  return stored.map((rooms) => [...rooms].map(([room, messages]) => `${room} ${messages.size}`).join(" "))
    .join("; ");
}
