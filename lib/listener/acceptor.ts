/** Takes connections from the sockets that listen, as long as the system has room for them. */

import type { Clock } from "../base/clock.ts";
import type { OnceLog } from "../log/once.ts";

/** What an {@linkcode Acceptor} needs. */
export interface AcceptorOptions {
  readonly clock: Clock;
  readonly once: OnceLog;
  /** Ends it, where the sockets are closed too. */
  readonly signal: AbortSignal;
  /** Takes a connection. Call {@linkcode Acceptor.retry} when it is gone. */
  readonly take: (conn: Deno.TcpConn) => void;
}

/** How long it waits before it tries again by itself: what takes up the room may be no connection. */
const RETRY_MS = 1000;

/** How long nothing must fail before that is said: where many wait, each place that is left is taken at once. */
const CALM_MS = 1000;

/** What the system lacks for one more connection, by the code of its error. */
const LACKS: ReadonlyMap<string, string> = new Map([
  ["EMFILE", "this process may open no more files: raise `ulimit -n`, or LimitNOFILE of the service"],
  ["ENFILE", "the system has no more files: raise fs.file-max"],
  ["ENOBUFS", "the system has no more memory for sockets"],
  ["ENOMEM", "the system has no more memory for sockets"],
]);

/** Accepts connections. Where there is no room for one more it pauses, and says so once; who is here goes on. */
export class Acceptor {
  readonly #options: AcceptorOptions;
  readonly #retries = new Set<() => void>();
  #cancelCalm: () => void = () => {};

  constructor(options: AcceptorOptions) {
    this.#options = options;
    options.signal.addEventListener("abort", () => {
      this.#cancelCalm();
      this.retry();
    }, { once: true });
  }

  /** Takes connections until the signal ends it. */
  async run(listener: Deno.TcpListener): Promise<void> {
    const { signal, take } = this.#options;
    while (!signal.aborted) {
      let conn: Deno.TcpConn;
      try {
        conn = await listener.accept();
      } catch (error) {
        // One that was gone before it was taken tells nothing of those to come.
        if (signal.aborted || error instanceof Deno.errors.ConnectionAborted) continue;
        this.#cancelCalm();
        this.#options.once.tell("accept", {
          event: "failing",
          what: "accept",
          text: `Cannot accept a connection: ${reasonOf(error)}`,
        });
        await this.#room();
        if (!signal.aborted) this.#calmDown();
        continue;
      }
      take(conn);
    }
  }

  /** Tries again, where it waits for room. */
  retry(): void {
    for (const retry of this.#retries) retry();
  }

  async #room(): Promise<void> {
    const room = Promise.withResolvers<void>();
    const cancel = this.#options.clock.after(RETRY_MS, room.resolve);
    this.#retries.add(room.resolve);
    await room.promise;
    this.#retries.delete(room.resolve);
    cancel();
  }

  #calmDown(): void {
    this.#cancelCalm();
    const { clock, once } = this.#options;
    this.#cancelCalm = clock.after(
      CALM_MS,
      () => once.forget("accept", { event: "working", what: "accept" }),
    );
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = error instanceof Error ? error as Error & { code?: string } : { message: "" };
  return LACKS.get(code ?? "") ?? (message || String(error));
}
