/**
 * Measures the delay of one peer beside peers that make the listener work as hard as they can.
 *
 *     deno task bench:fair [--attacks=NAMES] [--seconds=N] [--main=PATH]
 *
 * NAMES are separated by commas; `S3+S6` are two at once. PATH is the main.ts of the checkout that is measured. The attackers
 * have a process of their own. Times are in milliseconds; `loop` is the longest delay of the listener's event loop. `lines` is
 * another measurement: how long a line takes to readers that read at once, while others post bulk in their room and read slowly.
 */

import { encodeFrame, FrameReader } from "../lib/frame/mod.ts";
import { decode } from "../lib/pickle/decode/decode.ts";
import { encode } from "../lib/pickle/encode/encode.ts";
import type { Value } from "../lib/pickle/values/values.ts";
import { measureLines } from "./bench/fair_lines.ts";
import { limited, type Server } from "./bench/servers.ts";

const given: Record<string, string> = {
  attacks: "none,S1,S2,S3,S3 sets,S3 x20,S4,S6,S7 history,S7 rooms,S7 who,S10,S12,S13," +
    "S3+S6+S7 history,S4+S12+S13,S1+S3 x20+S7 rooms,lines",
  seconds: "15",
  main: new URL("../main.ts", import.meta.url).pathname,
};
for (const argument of Deno.args) {
  const [, name = "", value = ""] = /^--(attacks|seconds|main)=(.+)$/.exec(argument) ?? [];
  if (name === "") {
    console.error(
      `Cannot take ${argument}\nUsage: deno task bench:fair [--attacks=NAMES] [--seconds=N] [--main=PATH]`,
    );
    Deno.exit(2);
  }
  given[name] = value;
}

/** The time that everything beside an attack has to begin, in milliseconds. */
const WARM_UP_MS = 2000;

/** The longest time that the victim waits for an answer, in milliseconds. */
const PATIENCE_MS = 60_000;

/** A peer that measures how long it waits. */
class Victim implements Disposable {
  readonly #conn: Deno.TcpConn;
  readonly #payloads: AsyncIterator<Uint8Array>;
  #lastRef = 0;

  constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
    this.#payloads = new FrameReader(conn, { maxPayload: 1 << 26 })[Symbol.asyncIterator]();
  }

  async #write(message: Record<string, Value>): Promise<void> {
    const frame = encodeFrame(encode(new Map(Object.entries(message))));
    for (let at = 0; at < frame.length;) at += await this.#conn.write(frame.subarray(at));
  }

  async hello(): Promise<void> {
    // It is in a room of its own: what the attackers post is not for it.
    await this.#write({ type: "hello", nick: "victim", room: "quiet", replay: 0 });
  }

  /** Sends a message and waits for its answer; gives the milliseconds, or those of its patience. */
  async ask(message: Record<string, Value>): Promise<{ ms: number; answer: Map<Value, Value> | null }> {
    const ref = ++this.#lastRef;
    const began = performance.now();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const patience = new Promise<null>((resolve) => timer = setTimeout(() => resolve(null), PATIENCE_MS));
    const answer = await Promise.race([
      this.#write({ ...message, ref }).then(() => this.#answer(ref)),
      patience,
    ]);
    clearTimeout(timer);
    return { ms: performance.now() - began, answer };
  }

  async #answer(ref: number): Promise<Map<Value, Value> | null> {
    for (;;) {
      const { done, value } = await this.#payloads.next();
      if (done) return null;
      // Long frames of the lobby are not for decoding.
      const told = value.length < 100_000 ? decode(value) : null;
      if (told instanceof Map && told.get("ref") === ref) return told;
    }
  }

  [Symbol.dispose](): void {
    this.#conn.close();
  }
}

function quantile(figures: readonly number[], part: number): string {
  const sorted = figures.toSorted((a, b) => a - b);
  const figure = sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
  return figure === undefined ? "–" : figure.toFixed(figure < 10 ? 1 : 0);
}

/** Runs a measurement of a listener that is attacked. */
async function attacked<T>(kinds: readonly string[], body: (server: Server) => Promise<T>): Promise<T> {
  const server = await limited(given.main).start();
  const attackers = kinds.length === 0 ? undefined : new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      new URL("./bench/fair_attackers.ts", import.meta.url).pathname,
      `${server.port}`,
      ...kinds,
    ],
    stdout: "null",
  }).spawn();
  try {
    await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS));
    return await body(server);
  } finally {
    attackers?.kill("SIGKILL");
    await attackers?.status;
    await server.stop();
  }
}

function measure(attack: string, seconds: number): Promise<string[]> {
  return attacked(attack === "none" ? [] : attack.split("+"), async (server) => {
    using victim = new Victim(await Deno.connect({ hostname: "127.0.0.1", port: server.port }));
    await victim.hello();
    const [pings, short, long] = [[], [], []] as number[][] as [number[], number[], number[]];
    const end = performance.now() + seconds * 1000;
    for (let n = 0; performance.now() < end; n++) {
      pings.push((await victim.ask({ type: "ping" })).ms);
      if (n % 4 === 0) short.push((await victim.ask({ type: "message", body: "x".repeat(100) })).ms);
      if (n % 10 === 0) long.push((await victim.ask({ type: "message", body: "x".repeat(100_000) })).ms);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const { answer } = await victim.ask({ type: "stats" });
    const stats = answer?.get("stats") as Map<Value, Value> | undefined;
    const [memory, delay] = [stats?.get("memory"), stats?.get("longest_loop_delay")];
    const cells = [pings, short, long].flatMap((
      figures,
    ) => [quantile(figures, 0.5), quantile(figures, 0.99)]);
    return [
      attack,
      `${pings.length}`,
      ...cells,
      delay === undefined ? "–" : `${Math.round(Number(delay) * 1000)}`,
      memory === undefined ? "–" : `${Math.round(Number(memory) / 2 ** 20)} MiB`,
    ];
  });
}

/** Measures lines beside bulk, and prints what was seen. */
async function printLines(seconds: number): Promise<void> {
  const { times, bulkBytes, lost } = await attacked(
    ["bulk"],
    ({ port }) => measureLines(port, seconds),
  );
  const bulk = (bulkBytes / 1e6 / seconds).toFixed(1);
  console.log(
    `lines beside ${bulk} MB/s of bulk and slow readers: ${times.length}, p50 ${quantile(times, 0.5)} ms, ` +
      `p99 ${quantile(times, 0.99)} ms, longest ${quantile(times, 1)} ms, lost ${lost}`,
  );
}

const rows = [[
  "attack",
  "pings",
  "ping p50",
  "p99",
  "100 B p50",
  "p99",
  "100 kB p50",
  "p99",
  "loop",
  "memory",
]];
for (const attack of given.attacks!.split(",")) {
  if (attack === "lines") {
    await printLines(Number(given.seconds));
    continue;
  }
  const row = await measure(attack, Number(given.seconds));
  console.error(row.join("  "));
  rows.push(row);
}
if (rows.length === 1) Deno.exit(0);
const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
console.log(
  rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd()).join("\n"),
);
