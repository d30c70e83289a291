/** Connection to a message broker: NATS with JetStream. It is independent of the data that is kept there. */

import { formatEndpoint } from "../../base/address.ts";
import type { BrokerAddress } from "../../base/broker_address.ts";
import { type AppendAnswer, type Appended, Appender } from "./appender.ts";
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
  /**
   * The certificates, as PEM, of authorities that are trusted to sign the broker's certificate, besides the system's.
   */
  readonly ca?: string | undefined;
  /** The name by which the broker's own monitoring shows this connection. */
  readonly name?: string | undefined;
}

/** A change of the connection: `lost`, or `back` when a server is reached again. */
export type BrokerChange =
  | { readonly state: "lost" }
  | { readonly state: "back"; readonly server: string }
  /** The broker refused something. The connection goes on, or is tried again. */
  | { readonly state: "failed"; readonly text: string };

/** The longest time for connecting to one server, in milliseconds. */
const CONNECT_MS = 5_000;

/** The longest wait for an answer of the broker, in milliseconds. */
const ANSWER_MS = 5_000;

/** The longest time for the servers of a broker to elect leaders, in milliseconds. */
const ELECTION_MS = 20_000;

/** The time between two attempts to reach the same server again, in milliseconds. */
const RETRY_MS = 250;

/** The interval of pings, in milliseconds. A server that does not answer two pings is given up. */
const PING_MS = 1_000;

/** A connection to a broker. It reconnects by itself, for as long as it takes. */
export class Broker {
  readonly connection: NatsConnection;
  readonly jetstream: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly #address: BrokerAddress;
  readonly #appender: Appender;
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
    this.#appender = new Appender(connection);
    this.#maxPayload = this.maxPayload;
    void this.#watchState();
  }

  /** The name of the chat. */
  get chat(): string {
    return this.#address.chat;
  }

  /** Whether a server is connected now. If not, everything that is published is dropped. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** The largest message that the server takes, headers included, in bytes. Without a connection, the last server's. */
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

  /** Publishes a message, unless the connection is closed or about to be. Without a connection it is dropped. */
  publish(subject: string, data: string): void {
    const { connection } = this;
    if (!connection.isClosed() && !connection.isDraining()) connection.publish(subject, data);
  }

  /** See {@linkcode Appender.append}. */
  append(message: Appended, answered: (answer: AppendAnswer) => void): () => void {
    return this.#appender.append(message, answered);
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
   * Runs an action on the broker, and tries it again while the servers elect a leader, for example after one has ended.
   *
   * @throws {BrokerError} With one line for people, if it fails.
   */
  async attempt<T>(act: () => Promise<T>): Promise<T> {
    return await attempt(act, this.connection, this.#address);
  }

  /** Closes the connection after everything published has been written. */
  async close(): Promise<void> {
    // From here on requests fail, so no answer is waited for after the end. Draining fails if the connection is lost.
    const drained = this.connection.drain().catch(() => {});
    if (this.#isConnected) await drained;
    await this.connection.close();
  }

  async #watchState(): Promise<void> {
    for await (const status of this.connection.status()) {
      if (status.type === "disconnect") this.#change({ state: "lost" });
      else if (status.type === "reconnect") this.#change({ state: "back", server: status.server });
      else if (status.type === "error") {
        const { error } = status;
        if (error instanceof errors.PermissionViolationError) this.#appender.denied(error);
        this.#change({ state: "failed", text: describeFailure(error, this.#address) });
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
    // An address that answers nothing at all is not a broker's.
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
