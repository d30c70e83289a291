/** The loop that accepts connections, and pauses while the system lacks resources for more. */

import type { Clock } from "../base/clock.ts";
import { endOfTurn } from "../base/turn.ts";
import type { OnceLog } from "../log/once.ts";

/** The options of an {@linkcode Acceptor}. */
export interface AcceptorOptions {
  readonly clock: Clock;
  readonly once: OnceLog;
  /** Ends the loop. The sockets must be closed as well. */
  readonly signal: AbortSignal;
  /** Takes a connection. Call {@linkcode Acceptor.retry} when it has ended. */
  readonly take: (conn: Deno.TcpConn) => void;
}

/**
 * The time after which it tries again by itself, in milliseconds. Other things than connections may use up the
 * resource.
 */
const RETRY_MS = 1000;

/**
 * The time without a failure after which it reports that accepting works again, in milliseconds. While many connections
 * wait, each freed place is taken at once.
 */
const CALM_MS = 1000;

/**
 * The time after which it lets the event loop serve others, in milliseconds: where connections wait already, accepting them takes
 * no turn of the event loop.
 */
const SLICE_MS = 10;

/** The resources that accepting a connection may lack, by the code of the error. */
const SHORTAGES: ReadonlyMap<string, string> = new Map([
  ["EMFILE", "this process may open no more files: raise `ulimit -n`, or LimitNOFILE of the service"],
  ["ENFILE", "the system has no more files: raise fs.file-max"],
  ["ENOBUFS", "the system has no more memory for sockets"],
  ["ENOMEM", "the system has no more memory for sockets"],
]);

/** Accepts connections. It pauses while the system lacks resources for one more, and reports that once. */
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

  /** Accepts connections until the signal ends it. */
  async run(listener: Deno.TcpListener): Promise<void> {
    const { signal, take, clock } = this.#options;
    let began = clock.ticks();
    while (!signal.aborted) {
      if (clock.ticks() - began > SLICE_MS) {
        await endOfTurn();
        began = clock.ticks();
      }
      let conn: Deno.TcpConn;
      try {
        conn = await listener.accept();
      } catch (error) {
        if (signal.aborted) break;
        const shortage = SHORTAGES.get(codeOf(error));
        if (shortage === undefined) {
          // Any other error concerns one connection, for example one that was reset while it waited. Other work goes
          // first, so that many such errors delay nobody.
          await endOfTurn();
          continue;
        }
        this.#cancelCalm();
        this.#options.once.tell("accept", {
          event: "failing",
          what: "accept",
          text: `Cannot accept a connection: ${shortage}`,
        });
        await this.#room();
        if (!signal.aborted) this.#calmDown();
        continue;
      }
      take(conn);
    }
  }

  /** Ends the pause, because there may be room again. */
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

function codeOf(error: unknown): string {
  return error instanceof Error ? (error as Error & { readonly code?: string }).code ?? "" : "";
}
