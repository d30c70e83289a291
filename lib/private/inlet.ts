/**
 * The listener's side of TLS: a socket on the loopback that turns TLS into bytes, one connection for each peer.
 *
 * Deno cannot start TLS as a server on a connection that is already open, so this process copies the bytes of each peer
 * to this socket. Connections from other programs of this machine are closed.
 */

import type { Clock } from "../base/clock.ts";
import { EXIT, Exit, messageOf } from "../base/errors.ts";
import type { KeyPair } from "./certificate.ts";

/** Both ends of a connection through the inlet: TLS bytes that are written to `near` are read from `tls` decrypted. */
export interface InletPair {
  readonly near: Deno.TcpConn;
  readonly tls: Deno.TlsConn;
}

/** The wait after an error, such as a lack of file descriptors, in milliseconds. */
const RETRY_MS = 100;

/** Accepts TLS from this process alone. */
export class Inlet {
  readonly #listener: Deno.TlsListener;
  readonly #clock: Clock;
  /** Connections that were made and wait to be accepted, by the port of their near end. */
  readonly #expected = new Map<number, (tls: Deno.TlsConn) => void>();
  /** Connections that were accepted while others were being made, whose ports are not known yet. */
  readonly #unknown = new Map<number, Deno.TlsConn>();
  #connecting = 0;
  #closed = false;

  /** @throws {Exit} If the key is not that of the certificate. */
  constructor({ certificate, key }: KeyPair, clock: Clock) {
    this.#listener = listenTls({ cert: certificate, key });
    this.#clock = clock;
    this.#accept();
  }

  /** The port that it listens on. */
  get port(): number {
    return (this.#listener.addr as Deno.NetAddr).port;
  }

  /**
   * Makes a connection through the inlet.
   * @param signal Cancels the attempt, and closes what it has opened.
   * @throws If it cannot be made.
   */
  async connect(signal: AbortSignal): Promise<InletPair> {
    this.#connecting++;
    let near: Deno.TcpConn | undefined;
    const arrived = Promise.withResolvers<Deno.TlsConn>();
    const giveUp = () => arrived.reject(signal.reason);
    try {
      near = await Deno.connect({ hostname: "127.0.0.1", port: this.port });
      near.setNoDelay(true);
      const { port } = near.localAddr;
      const tls = this.#unknown.get(port);
      this.#unknown.delete(port);
      if (tls !== undefined) return { near, tls };
      this.#expected.set(port, arrived.resolve);
      signal.throwIfAborted();
      signal.addEventListener("abort", giveUp, { once: true });
      return { near, tls: await arrived.promise };
    } catch (error) {
      if (near !== undefined) this.#expected.delete(near.localAddr.port);
      near?.close();
      throw error;
    } finally {
      signal.removeEventListener("abort", giveUp);
      this.#connecting--;
      if (this.#connecting === 0) this.#closeUnknown();
    }
  }

  /** Stops accepting. Open connections stay open. */
  close(): void {
    this.#closed = true;
    this.#listener.close();
  }

  async #accept(): Promise<void> {
    while (!this.#closed) {
      try {
        this.#take(await this.#listener.accept());
      } catch {
        if (this.#closed) return;
        await new Promise<void>((resolve) => this.#clock.after(RETRY_MS, resolve));
      }
    }
  }

  #take(tls: Deno.TlsConn): void {
    const { port } = tls.remoteAddr as Deno.NetAddr;
    const expected = this.#expected.get(port);
    this.#expected.delete(port);
    if (expected !== undefined) return expected(tls);
    this.#unknown.set(port, tls);
    if (this.#connecting === 0) this.#closeUnknown();
  }

  #closeUnknown(): void {
    for (const tls of this.#unknown.values()) tls.close();
    this.#unknown.clear();
  }
}

function listenTls(pair: Deno.TlsCertifiedKeyPem): Deno.TlsListener {
  try {
    return Deno.listenTls({ hostname: "127.0.0.1", port: 0, ...pair });
  } catch (error) {
    if (!/KeyMismatch/.test(messageOf(error))) throw error;
    throw new Exit(EXIT.failed, "listener.key is not the key of listener.crt: restore both", {
      cause: error,
    });
  }
}
