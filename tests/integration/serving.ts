/** `chat --serve` as a process of its own: what it logs, event by event, and peers that connect to it. */

import type { LogEvent } from "../../lib/log/log.ts";
import { TestPeer } from "./listening.ts";

const MAIN = new URL("../../main.ts", import.meta.url).pathname;

/** The options of {@linkcode Serving.start}. */
export interface ServingOptions {
  readonly args?: readonly string[];
  readonly env?: Record<string, string>;
  /** A limit of the system, as the shell's ulimit takes it: `-n 40` open files, `-f 64` blocks of a file. */
  readonly ulimit?: string;
}

/** An event as it is logged, with its time. */
export type Logged = LogEvent & { readonly time: string };

/** A listener that runs as a child with no terminal, and is ended when it is disposed of. */
export class Serving implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  /** What it has logged so far, as far as it was waited for. */
  readonly log: Logged[] = [];
  port = 0;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#lines = child.stderr.pipeThrough(new TextDecoderStream()).pipeThrough(lines()).getReader();
  }

  /** Starts one on a free port of loopback, and waits until it listens. */
  static async start({ args = [], env = {}, ulimit }: ServingOptions = {}): Promise<Serving> {
    const port = args.includes("--port") ? [] : ["--port", "0"];
    const words = ["--serve", "--host", "127.0.0.1", ...port, "--log-json", ...args];
    const command = [Deno.execPath(), "run", "--quiet", "-A", MAIN, ...words];
    const limited = ["bash", "-c", `ulimit -c 0; ulimit ${ulimit}; exec "$@"`, "bash", ...command];
    const [program, ...rest] = ulimit === undefined ? command : limited;
    const child = new Deno.Command(program!, {
      args: rest,
      env,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    });
    const serving = new Serving(child.spawn());
    const listening = await serving.until("listening");
    serving.port = Number(/\d+$/.exec(listening.address)![0]);
    return serving;
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Waits for the next event of a kind; what comes before it is kept in the log. */
  async until<E extends LogEvent["event"]>(kind: E): Promise<Extract<Logged, { event: E }>> {
    for (;;) {
      const { done, value } = await this.#lines.read();
      if (done) throw new Error(`The listener ended before it logged ${kind}: ${JSON.stringify(this.log)}`);
      const logged = JSON.parse(value) as Logged;
      this.log.push(logged);
      if (logged.event === kind) return logged as Extract<Logged, { event: E }>;
    }
  }

  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Waits until it has ended by itself or by a signal; gives its exit status. */
  async ended(): Promise<number> {
    for (let next = await this.#lines.read(); !next.done; next = await this.#lines.read()) {
      this.log.push(JSON.parse(next.value));
    }
    return (await this.#child.status).code;
  }

  async connect(): Promise<TestPeer> {
    return new TestPeer(await Deno.connect({ hostname: "127.0.0.1", port: this.port }));
  }

  /** Connects a peer that has said hello and had its replay. */
  async enter(nick: string): Promise<TestPeer> {
    const peer = await this.connect();
    peer.send({ type: "hello", nick });
    await peer.until("replay");
    return peer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.ended();
  }
}

function lines(): TransformStream<string, string> {
  let rest = "";
  return new TransformStream({
    transform(text, controller) {
      const parts = (rest + text).split("\n");
      rest = parts.pop()!;
      for (const part of parts) controller.enqueue(part);
    },
  });
}
