/** A listener of the tests' own on loopback, and peers that speak to it frame by frame. */

import { encodeFrame, FrameReader } from "../../lib/frame/mod.ts";
import { DEFAULT_LIMITS, type Limits } from "../../lib/base/limits.ts";
import type { BrokerCommand } from "../../lib/cli/broker.ts";
import { type OpenDoor, serve } from "../../lib/listener.ts";
import type { LogEvent } from "../../lib/log/log.ts";
import { decode } from "../../lib/pickle/decode/decode.ts";
import { encode } from "../../lib/pickle/encode/encode.ts";
import type { Value } from "../../lib/pickle/values/values.ts";

/** A listener that runs until it is disposed of. */
export class Listening implements AsyncDisposable {
  readonly port: number;
  readonly log: LogEvent[];
  readonly #controller: AbortController;
  /** Settles when it has ended. */
  readonly served: Promise<void>;

  private constructor(port: number, log: LogEvent[], controller: AbortController, served: Promise<void>) {
    this.port = port;
    this.log = log;
    this.#controller = controller;
    this.served = served;
  }

  static async start(
    options: {
      greeting?: Value;
      limits?: Partial<Limits>;
      history?: string;
      broker?: BrokerCommand;
      operatorToken?: string;
      numpy?: boolean;
      openDoor?: OpenDoor;
    } = {},
  ): Promise<Listening> {
    const controller = new AbortController();
    const log: LogEvent[] = [];
    const port = Promise.withResolvers<number>();
    const served = serve({
      host: "127.0.0.1",
      port: 0,
      replay: 50,
      // Nobody is to be taken for a guest because the machine was slow. A test about guests says when they enter.
      limits: { ...DEFAULT_LIMITS, enterAfter: 3_600_000, ...options.limits },
      version: "test",
      log: (event) => log.push(event),
      signal: controller.signal,
      onListening: port.resolve,
      greeting: options.greeting,
      history: options.history,
      broker: options.broker,
      operatorToken: options.operatorToken,
      numpy: options.numpy,
      openDoor: options.openDoor,
    });
    served.catch(port.reject);
    return new Listening(await port.promise, log, controller, served);
  }

  /** Ends it as a signal would. */
  async end(): Promise<void> {
    this.#controller.abort("end of the test");
    await this.served;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end();
  }

  /** Connects a peer. */
  async connect(): Promise<TestPeer> {
    return new TestPeer(await Deno.connect({ hostname: "127.0.0.1", port: this.port }));
  }

  /** Connects a peer that has said hello, and gives it with what it was told until it had its replay. */
  async enter(nick: string, hello: Record<string, Value> = {}): Promise<TestPeer> {
    const peer = await this.connect();
    peer.send({ type: "hello", nick, ...hello });
    await peer.until("replay");
    return peer;
  }
}

/** What a peer is told, as a plain object for assertions. */
export type Told = Record<string, unknown>;

/** A peer that writes what it is told to, at once, and reads message by message. */
export class TestPeer implements Disposable {
  readonly conn: Deno.TcpConn;
  readonly #payloads: AsyncIterator<Uint8Array>;
  #written: Promise<unknown> = Promise.resolve();

  constructor(conn: Deno.TcpConn) {
    this.conn = conn;
    this.#payloads = new FrameReader(conn, { maxPayload: 1 << 26 })[Symbol.asyncIterator]();
  }

  /** Sends a message, given as an object. */
  send(message: Record<string, Value>): void {
    this.sendValue(new Map(Object.entries(message)));
  }

  /** Sends any value. */
  sendValue(value: Value): void {
    this.sendBytes(encodeFrame(encode(value)));
  }

  /** Writes bytes as they are. */
  sendBytes(bytes: Uint8Array): void {
    this.#written = this.#written.then(async () => {
      for (let at = 0; at < bytes.length;) at += await this.conn.write(bytes.subarray(at));
    });
  }

  /** The next payload decoded, or null at the end of the stream. */
  async receiveValue(): Promise<Value | null> {
    const { done, value } = await this.#payloads.next();
    return done ? null : decode(value);
  }

  /** The next message as an object, or null at the end of the stream. */
  async receive(): Promise<Told | null> {
    const value = await this.receiveValue();
    return value instanceof Map ? Object.fromEntries(value as Map<string, unknown>) : value as null;
  }

  /** The next message of the type; what comes before it is skipped. */
  async until(type: string): Promise<Told> {
    for (;;) {
      const told = await this.receive();
      if (told === null) throw new Error(`The stream ended before a message of type ${type}`);
      if (told.type === type) return told;
    }
  }

  /** The answer to what carried that ref; what comes before it is skipped, posts of others with such a ref too. */
  async answer(ref: unknown): Promise<Told> {
    for (;;) {
      const told = await this.receive();
      if (told === null) throw new Error(`The stream ended before an answer to ${ref}`);
      if (told.ref === ref && told.type !== "message") return told;
    }
  }

  /** Waits until all was written, then ends its side of the stream. */
  async closeWrite(): Promise<void> {
    await this.#written;
    await this.conn.closeWrite();
  }

  /** Waits until all was written. */
  written(): Promise<unknown> {
    return this.#written;
  }

  [Symbol.dispose](): void {
    try {
      this.conn.close();
    } catch {
      // The test has closed it.
    }
  }
}
