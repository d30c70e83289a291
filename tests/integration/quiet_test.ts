/** Quiet peers: scripts that enter, post and leave without being told. */

import { assertEquals } from "../assert.ts";
import { HubListening } from "./hub_listening.ts";
import type { TestPeer } from "./listening.ts";

/** What a peer got up to the pong of a ping: types, with the body or the nick. */
async function seen(peer: TestPeer): Promise<unknown[]> {
  peer.send({ type: "ping", ref: "now" });
  const got = [];
  for (let message = await peer.receive(); message?.type !== "pong"; message = await peer.receive()) {
    got.push([message?.type, message?.body ?? message?.nick]);
  }
  return got;
}

/** Resolves when so many peers have gone. */
async function gone({ log }: HubListening, count: number): Promise<void> {
  while (log.filter(({ event }) => event === "went").length < count) {
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

Deno.test("a quiet peer causes no joined, renamed and left; only its posts carry its nick", async () => {
  await using listening = new HubListening();
  using ann = await listening.enter("ann");
  const script = await listening.enter("script", { quiet: true });
  script.send({ type: "message", body: "one", ref: 1 });
  await script.until("ack");
  script.send({ type: "nick", nick: "robot" });
  assertEquals((await script.until("renamed")).to, "robot");
  script.send({ type: "join", room: "ops" });
  await script.until("replay");
  script.send({ type: "message", body: "two", room: "lobby", ref: 2 });
  await script.until("ack");
  script[Symbol.dispose]();
  await gone(listening, 1);
  assertEquals(await seen(ann), [["message", "one"], ["message", "two"]]);
});

Deno.test("who and joined leave quiet peers out, but count them; an operator and they themselves see them", async () => {
  await using listening = new HubListening({ operatorToken: "token" });
  using ann = await listening.enter("ann");
  using script = await listening.enter("script", { quiet: true });
  const who = async (peer: TestPeer) => {
    peer.send({ type: "who" });
    const { nicks, count } = await peer.until("who");
    return [nicks, count];
  };
  assertEquals(await who(ann), [["ann"], 2]);
  assertEquals(await who(script), [["ann", "script"], 2]);
  using bob = await listening.connect();
  bob.send({ type: "hello", nick: "bob" });
  const joined = await bob.until("joined");
  assertEquals([joined.nicks, joined.count], [["ann", "bob"], 3]);
  ann.send({ type: "op", token: "token" });
  await ann.until("op");
  assertEquals(await who(ann), [["ann", "script", "bob"], 3]);
});

Deno.test("an announced session stays announced, and a quiet one quiet, when another connection takes it over", async () => {
  for (const isQuiet of [false, true]) {
    await using listening = new HubListening();
    using ann = await listening.enter("ann");
    const old = await listening.enter("bob", { session: "s", quiet: isQuiet });
    const taker = await listening.enter("bob", { session: "s", quiet: !isQuiet });
    await old.until("bye");
    old[Symbol.dispose]();
    taker[Symbol.dispose]();
    await gone(listening, 2);
    assertEquals(await seen(ann), isQuiet ? [] : [["joined", "bob"], ["left", "bob"]]);
  }
});

Deno.test("a guest that was announced is seen leaving when it says a quiet hello", async () => {
  await using listening = new HubListening();
  using ann = await listening.enter("ann");
  const guest = await listening.connect();
  await guest.until("welcome");
  listening.clock.advance(1500);
  await guest.until("joined");
  guest.send({ type: "hello", quiet: true });
  await guest.until("welcome");
  guest[Symbol.dispose]();
  await ann.until("joined");
  assertEquals((await ann.until("left")).nick, "guest-2");
});
