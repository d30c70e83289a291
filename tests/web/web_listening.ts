/** A web server with a hub behind it, on loopback, and browsers' sockets that speak to it line by line. */

import type { Endpoint } from "../../lib/base/address.ts";
import type { Duplex } from "../../lib/connection/duplex.ts";
import { SYSTEM_CLOCK } from "../../lib/base/clock.ts";
import { formatEndpoint } from "../../lib/base/address.ts";
import { servePage } from "../../lib/web/page.ts";
import { startWeb, type WebOptions, type WebServer } from "../../lib/web/server.ts";
import { HubListening, type HubListeningOptions } from "../integration/hub_listening.ts";

/** The page that is served where a test is not about it. */
const PAGE = "<!doctype html><title>chat</title><style>body{}</style><script>1</script>";

/** What a {@linkcode WebListening} is started with. */
export type WebListeningOptions = HubListeningOptions & { readonly web?: Partial<WebOptions> };

/** A hub that is met over TCP and over WebSockets. */
export class WebListening implements AsyncDisposable {
  readonly tcp: HubListening;
  readonly web: WebServer;
  /** Where each browser came from. */
  readonly admitted: Endpoint[];

  readonly #duplexes: ReadonlySet<Duplex>;

  private constructor(
    tcp: HubListening,
    web: WebServer,
    { admitted, duplexes }: { admitted: Endpoint[]; duplexes: ReadonlySet<Duplex> },
  ) {
    this.tcp = tcp;
    this.web = web;
    this.admitted = admitted;
    this.#duplexes = duplexes;
  }

  /** Breaks the connection of every browser. */
  drop(): void {
    for (const duplex of this.#duplexes) duplex.close();
  }

  static async start({ web, ...options }: WebListeningOptions = {}): Promise<WebListening> {
    const tcp = new HubListening(options);
    const admitted: Endpoint[] = [];
    const duplexes = new Set<Duplex>();
    const server = await startWeb({
      listen: { host: "127.0.0.1", port: 0 },
      page: await servePage(PAGE),
      trustProxy: false,
      maxLine: 1024 * 1024,
      maxConnections: 100,
      clock: SYSTEM_CLOCK,
      newRate: () => () => 0,
      openMemory: (from, giveWay) => tcp.hub.openMemory(from, giveWay),
      answer: () => null,
      admit: (duplex, from) => {
        admitted.push(from);
        duplexes.add(duplex);
        return tcp.hub.accept(duplex, { host: from.host, address: formatEndpoint(from) })
          .catch((error) => void tcp.faults.push(error));
      },
      ...web,
    }).catch(async (error) => {
      await tcp[Symbol.asyncDispose]();
      throw error;
    });
    return new WebListening(tcp, server, { admitted, duplexes });
  }

  get origin(): string {
    return `http://127.0.0.1:${this.web.port}`;
  }

  /** Opens a socket. */
  open(): Promise<Browser> {
    return Browser.open(`ws://127.0.0.1:${this.web.port}/socket`);
  }

  /** Asks for a socket with these headers, and gives the connection with the status that it was answered by. */
  async ask(headers: Readonly<Record<string, string>>): Promise<{ conn: Deno.TcpConn; status: string }> {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port: this.web.port });
    const lines = {
      host: `127.0.0.1:${this.web.port}`,
      upgrade: "websocket",
      connection: "Upgrade",
      "sec-websocket-version": "13",
      "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
      ...headers,
    };
    const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`).join("");
    await conn.write(new TextEncoder().encode(`GET /socket HTTP/1.1\r\n${head}\r\n`));
    const into = new Uint8Array(1000);
    const answer = new TextDecoder().decode(into.subarray(0, await conn.read(into) ?? 0));
    return { conn, status: answer.split(" ")[1] ?? "" };
  }

  /** Opens a socket that sends the first bytes of a long message and no more; gives its connection. */
  async half({ size, sent }: { size: number; sent: number }): Promise<Deno.TcpConn> {
    const { conn } = await this.ask({});
    const head = new Uint8Array(14);
    // A text message whose length has 8 bytes, masked by zeros.
    head.set([0x81, 0xff]);
    new DataView(head.buffer).setBigUint64(2, BigInt(size));
    const bytes = new Uint8Array(head.length + sent).fill(0x78);
    bytes.set(head);
    // It may be ended while it sends.
    for (let at = 0; at < bytes.length;) {
      const count = await conn.write(bytes.subarray(at)).catch(() => null);
      if (count === null) break;
      at += count;
    }
    return conn;
  }

  /** Opens a socket that has said hello, and gives it when it was told its replay. */
  async enter(nick: string, hello: Readonly<Record<string, unknown>> = {}): Promise<Browser> {
    const browser = await this.open();
    browser.say({ type: "hello", nick, ...hello });
    await browser.until("replay");
    return browser;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.web.close();
    await this.tcp[Symbol.asyncDispose]();
  }
}

/** Waits until the other end has closed a connection. */
export async function ended(conn: Deno.Conn): Promise<void> {
  const into = new Uint8Array(4096);
  while (await conn.read(into).catch(() => null) !== null);
}

/** What comes over a socket, as far as tests look at it. */
export type Line = Readonly<Record<string, unknown>>;

/** A browser's end of a socket. */
export class Browser implements AsyncDisposable {
  readonly #socket: WebSocket;
  readonly #lines: string[] = [];
  #wake: (() => void) | null = null;
  #isClosed = false;
  /** Resolves to the code that the socket was closed with. */
  readonly closed: Promise<number>;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    const closed = Promise.withResolvers<number>();
    this.closed = closed.promise;
    socket.onmessage = ({ data }) => {
      this.#lines.push(String(data));
      this.#wake?.();
    };
    socket.onclose = ({ code }) => {
      this.#isClosed = true;
      closed.resolve(code);
      this.#wake?.();
    };
  }

  static async open(url: string): Promise<Browser> {
    const socket = new WebSocket(url);
    const browser = new Browser(socket);
    await new Promise<void>((resolve, reject) => {
      socket.onopen = () => resolve();
      socket.onerror = (event) =>
        reject(new Error(event instanceof ErrorEvent ? event.message : "no socket"));
    });
    socket.onerror = null;
    return browser;
  }

  say(message: Readonly<Record<string, unknown>>): void {
    this.send(JSON.stringify(message));
  }

  send(line: string | Uint8Array<ArrayBuffer>): void {
    this.#socket.send(line);
  }

  /** The next line, or null at the end. */
  async next(): Promise<Line | null> {
    while (this.#lines.length === 0) {
      if (this.#isClosed) return null;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return JSON.parse(this.#lines.shift()!);
  }

  /** The next line of a type; what comes before is dropped. */
  async until(type: string): Promise<Line> {
    for (let line = await this.next(); line !== null; line = await this.next()) {
      if (line.type === type) return line;
    }
    throw new Error(`the socket ended without ${type}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await this.closed;
  }
}
