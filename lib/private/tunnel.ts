/** One peer's TLS: its socket, the copies to and from the inlet, and the decrypted stream. */

import { joined } from "../base/bytes.ts";
import { endOfTurn } from "../base/turn.ts";
import type { Duplex } from "../connection/duplex.ts";
import type { Inlet } from "./inlet.ts";
import { Relay } from "./relay.ts";

/** The most bytes that are joined in the first turn. */
const MAX_FIRST = 64 * 1024;

/** The decrypted stream of a peer. */
export class Tunnel implements Duplex {
  readonly #tls: Deno.TlsConn;
  readonly #relay: Relay;
  /** The bytes to write first, until they are written; null after that. */
  #first: Uint8Array | null | undefined = undefined;
  /** Resolves when those bytes are written; null after that, and before there are any. */
  #flushed: Promise<void> | null = null;
  #closed = false;

  private constructor(tls: Deno.TlsConn, relay: Relay) {
    this.#tls = tls;
    this.#relay = relay;
  }

  /**
   * Performs the TLS handshake with a peer.
   *
   * @param outer The peer's stream, from its first byte on. It is closed if this fails.
   * @param signal Cancels the handshake.
   * @throws If the handshake fails or is cancelled; then all descriptors are closed.
   */
  static async open(outer: Duplex, inlet: Inlet, signal: AbortSignal): Promise<Tunnel> {
    let tunnel: Tunnel | undefined;
    const close = () => tunnel?.close();
    try {
      const { near, tls } = await inlet.connect(signal);
      tunnel = new Tunnel(tls, new Relay(outer, near));
      signal.addEventListener("abort", close, { once: true });
      if (signal.aborted) tunnel.close();
      await tls.handshake();
      signal.throwIfAborted();
      return tunnel;
    } catch (error) {
      if (tunnel === undefined) outer.close();
      else tunnel.close();
      throw error;
    } finally {
      signal.removeEventListener("abort", close);
    }
  }

  async read(into: Uint8Array): Promise<number | null> {
    try {
      return await this.#tls.read(into);
    } catch (error) {
      // Many programs close their socket without TLS's close_notify. The framing shows whether anything is missing.
      if (error instanceof Deno.errors.UnexpectedEof) return null;
      throw error;
    }
  }

  /**
   * Writes bytes. Everything that is written in the first turn of the event loop is sent together. Otherwise the
   * inlet's socket would hold a second small piece back, up to 40 ms, until the first is acknowledged (Nagle's
   * algorithm).
   */
  write(bytes: Uint8Array): Promise<number> {
    if (this.#first === undefined) {
      this.#first = bytes.slice();
      const flushed = this.#flushed = endOfTurn().then(() => this.#flush());
      // The next read or write reports the failure.
      flushed.catch(() => {});
      return Promise.resolve(bytes.length);
    }
    if (this.#flushed === null) return this.#tls.write(bytes);
    if (this.#first === null || this.#first.length > MAX_FIRST) {
      return this.#flushed.then(() => this.write(bytes));
    }
    this.#first = joined([this.#first, bytes], this.#first.length + bytes.length);
    return Promise.resolve(bytes.length);
  }

  async #flush(): Promise<void> {
    const bytes = this.#first!;
    this.#first = null;
    for (let at = 0; at < bytes.length;) at += await this.#tls.write(bytes.subarray(at));
    this.#flushed = null;
  }

  /** Ends the direction to the peer. Resolves when the last byte is on its way. */
  async closeWrite(): Promise<void> {
    await this.#flushed;
    await this.#tls.closeWrite();
    await this.#relay.outgoing;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    // The inlet's end waits for the end of the stream. Within a handshake it would never close if it were closed first.
    this.#relay.close();
    this.#tls.close();
  }
}
