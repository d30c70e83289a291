import { assert, assertEquals, assertStringIncludes } from "../../assert.ts";
import type { Listening, TestPeer } from "../../integration/listening.ts";
import { NATS_SERVER, type NatsCluster, startNats } from "../nats_server.ts";
import { about, asking, listeners, TOKEN } from "./sharing.ts";

async function become(peer: TestPeer): Promise<void> {
  peer.send({ type: "op", token: TOKEN, ref: "op" });
  assertEquals((await peer.answer("op")).type, "op");
}

/** Follows who joins and leaves the lobby until these are the people whom `who` names, and they are so many. */
async function watch(peer: TestPeer, nicks: Set<string>, count: number): Promise<void> {
  for (let ref = 0, tries = 200;; ref++) {
    peer.send({ type: "who", room: "lobby", ref: `watch ${ref}` });
    let told = await peer.receive();
    for (; told !== null && told.ref !== `watch ${ref}`; told = await peer.receive()) {
      if (told.type === "left" || told.type === "renamed") nicks.delete(told.nick as string);
      if (told.type === "joined") nicks.add(told.nick as string);
      if (told.type === "renamed") nicks.add(told.to as string);
    }
    const present = new Set(told?.nicks as string[]);
    const isSame = present.size === count && nicks.size === count && present.isSubsetOf(nicks);
    if (isSame) return;
    if (present.size === count && tries-- === 0) assertEquals(nicks, present);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function test(name: string, run: (nats: NatsCluster) => Promise<void>): void {
  Deno.test({
    name,
    ignore: NATS_SERVER === undefined,
    async fn() {
      await using nats = await startNats();
      await run(nats);
    },
  });
}

test("people at one listener see joins, renames and leaves at another", async (nats) => {
  await using nodes = await listeners(nats, { count: 2 });
  using ann = await nodes[0]!.enter("ann", { room: "ops" });
  const bob = await nodes[1]!.enter("bob", { room: "ops" });
  assertEquals((await about(ann, "joined", "bob")).room, "ops");
  const both = await asking(bob, { type: "who", room: "ops" }, ({ count }) => count === 2);
  assertEquals(new Set(both.nicks as string[]), new Set(["ann", "bob"]));
  bob.send({ type: "nick", nick: "zoe" });
  assertEquals((await about(ann, "renamed", "bob")).to, "zoe");
  bob.send({ type: "join", room: "tea" });
  const { rooms } = await asking(
    ann,
    { type: "rooms" },
    ({ rooms }) => (rooms as Map<string, unknown>[]).length === 3,
  );
  const tea = (rooms as Map<string, unknown>[]).find((room) => room.get("room") === "tea");
  assertEquals(tea?.get("members"), 1);
  bob[Symbol.dispose]();
  assertEquals((await about(ann, "left", "zoe")).room, "ops");
  assertEquals((await asking(ann, { type: "who", room: "ops" }, ({ count }) => count === 1)).nicks, ["ann"]);
});

test("a new member gets the topic and the people of other listeners", async (nats) => {
  await using nodes = await listeners(nats, { count: 2 });
  using ann = await nodes[0]!.enter("ann", { room: "ops" });
  using bob = await nodes[1]!.enter("bob", { room: "ops" });
  ann.send({ type: "topic", room: "ops", text: "pagers" });
  const told = await bob.until("topic");
  assertEquals([told.text, told.nick, told.room], ["pagers", "ann", "ops"]);
  ann.send({ type: "topic", room: "lobby", text: "", ref: 1 });
  ann.send({ type: "join", room: "Plans" });
  ann.send({ type: "topic", room: "Plans", text: "later", ref: 2 });
  await ann.answer(2);
  await asking(bob, { type: "rooms" }, ({ rooms }) => JSON.stringify(textOf(rooms)).includes("later"));
  bob.send({ type: "join", room: "plans", ref: 3 });
  const joined = await bob.answer(3);
  assertEquals([joined.room, joined.topic, joined.count], ["Plans", "later", 2]);
  assertEquals(new Set(joined.nicks as string[]), new Set(["ann", "bob"]));
});

test("of many people who ask for one nick at all listeners at once, one gets it", async (nats) => {
  await using nodes = await listeners(nats, { count: 3 });
  const peers = await Promise.all([...nodes, ...nodes, ...nodes].map((node) => node.connect()));
  for (const peer of peers) peer.send({ type: "hello", nick: "ann", ref: "hello" });
  const nicks = await Promise.all(peers.map(async (peer) => (await peer.answer("hello")).nick as string));
  assertEquals(new Set(nicks).size, 9, nicks.join());
  assert(nicks.includes("ann"));
  assert(nicks.every((nick) => /^ann(-\d+)?$/.test(nick)), nicks.join());
  // A name that is free again is free everywhere.
  const [index, other] = [nicks.indexOf("ann"), (nicks.indexOf("ann") + 1) % 3];
  peers[index]![Symbol.dispose]();
  for (let got = "";;) {
    peers[other]!.send({ type: "nick", nick: "ann", ref: "again" });
    got = (await peers[other]!.answer("again")).to as string;
    if (got === "ann") break;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  for (const peer of peers) peer[Symbol.dispose]();
});

test("guests of all listeners have different nicks, even if the listeners start at once", async (nats) => {
  await using nodes = await listeners(nats, { count: 6 });
  const peers = await Promise.all([...nodes, ...nodes].map((node) => node.connect()));
  const nicks = await Promise.all(peers.map(async (peer) => (await peer.until("welcome")).nick));
  assertEquals(new Set(nicks).size, 12, nicks.join());
  for (const peer of peers) peer[Symbol.dispose]();
});

test("a private message reaches a person at another listener once, and is acked", async (nats) => {
  await using nodes = await listeners(nats, { count: 3 });
  using ann = await nodes[0]!.enter("ann", { session: "session of ann" });
  using bob = await nodes[1]!.enter("bob");
  await about(ann, "joined", "bob");
  for (let ref = 1; ref <= 20; ref++) ann.send({ type: "message", to: "BOB", body: ref, ref });
  const acked: unknown[] = [];
  for (let ref = 1; ref <= 20; ref++) acked.push((await ann.answer(ref)).type);
  assertEquals(new Set(acked), new Set(["ack"]));
  // The sender comes back at a third listener, and does not know what was acked.
  using again = await nodes[2]!.enter("ann", { session: "session of ann" });
  for (let ref = 1; ref <= 20; ref++) again.send({ type: "message", to: "bob", body: ref, ref });
  again.send({ type: "message", to: "bob", body: "end", ref: "end" });
  await again.answer("end");
  const bodies: unknown[] = [];
  for (let told = await bob.until("message");; told = await bob.until("message")) {
    bodies.push(told.body);
    assertEquals([told.from, told.to], ["ann", told.body === "end" ? "bob" : "BOB"]);
    if (told.body === "end") break;
  }
  assertEquals(bodies, [...Array.from({ length: 20 }, (_, i) => i + 1), "end"]);
  again.send({ type: "message", to: "nobody", body: 1, ref: "none" });
  assertEquals((await again.answer("none")).code, "no-such-nick");
});

test("a session continues at another listener with its nick, rooms and rights, without left and joined", async (nats) => {
  await using nodes = await listeners(nats, { count: 3 });
  using eve = await nodes[2]!.enter("eve", { room: "ops" });
  using ann = await nodes[0]!.enter("ann", { room: "ops", session: "secret" });
  await become(ann);
  await about(eve, "joined", "ann");
  using again = await nodes[1]!.connect();
  again.send({ type: "hello", nick: "other", session: "secret", ref: 1 });
  const welcome = await again.answer(1);
  assertEquals([welcome.nick, welcome.room, welcome.session], ["ann", "ops", "secret"]);
  assertEquals((await ann.until("bye")).code, "replaced");
  await again.until("replay");
  again.send({ type: "bans", ref: 2 });
  assertEquals((await again.answer(2)).type, "bans");
  again.send({ type: "message", body: "still here" });
  const seen: unknown[] = [];
  for (let told = await eve.receive(); told !== null; told = await eve.receive()) {
    if (told.type !== "replay") seen.push(told.type === "message" ? told.body : told.type);
    if (told.type === "message") break;
  }
  assertEquals(seen, ["still here"]);
  const who = await asking(eve, { type: "who", room: "ops" }, ({ count }) => count === 2);
  assertEquals(new Set(who.nicks as string[]), new Set(["eve", "ann"]));
});

test("a session whose connection ends while it moves to another listener leaves, for all who watch", async (nats) => {
  await using nodes = await listeners(nats, { count: 3 });
  const watchers = await Promise.all(nodes.map((node, n) => node.enter(`watcher${n}`)));
  for (let round = 0; round < 3; round++) {
    const session = `secret ${round}`;
    using ann = await nodes[0]!.enter("ann", { session });
    for (const watcher of watchers) await about(watcher, "joined", "ann");
    const again = await nodes[1]!.connect();
    again.send({ type: "hello", nick: "ann", session });
    await again.written();
    again[Symbol.dispose]();
    assertEquals((await ann.until("bye")).code, "replaced");
    for (const watcher of watchers) await about(watcher, "left", "ann");
  }
  for (const watcher of watchers) watcher[Symbol.dispose]();
});

test("a session that says hello at two listeners at once is one person with one nick at all listeners", async (nats) => {
  await using nodes = await listeners(nats, { count: 2 });
  using eve = await nodes[0]!.enter("eve");
  using zoe = await nodes[1]!.enter("zoe");
  const seen = new Map([[eve, new Set(["eve", "zoe"])], [zoe, new Set(["eve", "zoe"])]]);
  for (let round = 0; round < 5; round++) {
    const peers = await Promise.all(nodes.map((node) => node.connect()));
    const hello = { type: "hello", nick: "ann", session: `secret ${round}` };
    for (const peer of peers) peer.send(hello);
    for (const [watcher, nicks] of seen) await watch(watcher, nicks, 3);
    for (const peer of peers) peer[Symbol.dispose]();
    for (const [watcher, nicks] of seen) await watch(watcher, nicks, 2);
  }
});

test("an operator kicks, mutes and bans people at another listener", async (nats) => {
  await using nodes = await listeners(nats, { count: 2 });
  using op = await nodes[0]!.enter("op", { room: "ops" });
  await become(op);
  using bob = await nodes[1]!.enter("bob", { room: "ops" });
  await about(op, "joined", "bob");

  op.send({ type: "mute", room: "ops", nick: "bob", ref: "mute" });
  await op.answer("mute");
  assertEquals((await bob.until("mute")).by, "op");
  bob.send({ type: "nick", nick: "rob", ref: "rename" });
  await bob.answer("rename");
  bob.send({ type: "message", body: 1, ref: "muted" });
  assertEquals((await bob.answer("muted")).code, "not-allowed");
  // The mute follows the person, at both listeners.
  await asking(op, { type: "mutes", room: "ops" }, ({ nicks }) => (nicks as string[]).join() === "rob");
  op.send({ type: "unmute", room: "ops", nick: "rob", ref: "unmute" });
  await op.answer("unmute");
  await bob.until("unmute");
  bob.send({ type: "message", body: 2, ref: "posted" });
  assertEquals((await bob.answer("posted")).type, "ack");

  op.send({ type: "kick", room: "ops", nick: "rob", text: "enough", ref: "kick" });
  assertEquals((await op.answer("kick")).type, "kick");
  assertStringIncludes((await bob.until("bye")).text as string, "you were kicked by op: enough");
  const left = await about(op, "left", "rob");
  assertEquals([left.why, left.by, left.text], ["kicked", "op", "enough"]);
  op.send({ type: "kick", room: "ops", nick: "nobody", ref: "none" });
  assertEquals((await op.answer("none")).code, "no-such-nick");

  using mia = await nodes[1]!.enter("mia");
  op.send({ type: "ban", nick: "mia", text: "spam", ref: "ban" });
  await op.answer("ban");
  assertEquals((await mia.until("bye")).code, "banned");
  using back = await nodes[1]!.connect();
  back.send({ type: "hello", nick: "MIA" });
  assertEquals((await back.until("bye")).code, "banned");
  op.send({ type: "unban", nick: "mia", ref: "unban" });
  await op.answer("unban");
  for (;;) {
    using once = await nodes[1]!.connect();
    once.send({ type: "hello", nick: "mia" });
    await once.until("welcome");
    const { type } = await once.receive() ?? {};
    if (type === "welcome") break;
  }
});

test("statistics name every listener", async (nats) => {
  await using nodes = await listeners(nats, { count: 3 });
  using ann = await nodes[0]!.enter("ann");
  const { stats } = await asking(ann, { type: "stats" }, ({ stats }) => {
    const listeners = (stats as Map<string, unknown[]>).get("listeners")!;
    return listeners.length === 3 && listeners.every((one) => one instanceof Map && one.has("peers"));
  });
  const names = ((stats as Map<string, Map<string, string>[]>).get("listeners")!).map((one) =>
    one.get("listener")!
  );
  assertEquals(names, [...names].sort());
  for (const { port } of nodes) assert(names.some((name) => name.endsWith(`:${port}`)), names.join());
});

test("the people of a listener that ends leave at once, and their names are free", async (nats) => {
  await using nodes = await listeners(nats, { count: 2 });
  using ann = await nodes[0]!.enter("ann");
  using bob = await nodes[1]!.enter("bob");
  await about(ann, "joined", "bob");
  const began = performance.now();
  const ending = nodes[1]!.end();
  await about(ann, "left", "bob");
  const took = performance.now() - began;
  ann.send({ type: "nick", nick: "bob", ref: 1 });
  assertEquals((await ann.answer(1)).to, "bob");
  bob[Symbol.dispose]();
  await ending;
  // Far below the time after which a silent listener is gone.
  assert(took < 2_500, `${took} ms`);
});

test("topics and bans are there after all listeners have ended", async (nats) => {
  const chat = "later";
  {
    await using nodes = await listeners(nats, { count: 1, chat });
    using ann = await nodes[0]!.enter("ann", { room: "ops" });
    await become(ann);
    ann.send({ type: "topic", room: "ops", text: "kept", ref: 1 });
    ann.send({ type: "ban", nick: "mallory", ref: 2 });
    ann.send({ type: "mute", room: "ops", nick: "bob", ref: 3 });
    await ann.answer(3);
  }
  await using nodes = await listeners(nats, { count: 1, chat });
  using bob = await nodes[0]!.connect();
  bob.send({ type: "hello", nick: "bob", room: "ops" });
  assertEquals((await bob.until("joined")).topic, "kept");
  bob.send({ type: "message", body: 1, ref: 1 });
  assertEquals((await bob.answer(1)).code, "not-allowed");
  using mallory = await nodes[0]!.connect();
  mallory.send({ type: "hello", nick: "mallory" });
  assertEquals((await mallory.until("bye")).code, "banned");
});

test("names and topics work on while the broker restarts, and are shared afterwards", async (nats) => {
  await using nodes = await listeners(nats, { count: 2 });
  using ann = await nodes[0]!.enter("ann");
  using bob = await nodes[1]!.enter("bob");
  await about(ann, "joined", "bob");
  await nats.nodes[0]!.kill9();
  ann.send({ type: "topic", room: "lobby", text: "alone", ref: 1 });
  assertEquals((await ann.answer(1)).type, "topic");
  ann.send({ type: "nick", nick: "zoe", ref: 2 });
  assertEquals((await ann.answer(2)).to, "zoe");
  await nats.nodes[0]!.restart();
  assertEquals((await bob.until("topic")).text, "alone");
  await asking(bob, { type: "who", room: "lobby" }, ({ nicks }) => (nicks as string[]).includes("zoe"));
  bob.send({ type: "nick", nick: "zoe", ref: 3 });
  assertEquals((await bob.answer(3)).to, "zoe-2");
});

/** Waits until a listener has logged an event. */
async function logged({ log }: Listening, event: string): Promise<void> {
  while (!log.some((one) => one.event === event)) await new Promise((resolve) => setTimeout(resolve, 1));
}

for (const [when, event] of [["while the broker is down", "failing"], ["as soon as it is back", "working"]]) {
  // The test runner fails it if a timer or a question to the broker outlives the listeners.
  test(`listeners that end ${when} leave nothing running`, async (nats) => {
    await using nodes = await listeners(nats, { count: 3 });
    using ann = await nodes[0]!.enter("ann");
    using _bob = await nodes[1]!.enter("bob");
    await nats.nodes[0]!.kill9();
    ann.send({ type: "topic", room: "lobby", text: "alone", ref: 1 });
    ann.send({ type: "nick", nick: "zoe", ref: 2 });
    await ann.answer(2);
    if (event === "working") await nats.nodes[0]!.restart();
    await Promise.all(nodes.map(async (node) => {
      await logged(node, event!);
      await node.end();
    }));
  });
}

function textOf(value: unknown): unknown {
  if (value instanceof Map) return [...value].map(textOf);
  return Array.isArray(value) ? value.map(textOf) : value;
}
