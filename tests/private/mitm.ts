/** Programs in the middle between a connector and a private chat, with a certificate of their own. */

import { encodeFrame, FrameReader } from "../../lib/frame/mod.ts";
import { encode } from "../../lib/pickle/encode/encode.ts";
import { type KeyPair, makeKeyPair } from "../../lib/private/certificate.ts";
import { listenerDict, type ListenerMessage } from "../../lib/protocol/message.ts";

/** What a program in the middle does with a connection that speaks TLS. */
export type Middle = (tls: Deno.TlsConn) => Promise<void>;

/** What a program in the middle has of its own. */
export interface MiddleOptions {
  /** How many connections are told at once that the chat is private; others when they have spoken. */
  readonly introductions?: number;
  /** The key and certificate that it shows; new ones if not given. */
  readonly pair?: KeyPair;
  /** The certificate that it introduces itself with; the one that it shows if not given. */
  readonly introduced?: string;
}

/** A program in the middle: it introduces itself as a private chat, and shakes hands with its own key. */
export class InTheMiddle implements AsyncDisposable {
  readonly #plain: Deno.TcpListener;
  readonly #tls: Deno.TlsListener;
  readonly #conns = new Set<Deno.Conn>();
  readonly #work: Promise<void>[] = [];
  /** How many connections are told at once that the chat is private, as one that waits for that says nothing. */
  introductions: number;
  /** What peers sent in plain. */
  readonly heard: Uint8Array[] = [];

  private constructor(pair: KeyPair, middle: Middle, options: { introductions: number; introduced: string }) {
    this.introductions = options.introductions;
    this.#plain = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#tls = Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert: pair.certificate, key: pair.key });
    const bye: ListenerMessage = {
      type: "bye",
      code: "private",
      text: "closed",
      certificate: options.introduced,
    };
    this.#work.push(this.#acceptPlain(encodeFrame(encode(listenerDict(bye)))), this.#acceptTls(middle));
  }

  static async start(middle: Middle, options: MiddleOptions = {}): Promise<InTheMiddle> {
    const pair = options.pair ?? await makeKeyPair(crypto.getRandomValues(new Uint8Array(16)));
    const { introductions = 1, introduced = pair.certificate } = options;
    return new InTheMiddle(pair, middle, { introductions, introduced });
  }

  get port(): number {
    return this.#plain.addr.port;
  }

  async #acceptPlain(bye: Uint8Array): Promise<void> {
    for await (const conn of this.#plain) {
      this.#conns.add(conn);
      this.#work.push(this.#meet(conn, bye).catch(() => {}));
    }
  }

  async #meet(conn: Deno.TcpConn, bye: Uint8Array): Promise<void> {
    if (this.introductions-- > 0) {
      await conn.write(bye);
      return await conn.closeWrite();
    }
    const first = new Uint8Array(4096);
    const count = await conn.read(first) ?? 0;
    if (first[0] !== 0x16) {
      this.heard.push(first.slice(0, count));
      await conn.write(bye);
      return await conn.closeWrite();
    }
    const inner = await Deno.connect({ hostname: "127.0.0.1", port: (this.#tls.addr as Deno.NetAddr).port });
    this.#conns.add(inner);
    await inner.write(first.subarray(0, count));
    await Promise.all([conn.readable.pipeTo(inner.writable), inner.readable.pipeTo(conn.writable)]);
  }

  async #acceptTls(middle: Middle): Promise<void> {
    for await (const tls of this.#tls) {
      this.#conns.add(tls);
      this.#work.push(middle(tls).catch(() => {}));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#plain.close();
    this.#tls.close();
    for (const conn of this.#conns) close(conn);
    await Promise.all(this.#work);
    for (const conn of this.#conns) close(conn);
  }
}

/** Passes everything on to a private chat, and back. */
export function passOn(port: number, certificate: string): Middle {
  return async (tls) => {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    const there = await Deno.startTls(conn, { hostname: "chat.invalid", caCerts: [certificate] });
    try {
      await Promise.all([tls.readable.pipeTo(there.writable), there.readable.pipeTo(tls.writable)]);
    } finally {
      close(there);
    }
  };
}

/**
 * Answers a hello with a message of its own.
 *
 * @param heard Called with the payload of the hello.
 */
export function lie(message: ListenerMessage, heard: (payload: Uint8Array) => void = () => {}): Middle {
  return async (tls) => {
    const frames = new FrameReader(tls, { maxPayload: 4096 });
    try {
      let payload = frames.take();
      while (payload === null) {
        if (!await frames.fill()) return;
        payload = frames.take();
      }
      heard(payload.slice());
      await tls.write(encodeFrame(encode(listenerDict(message))));
      await tls.read(new Uint8Array(1));
    } finally {
      frames.release();
    }
  };
}

function close(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // Its streams have closed it.
  }
}
