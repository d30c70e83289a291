/** Real nats-servers on loopback for tests: one or a cluster of three, with JetStream, to be killed, paused and restarted. */

import { makeAuthority } from "./authority.ts";

/** The program that runs: CHAT_NATS_SERVER or nats-server on the path; undefined where there is none. */
export const NATS_SERVER: string | undefined = findServer("CHAT_NATS_SERVER", "nats-server");

/** A server older than chat works with, of CHAT_NATS_SERVER_OLD; undefined where there is none. */
export const OLD_NATS_SERVER: string | undefined = findServer("CHAT_NATS_SERVER_OLD");

/** How servers are set up. All servers of a cluster have the same options. */
export interface NatsOptions {
  /** The program. Default {@linkcode NATS_SERVER}. */
  readonly program?: string | undefined;
  /** Without it JetStream is off. Default true. */
  readonly jetstream?: boolean;
  /** A user and its password. Default: nobody needs to log in. */
  readonly user?: { readonly name: string; readonly password: string };
  /** Clients connect by TLS only, with a certificate for localhost and 127.0.0.1 of {@linkcode NatsServer.caFile}. */
  readonly tls?: boolean;
  /** The longest message in bytes. Default: the server's own, 1 MiB. */
  readonly maxPayload?: number;
  /** What JetStream may keep in memory, in bytes. Default 64 MiB. */
  readonly maxMemory?: number;
  /** What JetStream may keep in files, in bytes. Default 1 GiB. */
  readonly maxFile?: number;
  /** How often acked data is synced, as the server takes it: `always`, `2m`. Default: the server's own. */
  readonly syncInterval?: string;
  /** Lines that are added to the configuration. */
  readonly more?: string;
}

/** Options that a running server takes up without a restart. */
export type NatsReload = Pick<NatsOptions, "user" | "maxPayload" | "more">;

const HOST = "127.0.0.1";

/** How long anything of a server is waited for, in milliseconds. */
const PATIENCE = 60_000;

/**
 * Servers that start together sometimes elect a leader that never hears of one of them. A new cluster that is not complete
 * after that time, in milliseconds, is started anew, so many times in all.
 */
const START_PATIENCE = 15_000;
const STARTS = 4;

/** One nats-server. It keeps its ports and its state when it is restarted, and leaves nothing when it is disposed of. */
export class NatsServer implements AsyncDisposable {
  readonly name: string;
  readonly port: number;
  readonly #monitor: number;
  readonly #folder: string;
  readonly #clusterLines: string;
  #options: NatsOptions;
  #process: Running | null = null;

  private constructor(place: Place, options: NatsOptions, clusterLines: string) {
    this.name = place.name;
    this.port = place.client;
    this.#monitor = place.monitor;
    this.#folder = place.folder;
    this.#clusterLines = clusterLines;
    this.#options = options;
  }

  /** Starts one and waits until it takes connections. Its folder has to have the certificates. */
  static async start(place: Place, options: NatsOptions, clusterLines = ""): Promise<NatsServer> {
    const server = new NatsServer(place, options, clusterLines);
    await server.restart();
    return server;
  }

  /** Where clients connect: `127.0.0.1:PORT`. */
  get address(): string {
    return `${HOST}:${this.port}`;
  }

  /** The authority of its certificate, where it has one. */
  get caFile(): string {
    return `${this.#folder}/../ca.pem`;
  }

  /** Its process, or null where it does not run. */
  get pid(): number | null {
    return this.#process?.child.pid ?? null;
  }

  /** All that it has logged. */
  get log(): string {
    return Deno.readTextFileSync(`${this.#folder}/log`);
  }

  /** Kills it as a crash would, and waits until it is gone. */
  async kill9(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Ends it in order, as an upgrade would, and waits until it is gone. */
  async term(): Promise<void> {
    await this.#end("SIGTERM");
  }

  /** Pauses it, and waits until it stands still: its connections stay, and nothing answers. */
  async stop(): Promise<void> {
    this.#process!.child.kill("SIGSTOP");
    await this.#waitFor("that it pauses", () => Promise.resolve(isPaused(this.pid!)));
  }

  /** Goes on after {@linkcode stop}. */
  cont(): void {
    this.#process!.child.kill("SIGCONT");
  }

  /** Starts it again on the same ports with the same state, and waits until it takes connections. */
  async restart(): Promise<void> {
    if (this.#process !== null) throw new Error(`${this.name} still runs`);
    this.#configure();
    this.#process = new Running(this.#options.program ?? NATS_SERVER!, `${this.#folder}/conf`);
    await this.#waitFor("that it takes connections", async () => {
      const conn = await Deno.connect({ hostname: HOST, port: this.port });
      conn.close();
      return true;
    });
  }

  /**
   * Waits until all that it keeps is recovered and, in a cluster, up to date; if it leads a cluster of that size, also until
   * it knows of all servers.
   */
  async healthy(size = 1, patience = PATIENCE): Promise<void> {
    await this.#waitFor("that it is healthy", async () => {
      const { status } = await this.#get("/healthz") as { status?: string };
      if (status !== "ok" || size === 1) return status === "ok";
      const { meta_cluster: { leader, replicas = [] } = {} } = await this.#get("/jsz") as JetStreamState;
      if (leader !== this.name) return leader !== undefined && leader !== "";
      return replicas.filter(({ offline }) => !offline).length >= size - 1;
    }, patience);
  }

  /** Changes options of the running server, which ends the connections of a user whose password is another now. */
  async reload(options: NatsReload): Promise<void> {
    this.#options = { ...this.#options, ...options };
    this.#configure();
    const reloads = () => this.log.split("Reloaded server configuration").length;
    const before = reloads();
    this.#process!.child.kill("SIGHUP");
    await this.#waitFor("that it has reloaded", () => Promise.resolve(reloads() > before));
  }

  /** The name of the server that leads a stream; undefined where there is none. */
  async leaderOf(stream: string): Promise<string | undefined> {
    const { account_details: accounts = [] } = await this.#get(
      "/jsz?accounts=true&streams=true",
    ) as JetStreamState;
    const details = accounts.flatMap((account) => account.stream_detail ?? []);
    return details.find((detail) => detail.name === stream)?.cluster?.leader;
  }

  /** The name of the server that leads the cluster; undefined where there is none. */
  async leaderOfAll(): Promise<string | undefined> {
    return (await this.#get("/jsz") as JetStreamState).meta_cluster?.leader;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end("SIGKILL");
    await Deno.remove(this.#folder, { recursive: true });
  }

  async #get(path: string): Promise<unknown> {
    const response = await fetch(`http://${HOST}:${this.#monitor}${path}`, {
      signal: AbortSignal.timeout(5000),
    });
    return await response.json();
  }

  async #end(signal: Deno.Signal): Promise<void> {
    const running = this.#process;
    this.#process = null;
    await running?.end(signal);
  }

  #configure(): void {
    const { jetstream = true, user, tls, maxPayload, more = "" } = this.#options;
    const { maxMemory = 64 << 20, maxFile = 1 << 30, syncInterval } = this.#options;
    const lines = [
      `server_name: ${this.name}`,
      `listen: "${HOST}:${this.port}"`,
      `http: "${HOST}:${this.#monitor}"`,
      `log_file: "${this.#folder}/log"`,
    ];
    if (maxPayload !== undefined) lines.push(`max_payload: ${maxPayload}`);
    if (user !== undefined) {
      const login = `user: ${JSON.stringify(user.name)}, password: ${JSON.stringify(user.password)}`;
      lines.push(`authorization { users: [ { ${login} } ] }`);
    }
    if (tls) {
      const [cert, key] = [`${this.#folder}/../cert.pem`, `${this.#folder}/../key.pem`];
      lines.push(`tls { cert_file: "${cert}", key_file: "${key}" }`);
    }
    if (jetstream) {
      const sync = syncInterval === undefined ? "" : `, sync_interval: ${syncInterval}`;
      const most = `max_memory_store: ${maxMemory}, max_file_store: ${maxFile}`;
      lines.push(`jetstream { store_dir: "${this.#folder}/state", ${most}${sync} }`);
    }
    Deno.writeTextFileSync(`${this.#folder}/conf`, [...lines, this.#clusterLines, more].join("\n"));
  }

  /** Waits until a check holds; one that throws does not hold. */
  async #waitFor(what: string, holds: () => Promise<boolean>, patience = PATIENCE): Promise<void> {
    const process = this.#process;
    const until = performance.now() + patience;
    for (;;) {
      if (await holds().catch(() => false)) return;
      if (process?.hasEnded || performance.now() > until) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await this.#end("SIGKILL");
    throw new Error(`${this.name} was waited for in vain, ${what}. Its log:\n${this.log}`);
  }
}

/** What of `/jsz` is read. */
interface JetStreamState {
  readonly meta_cluster?: {
    readonly leader?: string;
    readonly replicas?: readonly { readonly offline?: boolean }[];
  };
  readonly account_details?: readonly {
    readonly stream_detail?: readonly {
      readonly name: string;
      readonly cluster?: { readonly leader?: string };
    }[];
  }[];
}

/** A cluster of nats-servers that know each other. */
export class NatsCluster implements AsyncDisposable {
  readonly nodes: readonly NatsServer[];
  readonly #folder: string;

  constructor(folder: string, nodes: readonly NatsServer[]) {
    this.#folder = folder;
    this.nodes = nodes;
  }

  /** The addresses of all, with commas between. */
  get address(): string {
    return this.nodes.map((node) => node.address).join(",");
  }

  /** The authority of the certificates, where they have one. */
  get caFile(): string {
    return `${this.#folder}/ca.pem`;
  }

  /** Waits until all are up to date, and their leader knows that they are. */
  async healthy(patience = PATIENCE): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.healthy(this.nodes.length, patience)));
  }

  /** The server that leads a stream, and those that follow. Waits until there is one. */
  async rolesOf(stream: string): Promise<{ leader: NatsServer; followers: NatsServer[] }> {
    for (const until = performance.now() + PATIENCE; performance.now() < until;) {
      for (const node of this.nodes) {
        if (node.pid === null) continue;
        const name = await node.leaderOf(stream).catch(() => undefined);
        const leader = this.nodes.find((node) => node.name === name && node.pid !== null);
        if (leader) return { leader, followers: this.nodes.filter((node) => node !== leader) };
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`No server leads ${stream}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.nodes.map((node) => node[Symbol.asyncDispose]()));
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** Starts one server, and waits until it takes connections. */
export async function startNats(options: NatsOptions = {}): Promise<NatsCluster> {
  const cluster = await start(1, options);
  if (options.jetstream ?? true) await cluster.healthy();
  return cluster;
}

/** Starts servers that are a cluster, three by default, and waits until they have a leader. */
export async function startNatsCluster(
  options: NatsOptions & { readonly size?: number } = {},
): Promise<NatsCluster> {
  for (let left = STARTS;; left--) {
    const cluster = await start(options.size ?? 3, options);
    try {
      await cluster.healthy(START_PATIENCE);
      return cluster;
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      if (left === 1) throw error;
    }
  }
}

async function start(size: number, options: NatsOptions): Promise<NatsCluster> {
  const folder = await Deno.makeTempDir({ prefix: "chat-nats-" });
  if (options.tls) await makeAuthority(folder);
  const places = Array.from({ length: size }, (_, index): Place => {
    const name = `n${index + 1}`;
    Deno.mkdirSync(`${folder}/${name}`);
    return { name, folder: `${folder}/${name}`, client: freePort(), monitor: freePort(), route: freePort() };
  });
  const routes = places.map(({ route }) => `"nats://${HOST}:${route}"`).join(", ");
  const starts = places.map((place) => {
    const lines = `cluster { name: test, listen: "${HOST}:${place.route}", routes: [ ${routes} ] }`;
    return NatsServer.start(place, options, size === 1 ? "" : lines);
  });
  const settled = await Promise.allSettled(starts);
  const nodes = settled.flatMap((one) => one.status === "fulfilled" ? [one.value] : []);
  const cluster = new NatsCluster(folder, nodes);
  const failed = settled.find((one) => one.status === "rejected");
  if (failed === undefined) return cluster;
  await cluster[Symbol.asyncDispose]();
  throw failed.reason;
}

/** A server's name, its folder, and its ports. */
interface Place {
  readonly name: string;
  readonly folder: string;
  readonly client: number;
  readonly monitor: number;
  readonly route: number;
}

const given = new Set<number>();

/**
 * Chooses a port that is free, below those that systems give to outgoing connections: one of those could be taken while
 * a server is down, and who connects to it there could get itself.
 */
function freePort(): number {
  for (let tries = 0; tries < 1000; tries++) {
    const port = 10_000 + Math.floor(Math.random() * 22_000);
    if (given.has(port)) continue;
    try {
      Deno.listen({ hostname: HOST, port }).close();
    } catch {
      continue;
    }
    given.add(port);
    return port;
  }
  throw new Error("No port is free");
}

/** A server's process, which does not outlive this one, however this one ends. */
class Running {
  readonly child: Deno.ChildProcess;
  readonly #guard: Deno.ChildProcess;
  hasEnded = false;

  constructor(program: string, configuration: string) {
    const pipes = { stdout: "null", stderr: "null" } as const;
    this.child = new Deno.Command(program, { args: ["-c", configuration], stdin: "null", ...pipes }).spawn();
    this.child.status.then(() => this.hasEnded = true);
    // Its input ends with this process.
    const script = `while read -r _; do :; done; kill -9 ${this.child.pid}`;
    this.#guard = new Deno.Command("sh", { args: ["-c", script], stdin: "piped", ...pipes }).spawn();
  }

  async end(signal: Deno.Signal): Promise<void> {
    try {
      this.child.kill(signal);
    } catch {
      // It has ended by itself.
    }
    await this.child.status;
    this.#guard.kill("SIGKILL");
    await this.#guard.status;
    await this.#guard.stdin.close().catch(() => {});
  }
}

/** Tells whether all threads of a process are paused; true where the system does not tell. */
function isPaused(pid: number): boolean {
  if (Deno.build.os !== "linux") return true;
  const threads = [...Deno.readDirSync(`/proc/${pid}/task`)].map(({ name }) =>
    `/proc/${pid}/task/${name}/stat`
  );
  return threads.every((path) => /\) T /.test(Deno.readTextFileSync(path)));
}

function findServer(variable: string, name?: string): string | undefined {
  const path = Deno.env.get(variable);
  if (path) return path;
  const folders = name === undefined ? [] : Deno.env.get("PATH")?.split(":") ?? [];
  return folders.map((folder) => `${folder}/${name}`).find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}
