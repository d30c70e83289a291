/** Who comes back: to several rooms at once, to another history, and with refs that were acked to a connection before. */

import type { Value } from "../../lib/pickle/values/values.ts";
import { assertEquals } from "../assert.ts";
import { Listening, type TestPeer, type Told } from "./listening.ts";

const ROOMS = ["lobby", "ops", "tea"];

/** Tells which bodies a peer was sent of each room, up to a message of its own that was acked. */
async function bodiesOf(peer: TestPeer): Promise<Record<string, unknown[]>> {
  peer.send({ type: "ping", ref: "done" });
  const bodies: Record<string, unknown[]> = {};
  for (let told = await peer.receive(); told!.type !== "pong"; told = await peer.receive()) {
    if (told!.type === "replay") bodies[told!.room as string] ??= [];
    if (told!.type === "message") bodies[told!.room as string]!.push(told!.body);
  }
  return bodies;
}

/** Posts a number to each room, from one who is in all of them. */
async function postTo(peer: TestPeer, body: number): Promise<void> {
  for (const room of ROOMS) peer.send({ type: "message", room, body, ref: `${room} ${body}` });
  for (const _ of ROOMS) await peer.until("ack");
}

/** Posts, and waits for the ack, or the error's code. */
async function answerTo(peer: TestPeer, post: Record<string, Value>): Promise<unknown> {
  peer.send(post);
  const { type, code } = await peer.answer(post.ref);
  return code ?? type;
}

async function enterOthers(peer: TestPeer): Promise<void> {
  for (const room of ROOMS.slice(1)) {
    peer.send({ type: "join", room });
    await peer.until("replay");
  }
}

Deno.test("a resume of several rooms replays exactly the missed messages of each, and the last room is current", async () => {
  await using listener = await Listening.start();
  using ann = await listener.enter("ann");
  await enterOthers(ann);
  for (let n = 1; n <= 5; n++) await postTo(ann, n);
  using asker = await listener.connect();
  const { epoch } = await asker.until("welcome");
  using bob = await listener.connect();
  await bob.until("welcome");
  bob.send({
    type: "hello",
    nick: "bob",
    epoch: epoch as string,
    resume: new Map([["lobby", 2], ["TEA", 5], ["ops", 4]]),
  });
  assertEquals((await bob.until("welcome")).room, "ops");
  assertEquals(await bodiesOf(bob), { lobby: [3, 4, 5], tea: [], ops: [5] });
  bob.sendValue("here");
  const heard = await ann.until("message");
  assertEquals([heard.room, heard.body], ["ops", "here"]);
});

Deno.test("the room that a hello asks for is the current one, among those that it resumes", async () => {
  await using listener = await Listening.start();
  using ann = await listener.enter("ann");
  await enterOthers(ann);
  await postTo(ann, 1);
  using asker = await listener.connect();
  const { epoch } = await asker.until("welcome");
  const resume = new Map([["lobby", 0], ["ops", 1], ["tea", 1]]);
  using bob = await listener.enter("bob", { epoch: epoch as string, resume, room: "Ops" });
  assertEquals((await bob.until("replay")).room, "tea");
  bob.sendValue("here");
  const heard = await ann.until("message");
  assertEquals([heard.room, heard.body], ["ops", "here"]);
});

Deno.test("a resume from another epoch is a new join in each room", async () => {
  await using listener = await Listening.start();
  using ann = await listener.enter("ann");
  await enterOthers(ann);
  for (let n = 1; n <= 3; n++) await postTo(ann, n);
  for (const epoch of [{ epoch: "another" }, {}]) {
    using bob = await listener.connect();
    await bob.until("welcome");
    bob.send({
      type: "hello",
      nick: "bob",
      replay: 2,
      ...epoch,
      resume: new Map(ROOMS.map((room) => [room, 2])),
    });
    assertEquals((await bob.until("welcome")).room, "tea");
    assertEquals(await bodiesOf(bob), { lobby: [2, 3], ops: [2, 3], tea: [2, 3] });
  }
});

Deno.test("a resume id above a room's head is a new join in that room only", async () => {
  await using listener = await Listening.start();
  using ann = await listener.enter("ann");
  await enterOthers(ann);
  for (let n = 1; n <= 3; n++) await postTo(ann, n);
  using asker = await listener.connect();
  const { epoch } = await asker.until("welcome");
  using bob = await listener.connect();
  bob.send({
    type: "hello",
    epoch: epoch as string,
    resume: new Map([["lobby", 3], ["ops", 4], ["tea", 1], ["never", 7]]),
  });
  assertEquals(await bodiesOf(bob), { lobby: [], ops: [1, 2, 3], tea: [2, 3], never: [] });
});

Deno.test("a ref that was acked to a connection is acked again to the one that took its session over", async () => {
  await using listener = await Listening.start();
  using ann = await listener.enter("ann");
  using before = await listener.enter("bob", { session: "secret" });
  before.send({ type: "message", body: "once", ref: 1 });
  const { id, at } = await before.until("ack");
  using after = await listener.enter("bob", { session: "secret" });
  for (const ref of [1, 2, 2, 1]) after.send({ type: "message", body: `again ${ref}`, ref });
  const acks: Told[] = [];
  for (let n = 0; n < 4; n++) acks.push(await after.until("ack"));
  assertEquals(acks.map((ack) => [ack.ref, ack.id]), [[1, id], [2, 2], [2, 2], [1, id]]);
  assertEquals(acks[0]!.at, at);
  after.sendValue("last");
  const heard: unknown[] = [];
  for (let n = 0; n < 3; n++) heard.push((await ann.until("message")).body);
  assertEquals(heard, ["once", "again 2", "last"]);
});

Deno.test("a ref that comes twice in a turn, and again after a restart, is one message with one ack", async () => {
  const folder = await Deno.makeTempDir();
  const history = `${folder}/chat.db`;
  try {
    let first: Told;
    {
      await using listener = await Listening.start({ history });
      using ann = await listener.enter("ann", { session: "secret" });
      for (let n = 0; n < 2; n++) ann.send({ type: "message", body: "once", ref: "r" });
      first = await ann.until("ack");
      assertEquals(await ann.until("ack"), first);
    }
    await using listener = await Listening.start({ history });
    using ann = await listener.enter("ann", { session: "secret" });
    for (let n = 0; n < 2; n++) {
      ann.send({ type: "message", body: "once", ref: "r" });
      assertEquals(await ann.until("ack"), first);
    }
    using stranger = await listener.enter("stranger", { session: "another" });
    stranger.send({ type: "message", body: "twice", ref: "r" });
    assertEquals((await stranger.until("ack")).id, 2);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a ref that comes again is acked again, though its sender may not post there any more", async () => {
  const operatorToken = "open sesame";
  await using listener = await Listening.start({ operatorToken });
  using ann = await listener.enter("ann");
  ann.send({ type: "op", token: operatorToken });
  await ann.until("op");
  using bob = await listener.enter("bob", { session: "secret" });
  bob.send({ type: "join", room: "ops" });
  const posts = [
    { type: "message", room: "lobby", body: 1, ref: 1 },
    { type: "message", room: "ops", body: 2, ref: 2 },
    { type: "message", to: "carl", body: 3, ref: 3 },
  ];
  {
    using _carl = await listener.enter("carl");
    for (const post of posts) assertEquals(await answerTo(bob, post), "ack");
  }
  while ((await ann.until("left")).nick !== "carl");
  ann.send({ type: "mute", room: "lobby", nick: "bob", ref: 1 });
  await ann.answer(1);
  // Bob's connection was lost before the acks came, and he comes back to the lobby alone.
  using again = await listener.enter("bob", { session: "secret" });
  again.send({ type: "leave", room: "ops", ref: "left" });
  await again.answer("left");
  for (const post of posts) assertEquals(await answerTo(again, post), "ack");
  assertEquals(await answerTo(again, { ...posts[0]!, ref: 4 }), "not-allowed");
});

Deno.test("a connection that takes a session over gets its nick, rooms and rights, and keeps its own rights", async () => {
  const operatorToken = "open sesame";
  await using listener = await Listening.start({ operatorToken });
  using bob = await listener.enter("bob", { session: "secret" });
  bob.send({ type: "op", token: operatorToken });
  await bob.until("op");
  using taker = await listener.enter("mallory", { session: "secret" });
  taker.send({ type: "mute", room: "lobby", nick: "nobody", ref: 1 });
  assertEquals((await taker.answer(1)).type, "mute");
  // That the one before was no operator takes nothing from one who is.
  using plain = await listener.enter("ann", { session: "other secret" });
  using operator = await listener.connect();
  operator.send({ type: "op", token: operatorToken });
  await operator.until("op");
  operator.send({ type: "hello", session: "other secret" });
  assertEquals((await plain.until("bye")).code, "replaced");
  operator.send({ type: "unmute", room: "lobby", nick: "nobody", ref: 2 });
  assertEquals((await operator.answer(2)).type, "unmute");
});
