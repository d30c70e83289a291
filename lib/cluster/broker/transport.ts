/** Transport of the NATS client on the runtime's own sockets. */

import type { ConnectionOptions, Server, Transport } from "@nats-io/nats-core/internal";
import { formatEndpoint } from "../../base/address.ts";
import { checkInfo, noServer, notEncrypted } from "./failures.ts";

/** The size of one read, in bytes. */
const READ_SIZE = 64 * 1024;

/** The longest first line of a server, in bytes. */
const MAX_INFO = 64 * 1024;

const NEWLINE = 10;

/** A connection to one server. It reads the server's first line, and encrypts if either end requires it. */
export class SocketTransport implements Transport {
  readonly lang = "chat";
  readonly version = "1";
  closeError?: Error;
  #conn: Deno.Conn | undefined;
  readonly #buffer = new Uint8Array(READ_SIZE);
  #first: Uint8Array[] = [];
  #waiting: Uint8Array[] = [];
  #isWriting = false;
  #isDone = false;
  #isEncrypted = false;
  readonly #closed = Promise.withResolvers<void | Error>();

  get isClosed(): boolean {
    return this.#isDone;
  }

  async connect({ hostname, port, tlsName }: Server, { tls }: ConnectionOptions): Promise<void> {
    const conn = await Deno.connect({ hostname, port });
    if (this.#isDone) return conn.close();
    conn.setNoDelay(true);
    this.#conn = conn;
    const server = formatEndpoint({ host: hostname, port });
    const info = await this.#readInfo(conn, server);
    checkInfo(info, server);
    if (!tls && !info.tls_required) return;
    if (!info.tls_required && !info.tls_available) throw notEncrypted(server);
    const secured = await Deno.startTls(conn, {
      hostname: tlsName || hostname,
      ...(tls?.ca === undefined ? {} : { caCerts: [tls.ca] }),
    });
    this.#conn = secured;
    if (this.#isDone) return secured.close();
    await secured.handshake();
    this.#isEncrypted = true;
  }

  /** Reads the first line of a server, and keeps the bytes that were read for the client. */
  async #readInfo(conn: Deno.Conn, server: string): Promise<Record<string, unknown>> {
    let text = "";
    while (!text.includes("\n")) {
      const bytes = await this.#read(conn);
      if (bytes === null || text.length > MAX_INFO) break;
      this.#first.push(bytes);
      text += new TextDecoder("latin1").decode(bytes.subarray(0, bytes.indexOf(NEWLINE) + 1 || undefined));
    }
    const json = /^INFO\s+(.*)\n/is.exec(text)?.[1];
    if (json === undefined) throw noServer(server);
    try {
      return JSON.parse(json);
    } catch {
      throw noServer(server);
    }
  }

  async *[Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    yield* this.#first;
    this.#first = [];
    try {
      while (!this.#isDone) {
        const bytes = await this.#read(this.#conn!);
        if (bytes === null) break;
        yield bytes;
      }
      this.#end();
    } catch (error) {
      this.#end(error);
    }
  }

  async #read(conn: Deno.Conn): Promise<Uint8Array | null> {
    const size = await conn.read(this.#buffer);
    // A copy, because the client keeps views of the bytes that it gets.
    return size === null ? null : this.#buffer.slice(0, size);
  }

  isEncrypted(): boolean {
    return this.#isEncrypted;
  }

  send(frame: Uint8Array): void {
    if (this.#isDone) return;
    this.#waiting.push(frame);
    if (!this.#isWriting) void this.#write();
  }

  async #write(): Promise<void> {
    this.#isWriting = true;
    try {
      while (this.#waiting.length > 0 && !this.#isDone) {
        const frames = this.#waiting;
        this.#waiting = [];
        for (const frame of frames) {
          for (let at = 0; at < frame.length;) at += await this.#conn!.write(frame.subarray(at));
        }
      }
    } catch (error) {
      this.#end(error);
    } finally {
      this.#isWriting = false;
    }
  }

  close(error?: Error): Promise<void> {
    this.#end(error);
    return Promise.resolve();
  }

  disconnect(): void {
    this.#end();
  }

  discard(): void {
    this.#end();
  }

  closed(): Promise<void | Error> {
    return this.#closed.promise;
  }

  #end(error?: unknown): void {
    if (this.#isDone) return;
    this.#isDone = true;
    if (error instanceof Error) this.closeError = error;
    try {
      this.#conn?.close();
    } catch {
      // It is closed already.
    }
    this.#closed.resolve(this.closeError);
  }
}
