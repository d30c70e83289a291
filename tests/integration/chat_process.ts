/** `chat` as a process of its own, from source. */

const MAIN = new URL("../../main.ts", import.meta.url).pathname;

/** The words that run `chat` with the permissions that it needs, as a shell takes them. */
export const CHAT = [
  Deno.execPath(),
  "run",
  "--quiet",
  "--no-prompt",
  "--allow-net",
  "--allow-read",
  "--allow-write",
  "--allow-env=NO_COLOR,TERM,TZ,CHAT_OPERATOR_TOKEN",
  "--allow-sys=osUptime",
  MAIN,
];

/** Makes a command that runs `chat`. */
export function chat(args: readonly string[], options: Deno.CommandOptions = {}): Deno.Command {
  const pipes = { stdin: "piped", stdout: "piped", stderr: "piped" } as const;
  return new Deno.Command(CHAT[0]!, { ...pipes, ...options, args: [...CHAT.slice(1), ...args] });
}

/** Reads a stream to its end, as text. */
export function textOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  return new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).text();
}

/** Writes all of the input of a process, and ends it. */
export async function write(child: Deno.ChildProcess, input: string): Promise<void> {
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
}

/** How much memory a process takes at most, as far as it was looked at; 0 where the system does not tell. */
export class MemoryWatch implements Disposable {
  readonly #timer: ReturnType<typeof setInterval>;
  #most = 0;

  constructor(pid: number) {
    this.#timer = setInterval(() => this.#look(pid), 200);
  }

  /** In MiB. */
  get most(): number {
    return this.#most;
  }

  #look(pid: number): void {
    try {
      const status = Deno.readTextFileSync(`/proc/${pid}/status`);
      const kib = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
      this.#most = Math.max(this.#most, Math.round(kib / 1024));
    } catch {
      // It is gone, or this is no Linux.
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
