/** Many clients of one server in one process. */

import { pause } from "./processes.ts";
import type { Wire } from "./wires.ts";

/** The options of a {@linkcode Crowd}. */
export interface CrowdOptions {
  readonly wire: Wire;
  /** Of several listeners, each has its share of the clients. */
  readonly port: number | readonly number[];
  readonly size: number;
  /** The number of the first, so that several crowds keep apart. */
  readonly first?: number;
  /** The most bytes that a client reads at a time. */
  readonly readSize?: number;
}

/** A client that reads all that comes, at once. */
export class Client {
  /** The messages and acks that came. */
  messages = 0;
  acks = 0;
  onMessages: ((count: number, client: Client) => void) | undefined;
  onAcks: ((count: number, client: Client) => void) | undefined;
  readonly #conn: Deno.TcpConn;
  readonly #wire: Wire;
  #writing = false;
  #queue: Uint8Array[] = [];
  #closed = false;

  constructor(conn: Deno.TcpConn, wire: Wire) {
    this.#conn = conn;
    this.#wire = wire;
  }

  /** Writes, behind what is being written. The views must stay as they are. */
  write(piece: Uint8Array): void {
    this.#queue.push(piece);
    if (!this.#writing) this.#drain();
  }

  async #drain(): Promise<void> {
    this.#writing = true;
    try {
      for (let piece = this.#queue.shift(); piece !== undefined; piece = this.#queue.shift()) {
        for (let at = 0; at < piece.length;) {
          at += await this.#conn.write(at === 0 ? piece : piece.subarray(at));
        }
      }
    } catch (error) {
      if (!this.#closed) throw error;
    }
    this.#writing = false;
  }

  /** Reads until the connection ends. */
  async read(size: number): Promise<void> {
    const counter = this.#wire.counter();
    const buffer = new Uint8Array(size);
    try {
      for (let count = await this.#conn.read(buffer); count !== null; count = await this.#conn.read(buffer)) {
        const found = counter.count(buffer.subarray(0, count));
        if (found.ping) this.write(this.#wire.pong);
        if (found.acks > 0) {
          this.acks += found.acks;
          this.onAcks?.(found.acks, this);
        }
        if (found.messages > 0) {
          this.messages += found.messages;
          this.onMessages?.(found.messages, this);
        }
      }
    } catch (error) {
      if (!this.#closed) throw error;
      return;
    }
    if (!this.#closed) throw new Error("the server closed a connection");
  }

  close(): void {
    this.#closed = true;
    this.#conn.close();
  }
}

/** The number of connections made at once. More could exceed the server's backlog. */
const CONNECTING = 64;

/** Connects clients that enter and read. */
export async function connectCrowd(
  { wire, port, size, first = 0, readSize = 65536 }: CrowdOptions,
): Promise<Client[]> {
  const clients: Client[] = [];
  const ports = [port].flat();
  for (let number = 0; number < size;) {
    const some = Array.from(
      { length: Math.min(CONNECTING, size - number) },
      (_, index) => first + number + index,
    );
    number += some.length;
    clients.push(
      ...await Promise.all(some.map(async (number) => {
        const client = new Client(await connect(ports[number % ports.length]!), wire);
        client.read(readSize).catch(fail);
        client.write(wire.enter(number));
        return client;
      })),
    );
  }
  return clients;
}

/** Connects without a delay for small writes. */
export async function connect(port: number): Promise<Deno.TcpConn> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  conn.setNoDelay(true);
  return conn;
}

/** Posts until everybody has got a message and nothing more comes: then all are in, and all counts are 0. */
export async function settle(clients: readonly Client[], poster: Client, post: Uint8Array): Promise<void> {
  for (let tries = 0; clients.some((client) => client.messages === 0 && client !== poster); tries++) {
    if (tries === 150) {
      const missing = clients.filter((client) => client.messages === 0).length;
      throw new Error(`${missing} of ${clients.length} clients got no message`);
    }
    poster.write(post);
    await pause(200);
  }
  for (let sum = -1, before = -2; sum !== before;) {
    before = sum;
    await pause(300);
    sum = clients.reduce((sum, client) => sum + client.messages, 0);
  }
  for (const client of clients) client.messages = client.acks = 0;
}

/** A load that failed tells so and ends: no figure is better than a wrong one. */
export function fail(error: unknown): never {
  console.error(`load: ${error instanceof Error ? error.message : error}`);
  Deno.exit(1);
}
