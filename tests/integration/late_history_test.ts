/** A hub whose history gives ids, outcomes and replays later than in the turn that asked. */

import { assertEquals } from "../assert.ts";
import { messageFrame } from "../frames.ts";
import { LateHistory } from "../history/late_history.ts";
import { HubListening } from "./hub_listening.ts";
import type { TestPeer, Told } from "./listening.ts";

/** Waits until the hub has flushed so many posts that have no outcome. */
async function pending(history: LateHistory, count: number): Promise<void> {
  while (history.pending < count) await new Promise((resolve) => setImmediate(resolve));
}

/** What a peer is told up to the answer to a ping, without what is not asked for. */
async function toldTo(peer: TestPeer, ...keys: string[]): Promise<unknown[][]> {
  peer.send({ type: "ping", ref: "now" });
  const told: unknown[][] = [];
  for (let one: Told; (one = (await peer.receive())!).type !== "pong";) {
    told.push([one.type, ...keys.map((key) => one[key]).filter((value) => value !== undefined)]);
  }
  return told;
}

Deno.test("a post is acked and shown when it arrives, with its final id, and not before", async () => {
  const history = new LateHistory();
  await using chat = new HubListening({ history });
  using ann = await chat.enter("ann", { echo: true });
  using bob = await chat.enter("bob");
  await ann.until("joined");
  for (const n of [1, 2, 3]) ann.send({ type: "message", body: `line ${n}`, ref: n });
  await pending(history, 3);
  assertEquals(await toldTo(ann), []);
  assertEquals(await toldTo(bob), []);
  history.deliver(1);
  history.arriveFromElsewhere("lobby", messageFrame({ room: "lobby", from: "eve", body: "far away" }));
  history.deliver();
  assertEquals(await toldTo(bob, "id", "from", "body"), [
    ["message", 1, "ann", "line 1"],
    ["message", 2, "eve", "far away"],
    ["message", 3, "ann", "line 2"],
    ["message", 4, "ann", "line 3"],
  ]);
  const forAnn = await toldTo(ann, "id", "ref");
  assertEquals(forAnn.filter(([type]) => type === "ack"), [["ack", 1, 1], ["ack", 3, 2], ["ack", 4, 3]]);
  assertEquals(forAnn.filter(([type]) => type === "message").map(([, id]) => id), [1, 2, 3, 4]);
});

Deno.test("a ref that comes again before its outcome is stored once and acked twice with one id", async () => {
  const history = new LateHistory();
  await using chat = new HubListening({ history });
  using ann = await chat.enter("ann");
  for (const body of ["once", "again"]) ann.send({ type: "message", body, ref: 7 });
  await pending(history, 2);
  history.deliver();
  assertEquals(await toldTo(ann, "id", "ref"), [["ack", 1, 7], ["ack", 1, 7]]);
  assertEquals(history.rooms()[0]?.head, 1);
});

Deno.test("a post that is refused late is told as not stored, and its sender posts on", async () => {
  const history = new LateHistory();
  await using chat = new HubListening({ history });
  using ann = await chat.enter("ann");
  ann.send({ type: "message", body: "lost", ref: 1 });
  await pending(history, 1);
  history.refuse("Cannot store the message: there is no quorum");
  assertEquals(await toldTo(ann, "code", "text", "ref"), [
    ["error", "not-stored", "Cannot store the message: there is no quorum", 1],
  ]);
  ann.send({ type: "message", body: "kept", ref: 2 });
  await pending(history, 1);
  history.deliver();
  assertEquals(await toldTo(ann, "id", "ref"), [["ack", 1, 2]]);
});

Deno.test("presence is told in its turn, whatever posts have no outcome yet", async () => {
  const history = new LateHistory();
  await using chat = new HubListening({ history });
  using ann = await chat.enter("ann");
  ann.send({ type: "message", body: "under way", ref: 1 });
  await pending(history, 1);
  using bob = await chat.enter("bob");
  assertEquals(await toldTo(ann, "nick"), [["joined", "bob"]]);
  history.deliver();
  assertEquals(await toldTo(bob, "id"), [["message", 1]]);
});

Deno.test("a post whose sender has left before it arrives is delivered, and the room stays", async () => {
  const history = new LateHistory();
  await using chat = new HubListening({ history });
  using bob = await chat.enter("bob");
  {
    using ann = await chat.enter("ann", { room: "Ops" });
    ann.send({ type: "message", body: "last words", ref: 1 });
    await pending(history, 1);
  }
  history.deliver();
  bob.send({ type: "join", room: "Ops", ref: "join" });
  assertEquals((await bob.until("message")).body, "last words");
  assertEquals(chat.faults, []);
});

Deno.test("a replay that is not there yet is waited for, and nothing overtakes it", async () => {
  const history = new LateHistory();
  await using chat = new HubListening({ history });
  using ann = await chat.enter("ann");
  for (const n of [1, 2, 3]) ann.send({ type: "message", body: n, ref: n });
  await pending(history, 3);
  history.deliver();
  history.isSlow = true;
  using bob = await chat.connect();
  bob.send({ type: "hello", nick: "bob" });
  assertEquals((await bob.until("replay")).count, 3);
  ann.send({ type: "message", body: 4, ref: 4 });
  await pending(history, 1);
  history.deliver();
  await ann.answer(4);
  history.read();
  const bodies: unknown[] = [];
  for (let n = 0; n < 4; n++) bodies.push((await bob.receive())?.body);
  assertEquals(bodies, [1, 2, 3, 4]);
});

Deno.test("while too many posts wait to be stored, senders are told and read no further", async () => {
  const history = new LateHistory();
  await using chat = new HubListening({ history });
  using ann = await chat.enter("ann");
  using bob = await chat.enter("bob");
  await ann.until("joined");
  const room = Promise.withResolvers<void>();
  history.backpressure = room.promise;
  for (const n of [1, 2]) ann.send({ type: "message", body: n, ref: n });
  ann.send({ type: "who", ref: "who" });
  const { type, code, ref } = (await ann.receive())!;
  assertEquals([type, code, ref], ["error", "busy", undefined]);
  // Who does not post is served.
  assertEquals(await toldTo(bob), []);
  assertEquals(history.pending, 0);
  history.backpressure = undefined;
  room.resolve();
  await ann.answer("who");
  await pending(history, 2);
  history.deliver();
  assertEquals(await toldTo(ann, "id", "ref"), [["ack", 1, 1], ["ack", 2, 2]]);
  assertEquals(await toldTo(bob, "body"), [["message", 1], ["message", 2]]);
});

Deno.test("a listener that ends waits for the outcomes of the last posts, and acks them", async () => {
  const history = new LateHistory();
  await using chat = new HubListening({ history });
  using ann = await chat.enter("ann");
  ann.send({ type: "message", body: "last words", ref: 1 });
  await pending(history, 1);
  const ended = chat.hub.end();
  await new Promise((resolve) => setImmediate(resolve));
  history.deliver();
  assertEquals((await ann.receive())?.type, "ack");
  assertEquals((await ann.receive())?.code, "shutdown");
  ann.conn.close();
  await ended;
});

Deno.test("a peer that has seen newer messages elsewhere resumes when these have arrived here", async () => {
  const history = new LateHistory();
  await using chat = new HubListening({ history });
  const arrived = Promise.withResolvers<void>();
  history.behind = arrived.promise;
  using ann = await chat.connect();
  await ann.receive();
  ann.send({ type: "hello", nick: "ann", epoch: "epoch", resume: new Map([["lobby", 2]]) });
  ann.send({ type: "ping", ref: "ping" });
  using bob = await chat.enter("bob");
  // However long it takes, it does not enter as a guest meanwhile, who would get what it has seen.
  chat.clock.advance(60_000);
  for (const body of ["seen", "seen too", "new"]) {
    history.arriveFromElsewhere("lobby", messageFrame({ room: "lobby", from: "eve", body }));
  }
  arrived.resolve();
  assertEquals((await ann.receive())?.type, "welcome");
  await ann.until("replay");
  await ann.answer("ping");
  assertEquals((await ann.until("message")).body, "new");
  history.behind = Promise.resolve();
  bob.send({ type: "join", room: "lobby", since: 99, ref: "join" });
  assertEquals((await bob.answer("join")).type, "joined");
});

Deno.test("of two connections with one session the newer one keeps it, also if the hello of the older one waits longer", async () => {
  const history = new LateHistory();
  await using chat = new HubListening({ history });
  const arrived = Promise.withResolvers<void>();
  history.behind = arrived.promise;
  using older = await chat.connect();
  await older.receive();
  const resume = new Map([["lobby", 2]]);
  older.send({ type: "hello", nick: "ann", session: "secret", epoch: "epoch", resume });
  await older.written();
  using newer = await chat.enter("ann", { session: "secret" });
  arrived.resolve();
  assertEquals((await older.until("bye")).code, "replaced");
  newer.send({ type: "who", room: "lobby", ref: "who" });
  const { nicks } = await newer.answer("who");
  assertEquals(nicks, ["ann"]);
});

Deno.test("of two connections with one session the one that says hello later takes over, also if it was open first", async () => {
  await using chat = new HubListening();
  using silent = await chat.connect();
  await silent.receive();
  using other = await chat.enter("ann", { session: "secret" });
  silent.send({ type: "hello", session: "secret" });
  await silent.until("replay");
  assertEquals((await other.until("bye")).code, "replaced");
  silent.send({ type: "who", room: "lobby", ref: "who" });
  const { nicks } = await silent.answer("who");
  assertEquals(nicks, ["ann"]);
});
