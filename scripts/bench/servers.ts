/** The servers that are measured: how each is started on a free port of the loopback, and ended. */

import type { WireName } from "./wires.ts";

/** A server that runs. */
export interface Server {
  readonly pid: number;
  readonly port: number;
  stop(): Promise<void>;
}

/** The options with which a server is started. */
export interface ServerOptions {
  /** Arguments besides those that it always gets; only ours takes any. */
  readonly more?: readonly string[];
  /** Is given what the server writes once it listens. */
  readonly onText?: (text: string) => void;
}

/** A server that can be started. */
export interface ServerKind {
  readonly name: string;
  readonly wire: WireName;
  /** Why it cannot be started here, or null. */
  missing(): string | null;
  start(options?: ServerOptions): Promise<Server>;
}

const ROOT = new URL("../../", import.meta.url).pathname;

/** Ours, out of the source or compiled. */
function ours(name: string, command: readonly string[]): ServerKind {
  const args = ["--serve", "--host", "127.0.0.1", "--port", "0", "--quiet", "--no-limits", "--log-json"];
  return {
    name,
    wire: "chat",
    missing: () => command.every((part) => !part.startsWith(ROOT) || exists(part)) ? null : "it is not built",
    start: ({ more = [], onText } = {}) =>
      start({
        command: [...command, ...args, ...more],
        stream: "stderr",
        port: /listening.*:(\d+)"/,
        onText,
      }),
  };
}

const DENO_RUN = [
  "run",
  "--no-prompt",
  "--allow-net",
  "--allow-read",
  "--allow-write",
  "--allow-env",
  "--allow-sys",
];

/** Ours with its default limits, out of a checkout's source. */
export function limited(main = `${ROOT}main.ts`): ServerKind {
  const command = [Deno.execPath(), ...DENO_RUN, main, "--serve", "--host", "127.0.0.1", "--port", "0"];
  return {
    name: "chat",
    wire: "chat",
    missing: () => exists(main) ? null : "it is not there",
    start: () =>
      start({
        command: [...command, "--quiet", "--log-json"],
        stream: "stderr",
        port: /listening.*:(\d+)"/,
      }),
  };
}

/** All of them, by the name that `--servers` takes. */
export const SERVERS: Readonly<Record<string, ServerKind>> = {
  chat: ours("chat", [Deno.execPath(), ...DENO_RUN, `${ROOT}main.ts`]),
  dist: ours("dist/chat", [`${ROOT}dist/chat`]),
  nats: {
    name: "nats-server",
    wire: "nats",
    missing: () => installed("nats-server"),
    async start() {
      const folder = await Deno.makeTempDir();
      const config = `${folder}/nats.conf`;
      await Deno.writeTextFile(
        config,
        `host: 127.0.0.1\nport: -1\nping_interval: "30m"\nmax_payload: 16MB\n`,
      );
      const command = ["nats-server", "-c", config];
      return start({ command, stream: "stderr", port: /client connections on .*:(\d+)/, folder });
    },
  },
  ngircd: {
    name: "ngircd",
    wire: "irc",
    missing: () => installed("ngircd"),
    async start() {
      const folder = await Deno.makeTempDir();
      const port = freePort();
      const config = `${folder}/ngircd.conf`;
      await Deno.writeTextFile(config, ngircdConfig(port));
      // It wants to be nobody, and nobody has to read this.
      await Deno.chmod(folder, 0o755);
      const server = await start({
        command: ["ngircd", "-n", "-f", config],
        stream: "stdout",
        port: /ready/,
        folder,
      });
      return { ...server, port };
    },
  },
  relay: {
    name: "asyncio relay",
    wire: "relay",
    missing: () => installed("python3"),
    async start() {
      const found = new Deno.Command("python3", { args: ["-c", "import sys; print(sys.executable)"] })
        .outputSync();
      const python = new TextDecoder().decode(found.stdout).trim();
      return await start({
        command: [python, `${ROOT}scripts/bench/relay.py`],
        stream: "stdout",
        port: /port (\d+)/,
      });
    },
  },
};

/** The yardstick for stored messages: this listener with a transaction for each message. */
export const SINGLE: ServerKind = ours("chat, one transaction a message", [
  Deno.execPath(),
  ...DENO_RUN,
  `${ROOT}scripts/bench/single.ts`,
]);

/** The yardstick for long bodies. */
export const COPY: ServerKind = {
  name: "a bare copy loop",
  wire: "relay",
  missing: () => null,
  start: () =>
    start({
      command: [Deno.execPath(), "run", "--no-prompt", "--allow-net", `${ROOT}scripts/bench/copy.ts`],
      stream: "stdout",
      port: /port (\d+)/,
    }),
};

function ngircdConfig(port: number): string {
  return `[Global]
Name = bench.test
Info = bench
Listen = 127.0.0.1
Ports = ${port}
ServerUID = nobody
ServerGID = nogroup
[Limits]
MaxPenaltyTime = 0
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 0
PingTimeout = 3600
[Options]
DNS = no
Ident = no
PAM = no
`;
}

interface StartOptions {
  readonly command: readonly string[];
  /** The output by which it reports that it listens. The first group, if there is one, is the port. */
  readonly stream: "stdout" | "stderr";
  readonly port: RegExp;
  /** Is removed when it has ended. */
  readonly folder?: string;
  readonly onText?: ((text: string) => void) | undefined;
}

async function start({ command, stream, port, folder, onText }: StartOptions): Promise<Server> {
  const child = new Deno.Command(command[0]!, {
    args: command.slice(1),
    stdin: "null",
    stdout: stream === "stdout" ? "piped" : "null",
    stderr: stream === "stderr" ? "piped" : "null",
  }).spawn();
  const reader = child[stream].pipeThrough(new TextDecoderStream()).getReader();
  for (let heard = "";;) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`${command[0]} did not start: ${heard}`);
    heard += value;
    const match = port.exec(heard);
    if (match === null) continue;
    // What it says later is read and forgotten, so that it never waits for us.
    const rest = (async () => {
      for (let part = await reader.read(); !part.done; part = await reader.read()) onText?.(part.value);
    })();
    return {
      pid: child.pid,
      port: Number(match[1]),
      async stop() {
        try {
          child.kill("SIGKILL");
        } catch { /* It has ended by itself. */ }
        await Promise.all([child.status, rest]);
        if (folder) await Deno.remove(folder, { recursive: true });
      },
    };
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

function installed(program: string): string | null {
  const folders = `${Deno.env.get("PATH") ?? ""}:/usr/sbin`.split(":");
  return folders.some((folder) => exists(`${folder}/${program}`)) ? null : "it is not installed";
}
