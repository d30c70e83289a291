/** The rows of `deno task bench:cluster`, each with its bar. */

import { parseArgs } from "@std/cli/parse-args";
import type { BrokerAddress } from "../../lib/base/broker_address.ts";
import { connectBroker } from "../../lib/cluster/broker/broker.ts";
import type { TestPeer } from "../../tests/integration/listening.ts";
import { BenchChat, Probe } from "./cluster_chat.ts";
import { now, pause } from "./processes.ts";
import { runLoad } from "./run.ts";
import type { StoredResult } from "./stored.ts";
import { median } from "./table.ts";
import type { ThroughputResult } from "./throughput.ts";
import { TEXT } from "./wires.ts";

/** A figure and what it has to reach. */
export interface Figure {
  readonly about: string;
  readonly value: number;
  readonly unit?: string;
  readonly most?: number;
  readonly least?: number;
}

/** A row: measures and gives figures. */
export type ClusterRow = () => Promise<Figure[]>;

/** The number of rounds in which measurements take turns. */
const ROUNDS = Number(parseArgs(Deno.args, { string: ["rounds"] }).rounds ?? 3);

function percentile(times: readonly number[], part: number): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * part)]!;
}

/**
 * The time from a post to its ack, over that of a bare publish to the same servers, and over the parts that a post
 * consists of: a round trip to a listener with a file, then a publish. They take turns. Publishes back to back are faster
 * than those after a round trip, because the servers need not be woken.
 */
async function ackOverPubAck(servers: 1 | 3): Promise<Figure[]> {
  await using chat = await BenchChat.start({ servers, listeners: 1 });
  await using file = await BenchChat.start({ servers: 0, listeners: 1 });
  using peer = await chat.enter(0, "ann");
  using filePeer = await file.enter(0, "ann");
  const endpoints = chat.servers!.nodes.map(({ port }) => ({ host: "127.0.0.1", port }));
  const address: BrokerAddress = { servers: endpoints, user: undefined, chat: "bare", isEncrypted: false };
  const broker = await connectBroker({ address });
  await broker.openStream({ name: "bare", subjects: ["bare.>"], storage: "file", num_replicas: servers });
  const payload = new TextEncoder().encode(TEXT);
  let ref = 0;
  const acked = async (by: TestPeer) => {
    by.send({ type: "message", body: TEXT, ref: ++ref });
    await by.answer(ref);
  };
  const published = () => broker.jetstream.publish("bare.a", payload);
  const measured = [
    () => acked(peer),
    published,
    async () => {
      await acked(filePeer);
      await published();
    },
  ].map((act) => ({ act, times: [] as number[] }));
  for (let round = 0; round < 12; round++) {
    for (const { act, times } of measured) {
      for (let n = 0; n < 100; n++) {
        const began = now();
        await act();
        // What comes first warms up.
        if (round > 1) times.push(now() - began);
      }
    }
  }
  await broker.close();
  return [[0.5, 1.5], [0.99, 2]].flatMap(([part, most]) => {
    const about = `${servers} server${servers === 1 ? "" : "s"}, p${part! * 100}`;
    const [post, publish, parts] = measured.map(({ times }) => percentile(times, part!));
    return [
      { about: `post to ack, ${about}`, value: post!, unit: "ms" },
      { about: `post to ack over a bare PubAck, ${about}`, value: post! / publish!, most: most! },
      { about: `post to ack over its parts, ${about}`, value: post! / parts! },
    ];
  });
}

/** Stored posts a second of 50 senders in one room. */
async function stored(chat: BenchChat): Promise<number> {
  const job = { kind: "stored", senders: 50, inFlight: 64, seconds: 4 } as const;
  const { ackedPerSecond } = await runLoad<StoredResult>({ ...job, port: chat.ports, pid: chat.pids });
  return ackedPerSecond;
}

/** Measures several chats in turns, and gives the median of each. */
async function inTurns(
  starts: readonly (() => Promise<BenchChat>)[],
  measure: (chat: BenchChat) => Promise<number>,
): Promise<number[]> {
  const figures: number[][] = starts.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [n, start] of starts.entries()) {
      await using chat = await start();
      figures[n]!.push(await measure(chat));
    }
  }
  return figures.map(median);
}

async function storedFigures(): Promise<Figure[]> {
  const [file, one, three, nodes] = await inTurns([
    () => BenchChat.start({ servers: 0, listeners: 1 }),
    () => BenchChat.start({ servers: 1, listeners: 1 }),
    () => BenchChat.start({ servers: 3, listeners: 1 }),
    () => BenchChat.start({ servers: 1, listeners: 3 }),
  ], stored);
  return [
    { about: "posts a second over SQLite's, 1 server", value: one! / file!, least: 0.35 },
    { about: "posts a second over SQLite's, 3 servers", value: three! / file!, least: 0.2 },
    { about: "posts a second of 3 listeners in one room over 1", value: nodes! / one!, least: 0.6 },
  ];
}

async function deliveries(chat: BenchChat): Promise<number> {
  const result = await runLoad<ThroughputResult>({
    kind: "throughput",
    wire: "chat",
    port: chat.ports,
    pid: chat.pids,
    receivers: 300,
    allSend: false,
    inFlight: 256,
    stalled: false,
    cpu: 3,
    maxSeconds: 15,
  });
  return result.deliveries / result.cpu;
}

async function deliveryFigures(): Promise<Figure[]> {
  const [one, three] = await inTurns([
    () => BenchChat.start({ servers: 1, listeners: 1 }),
    () => BenchChat.start({ servers: 1, listeners: 3 }),
  ], deliveries);
  return [{
    about: "deliveries a CPU second to 300 receivers, 3 listeners over 1",
    value: three! / one!,
    least: 0.8,
  }];
}

/** Three peers post 100 times a second each, at a listener each; the times until a fourth has the posts. */
async function latencyFigures(): Promise<Figure[]> {
  await using chat = await BenchChat.start({ servers: 3, listeners: 3 });
  using receiver = await chat.enter(0, "receiver");
  const senders = await Promise.all([0, 1, 2].map((n) => chat.enter(n, `sender${n}`)));
  const times: number[] = [];
  const receiving = (async () => {
    for (let left = 3 * 100 * 8; left > 0;) {
      const told = await receiver.receive();
      if (told === null) throw new Error("The receiver was disconnected");
      if (told.type !== "message") continue;
      left--;
      times.push(now() - Number(told.body));
    }
  })();
  const began = now();
  for (let sent = 0; sent < 100 * 8;) {
    await pause(1);
    for (const due = Math.min(100 * 8, Math.floor((now() - began) / 10)); sent < due; sent++) {
      for (const sender of senders) sender.send({ type: "message", body: now() });
    }
  }
  await receiving;
  for (const sender of senders) sender[Symbol.dispose]();
  const warm = times.slice(600);
  return [
    { about: "3 x 100 posts a second in one room, p50", value: percentile(warm, 0.5), unit: "ms" },
    { about: "3 x 100 posts a second in one room, p99", value: percentile(warm, 0.99), unit: "ms", most: 10 },
  ];
}

/** The longest time without an ack at any listener around the end of a server. */
async function outage(role: "leader" | "follower", how: "kill9" | "term"): Promise<number> {
  await using chat = await BenchChat.start({ servers: 3, listeners: 3 });
  const probes: Probe[] = [];
  for (const [n] of chat.nodes.entries()) probes.push(new Probe(await chat.enter(n, `probe${n}`), 10));
  await pause(2000);
  const { leader, followers } = await chat.servers!.rolesOf("chat-bench");
  const since = performance.now();
  await (role === "leader" ? leader : followers[0]!)[how]();
  await pause(15_000);
  const longest = Math.max(...probes.map((probe) => probe.longestGap(since)));
  for (const probe of probes) await probe.end();
  return longest / 1000;
}

async function outageFigures(): Promise<Figure[]> {
  return [
    { about: "outage at the leader's kill -9", value: await outage("leader", "kill9"), unit: "s", most: 10 },
    { about: "outage at a follower's kill -9", value: await outage("follower", "kill9"), unit: "s", most: 2 },
    { about: "outage at the leader's TERM", value: await outage("leader", "term"), unit: "s", most: 2 },
  ];
}

/** The time until people at one listener see that somebody left with another listener. */
async function leftAfter(how: "kill9" | "term"): Promise<number> {
  await using chat = await BenchChat.start({ servers: 1, listeners: 2 });
  using watcher = await chat.enter(0, "watcher");
  using leaver = await chat.enter(1, "leaver");
  await watcher.until("joined");
  const began = performance.now();
  void chat.nodes[1]![how]();
  await watcher.until("left");
  void leaver;
  return (performance.now() - began) / 1000;
}

async function leftFigures(): Promise<Figure[]> {
  return [
    { about: "left after a listener's kill -9", value: await leftAfter("kill9"), unit: "s", most: 6 },
    { about: "left after a listener's TERM", value: await leftAfter("term"), unit: "s", most: 0.5 },
  ];
}

/** The rows by name. */
export const CLUSTER_ROWS: Readonly<Record<string, ClusterRow>> = {
  ack1: () => ackOverPubAck(1),
  ack3: () => ackOverPubAck(3),
  stored: storedFigures,
  deliveries: deliveryFigures,
  latency: latencyFigures,
  outage: outageFigures,
  left: leftFigures,
};
