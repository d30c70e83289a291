/** The web server of a listener: serves the page, the socket of each browser, and monitoring. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer, type Server as SecureServer } from "node:https";
import type { Duplex as NodeDuplex } from "node:stream";
import { type Endpoint, isLoopback } from "../base/address.ts";
import type { Clock } from "../base/clock.ts";
import type { Duplex } from "../connection/duplex.ts";
import { BrowserDuplex } from "./browser_duplex.ts";
import { type Certificate, checkCertificate } from "./certificate.ts";
import { clientAddress } from "./client_address.ts";
import { Converter, openWorker } from "./converter.ts";
import { LineCache } from "./line_cache.ts";
import { isOwnHost, isOwnPage } from "./origin.ts";
import { SAFE_HEADERS, type ServedPage } from "./page.ts";
import { type Memory, Unread } from "./unread.ts";
import { WebSocketServer } from "./ws.ts";

/** An answer to a request. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string | Uint8Array;
}

/** The options of {@linkcode startWeb}. */
export interface WebOptions {
  readonly listen: Endpoint;
  readonly page: ServedPage;
  /** The certificate for https; without it the server is not encrypted. */
  readonly certificate?: Certificate | undefined;
  /** The certificate of a private chat, as PEM, to which proofs are tied; the chat is open if not given. */
  readonly closed?: string | undefined;
  /** Whether X-Forwarded-For is trusted to contain the client's address. */
  readonly trustProxy: boolean;
  /** The longest line of a browser, in bytes. */
  readonly maxLine: number;
  /** The most connections at a time. */
  readonly maxConnections: number;
  readonly clock: Clock;
  /** Lets a browser in. Resolves when its connection has ended. */
  readonly admit: (duplex: Duplex, from: Endpoint) => Promise<void>;
  /** Returns a rate limiter for one browser: it counts bytes, and returns the milliseconds to wait. */
  readonly newRate: () => (bytes: number) => number;
  /**
   * Opens the memory of what one browser has sent and nobody has taken yet.
   *
   * @param giveWay Ends the browser's socket and gives its memory back, where others need it.
   */
  readonly openMemory: (from: Endpoint, giveWay: () => void) => Memory;
  /** Answers requests for other paths than the page and the socket; null if there is no such path. */
  readonly answer: (path: string, from: string) => Answer | null;
}

/** A web server that runs. */
export interface WebServer {
  readonly port: number;
  /**
   * Uses another certificate for new connections.
   *
   * @throws {Error} If it cannot be used; the present one stays.
   */
  renew(certificate: Certificate): void;
  /** Accepts no more connections, and ends the open ones. */
  close(): Promise<void>;
}

/** The time that a request may take to arrive, and the time that a connection stays open for the next one. */
const REQUEST_MS = 10_000;
const KEEP_ALIVE_MS = 5_000;

/** The most bytes that a browser may send before a private chat has let it in: a hello of 4 KiB as a line of JSON. */
const MAX_FIRST = 8 * 1024;

/** The bytes of a control frame of a client besides its data: the header and the mask. */
const CONTROL_HEADER = 6;

const TOO_BIG = 1009;
const TRY_AGAIN_LATER = 1013;

/** The size of the cache of lines that several browsers read, in UTF-16 code units. */
const CACHED_LINES = 4 * 1024 * 1024;

/**
 * Starts the web server.
 *
 * @throws {Error} If it cannot listen, or cannot use the certificate.
 */
export async function startWeb(options: WebOptions): Promise<WebServer> {
  if (options.certificate !== undefined) checkCertificate(options.certificate);
  return await new Web(options).start();
}

class Web {
  readonly #options: WebOptions;
  readonly #server: Server | SecureServer;
  readonly #sockets: WebSocketServer;
  readonly #converter: Converter;
  readonly #cache: LineCache;
  readonly #open = new Set<NodeDuplex>();
  /** The browsers by their sessions, which are secrets. */
  readonly #sessions = new Map<string, BrowserDuplex>();

  constructor(options: WebOptions) {
    this.#options = options;
    const timeouts = {
      headersTimeout: REQUEST_MS,
      requestTimeout: REQUEST_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
    };
    const take = (request: IncomingMessage, response: ServerResponse) => this.#serve(request, response);
    this.#server = options.certificate === undefined
      ? createServer(timeouts, take)
      : createSecureServer({ ...timeouts, ...options.certificate }, take);
    this.#server.maxConnections = options.maxConnections;
    this.#server.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
    this.#server.on("connection", (socket: NodeDuplex) => {
      this.#open.add(socket);
      socket.on("close", () => this.#open.delete(socket));
    });
    this.#sockets = new WebSocketServer({
      noServer: true,
      maxPayload: options.maxLine,
      perMessageDeflate: false,
      clientTracking: false,
    });
    this.#converter = new Converter(openWorker);
    this.#cache = new LineCache({
      make: (payload) => this.#converter.lineOf(payload),
      maxLength: CACHED_LINES,
    });
  }

  start(): Promise<WebServer> {
    const { host, port } = this.#options.listen;
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, host, () => {
        this.#server.off("error", reject);
        const address = this.#server.address();
        resolve({
          port: typeof address === "object" && address !== null ? address.port : port,
          renew: (certificate) => {
            checkCertificate(certificate);
            (this.#server as SecureServer).setSecureContext(certificate);
          },
          close: () => this.#close(),
        });
      });
    });
  }

  #close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      for (const socket of this.#open) socket.destroy();
      this.#converter.close();
    });
  }

  get #isSecure(): boolean {
    return this.#options.certificate !== undefined;
  }

  /** The address and port of a request's client, for limits, bans and the log. */
  #sender(request: IncomingMessage): Endpoint {
    const { remoteAddress = "", remotePort = 0 } = request.socket;
    const forwardedFor = headerOf(request, "x-forwarded-for");
    const { trustProxy } = this.#options;
    return { host: clientAddress({ remote: remoteAddress, forwardedFor, trustProxy }), port: remotePort };
  }

  #isOwnHost(request: IncomingMessage): boolean {
    const { listen, trustProxy } = this.#options;
    return isOwnHost(headerOf(request, "host"), { own: listen.host, any: trustProxy || this.#isSecure });
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const path = pathOf(request);
    if (!this.#isOwnHost(request)) return send(response, WRONG_HOST);
    if (request.method !== "GET" && request.method !== "HEAD") return send(response, ONLY_GET);
    if (!this.#maySee(request)) return send(response, ENCRYPT_IT);
    if (path === "/") return this.#servePage(request, response);
    if (path === "/closed") return send(response, this.#closed());
    if (path === "/pickle") return void this.#servePickle(request, response);
    send(response, this.#options.answer(path, this.#sender(request).host) ?? NOT_FOUND);
  }

  /** Whether a request may be answered. In a private chat it may be only if nobody on the way can read the answer. */
  #maySee(request: IncomingMessage): boolean {
    const isEncrypted = this.#isSecure ||
      this.#options.trustProxy && headerOf(request, "x-forwarded-proto") === "https";
    return this.#options.closed === undefined || isEncrypted || isLoopback(this.#sender(request).host);
  }

  /** Answers the page's question whether the chat is private: with the certificate that proofs are tied to. */
  #closed(): Answer {
    const { closed } = this.#options;
    const body = JSON.stringify(closed === undefined ? {} : { certificate: closed });
    return { status: 200, type: "application/json", body };
  }

  /** Answers with the unchanged pickle of a message, for the browser whose session requests it. */
  async #servePickle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, session = ""] = /^Bearer (.+)$/.exec(headerOf(request, "authorization") ?? "") ?? [];
    const duplex = this.#sessions.get(session);
    if (duplex === undefined) return send(response, NOT_ALLOWED);
    const asked = new URLSearchParams((request.url ?? "").replace(/^[^?]*/, ""));
    const id = Number(asked.get("id"));
    const pickle = Number.isSafeInteger(id) && id > 0 &&
      await duplex.fetchPickle(asked.get("room") ?? "", id);
    if (!pickle) return send(response, NOT_FOUND);
    send(response, { status: 200, type: "application/octet-stream", body: pickle });
  }

  #servePage(request: IncomingMessage, response: ServerResponse): void {
    const { html, compressed, headers } = this.#options.page;
    const zips = /\bgzip\b/.test(headerOf(request, "accept-encoding") ?? "");
    response.writeHead(200, {
      ...headers,
      ...(zips ? { "content-encoding": "gzip" } : {}),
      vary: "accept-encoding",
    });
    response.end(zips ? compressed : html);
  }

  #upgrade(request: IncomingMessage, socket: NodeDuplex, head: Uint8Array): void {
    const source = {
      host: headerOf(request, "host"),
      origin: headerOf(request, "origin"),
      isSecure: this.#isSecure ||
        headerOf(request, "x-forwarded-proto") === "https" && this.#options.trustProxy,
    };
    if (pathOf(request) !== "/socket") return refuse(socket, "404 Not Found");
    if (!this.#isOwnHost(request) || !isOwnPage(source) || !this.#maySee(request)) {
      return refuse(socket, "403 Forbidden");
    }
    const from = this.#sender(request);
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const { clock, admit, newRate, openMemory, closed } = this.#options;
      const isClosed = closed !== undefined;
      let known = "";
      const end = (code: number, reason: string) => {
        webSocket.close(code, reason);
        webSocket.terminate();
      };
      const shortOfMemory = () => end(TRY_AGAIN_LATER, "the listener is short of memory");
      const unread = new Unread(openMemory(from, () => {
        shortOfMemory();
        unread.close();
      }));
      const duplex: BrowserDuplex = new BrowserDuplex(webSocket, {
        cache: this.#cache,
        frameOf: (line) => this.#converter.frameOf(line),
        wait: newRate(),
        refusesInvalid: isClosed,
        welcomed: (session) => {
          this.#sessions.delete(known);
          this.#sessions.set(known = session, duplex);
        },
        after: (ms, then) => clock.after(ms, then),
      });
      // The socket's own bytes, because a half message is held without an event; before the server of sockets takes them,
      // which may complete a message.
      socket.prependListener("data", (chunk: Uint8Array) => {
        if (!unread.received(chunk.length)) shortOfMemory();
        else if (isClosed && known === "" && unread.arriving > MAX_FIRST) {
          end(TOO_BIG, `the first line must be a hello of at most ${MAX_FIRST} bytes`);
        }
      });
      webSocket.on("ping", (data) => unread.ignore(data.length + CONTROL_HEADER));
      webSocket.on("pong", (data) => unread.ignore(data.length + CONTROL_HEADER));
      webSocket.on("message", (data, isBinary) => {
        if (isBinary) duplex.refuseBinary();
        else duplex.message(new TextDecoder().decode(data), data.length, unread.complete());
      });
      webSocket.on("close", () => {
        unread.close();
        if (this.#sessions.get(known) === duplex) this.#sessions.delete(known);
        duplex.ended();
      });
      // The close event reports the error.
      webSocket.on("error", () => {});
      void admit(duplex, from);
    });
  }
}

const NOT_FOUND: Answer = {
  status: 404,
  type: "text/plain; charset=utf-8",
  body: "Nothing is here: open /\n",
};
const ONLY_GET: Answer = {
  status: 405,
  type: "text/plain; charset=utf-8",
  body: "Only GET is supported\n",
};
const ENCRYPT_IT: Answer = {
  status: 403,
  type: "text/plain; charset=utf-8",
  body: "This chat is private: its page is served over https (--web-cert, --web-key), or on this machine\n",
};
const NOT_ALLOWED: Answer = {
  status: 401,
  type: "text/plain; charset=utf-8",
  body: "Only the chat's own page may request this\n",
};
const WRONG_HOST: Answer = {
  status: 421,
  type: "text/plain; charset=utf-8",
  body: "Open the page by the address of this machine, or by the name that --web was given\n",
};

function send(response: ServerResponse, { status, type, body }: Answer): void {
  response.writeHead(status, { "content-type": type, ...SAFE_HEADERS });
  response.end(body);
}

function refuse(socket: NodeDuplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? "").replace(/\?.*$/s, "");
}

/** Returns a header; the first value if it came several times. */
function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
