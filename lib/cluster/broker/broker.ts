/** Connection to a message broker: NATS with JetStream. It knows nothing of what is kept there. */

import { formatEndpoint } from "../../base/address.ts";
import type { BrokerAddress } from "../../base/broker_address.ts";
import { BrokerError, describeFailure, isForNow, noServer } from "./failures.ts";
import {
  credsAuthenticator,
  errors,
  jetstream,
  type JetStreamClient,
  type JetStreamManager,
  jetstreamManager,
  type KV,
  type NatsConnection,
  NatsConnectionImpl,
  setTransportFactory,
  type StreamInfo,
} from "./nats.ts";
import { type BucketPlan, openBucket, openStream, type StreamPlan } from "./streams.ts";
import { SocketTransport } from "./transport.ts";

/** The options of {@linkcode connectBroker}. */
export interface BrokerOptions {
  readonly address: BrokerAddress;
  /** The password of the address's user. */
  readonly password?: string | undefined;
  /** The contents of a file of credentials, as `nsc` and `nk` make them, in place of user and password. */
  readonly creds?: Uint8Array | undefined;
  /** The certificates, as PEM, by whose issuers the broker's own is trusted, besides those of the system. */
  readonly ca?: string | undefined;
  /** The name by which the broker's own monitoring shows this connection. */
  readonly name?: string | undefined;
}

/** The state of the connection: `lost` until a server is reached again, which then is `back`. */
export type BrokerChange =
  | { readonly state: "lost" }
  | { readonly state: "back"; readonly server: string }
  /** Something was refused, and the connection goes on or is tried again. */
  | { readonly state: "failed"; readonly text: string };

/** The longest time that reaching one server may take, in milliseconds. */
const CONNECT_MS = 5_000;

/** The longest time that an answer of the broker is waited for, in milliseconds. */
const ANSWER_MS = 5_000;

/** How long the servers of a broker may take to choose leaders, in milliseconds. */
const ELECTION_MS = 20_000;

/** The time between two attempts to reach the same server again, in milliseconds. */
const RETRY_MS = 250;

/** The interval at which a server is pinged; it is given up after two pings without an answer. In milliseconds. */
const PING_MS = 1_000;

/** A connection to a broker. It is made again by itself, for as long as it takes. */
export class Broker {
  readonly connection: NatsConnection;
  readonly jetstream: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly #address: BrokerAddress;
  readonly #watchers = new Set<(change: BrokerChange) => void>();
  #isConnected = true;
  #maxPayload = 0;

  constructor(
    connection: NatsConnection,
    { address, manager }: { address: BrokerAddress; manager: JetStreamManager },
  ) {
    this.connection = connection;
    this.manager = manager;
    this.jetstream = jetstream(connection, { timeout: ANSWER_MS });
    this.#address = address;
    this.#maxPayload = this.maxPayload;
    void this.#watchState();
  }

  /** The name of the chat. */
  get chat(): string {
    return this.#address.chat;
  }

  /** Whether a server is connected now. What is published meanwhile is dropped. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** The largest message that the server takes, headers included, in bytes. While none is connected it is the last one's. */
  get maxPayload(): number {
    const { info } = this.connection;
    if (info !== undefined) this.#maxPayload = info.max_payload;
    return this.#maxPayload;
  }

  /** Calls `then` at each change of the connection's state, in their order. Returns a function that ends this. */
  watch(then: (change: BrokerChange) => void): () => void {
    this.#watchers.add(then);
    return () => void this.#watchers.delete(then);
  }

  /** See {@linkcode openStream}; the errors are those of {@linkcode connectBroker}. */
  openStream(plan: StreamPlan): Promise<StreamInfo> {
    return this.attempt(() => openStream(this.manager, plan));
  }

  /** See {@linkcode openBucket}; the errors are those of {@linkcode connectBroker}. */
  openBucket(plan: BucketPlan): Promise<KV> {
    return this.attempt(() => openBucket(this, plan));
  }

  /**
   * Does something with the broker, and tries again while its servers choose a leader, as they do after one has ended.
   *
   * @throws {BrokerError} With one line for people, if it fails.
   */
  async attempt<T>(act: () => Promise<T>): Promise<T> {
    return await attempt(act, this.connection, this.#address);
  }

  /** Closes the connection, after what was published has been written. */
  async close(): Promise<void> {
    // From here on nothing can be asked, so that no answer is waited for after the end. It fails if the connection is lost.
    const drained = this.connection.drain().catch(() => {});
    if (this.#isConnected) await drained;
    await this.connection.close();
  }

  async #watchState(): Promise<void> {
    for await (const status of this.connection.status()) {
      if (status.type === "disconnect") this.#change({ state: "lost" });
      else if (status.type === "reconnect") this.#change({ state: "back", server: status.server });
      else if (status.type === "error") {
        this.#change({ state: "failed", text: describeFailure(status.error, this.#address) });
      }
    }
  }

  #change(change: BrokerChange): void {
    if (change.state === "lost") {
      if (!this.#isConnected || this.connection.isClosed()) return;
      this.#isConnected = false;
    }
    if (change.state === "back") this.#isConnected = true;
    for (const then of [...this.#watchers]) then(change);
  }
}

/**
 * Connects to a broker.
 *
 * @throws {BrokerError} If that fails, with one line for people.
 */
export async function connectBroker(options: BrokerOptions): Promise<Broker> {
  const { address, password, creds, ca, name = "chat" } = options;
  setTransportFactory({ factory: () => new SocketTransport() });
  let connection: NatsConnection | undefined;
  try {
    connection = await NatsConnectionImpl.connect({
      servers: address.servers.map(formatEndpoint),
      name,
      ...(address.user === undefined ? {} : { user: address.user, pass: password ?? "" }),
      ...(creds === undefined ? {} : { authenticator: credsAuthenticator(creds) }),
      ...(address.isEncrypted || ca !== undefined ? { tls: ca === undefined ? {} : { ca } } : {}),
      timeout: CONNECT_MS,
      reconnectTimeWait: RETRY_MS,
      maxReconnectAttempts: -1,
      // A password may be changed at the broker first and here later.
      ignoreAuthErrorAbort: true,
      pingInterval: PING_MS,
      noAsyncTraces: true,
    });
    const opened = connection;
    const manager = await attempt(() => jetstreamManager(opened, { timeout: ANSWER_MS }), opened, address);
    return new Broker(connection, { address, manager });
  } catch (error) {
    // What answers nothing at all is no broker.
    if (connection === undefined && error instanceof errors.TimeoutError) {
      throw noServer(address.servers.map(formatEndpoint).join(", "));
    }
    await connection?.close();
    throw failureOf(error, address);
  }
}

async function attempt<T>(
  act: () => Promise<T>,
  connection: NatsConnection,
  address: BrokerAddress,
): Promise<T> {
  const until = performance.now() + ELECTION_MS;
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (!isForNow(error) || performance.now() > until) throw failureOf(error, address);
      await pause(connection, RETRY_MS);
      if (connection.isClosed()) throw failureOf(error, address);
    }
  }
}

/** Waits, but not longer than a connection is open. */
async function pause(connection: NatsConnection, ms: number): Promise<void> {
  const time = Promise.withResolvers<void>();
  const timer = setTimeout(time.resolve, ms);
  await Promise.race([time.promise, connection.closed()]);
  clearTimeout(timer);
}

function failureOf(error: unknown, address: BrokerAddress): BrokerError {
  if (error instanceof BrokerError) return error;
  return new BrokerError(describeFailure(error, address), { cause: error });
}
