/** Peers that ask for much, send much nonsense, or do things in an order that nobody expects. */

import { encodeFrame } from "../../lib/frame/mod.ts";
import { encode } from "../../lib/pickle/encode/encode.ts";
import type { Value } from "../../lib/pickle/values/values.ts";
import { assert, assertEquals, assertLess, assertStringIncludes } from "../assert.ts";
import { HubListening } from "./hub_listening.ts";
import { Listening, type TestPeer } from "./listening.ts";

const operatorToken = "open sesame";

/** Asks for a pong, and gives all that was told before it. */
async function untilPong(peer: TestPeer): Promise<Record<string, unknown>[]> {
  peer.send({ type: "ping", ref: "pong" });
  const told: Record<string, unknown>[] = [];
  for (;;) {
    const message = await peer.receive();
    assert(message !== null, "the connection ended");
    if (message.type === "pong") return told;
    told.push(message);
  }
}

/** The listener's figures. */
async function figures(peer: TestPeer): Promise<Record<string, number>> {
  peer.send({ type: "stats" });
  return Object.fromEntries((await peer.until("stats")).stats as Map<string, number>);
}

/** Waits for something that another connection brings about. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!await holds()) await new Promise<void>((resolve) => setImmediate(resolve));
}

function framesOf(message: Record<string, Value>, count: number): Uint8Array {
  const frame = encodeFrame(encode(new Map(Object.entries(message))));
  const frames = new Uint8Array(count * frame.length);
  for (let n = 0; n < count; n++) frames.set(frame, n * frame.length);
  return frames;
}

Deno.test("however many requests a peer sends at once, its queue exceeds the limit by at most one answer, and all are answered", async () => {
  const privateQueue = 64 * 1024;
  await using chat = new HubListening({
    limits: { privateQueue, messageBurst: Infinity, byteBurst: Infinity, rooms: 1000, roomsPerPeer: 1000 },
  });
  using ann = await chat.enter("ann");
  for (let n = 0; n < 500; n++) ann.send({ type: "join", room: `a-room-with-a-long-name-${n}` });
  await untilPong(ann);
  using greedy = await chat.enter("greedy");
  greedy.sendBytes(framesOf({ type: "rooms" }, 300));
  greedy.sendBytes(framesOf({ type: "history", room: "lobby" }, 5000));
  let most = 0;
  for (let n = 0; n < 200; n++) most = Math.max(most, (await figures(ann)).queues!);
  assert(most > privateQueue / 2, `${most}`);
  assertLess(most, 2 * privateQueue);
  for (let n = 0; n < 300; n++) assertEquals(((await greedy.until("rooms")).rooms as unknown[]).length, 501);
  for (let n = 0; n < 5000; n++) assertEquals((await greedy.until("replay")).count, 0);
});

Deno.test("long answers count against a peer's rate: one that asks endlessly is read more slowly", async () => {
  await using chat = new HubListening({
    limits: { byteRate: 1000, byteBurst: 100_000, roomsPerPeer: 200, pingAfter: 1e9 },
  });
  using ann = await chat.enter("ann");
  for (let n = 0; n < 150; n++) ann.send({ type: "join", room: `a-room-with-a-long-name-${n}` });
  await untilPong(ann);
  using greedy = await chat.enter("greedy");
  let answers = 0;
  const reading = (async () => {
    for (; answers < 60; answers++) await greedy.until("rooms");
  })();
  reading.catch(() => {});
  for (let n = 0; n < 60; n++) {
    greedy.send({ type: "rooms" });
    await greedy.written();
    await untilPong(ann);
  }
  assert(answers > 5 && answers < 60, `${answers}`);
  for (let second = 0; answers < 60; second++) {
    chat.clock.advance(10_000);
    await untilPong(ann);
  }
  await reading;
});

Deno.test("a peer that has ended its input still gets its acks and answers, and then the end", async () => {
  await using listener = await Listening.start();
  using bob = await listener.enter("bob");
  using ann = await listener.enter("ann");
  const body = "x".repeat(10_000);
  for (let ref = 1; ref <= 50; ref++) ann.send({ type: "message", body, ref });
  ann.send({ type: "history", room: "lobby", limit: 5 });
  await ann.closeWrite();
  const acked = new Set<unknown>();
  let replayed = 0;
  for (let told = await ann.receive(); told !== null; told = await ann.receive()) {
    if (told.type === "ack") acked.add(told.ref);
    if (told.type === "replay") replayed = Number(told.count);
  }
  assertEquals([acked.size, replayed >= 0], [50, true]);
  for (let id = 1; id <= 50; id++) assertEquals((await bob.until("message")).id, id);
  assertEquals((await bob.until("left")).nick, "ann");
});

Deno.test("a refused hello changes nothing and can be sent again", async () => {
  await using listener = await Listening.start();
  using bob = await listener.enter("bob");
  using ann = await listener.connect();
  await ann.until("welcome");
  const rooms = new Map<Value, Value>(Array.from({ length: 101 }, (_, n) => [`room-${n}`, 0]));
  const wrong: [Record<string, Value>, string][] = [
    [{ nick: "a b" }, "nick"],
    [{ nick: "ann", room: "\n" }, "room"],
    [{ nick: "ann", session: "" }, "session"],
    [{ nick: "ann", session: "x".repeat(129) }, "session"],
    [{ nick: "ann", resume: rooms }, "resume"],
  ];
  for (const [hello, key] of wrong) {
    ann.send({ type: "hello", ...hello });
    const error = await ann.until("error");
    assertEquals(error.code, "bad-message");
    assertStringIncludes(String(error.text), key);
  }
  ann.send({ type: "hello", nick: "ann", session: "x".repeat(128) });
  assertEquals((await ann.until("welcome")).nick, "ann");
  assertEquals((await bob.until("joined")).nick, "ann");
});

Deno.test("rooms that could not be entered are closed and do not use up the limit", async () => {
  await using listener = await Listening.start({ limits: { rooms: 30, roomsPerPeer: 20 } });
  using ann = await listener.connect();
  const { epoch } = await ann.until("welcome");
  const resume = new Map<Value, Value>(Array.from({ length: 20 }, (_, n) => [`room-${n}`, 0]));
  ann.send({ type: "hello", nick: "ann", room: "another", epoch: epoch as string, resume });
  await ann.until("welcome");
  const told = await untilPong(ann);
  assertEquals(told.filter(({ type }) => type === "joined").length, 20);
  assertEquals(told.filter(({ type }) => type === "error").map(({ code }) => code), ["not-allowed"]);
  for (let n = 0; n < 40; n++) ann.send({ type: "join", room: `more-${n}` });
  assertEquals((await untilPong(ann)).filter(({ code }) => code === "not-allowed").length, 40);
  assertEquals((await figures(ann)).rooms, 21);
  ann[Symbol.dispose]();
  using bob = await listener.enter("bob");
  await until(async () => (await figures(bob)).rooms === 1);
});

Deno.test("a room under two names is entered once, by a hello too", async () => {
  await using listener = await Listening.start();
  using ann = await listener.connect();
  const { epoch } = await ann.until("welcome");
  const resume = new Map<Value, Value>([["OPS", 0], ["ops", 0], ["Lobby", 0]]);
  ann.send({ type: "hello", nick: "ann", room: "ｏｐｓ", epoch: epoch as string, resume });
  await ann.until("welcome");
  const rooms = (await untilPong(ann)).filter(({ type }) => type === "joined").map(({ room }) => room);
  assertEquals(rooms, ["lobby", "OPS"]);
});

Deno.test("a peer whose hello comes after it entered as a guest gets exactly the messages that it missed", async () => {
  await using chat = new HubListening();
  using ann = await chat.enter("ann");
  for (let n = 1; n <= 200; n++) ann.send({ type: "message", body: n, ref: n });
  for (let n = 1; n <= 200; n++) await ann.until("ack");
  using bob = await chat.connect();
  const { epoch } = await bob.until("welcome");
  chat.clock.advance(1500);
  assertEquals((await bob.until("joined")).nick, "guest-2");
  ann.send({ type: "message", body: 201, ref: 201 });
  await ann.until("ack");
  bob.send({
    type: "hello",
    nick: "bob",
    epoch: epoch as string,
    resume: new Map([["lobby", 100]]),
    ref: "hello",
  });
  await until(async () => (await bob.until("welcome")).ref === "hello");
  ann.send({ type: "message", body: 202 });
  const ids: unknown[] = [];
  while (ids.at(-1) !== 202) ids.push((await bob.until("message")).id);
  assertEquals(ids, Array.from({ length: 102 }, (_, n) => 101 + n));
  assertEquals((await ann.until("renamed")).to, "bob");
});

Deno.test("a peer that resumes above the head at its accept gets no message twice", async () => {
  await using listener = await Listening.start();
  using ann = await listener.enter("ann");
  using bob = await listener.connect();
  const { epoch } = await bob.until("welcome");
  for (let n = 1; n <= 5; n++) ann.send({ type: "message", body: n, ref: n });
  for (let n = 1; n <= 5; n++) await ann.until("ack");
  // It got the first three over another connection meanwhile.
  bob.send({ type: "hello", nick: "bob", epoch: epoch as string, resume: new Map([["lobby", 3]]) });
  assertEquals((await bob.until("replay")).count, 0);
  assertEquals([(await bob.until("message")).id, (await bob.until("message")).id], [4, 5]);
});

Deno.test("a resume id above the newest is treated as a new join", async () => {
  await using listener = await Listening.start();
  using ann = await listener.enter("ann");
  ann.send({ type: "message", body: 1, ref: 1 });
  await ann.until("ack");
  for (const since of [2, 2 ** 50, -1]) {
    using bob = await listener.connect();
    const { epoch } = await bob.until("welcome");
    bob.send({ type: "hello", epoch: epoch as string, resume: new Map([["lobby", since]]) });
    assertEquals((await bob.until("replay")).count, 1);
  }
});

Deno.test("when a guest resumes a session, the guest is seen leaving and the session is not", async () => {
  await using chat = new HubListening();
  using ann = await chat.enter("ann");
  using old = await chat.enter("bob", { session: "secret" });
  await ann.until("joined");
  using taker = await chat.connect();
  await taker.until("welcome");
  chat.clock.advance(1500);
  assertEquals((await ann.until("joined")).nick, "guest-3");
  taker.send({ type: "hello", session: "secret" });
  assertEquals((await old.until("bye")).code, "replaced");
  taker.sendValue("still me");
  assertEquals((await ann.receive())?.nick, "guest-3");
  const message = await ann.receive();
  assertEquals([message?.type, message?.from], ["message", "bob"]);
  assertEquals((await taker.until("joined")).nick, "guest-3");
  assertEquals((await taker.until("joined")).nick, "bob");
});

Deno.test("with a greeting, a silent guest gets its welcome when it first sends something", async () => {
  await using listener = await Listening.start({ greeting: "hi", limits: { enterAfter: 1 } });
  using peer = await listener.connect();
  assertEquals(await peer.receiveValue(), "hi");
  await peer.until("replay");
  peer.sendValue("here I am");
  assertEquals((await peer.receive())?.type, "welcome");
  peer.sendValue("and once only");
  assertEquals(await untilPong(peer), []);
});

Deno.test("an error quotes the beginning of a value, and each kind is logged once for a connection", async () => {
  await using listener = await Listening.start();
  using ann = await listener.enter("ann");
  const long = "\x1b".repeat(60_000);
  const wrong: Record<string, Value>[] = [
    { type: "message", room: long, body: 1 },
    { type: "message", to: long, body: 1 },
    { type: "leave", room: long },
    { type: "join", room: long },
    { type: "nick", nick: long },
    { type: long.slice(0, 30_000) },
    { type: "op", token: long },
  ];
  for (const message of [...wrong, ...wrong]) {
    ann.send(message);
    assertLess(String((await ann.until("error")).text).length, 400);
  }
  const logged = listener.log.filter((event) => event.event === "refused");
  assertEquals(logged.length, new Set(logged.map((event) => event.event === "refused" && event.code)).size);
  assert(logged.every((event) => event.event === "refused" && event.text.length < 500));
});

Deno.test("a topic and the text of a ban are limited in length", async () => {
  await using listener = await Listening.start({ operatorToken, limits: { maxTopic: 20, maxBans: 3 } });
  using ann = await listener.enter("ann");
  using bob = await listener.enter("bob");
  ann.send({ type: "topic", room: "lobby", text: "t".repeat(21) });
  assertEquals((await ann.until("error")).code, "bad-message");
  ann.send({ type: "topic", room: "lobby", text: "t".repeat(20) });
  assertEquals((await bob.until("topic")).text, "t".repeat(20));
  ann.send({ type: "op", token: operatorToken });
  await ann.until("op");
  const wrong: Record<string, Value>[] = [
    { type: "kick", room: "lobby", nick: "bob", text: "t".repeat(21) },
    { type: "ban", nick: "eve", text: "t".repeat(21) },
    { type: "ban", nick: "e v e" },
    { type: "ban", address: "eve" },
    { type: "ban", address: "1.2.3" },
    { type: "ban", address: "1.2.3.256" },
    { type: "ban", address: "1.2.3.04" },
    { type: "ban", address: "fe80::x" },
    { type: "ban" },
    { type: "ban", nick: "eve", address: "1.2.3.4" },
    { type: "mute", room: "lobby", nick: "e v e" },
  ];
  for (const message of wrong) {
    ann.send(message);
    assertEquals((await ann.until("error")).code, "bad-message", JSON.stringify(message));
  }
  for (let n = 1; n <= 3; n++) ann.send({ type: "ban", nick: `eve-${n}` });
  for (let n = 1; n <= 3; n++) ann.send({ type: "mute", room: "lobby", nick: `eve-${n}` });
  assertEquals((await untilPong(ann)).map(({ type }) => type), ["ban", "ban", "ban", "mute", "mute", "mute"]);
  ann.send({ type: "ban", address: "192.0.2.1" });
  assertEquals((await ann.until("error")).code, "not-allowed");
  ann.send({ type: "mute", room: "lobby", nick: "eve-4" });
  assertEquals((await ann.until("error")).code, "not-allowed");
  ann.send({ type: "ban", nick: "EVE-3", text: "again" });
  ann.send({ type: "unban", nick: "eve-1" });
  ann.send({ type: "ban", address: "192.0.2.1" });
  assertEquals((await untilPong(ann)).map(({ type }) => type), ["ban", "unban", "ban"]);
});

Deno.test("a private message whose ref comes again is acked again and not delivered twice", async () => {
  await using listener = await Listening.start();
  using ann = await listener.enter("ann", { session: "s" });
  using bob = await listener.enter("bob");
  for (const body of ["once", "again"]) ann.send({ type: "message", to: "bob", body, ref: 1 });
  const acks = [await ann.until("ack"), await ann.until("ack")];
  assertEquals(acks.map(({ ref, at }) => [ref, at]), [[1, acks[0]!.at], [1, acks[0]!.at]]);
  ann.send({ type: "message", to: "bob", body: "last", ref: 2 });
  assertEquals([(await bob.until("message")).body, (await bob.until("message")).body], ["once", "last"]);
});

Deno.test("private messages to peers that read nothing are refused as busy, and delay none to other peers", async () => {
  const limits = { privateQueue: 100_000, maxFrame: 100_000, memory: 600_000, byteBurst: Infinity };
  await using listener = await Listening.start({ limits });
  using ann = await listener.enter("ann");
  using bob = await listener.enter("bob");
  const asleep: TestPeer[] = [];
  for (let n = 0; n < 8; n++) asleep.push(await listener.enter(`asleep-${n}`));
  const body = new Uint8Array(50_000);
  /** Sends until it is refused; what the system's own buffers take does not count. */
  const codes = new Set<unknown>();
  const fill = async (to: string): Promise<void> => {
    for (let told; told?.type !== "error";) {
      ann.send({ type: "message", to, body, ref: `${to} ${Math.random()}` });
      do told = await ann.receive(); while (told?.type !== "ack" && told?.type !== "error");
      if (told?.type === "error") codes.add(told.code);
    }
  };
  for (let n = 0; n < 8; n++) await fill(`asleep-${n}`);
  assertEquals(codes.has("busy"), true);
  assertLess((await figures(ann)).queues!, 600_000);
  // Together they would hold more than there is: some of them gave way.
  assert(listener.log.some(({ event }) => event === "went"));
  ann.send({ type: "message", to: "bob", body: "and you?", ref: "bob" });
  assertEquals((await bob.until("message")).body, "and you?");
  for (const peer of asleep) peer[Symbol.dispose]();
});

Deno.test("the cost of a nick does not grow with the number of peers that ask for it", async () => {
  await using listener = await Listening.start();
  const crowd: TestPeer[] = [];
  for (let n = 0; n < 130; n++) {
    const peer = await listener.connect();
    peer.send({ type: "hello", nick: "Ann", replay: 0 });
    crowd.push(peer);
  }
  const nicks = new Set<unknown>();
  for (const peer of crowd) {
    await peer.until("welcome");
    nicks.add((await peer.until("welcome")).nick);
  }
  assertEquals(nicks.size, 130);
  assert(nicks.has("Ann-99") && nicks.has("Ann-129"), [...nicks].join());
  for (const peer of crowd) peer[Symbol.dispose]();
});

Deno.test("a listener that ends still writes earlier messages to a slow reader", async () => {
  const listener = await Listening.start({ limits: { byteBurst: 1 << 30, roomRing: 1 << 24 } });
  using ann = await listener.enter("ann");
  using bob = await listener.enter("bob");
  const body = "x".repeat(1_000_000);
  for (let ref = 1; ref <= 14; ref++) ann.send({ type: "message", body, ref });
  for (let ref = 1; ref <= 14; ref++) await ann.until("ack");
  const ended = listener.end();
  assertEquals((await ann.until("bye")).code, "shutdown");
  for (let id = 1; id <= 14; id++) assertEquals((await bob.until("message")).id, id);
  assertEquals((await bob.receive())?.code, "shutdown");
  assertEquals(await bob.receive(), null);
  ann[Symbol.dispose]();
  bob[Symbol.dispose]();
  await ended;
});

Deno.test("a peer that leaves a room gets no more messages of it, even during a replay", async () => {
  await using listener = await Listening.start();
  using ann = await listener.enter("ann", { room: "ops" });
  const body = "x".repeat(100_000);
  for (let ref = 1; ref <= 5; ref++) ann.send({ type: "message", body, ref });
  for (let ref = 1; ref <= 5; ref++) await ann.until("ack");
  using bob = await listener.enter("bob");
  const wire = [{ type: "join", room: "ops" }, { type: "leave", room: "ops" }, { type: "join", room: "ops" }];
  bob.sendBytes(
    wire.map((message) => encodeFrame(encode(new Map(Object.entries(message))))).reduce(
      (a, b) => new Uint8Array([...a, ...b]),
    ),
  );
  let messages = 0;
  const counts: unknown[] = [];
  for (const told of await untilPong(bob)) {
    if (told.type === "replay") counts.push(told.count);
    if (told.type === "message") messages++;
  }
  assertEquals(counts.at(-1), 5);
  assertEquals(messages, counts.reduce<number>((sum, count) => sum + Number(count), 0));
});

Deno.test("connections above the number that can be refused with a bye are closed at once", async () => {
  await using listener = await Listening.start({ limits: { connections: 1 } });
  using ann = await listener.enter("ann");
  const callers: TestPeer[] = [];
  for (let n = 0; n < 400; n++) callers.push(await listener.connect());
  let told = 0;
  for (const caller of callers) {
    const bye = await caller.receive().catch(() => null);
    if (bye?.code === "full") told++;
    caller[Symbol.dispose]();
  }
  assert(told >= 256 && told <= 400);
  assertEquals(await untilPong(ann), []);
});

Deno.test("a ref is recognized long after its message has left memory", async () => {
  await using listener = await Listening.start({ limits: { roomRing: 4096 } });
  using ann = await listener.enter("ann", { session: "s" });
  ann.send({ type: "message", body: "first", ref: 1 });
  assertEquals((await ann.until("ack")).id, 1);
  for (let ref = 2; ref <= 200; ref++) ann.send({ type: "message", body: "x".repeat(1000), ref });
  for (let ref = 2; ref <= 200; ref++) await ann.until("ack");
  ann.send({ type: "history", room: "lobby", before: 2, limit: 1 });
  assertEquals((await ann.until("replay")).count, 0);
  ann.send({ type: "message", body: "first", ref: 1 });
  assertEquals((await ann.until("ack")).id, 1);
});

Deno.test("a session and a ref that look like others when joined are different", async () => {
  await using listener = await Listening.start();
  using ann = await listener.enter("ann", { session: "c" });
  using bob = await listener.enter("bob", { session: "b c" });
  ann.send({ type: "message", body: 1, ref: "a b" });
  bob.send({ type: "message", body: 2, ref: "a" });
  assertEquals([(await ann.until("ack")).id, (await bob.until("ack")).id].sort(), [1, 2]);
});

Deno.test("a peer that is kicked from one of two rooms leaves both", async () => {
  await using listener = await Listening.start({ operatorToken });
  using ann = await listener.enter("ann", { room: "ops" });
  using bob = await listener.enter("bob");
  using eve = await listener.enter("eve");
  bob.send({ type: "join", room: "ops" });
  await bob.until("replay");
  ann.send({ type: "op", token: operatorToken });
  ann.send({ type: "kick", room: "ops", nick: "bob" });
  assertEquals((await bob.until("bye")).code, "kicked");
  assertEquals([(await ann.until("left")).room, (await eve.until("left")).room], ["ops", "lobby"]);
});

Deno.test("a peer that enters a large room gets the number of members, and the members get no joined", async () => {
  await using listener = await Listening.start({ limits: { presence: 3 } });
  const crowd: TestPeer[] = [];
  for (let n = 1; n <= 6; n++) {
    const peer = await listener.connect();
    peer.send({ type: "hello", nick: `n${n}` });
    const { nicks, count } = await peer.until("joined");
    assertEquals([count, (nicks as string[]).length], [n, n <= 3 ? n : 1]);
    crowd.push(peer);
  }
  crowd[0]!.send({ type: "who" });
  const seen: unknown[] = [];
  for (let told = await crowd[0]!.receive(); told?.type !== "who"; told = await crowd[0]!.receive()) {
    if (told?.type === "joined" && told.nicks === undefined) seen.push(told.nick);
  }
  assertEquals(seen, ["n2", "n3"]);
  for (const peer of crowd) peer[Symbol.dispose]();
});

Deno.test("a renaming, a topic and a leaving are answered with their ref, so that they are not taken for another's", async () => {
  await using listener = await Listening.start();
  using ann = await listener.enter("ann");
  ann.send({ type: "nick", nick: "eve", ref: 1 });
  const renamed = await ann.until("renamed");
  assertEquals([renamed.nick, renamed.to, renamed.ref], ["ann", "eve", 1]);
  assertEquals((await ann.until("renamed")).ref, undefined);
  using bob = await listener.enter("bob");
  ann.send({ type: "topic", room: "lobby", text: "tea", ref: "topic" });
  assertEquals((await ann.answer("topic")).text, "tea");
  for (const peer of [ann, bob]) {
    const { text, ref } = await peer.until("topic");
    assertEquals([text, ref], ["tea", undefined]);
  }
  ann.send({ type: "leave", room: "lobby", ref: 2 });
  assertEquals((await ann.until("left")).ref, 2);
  bob[Symbol.dispose]();
  ann.send({ type: "nick", nick: "bobby" });
  assertEquals((await ann.until("renamed")).to, "bobby");
  ann.send({ type: "join", room: "ops", ref: 3 });
  assertEquals((await ann.until("joined")).ref, 3);
});

Deno.test("no peer is closed for its silence while the machine slept", async () => {
  await using chat = new HubListening();
  using ann = await chat.enter("ann");
  using bob = await chat.enter("bob");
  ann.sendBytes(encodeFrame(encode("half")).subarray(0, 12));
  ann.sendBytes(encodeFrame(encode("half")).subarray(12));
  assertEquals((await bob.until("message")).body, "half");
  ann.sendBytes(encodeFrame(encode("whole")).subarray(0, 12));
  await ann.written();
  await untilPong(bob);
  chat.clock.jump(3_600_000);
  ann.sendBytes(encodeFrame(encode("whole")).subarray(12));
  assertEquals((await bob.until("message")).body, "whole");
  chat.clock.advance(1000);
  await untilPong(bob);
  assertEquals(chat.log.filter(({ event }) => event === "went"), []);
});
