import type { Value } from "../../lib/pickle/values/values.ts";
import { assert, assertEquals, assertGreaterOrEqual, assertLess } from "../assert.ts";
import { Listening, type TestPeer } from "./listening.ts";

const operatorToken = "open sesame";

type Stats = Record<string, number> & {
  readonly room_rings: ReadonlyMap<string, number>;
  readonly slowest?: readonly ReadonlyMap<string, Value>[];
};

/** Asks how the listener is. Floats are numbers here. */
async function statsOf(peer: TestPeer): Promise<Stats> {
  peer.send({ type: "stats", ref: "how are you" });
  const answer = await peer.until("stats");
  assertEquals(answer.ref, "how are you");
  return Object.fromEntries(answer.stats as Map<string, number>) as Stats;
}

Deno.test("stats count messages, deliveries and peers exactly", async () => {
  await using listener = await Listening.start();
  using ann = await listener.enter("ann");
  using bob = await listener.enter("bob");
  using eve = await listener.enter("eve", { echo: true });
  for (let n = 0; n < 10; n++) ann.send({ type: "message", body: n, ref: n });
  eve.send({ type: "message", body: "mine too", ref: 1 });
  ann.send({ type: "message", to: "bob", body: "psst", ref: 11 });
  for (let n = 0; n < 12; n++) await bob.until("message");
  for (let n = 0; n < 11; n++) await eve.until("message");
  // Acks and messages come in no order that is promised.
  for (let count = 0; count < 12;) {
    const told = await ann.receive();
    if (told?.type === "ack" || told?.type === "message") count++;
  }
  const stats = await statsOf(bob);
  const { peers, rooms, messages, private_messages, deliveries } = stats;
  // Ten of ann's to two others, eve's to all three, and the private one.
  assertEquals({ peers, rooms, messages, private_messages, deliveries }, {
    peers: 3,
    rooms: 1,
    messages: 11,
    private_messages: 1,
    deliveries: 20 + 3 + 1,
  });
  assertEquals([stats.slow, stats.stalled, stats.largest_queue, stats.queues], [0, 0, 0, 0]);
  assertEquals(stats.slowest, undefined);
  assertGreaterOrEqual(stats.memory!, 1e6);
});

Deno.test("stats count the bytes of frames both ways, also of closed connections", async () => {
  await using listener = await Listening.start();
  using ann = await listener.enter("ann");
  const before = await statsOf(ann);
  {
    using bob = await listener.enter("bob");
    bob.send({ type: "message", body: "x".repeat(100_000), ref: 1 });
    await bob.until("ack");
  }
  await ann.until("message");
  await ann.until("left");
  const after = await statsOf(ann);
  const [received, sent] = [after.received! - before.received!, after.sent! - before.sent!];
  assert(received > 100_000 && received < 101_000, `${received} received`);
  assert(sent > 100_000 && sent < 102_000, `${sent} sent`);
});

Deno.test("stats list the size of each room's ring, the largest first", async () => {
  await using listener = await Listening.start();
  using ann = await listener.enter("ann");
  ann.send({ type: "join", room: "ops" });
  await ann.until("replay");
  for (let n = 0; n < 5; n++) ann.send({ type: "message", room: "ops", body: "x".repeat(50_000), ref: n });
  for (let n = 0; n < 5; n++) await ann.until("ack");
  const { rings, room_rings } = await statsOf(ann);
  assertEquals([...room_rings.keys()], ["ops", "lobby"]);
  const [ops, lobby] = room_rings.values();
  assertEquals(ops! + lobby!, rings);
  assertGreaterOrEqual(ops!, 250_000);
  assertLess(lobby!, 250_000);
});

Deno.test("stats report how far behind the slowest peer is, and name it to operators only", async () => {
  await using listener = await Listening.start({ operatorToken });
  using ann = await listener.enter("ann");
  using bob = await listener.enter("bob");
  using _stalled = await listener.enter("stalled");
  ann.send({ type: "op", token: operatorToken });
  await ann.until("op");
  // What it does not read is more than the system buffers for it.
  const body = "x".repeat(300_000);
  let behind = 0;
  while (behind === 0) {
    ann.send({ type: "message", body });
    await bob.until("message");
    behind = (await statsOf(bob)).furthest_behind!;
  }
  assertEquals((await statsOf(bob)).slowest, undefined);
  const { slowest, furthest_behind } = await statsOf(ann);
  const [worst] = slowest!;
  assertEquals([worst?.get("nick"), worst?.get("behind")], ["stalled", furthest_behind]);
  assert(String(worst?.get("address")).startsWith("127.0.0.1:"));
});

Deno.test("stats report the private queues", async () => {
  await using listener = await Listening.start({ operatorToken });
  using ann = await listener.enter("ann");
  using _stalled = await listener.enter("stalled");
  ann.send({ type: "op", token: operatorToken });
  await ann.until("op");
  const body = "x".repeat(300_000);
  let stats: Stats;
  let ref = 0;
  do {
    ann.send({ type: "message", to: "stalled", body, ref: ++ref });
    await ann.until("ack");
    stats = await statsOf(ann);
  } while (stats.largest_queue! < body.length);
  assertEquals(stats.queues! >= stats.largest_queue!, true);
  assertEquals(stats.slowest?.[0]?.get("nick"), "stalled");
  assertEquals(stats.slowest?.[0]?.get("queue"), stats.largest_queue);
});

Deno.test("stats report the delay of the event loop in the last minute", async () => {
  await using listener = await Listening.start();
  using ann = await listener.enter("ann");
  const end = performance.now() + 600;
  while (performance.now() < end);
  const { loop_delay, longest_loop_delay, uptime } = await statsOf(ann);
  assertGreaterOrEqual(longest_loop_delay!, 0.3);
  assertGreaterOrEqual(longest_loop_delay!, loop_delay!);
  assertGreaterOrEqual(uptime!, 0.6);
});

Deno.test("docs/protocol.md names the figures in their order", async () => {
  const text = await Deno.readTextFile(new URL("../../docs/protocol.md", import.meta.url));
  const [, table] = /### Figures\n[^]*?\|---\|---\|\n((?:\|.*\n)+)/.exec(text)!;
  const named = table!.trim().split("\n").flatMap((row) => row.split("|")[1]!.trim().split(", "));
  await using listener = await Listening.start({ operatorToken });
  using ann = await listener.enter("ann");
  ann.send({ type: "op", token: operatorToken });
  assertEquals(Object.keys(await statsOf(ann)), named);
});
