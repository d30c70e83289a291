/** The socket of a peer, and the release of its descriptor. */

import type { Duplex } from "../connection/duplex.ts";

/**
 * A TCP connection that has been accepted.
 *
 * Up to Deno 2.9.4, closing a connection does not cancel a write: the socket stays open until the write ends. If the
 * peer reads nothing, that may be as long as the peer lives.
 */
export class Socket implements Duplex {
  readonly #conn: Deno.TcpConn;
  /** The last write. */
  #write: Promise<number> | undefined;

  constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
  }

  read(into: Uint8Array): Promise<number | null> {
    return this.#conn.read(into);
  }

  /** Writes bytes; one call at a time. */
  write(bytes: Uint8Array): Promise<number> {
    return this.#write = this.#conn.write(bytes);
  }

  closeWrite(): Promise<void> {
    return this.#conn.closeWrite();
  }

  close(): void {
    this.#conn.close();
  }

  /** Closes it unless it is closed, and resolves when the system has its descriptor back. */
  async release(): Promise<void> {
    try {
      this.#conn.close();
    } catch {
      // It is closed.
    }
    await this.#write?.catch(() => {});
  }
}
