/** A relay between a connector and a listener that does to their connections what networks do, on command. */

interface Pair {
  readonly client: Deno.TcpConn;
  readonly server: Deno.TcpConn;
}

/** Passes bytes on between whoever connects and the port that it was made for. */
export class Relay implements AsyncDisposable {
  readonly port: number;
  readonly #target: number;
  readonly #listener: Deno.TcpListener;
  readonly #pairs = new Set<Pair>();
  readonly #running = new Set<Promise<void>>();
  readonly #accepting: Promise<void>;
  #callers: { count: number; resolve: () => void }[] = [];
  #passed = 0;
  #watchers: { bytes: number; resolve: () => void }[] = [];
  #gate: PromiseWithResolvers<void> | null = null;
  #delayMs = 0;
  #refusing = false;

  constructor(target: number) {
    this.#target = target;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.port = this.#listener.addr.port;
    this.#accepting = this.#accept();
  }

  /** Resolves once it relays so many connections at a time. */
  connected(count: number): Promise<void> {
    if (this.#pairs.size >= count) return Promise.resolve();
    return new Promise((resolve) => this.#callers.push({ count, resolve }));
  }

  /** Resolves once so many more bytes were passed on, both ways together. */
  passed(bytes: number): Promise<void> {
    return new Promise((resolve) => this.#watchers.push({ bytes: this.#passed + bytes, resolve }));
  }

  /** Cuts all connections at once: what is on the way is lost. Gives how many there were. */
  cut(): number {
    const count = this.#pairs.size;
    for (const { client, server } of this.#pairs) {
      close(client);
      close(server);
    }
    this.#pairs.clear();
    return count;
  }

  /** Passes nothing on until {@linkcode Relay.flow}. */
  stall(): void {
    this.#gate ??= Promise.withResolvers<void>();
  }

  /** Passes on again. */
  flow(): void {
    this.#gate?.resolve();
    this.#gate = null;
  }

  /** Waits so long before it passes a piece on. */
  delay(ms: number): void {
    this.#delayMs = ms;
  }

  /** Ends one direction of each connection and leaves the other one open. */
  async halve(to: "listener" | "connector"): Promise<void> {
    for (const { client, server } of this.#pairs) {
      await (to === "listener" ? server : client).closeWrite().catch(() => {});
    }
  }

  /** Whether it takes new connections only to cut them at once. */
  set refusing(refusing: boolean) {
    this.#refusing = refusing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    close(this.#listener);
    this.flow();
    this.cut();
    await this.#accepting;
    await Promise.all(this.#running);
  }

  async #accept(): Promise<void> {
    for (;;) {
      const client = await this.#listener.accept().catch(() => null);
      if (client === null) return;
      if (this.#refusing) {
        close(client);
        continue;
      }
      const running = this.#relay(client).finally(() => this.#running.delete(running));
      this.#running.add(running);
    }
  }

  async #relay(client: Deno.TcpConn): Promise<void> {
    const server = await Deno.connect({ hostname: "127.0.0.1", port: this.#target }).catch(() => null);
    if (server === null) return close(client);
    const pair = { client, server };
    this.#pairs.add(pair);
    for (const { count, resolve } of this.#callers) if (count <= this.#pairs.size) resolve();
    this.#callers = this.#callers.filter(({ count }) => count > this.#pairs.size);
    await Promise.all([this.#pass(client, server), this.#pass(server, client)]);
    close(client);
    close(server);
    this.#pairs.delete(pair);
  }

  async #pass(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
    const buffer = new Uint8Array(4096);
    try {
      for (let count = await from.read(buffer); count !== null; count = await from.read(buffer)) {
        if (this.#delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.#delayMs));
        await this.#gate?.promise;
        for (let at = 0; at < count;) at += await to.write(buffer.subarray(at, count));
        this.#count(count);
      }
      await to.closeWrite();
    } catch {
      // It was cut, from here or from there; the other direction notices by itself.
      close(from);
      close(to);
    }
  }

  #count(bytes: number): void {
    this.#passed += bytes;
    const due = this.#watchers.filter((watcher) => watcher.bytes <= this.#passed);
    this.#watchers = this.#watchers.filter((watcher) => watcher.bytes > this.#passed);
    for (const { resolve } of due) resolve();
  }
}

function close(closer: { close(): void }): void {
  try {
    closer.close();
  } catch {
    // It is closed already.
  }
}
