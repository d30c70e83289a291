/** The rows of `deno task bench:chat`. */

import type { IdleResult } from "./idle.ts";
import type { LargeResult } from "./large.ts";
import type { LatencyResult } from "./latency.ts";
import type { Job } from "./load.ts";
import type { MembersResult } from "./members.ts";
import { now, pause } from "./processes.ts";
import { startLoad } from "./run.ts";
import { COPY, type Server, type ServerKind, SINGLE } from "./servers.ts";
import type { StoredResult } from "./stored.ts";
import { type Line, median } from "./table.ts";
import type { ThroughputResult } from "./throughput.ts";

/** The options of a row. */
export interface Bench {
  readonly servers: readonly ServerKind[];
  readonly rounds: number;
  /** The CPU seconds that a server is to use in a run. */
  readonly cpu: number;
  readonly runLoad: <Result>(job: Job) => Promise<Result>;
}

/** One row. */
export interface Row {
  readonly about: string;
  readonly bar: string;
  measure(bench: Bench): Promise<Line[]>;
}

/** The longest run: a server that sleeps more than it works does not hold up the others. */
const MAX_SECONDS = 30;

/** One way of running a server, and its figure. */
interface Case {
  readonly name: string;
  figure(): Promise<number>;
}

/** Measures the cases in turn, round by round; the first is held against each of the others. */
async function inTurn(
  cases: readonly Case[],
  { rounds, unit }: { rounds: number; unit: string },
): Promise<Line[]> {
  const figures = cases.map(() => [] as number[]);
  for (let round = 0; round < rounds; round++) {
    for (const [index, { name, figure }] of cases.entries()) {
      const value = await figure();
      figures[index]!.push(value);
      console.error(`  round ${round + 1}: ${name} ${Math.round(value * 100) / 100}`);
    }
  }
  const medians = figures.map(median);
  return cases.map(({ name }, index) => ({
    name,
    figures: figures[index]!,
    unit,
    ...(index > 0 && { against: { name: `for ${cases[0]!.name}`, ratio: medians[0]! / medians[index]! } }),
  }));
}

/** Starts the server, measures, and ends it. */
async function withServer<T>(
  kind: ServerKind,
  body: (server: Server) => Promise<T>,
  ...more: string[]
): Promise<T> {
  const server = await kind.start({ more });
  try {
    return await body(server);
  } finally {
    await server.stop();
  }
}

interface Load {
  readonly receivers: number;
  readonly inFlight: number;
  readonly allSend?: boolean;
  readonly stalled?: boolean;
}

function throughputOf({ runLoad, cpu }: Bench, kind: ServerKind, load: Load): Promise<ThroughputResult> {
  return withServer(kind, ({ pid, port }) =>
    runLoad<ThroughputResult>({
      kind: "throughput",
      wire: kind.wire,
      port,
      pid,
      allSend: false,
      stalled: false,
      ...load,
      cpu,
      maxSeconds: MAX_SECONDS,
    }));
}

function deliveries(about: string, bar: string, load: Load): Row {
  return {
    about: `deliveries per CPU second, ${about}`,
    bar,
    measure: (bench) =>
      inTurn(
        bench.servers.map((kind) => ({
          name: kind.name,
          figure: async () => {
            const { deliveries, cpu } = await throughputOf(bench, kind, load);
            return deliveries / cpu;
          },
        })),
        { rounds: bench.rounds, unit: "/CPU s" },
      ),
  };
}

const ours = ({ servers }: Bench) => servers.filter((kind) => kind.wire === "chat");

const latency: Row = {
  about: "p99 from send to the last of 50 receivers at 1,000 messages a second",
  bar: "at most 1.3 x ngircd's",
  measure: (bench) =>
    inTurn(
      bench.servers.map((kind) => ({
        name: kind.name,
        figure: () =>
          withServer(kind, async ({ port }) => {
            const job: Job = {
              kind: "latency",
              wire: kind.wire,
              port,
              receivers: 50,
              rate: 1000,
              seconds: 10,
            };
            return (await bench.runLoad<LatencyResult>(job)).p99;
          }),
      })),
      { rounds: bench.rounds, unit: "ms" },
    ),
};

const stalled: Row = {
  about: "deliveries a second to 50 receivers, 256 in flight, without and with one more that reads nothing",
  bar: "within 10 %",
  measure: async (bench) => {
    const lines: Line[] = [];
    for (const kind of ours(bench)) {
      const cases = [false, true].map((stalled) => ({
        name: `${kind.name}, ${stalled ? "one stalled" : "none stalled"}`,
        figure: async () => {
          const load = { receivers: 50, inFlight: 256, stalled };
          const { deliveries, seconds } = await throughputOf(bench, kind, load);
          return deliveries / seconds;
        },
      }));
      lines.push(...await inTurn(cases, { rounds: bench.rounds, unit: "/s" }));
    }
    return lines;
  },
};

const idle: Row = {
  about: "resident memory per idle connection, over 2,000",
  bar: "at most 16 kB",
  measure: (bench) =>
    inTurn(
      bench.servers.map((kind) => ({
        name: kind.name,
        figure: () =>
          withServer(kind, async ({ pid, port }) => {
            const job: Job = { kind: "idle", wire: kind.wire, port, pid, connections: 2000 };
            return (await bench.runLoad<IdleResult>(job)).bytesEach / 1000;
          }),
      })),
      { rounds: Math.min(bench.rounds, 3), unit: "kB" },
    ),
};

/** Two processes hold the members, and the second sends. */
async function reachAll(kind: ServerKind, rounds: number): Promise<{ joinedMs: number; reachMs: number[] }> {
  return await withServer(kind, async ({ port }) => {
    const begun = now();
    const each = MEMBERS / 2;
    const start = (half: 0 | 1) =>
      startLoad<MembersResult>({
        kind: "members",
        wire: kind.wire,
        port,
        first: half * each,
        size: each,
        sends: half === 1,
      });
    const [waiting, sending] = [start(0), start(1)];
    await Promise.all([waiting.ready(), sending.ready()]);
    const joinedMs = now() - begun;
    // What was posted until all had joined is to have arrived everywhere.
    await pause(1000);
    for (let round = 0; round < rounds; round++) {
      await waiting.step();
      await waiting.ready();
      await sending.step();
      await Promise.all([waiting.ready(), sending.ready()]);
    }
    const [first, second] = await Promise.all([waiting.end(), sending.end()]);
    return {
      joinedMs,
      reachMs: second.sentAt.map((sent, index) =>
        Math.max(first.allHaveAt[index]!, second.allHaveAt[index]!) - sent
      ),
    };
  });
}

const MEMBERS = 10_000;

const members: Row = {
  about: "10,000 members in one room, two processes of clients: until one message has reached all",
  bar: "at most 1 s",
  measure: async (bench) => {
    const lines: Line[] = [];
    for (const kind of ours(bench)) {
      const { joinedMs, reachMs } = await reachAll(kind, bench.rounds);
      lines.push({ name: `${kind.name}, one message`, figures: reachMs, unit: "ms" });
      lines.push({ name: `${kind.name}, all to join`, figures: [joinedMs / 1000], unit: "s" });
    }
    return lines;
  },
};

const large: Row = {
  about: "a body of 8 MB to 10 peers, one after the other",
  bar: "at least half of a bare copy loop",
  measure: (bench) =>
    inTurn(
      [...ours(bench), COPY].map((kind) => ({
        name: kind.name,
        figure: () =>
          withServer(kind, async ({ pid, port }) => {
            const job: Job = {
              kind: "large",
              wire: kind.wire,
              port,
              pid,
              receivers: 10,
              size: 8_000_000,
              count: 30,
            };
            return (await bench.runLoad<LargeResult>(job)).bytesPerSecond / 1e6;
          }),
      })),
      { rounds: bench.rounds, unit: "MB/s" },
    ),
};

interface Storing {
  readonly durability: "os" | "disk";
  /** Posts of one sender that are not acked yet. */
  readonly inFlight: number;
}

async function storedOf(bench: Bench, kind: ServerKind, { durability, inFlight }: Storing): Promise<number> {
  const folder = await Deno.makeTempDir();
  try {
    const history = ["--history", `${folder}/chat.db`, "--durability", durability];
    return await withServer(kind, async ({ pid, port }) => {
      const job: Job = { kind: "stored", port, pid, senders: 50, inFlight, seconds: 6 };
      return (await bench.runLoad<StoredResult>(job)).ackedPerSecond;
    }, ...history);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const stored: Row = {
  about: "messages a second, stored in SQLite and acked, 50 senders in one room with 64 in flight each",
  bar: "at least 20,000 (os), and 10 x one transaction a message",
  measure: (bench) => {
    const kinds = [...ours(bench), SINGLE];
    const cases = (["os", "disk"] as const).flatMap((durability) =>
      kinds.map((kind) => ({
        name: `${kind.name} (${durability})`,
        figure: () => storedOf(bench, kind, { durability, inFlight: 64 }),
      }))
    );
    return inTurn(cases, { rounds: bench.rounds, unit: "/s" });
  },
};

/** The rows by the name that `--rows` takes. */
export const ROWS: Readonly<Record<string, Row>> = {
  "256x50": deliveries("256 in flight, 50 receivers", "at least 2.4 x nats-server", {
    receivers: 50,
    inFlight: 256,
  }),
  "256x500": deliveries("256 in flight, 500 receivers", "at least 4 x nats-server", {
    receivers: 500,
    inFlight: 256,
  }),
  "8x50": deliveries("8 in flight, 50 receivers", "at least 1.8 x nats-server", {
    receivers: 50,
    inFlight: 8,
  }),
  "8x500": deliveries("8 in flight, 500 receivers", "at least 1.3 x nats-server", {
    receivers: 500,
    inFlight: 8,
  }),
  "1x50": deliveries("1 in flight, 50 receivers", "at least 1.15 x nats-server", {
    receivers: 50,
    inFlight: 1,
  }),
  "50to50": deliveries("50 peers that all send and receive, 256 in flight", "at least 2 x nats-server", {
    receivers: 50,
    inFlight: 256,
    allSend: true,
  }),
  latency,
  stalled,
  idle,
  members,
  stored,
  large,
};
