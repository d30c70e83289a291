/** One peer's TLS: its socket, the copies to and from the inlet, and the decrypted stream. */

import type { Duplex } from "../connection/duplex.ts";
import type { Inlet } from "./inlet.ts";
import { Relay } from "./relay.ts";

/** The decrypted stream of a peer. */
export class Tunnel implements Duplex {
  readonly #tls: Deno.TlsConn;
  readonly #relay: Relay;
  #closed = false;

  private constructor(tls: Deno.TlsConn, relay: Relay) {
    this.#tls = tls;
    this.#relay = relay;
  }

  /**
   * Shakes hands with a peer.
   *
   * @param outer The peer's stream, from its first byte on. It is closed where this fails.
   * @param signal Gives it up.
   * @throws Where the handshake fails or is given up; then all descriptors are closed.
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
      // Many programs close their socket without a word of TLS. Frames tell where they are cut.
      if (error instanceof Deno.errors.UnexpectedEof) return null;
      throw error;
    }
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#tls.write(bytes);
  }

  /** Ends what goes to the peer; resolves when the last byte is on its way. */
  async closeWrite(): Promise<void> {
    await this.#tls.closeWrite();
    await this.#relay.outgoing;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    // The inlet's end first would never be closed within a handshake: it waits for the end of the stream.
    this.#relay.close();
    this.#tls.close();
  }
}
