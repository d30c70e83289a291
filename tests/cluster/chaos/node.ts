/** A listener of a chat on a broker as a process of its own, to be killed, paused and started again. */

import type { LogEvent } from "../../../lib/log/log.ts";

const MAIN = new URL("../../../main.ts", import.meta.url).pathname;

/** The words that run `chat`: those of CHAT_PROGRAM, such as dist/chat, or the source. */
const CHAT = Deno.env.get("CHAT_PROGRAM")?.split(" ") ?? [Deno.execPath(), "run", "--quiet", "-A", MAIN];

/** How often a listener is started that does not begin to listen. */
const STARTS = 5;

/** The options of {@linkcode ChatNode}. */
export interface ChatNodeOptions {
  /** Its name in faults. */
  readonly name: string;
  /** As `--history` takes it. */
  readonly history: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A listener. Each start is on another port. */
export class ChatNode implements AsyncDisposable {
  readonly name: string;
  /** What it has logged, over all its starts. */
  readonly log: LogEvent[] = [];
  /** Each end that was not asked for: the exit status and the last lines. */
  readonly faults: string[] = [];
  readonly #options: ChatNodeOptions;
  #child: Deno.ChildProcess | null = null;
  #reading: Promise<void> = Promise.resolve();
  #isEnding = false;
  #isPaused = false;
  #port = 0;
  #listening = Promise.withResolvers<void>();
  #watchers: (() => void)[] = [];

  constructor(options: ChatNodeOptions) {
    this.name = options.name;
    this.#options = options;
  }

  /** Its port; undefined where it does not take connections. */
  get port(): number | undefined {
    return this.#child === null || this.#port === 0 ? undefined : this.#port;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Starts it, and waits until it listens. One that ends meanwhile is started again, as a service would be. */
  async start(): Promise<void> {
    const known = this.faults.length;
    for (let left = STARTS; left > 1; left--) {
      const isUp = await this.#startOnce().then(() => true, () => false);
      if (isUp) return;
      await this.#reading;
      this.faults.length = known;
      this.#child = null;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
    await this.#startOnce();
  }

  async #startOnce(): Promise<void> {
    const { history, args = [], env = {} } = this.#options;
    const place = ["--serve", "--host", "127.0.0.1", "--port", "0", "--quiet", "--log-json"];
    const words = [...CHAT, ...place, "--history", history, "--no-limits", ...args];
    this.#isEnding = false;
    this.#listening = Promise.withResolvers();
    const child = new Deno.Command(words[0]!, {
      args: words.slice(1),
      env,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    this.#child = child;
    this.#reading = this.#read(child);
    await this.#listening.promise;
  }

  /** Kills it as a crash would, and waits until it is gone. */
  kill9(): Promise<number> {
    return this.#end("SIGKILL");
  }

  /** Ends it in order, and gives its exit status. */
  term(): Promise<number> {
    return this.#end("SIGTERM");
  }

  /** Pauses it: its connections stay, and nothing answers. */
  stop(): void {
    this.#child!.kill("SIGSTOP");
    this.#isPaused = true;
  }

  /** Goes on after {@linkcode stop}. */
  cont(): void {
    this.#isPaused = false;
    this.#child?.kill("SIGCONT");
  }

  /** Waits until it has logged an event that satisfies a condition. */
  async until(holds: (event: LogEvent) => boolean): Promise<LogEvent> {
    for (;;) {
      const found = this.log.find(holds);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#watchers.push(resolve));
    }
  }

  /** Waits until it ends by itself, and gives its exit status. */
  async ended(): Promise<number> {
    this.#isEnding = true;
    const status = await this.#child!.status;
    await this.#reading;
    this.#child = null;
    return status.code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end("SIGKILL");
  }

  async #end(signal: Deno.Signal): Promise<number> {
    const child = this.#child;
    if (child === null) return 0;
    this.#isEnding = true;
    this.#isPaused = false;
    // Nobody is sent there any more.
    this.#port = 0;
    try {
      child.kill(signal);
    } catch {
      // It has ended by itself.
    }
    return await this.ended();
  }

  async #read(child: Deno.ChildProcess): Promise<void> {
    const last: string[] = [];
    let rest = "";
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      for (const line of lines) {
        last.push(line);
        if (last.length > 20) last.shift();
        this.#take(line);
      }
    }
    this.#port = 0;
    const { code, signal } = await child.status;
    const text = `${this.name} ended with ${signal ?? code}: ${last.slice(-3).join(" | ")}`;
    if (!this.#isEnding) this.faults.push(text);
    this.#listening.reject(new Error(text));
    this.#listening.promise.catch(() => {});
  }

  #take(line: string): void {
    if (!line.startsWith("{")) return void this.faults.push(`${this.name} said: ${line}`);
    const event = JSON.parse(line) as LogEvent;
    this.log.push(event);
    if (event.event === "listening") {
      this.#port = Number(/\d+$/.exec(event.address)![0]);
      this.#listening.resolve();
    }
    for (const wake of this.#watchers.splice(0)) wake();
  }
}
