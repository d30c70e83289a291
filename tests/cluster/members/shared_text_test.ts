import { type Broker, connectBroker } from "../../../lib/cluster/broker/broker.ts";
import { OLDER_MS, SharedText } from "../../../lib/cluster/members/shared_text.ts";
import { Unavailable } from "../../../lib/private/members/elsewhere.ts";
import { ManualClock } from "../../clock.ts";
import { assertEquals, assertRejects } from "../../assert.ts";
import { NATS_SERVER, type NatsCluster, startNats } from "../nats_server.ts";
import { brokerOf, until } from "./closing.ts";

const clock = new ManualClock();

/** Opens a text, and tells what it calls. */
async function open(broker: Broker): Promise<{ text: SharedText; lost: string[]; changes: string[] }> {
  const [lost, changes]: [string[], string[]] = [[], []];
  const text: SharedText = await SharedText.open({
    broker,
    bucket: "text",
    key: "members",
    clock,
    changed: () => changes.push(text?.version.text ?? ""),
    lost: (text) => lost.push(text),
  });
  return { text, lost, changes };
}

/** Replaces a version. On a slow machine the broker may not answer in time: then it tries again. */
async function replace(text: SharedText, next: string, revision: number): Promise<boolean> {
  return await until(async () => {
    try {
      return await text.replace(next, revision);
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      await text.refresh();
      return undefined;
    }
  });
}

/** Writes a version in the place of the newest one. */
async function write(text: SharedText, next: string): Promise<void> {
  const { revision } = text.version;
  // What was written without an answer is found by the next attempt.
  await until(async () =>
    await replace(text, next, revision) || text.version.text === next ? true : undefined
  );
}

function test(name: string, run: (broker: Broker, nats: NatsCluster) => Promise<void>): void {
  Deno.test({
    name,
    ignore: NATS_SERVER === undefined,
    async fn() {
      await using nats = await startNats();
      const broker = await connectBroker({ address: brokerOf(nats, "text").address });
      try {
        await run(broker, nats);
      } finally {
        await broker.close();
      }
    },
  });
}

test("a version is written in the place of the one that was known, or not at all", async (broker) => {
  const [a, b] = [await open(broker), await open(broker)];
  assertEquals(a.text.version, { text: null, revision: 0 });
  assertEquals(await a.text.replace("one", 0), true);
  const { revision } = a.text.version;
  // Whether the other one was told of it or not.
  assertEquals(await b.text.replace("two", 0), false);
  assertEquals(b.text.version, { text: "one", revision });
  const both = await Promise.all([a.text.replace("a", revision), b.text.replace("b", revision)]);
  assertEquals(both.toSorted(), [false, true]);
  const winner = both[0] ? "a" : "b";
  for (const { text } of [a, b]) {
    assertEquals(await text.refresh(), true);
    assertEquals(text.version.text, winner);
  }
  await until(() => [a, b].every(({ changes }) => changes.at(-1) === winner) ? true : undefined);
  assertEquals(a.changes.concat(b.changes).filter((text) => text === "two"), []);
  // What was sent twice is written, and no conflict.
  assertEquals(await a.text.replace(winner, revision), true);
  for (const { text } of [a, b]) text.close();
});

test("what a refresh gives is not older than its call, of however many at once", async (broker) => {
  const [a, b] = [await open(broker), await open(broker)];
  for (let n = 1; n <= 20; n++) {
    const early = b.text.refresh();
    await write(a.text, `${n}`);
    await Promise.all(Array.from({ length: 5 }, async () => {
      assertEquals([await b.text.refresh(), b.text.version.text], [true, `${n}`]);
    }));
    assertEquals(await early, true);
  }
  for (const { text } of [a, b]) text.close();
});

test(
  "while the broker is away nothing is current or written, and afterwards what was missed is there",
  async (broker, nats) => {
    const { text, changes } = await open(broker);
    await write(text, "one");
    await nats.nodes[0]!.term();
    await until(() => broker.isConnected ? undefined : true);
    assertEquals(await text.refresh(), false);
    await assertRejects(() => text.replace("two", text.version.revision), Unavailable, "the broker is away");
    assertEquals(text.version.text, "one");
    const before = changes.length;
    await nats.nodes[0]!.restart();
    await until(async () => await text.refresh() && changes.length > before ? true : undefined);
    assertEquals(await text.replace("two", text.version.revision), true);
    text.close();
  },
);

test("a bucket that is deleted is noticed when it was missing three times", async (broker) => {
  const { text, lost } = await open(broker);
  await write(text, "one");
  await broker.manager.streams.delete("KV_text");
  for (let n = 1; n <= 3; n++) {
    assertEquals(lost, []);
    assertEquals(await text.refresh(), false);
  }
  assertEquals(lost.length, 1);
  text.close();
});

test("a broker that has lost what was written is noticed when it has had less for 15 s", async (broker) => {
  const { text, lost } = await open(broker);
  for (const version of ["one", "two", "three"]) await write(text, version);
  await broker.manager.streams.delete("KV_text");
  const kv = await broker.openBucket({ name: "text", storage: "file" });
  await kv.put("members", "one");
  const { revision } = text.version;
  for (const ms of [0, OLDER_MS - 1]) {
    clock.advance(ms);
    assertEquals(await replace(text, "four", revision), false);
    assertEquals([lost, text.version.text], [[], "three"]);
  }
  clock.advance(1);
  await replace(text, "four", revision);
  assertEquals(lost.length, 1);
  text.close();
});

test("a broker that comes back with less is noticed by who only reads", async (broker, nats) => {
  const { text, lost } = await open(broker);
  for (const version of ["one", "two", "three"]) await write(text, version);
  await broker.manager.streams.delete("KV_text");
  const kv = await broker.openBucket({ name: "text", storage: "file" });
  await kv.put("members", "one");
  await nats.nodes[0]!.term();
  await until(() => broker.isConnected ? undefined : true);
  await nats.nodes[0]!.restart();
  await until(() => broker.isConnected ? true : undefined);
  await until(async () => (await text.refresh(), await kv.get("members").catch(() => null)) ?? undefined);
  assertEquals([await text.refresh(), text.version.text, lost], [false, "three", []]);
  await until(async () => {
    clock.advance(OLDER_MS);
    await text.refresh();
    return lost.length > 0 ? true : undefined;
  });
  assertEquals(lost.length, 1);
  text.close();
});
