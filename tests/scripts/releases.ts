/** A server of releases on the loopback, and a small program packed as the releases are. */

import { run, writeSums } from "../../scripts/release/pack.ts";

/** The target whose archive the installer takes on this machine. */
export const TARGET = Deno.build.target;

const ARCHIVER = new URL("../../scripts/release/archive.py", import.meta.url).pathname;

/** How the server answers for a file: as it lies there, with its second half missing, or with half of it and no end. */
export type Fault = "cut" | "stalled";

/** A server of a folder of releases. */
export class Releases implements AsyncDisposable {
  readonly folder: string;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #ended = new AbortController();
  readonly #stalled = Promise.withResolvers<void>();
  readonly #faults = new Map<string, Fault>();

  private constructor(folder: string) {
    this.folder = folder;
    const answer = (request: Request) => this.#answer(request);
    this.#server = Deno.serve(
      {
        hostname: "127.0.0.1",
        port: 0,
        signal: this.#ended.signal,
        onListen() {},
        onError: () => new Response(null, { status: 500 }),
      },
      answer,
    );
  }

  /** Serves an empty folder. */
  static async start(): Promise<Releases> {
    return new Releases(await Deno.makeTempDir());
  }

  /** The address of the releases. */
  get address(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** Comes when a stalled answer has sent its half. */
  get stalled(): Promise<void> {
    return this.#stalled.promise;
  }

  /** Publishes a small program of a version, as the latest release too. */
  async publish(version: string, { program = `echo "chat ${version}"` } = {}): Promise<string> {
    const name = `chat-${version}-${TARGET}`;
    const tag = `${this.folder}/download/v${version}`;
    const files = `${this.folder}/${name}`;
    await Deno.mkdir(`${files}/completions`, { recursive: true });
    await Deno.mkdir(tag, { recursive: true });
    await Deno.writeTextFile(`${files}/chat`, `#!/bin/sh\n${program}\n`, { mode: 0o755 });
    for (const file of ["chat.1", "completions/chat.bash", "completions/_chat", "completions/chat.fish"]) {
      await Deno.writeTextFile(`${files}/${file}`, `${file} of ${version}\n`);
    }
    await run("python3", [ARCHIVER, files, `${tag}/${name}.tar.gz`, "1700000000"]);
    await writeSums(tag, [`${name}.tar.gz`]);
    await this.serveAsLatest(`download/v${version}`);
    return `${name}.tar.gz`;
  }

  /** Has a folder of the server be the latest release too. */
  async serveAsLatest(path: string): Promise<void> {
    await Deno.remove(`${this.folder}/latest`, { recursive: true }).catch(() => {});
    await Deno.mkdir(`${this.folder}/latest/download`, { recursive: true });
    for await (const { name } of Deno.readDir(`${this.folder}/${path}`)) {
      await Deno.copyFile(`${this.folder}/${path}/${name}`, `${this.folder}/latest/download/${name}`);
    }
  }

  /** Has the server answer badly for the files of a name. */
  spoil(name: string, fault: Fault): void {
    this.#faults.set(name, fault);
  }

  async #answer(request: Request): Promise<Response> {
    const path = new URL(request.url).pathname;
    const bytes = await Deno.readFile(this.folder + path).catch(() => undefined);
    if (bytes === undefined) return new Response("there is no such file\n", { status: 404 });
    const fault = this.#faults.get(path.split("/").at(-1)!);
    if (fault === undefined) return new Response(bytes);
    const half = bytes.subarray(0, bytes.length / 2);
    let begun = false;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: async (controller) => {
        if (!begun) {
          begun = true;
          return controller.enqueue(half);
        }
        if (fault === "cut") return controller.error(new Error("cut"));
        this.#stalled.resolve();
        await new Promise((resolve) => this.#ended.signal.addEventListener("abort", resolve));
      },
    });
    return new Response(body, { headers: { "content-length": String(bytes.length) } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    await this.#server.finished;
    await Deno.remove(this.folder, { recursive: true });
  }
}
