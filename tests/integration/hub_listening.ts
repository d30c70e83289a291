/** A hub on real sockets whose clock the test moves. */

import type { Duplex } from "../../lib/connection/duplex.ts";
import type { History } from "../../lib/history/history.ts";
import { MemoryHistory } from "../../lib/history/memory/memory.ts";
import type { Elsewhere } from "../../lib/hub/elsewhere/elsewhere.ts";
import { Hub } from "../../lib/hub/hub.ts";
import { DEFAULT_LIMITS, type Limits } from "../../lib/base/limits.ts";
import type { LogEvent } from "../../lib/log/log.ts";
import type { Value } from "../../lib/pickle/values/values.ts";
import { ManualClock } from "../clock.ts";
import { TestPeer } from "./listening.ts";

/** What a {@linkcode HubListening} is started with. */
export interface HubListeningOptions {
  readonly limits?: Partial<Limits>;
  readonly history?: History;
  /** The other listeners of the chat; none if not given. */
  readonly elsewhere?: Elsewhere | undefined;
  readonly operatorToken?: string;
  /** The host that everybody comes from for the hub; the loopback if not given. */
  readonly host?: string;
  /** What the hub gets in place of a connection; if not given, the connection. */
  readonly wrap?: (conn: Deno.TcpConn) => Duplex;
}

/** A hub that lets in whoever connects, until it is disposed of. */
export class HubListening implements AsyncDisposable {
  readonly hub: Hub;
  readonly clock = new ManualClock();
  readonly log: LogEvent[] = [];
  /** What ended a connection that was no peer's doing. */
  readonly faults: unknown[] = [];
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #accepting: Promise<void>;

  constructor(options: HubListeningOptions = {}) {
    let names = 0;
    this.hub = new Hub({
      limits: { ...DEFAULT_LIMITS, ...options.limits },
      clock: this.clock,
      log: (event) => this.log.push(event),
      randomName: () => `name ${++names}`,
      atTurnsEnd: (then) => void setImmediate(then),
      pause: (then) => {
        const immediate = setImmediate(then);
        return () => clearImmediate(immediate);
      },
      version: "test",
      replay: 50,
      elsewhere: options.elsewhere,
      history: options.history ?? new MemoryHistory({ epoch: "epoch" }),
      operatorToken: options.operatorToken,
      memory: () => 0,
    });
    this.#accepting = this.#accept(options);
  }

  async #accept({ host = "127.0.0.1", wrap = (conn) => conn }: HubListeningOptions): Promise<void> {
    for await (const conn of this.#listener) {
      conn.setNoDelay(true);
      const { port } = conn.remoteAddr;
      this.hub.accept(wrap(conn), { host, address: `${host}:${port}` })
        .catch((error) => this.faults.push(error));
    }
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  async connect(): Promise<TestPeer> {
    return new TestPeer(await Deno.connect({ hostname: "127.0.0.1", port: this.port }));
  }

  /** Connects a peer that has said hello, and gives it when it was told its replay. */
  async enter(nick: string, hello: Record<string, Value> = {}): Promise<TestPeer> {
    const peer = await this.connect();
    peer.send({ type: "hello", nick, ...hello });
    await peer.until("replay");
    return peer;
  }

  /** Ends it; time passes by itself meanwhile. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#accepting;
    let isOver = false;
    const ended = this.hub.end().then(() => isOver = true);
    while (!isOver) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      this.clock.advance(100);
    }
    await ended;
  }
}
