/**
 * Measures a private chat against an open one: `deno task bench:private [EXECUTABLE [ROW…]]`, on Linux. The rows are
 * cpu, latency, joining, idle, handshakes and codes; all if none is named.
 *
 * Both listeners run one after the other on the same machine, and their own CPU seconds are counted. A row that a busy
 * machine disturbs is to be measured again.
 */

import { encodeFrame, FrameReader } from "../../lib/frame/mod.ts";
import { encode } from "../../lib/pickle/encode/encode.ts";
import type { Value } from "../../lib/pickle/values/values.ts";
import { decode } from "../../lib/pickle/decode/decode.ts";
import { bytesAtRest, cpuSeconds } from "./processes.ts";
import { keyOfCode } from "../../lib/private/code.ts";
import { parsePem } from "../../lib/private/pem.ts";
import { checkProof, makeProof, memberId } from "../../lib/private/proof.ts";

const CODE = "k7qm2xhp9dnvc4ta";
const RECEIVERS = 50;
const DELIVERIES = 50_000;
const FEW = 100;
/** So many that the memory that V8 keeps for itself counts for little. */
const IDLE = 2000;
const HANDSHAKES = Number(Deno.env.get("CHAT_BENCH_HANDSHAKES") ?? 10_000);
const MAIN = new URL("../../main.ts", import.meta.url).pathname;

/** A listener under measurement. */
class Subject {
  readonly #child: Deno.ChildProcess;
  readonly #folder: string;
  readonly certificate: string | null;
  readonly port: number;

  private constructor(child: Deno.ChildProcess, folder: string, certificate: string | null, port: number) {
    this.#child = child;
    this.#folder = folder;
    this.certificate = certificate;
    this.port = port;
  }

  static async start(isPrivate: boolean): Promise<Subject> {
    const folder = await Deno.makeTempDir();
    const executable = Deno.args[0];
    const program = executable === undefined ? [Deno.execPath(), "run", "--quiet", "-A", MAIN] : [executable];
    const words = ["--serve", "--host", "127.0.0.1", "--port", "0", "--quiet", "--no-limits", "--log-json"];
    const [command, ...args] = [...program, ...words, ...isPrivate ? ["--private"] : []];
    const child = new Deno.Command(command!, {
      args,
      env: { STATE_DIRECTORY: folder, CHAT_CODE: CODE },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const { promise: port, resolve } = Promise.withResolvers<number>();
    const read = async () => {
      let text = "";
      for await (const piece of child.stderr.pipeThrough(new TextDecoderStream())) {
        if (text.length > 10_000) continue;
        text += piece;
        const found = /"listening","address":"[^"]*:(\d+)"/.exec(text);
        if (found !== null) resolve(Number(found[1]));
      }
    };
    read();
    const number = await port;
    const certificate = isPrivate ? await Deno.readTextFile(`${folder}/listener.crt`) : null;
    return new Subject(child, folder, certificate, number);
  }

  /** Its CPU seconds so far. */
  get cpu(): number {
    return cpuSeconds(this.#child.pid);
  }

  /** Its resident memory when it has come to rest, in bytes. */
  atRest(): Promise<number> {
    return bytesAtRest(this.#child.pid);
  }

  get descriptors(): number {
    return [...Deno.readDirSync(`/proc/${this.#child.pid}/fd`)].length;
  }

  async connect(): Promise<Client> {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port: this.port });
    conn.setNoDelay(true);
    const hello: Record<string, Value> = { type: "hello", replay: 0 };
    if (this.certificate === null) return new Client(conn, hello);
    const tls = await Deno.startTls(conn, { hostname: "chat.invalid", caCerts: [this.certificate] });
    await tls.handshake();
    const nonce = crypto.getRandomValues(new Uint8Array(32));
    const certificate = parsePem(this.certificate, "CERTIFICATE")!;
    const key = keyOfCode(CODE);
    const proof = await makeProof(key, { by: "peer", certificate, nonce });
    return new Client(tls, { ...hello, nonce, proof, member: await memberId(key) });
  }

  async end(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** A peer that counts. */
class Client {
  readonly conn: Deno.Conn;
  readonly #frames: FrameReader;

  constructor(conn: Deno.Conn, hello: Record<string, Value>) {
    this.conn = conn;
    this.#frames = new FrameReader(conn, { maxPayload: 1 << 24 });
    this.send(hello);
  }

  send(message: Record<string, Value>): Promise<number> {
    return this.conn.write(encodeFrame(encode(new Map(Object.entries(message)))));
  }

  /** The next payload, decoded. */
  async next(): Promise<Map<Value, Value>> {
    for (;;) {
      const payload = this.#frames.take();
      if (payload !== null) return decode(payload) as Map<Value, Value>;
      if (!await this.#frames.fill()) throw new Error("the stream has ended");
    }
  }

  async until(type: string): Promise<Map<Value, Value>> {
    for (;;) {
      const message = await this.next();
      if (message.get("type") === type) return message;
    }
  }
}

async function members(subject: Subject, count: number): Promise<Client[]> {
  const clients: Client[] = [];
  for (let n = 0; n < count; n++) {
    const client = await subject.connect();
    await client.until("replay");
    clients.push(client);
  }
  return clients;
}

/** CPU microseconds of the listener for a delivery, with so many posts unacked. */
async function delivery(subject: Subject, inFlight: number): Promise<number> {
  const [sender, ...receivers] = await members(subject, RECEIVERS + 1);
  const posts = DELIVERIES / RECEIVERS;
  const before = subject.cpu;
  const received = receivers.map(async (client) => {
    for (let n = 0; n < posts; n++) await client.until("message");
  });
  let acked = 0;
  for (let sent = 0; acked < posts;) {
    while (sent < posts && sent - acked < inFlight) {
      await sender!.send({ type: "message", body: "a line of a usual length, as people write", ref: sent++ });
    }
    await sender!.until("ack");
    acked++;
  }
  await Promise.all(received);
  const spent = subject.cpu - before;
  for (const { conn } of [sender!, ...receivers]) conn.close();
  return spent / DELIVERIES * 1e6;
}

/** The 99th percentile in ms from the post to its arrival at one of the receivers, at a rate. */
async function latency(subject: Subject, perSecond: number): Promise<number> {
  const [sender, ...receivers] = await members(subject, RECEIVERS + 1);
  const posts = perSecond * 3;
  const times: number[] = [];
  const received = receivers.map(async (client) => {
    for (let n = 0; n < posts; n++) {
      const message = await client.until("message");
      times.push(performance.now() - Number(message.get("body")));
    }
  });
  const begin = performance.now();
  for (let n = 0; n < posts; n++) {
    const wait = begin + n * 1000 / perSecond - performance.now();
    if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
    // Whole microseconds, as what is measured must not depend on how floats are written.
    await sender!.send({ type: "message", body: String(performance.now()) });
  }
  await Promise.all(received);
  for (const { conn } of [sender!, ...receivers]) conn.close();
  times.sort((a, b) => a - b);
  return times[Math.floor(times.length * 0.99)]!;
}

async function median(count: number, work: () => Promise<number>): Promise<number> {
  const results: number[] = [];
  for (let n = 0; n < count; n++) results.push(await work());
  return results.sort((a, b) => a - b)[count >> 1]!;
}

/** From the first packet to joined, in ms. */
async function joining(subject: Subject): Promise<number> {
  const begin = performance.now();
  const client = await subject.connect();
  await client.until("joined");
  const ms = performance.now() - begin;
  client.conn.close();
  return ms;
}

/** Memory of an idle member, in kB. The first few are not counted: they pay for what all share. */
async function idle(subject: Subject): Promise<number> {
  const clients = await members(subject, FEW);
  const before = await subject.atRest();
  clients.push(...await members(subject, IDLE));
  const kb = (await subject.atRest() - before) / IDLE / 1000;
  for (const { conn } of clients) conn.close();
  return kb;
}

/** Descriptors and MB more after many handshakes. */
async function handshakes(subject: Subject): Promise<[number, number]> {
  for (const { conn } of await members(subject, FEW)) conn.close();
  const [memory, descriptors] = [await subject.atRest(), subject.descriptors];
  for (let n = 0; n < HANDSHAKES; n++) {
    const client = await subject.connect();
    await client.until("joined");
    client.conn.close();
  }
  const more = await subject.atRest() - memory;
  return [subject.descriptors - descriptors, more / 1e6];
}

/** The extra time for a proof that is wrong in its last byte, over one that is wrong in its first, in per cent. */
async function wrongCodes(): Promise<number> {
  const key = keyOfCode(CODE);
  const options = { by: "peer", certificate: new Uint8Array(450), nonce: new Uint8Array(32) } as const;
  const proof = await makeProof(key, options);
  const [first, last] = [0, 31].map((at) => {
    const wrong = proof.slice();
    wrong[at]! ^= 1;
    return wrong;
  });
  const time = async (wrong: Uint8Array) => {
    const begin = performance.now();
    for (let n = 0; n < 200; n++) await checkProof(key, wrong, options);
    return performance.now() - begin;
  };
  const times: [number[], number[]] = [[], []];
  for (let n = 0; n < 40; n++) {
    times[0].push(await time(first!));
    times[1].push(await time(last!));
  }
  const [a, b] = times.map((list) => list.sort((x, y) => x - y)[list.length >> 1]!);
  return (b! / a! - 1) * 100;
}

async function both(measure: (subject: Subject) => Promise<number>): Promise<[number, number]> {
  const results: number[] = [];
  for (const isPrivate of [false, true]) {
    const subject = await Subject.start(isPrivate);
    results.push(await measure(subject));
    await subject.end();
  }
  return [results[0]!, results[1]!];
}

function row(what: string, [open, closed]: readonly [number, number], unit: string, digits = 1): void {
  const ratio = (closed / open).toFixed(1);
  console.log(
    `${what.padEnd(44)}${open.toFixed(digits).padStart(8)}${closed.toFixed(digits).padStart(10)} ${
      unit.padEnd(4)
    }${ratio.padStart(6)}`,
  );
}

const ROWS: Readonly<Record<string, () => Promise<void>>> = {
  cpu: async () => {
    for (const inFlight of [1, 8, 256]) {
      const spent = await both((s) => delivery(s, inFlight));
      row(`CPU of a delivery, 50 receivers, ${inFlight} in flight`, spent, "µs");
    }
  },
  latency: async () => {
    for (const rate of [100, 1000]) {
      row(`p99 at ${rate} messages/s`, await both((s) => latency(s, rate)), "ms");
    }
  },
  joining: async () =>
    row("connect to joined, median of 51", await both((s) => median(51, () => joining(s))), "ms"),
  idle: async () => row("memory of an idle member", await both(idle), "kB"),
  handshakes: async () => {
    const subject = await Subject.start(true);
    const [descriptors, megabytes] = await handshakes(subject);
    await subject.end();
    console.log(
      `after ${HANDSHAKES} handshakes: ${descriptors} descriptors and ${megabytes.toFixed(0)} MB more`,
    );
  },
  codes: async () => {
    const percent = (await wrongCodes()).toFixed(1);
    console.log(`a proof wrong in its last byte takes ${percent} % longer than in its first`);
  },
};

if (import.meta.main) {
  const [, ...names] = Deno.args;
  console.log(`${"".padEnd(44)}${"open".padStart(8)}${"closed".padStart(10)}${"ratio".padStart(11)}`);
  for (const [name, measure] of Object.entries(ROWS)) {
    if (names.length === 0 || names.includes(name)) await measure();
  }
  Deno.exit(0);
}
