/** What a listener logs of what happens to it. */

import type { LogEvent } from "../../lib/log/log.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { Listening, type TestPeer } from "./listening.ts";

const operatorToken = "open sesame";

/** The events of some kinds, without the port of addresses. */
function logged(listener: Listening, ...kinds: LogEvent["event"][]): Record<string, unknown>[] {
  return listener.log.filter(({ event }) => kinds.includes(event)).map((event) =>
    "address" in event ? { ...event, address: event.address.replace(/:\d+$/, "") } : { ...event }
  );
}

const ANN = { address: "127.0.0.1", nick: "ann" };
const BOB = { address: "127.0.0.1", nick: "bob" };

/** Waits until the listener has taken all that the peer has said. */
async function settled(peer: TestPeer): Promise<void> {
  peer.send({ type: "ping" });
  await peer.until("pong");
}

Deno.test("a connection is logged from accept to its end, with the reason", async () => {
  const listener = await Listening.start({ operatorToken });
  using ann = await listener.enter("ann");
  ann.send({ type: "op", token: operatorToken });
  {
    using bob = await listener.enter("bob");
    bob.send({ type: "nick", nick: "rob" });
    await bob.until("renamed");
    await bob.closeWrite();
    assertEquals((await ann.until("left")).nick, "rob");
  }
  using carl = await listener.enter("carl", { session: "carl's" });
  using again = await listener.enter("carl", { session: "carl's" });
  await carl.until("bye");
  again.send({ type: "topic", room: "lobby", text: "us" });
  await ann.until("topic");
  ann.send({ type: "kick", room: "lobby", nick: "carl", text: "out" });
  await again.until("bye");
  const ended = listener.end();
  await ann.until("bye");
  for (const peer of [ann, carl, again]) peer[Symbol.dispose]();
  await ended;
  assertMatch((listener.log[0] as { address: string }).address, /^127\.0\.0\.1:\d+$/);
  assertEquals(listener.log.map(({ event }) => event).slice(0, 3), ["listening", "accepted", "came"]);
  assertEquals(logged(listener, "accepted").length, 4);
  assertEquals(logged(listener, "came").map(({ nick }) => nick), ["ann", "bob", "carl", "carl"]);
  assertEquals(logged(listener, "renamed", "topic"), [
    { event: "renamed", ...BOB, to: "rob" },
    { event: "topic", address: "127.0.0.1", nick: "carl", room: "lobby", text: "us" },
  ]);
  const whys = logged(listener, "went").map(({ nick, why }) => `${nick} ${why}`);
  assertEquals(whys.sort(), ["ann shutdown", "carl kicked", "carl replaced", "rob left"]);
  assertEquals(listener.log.filter(({ event }) => event === "ending").length, 1);
});

Deno.test("each action of an operator is logged with its operator and its target", async () => {
  await using listener = await Listening.start({ operatorToken });
  using ann = await listener.enter("ann");
  using bob = await listener.enter("bob");
  ann.send({ type: "op", token: operatorToken });
  ann.send({ type: "mute", room: "lobby", nick: "bob" });
  ann.send({ type: "unmute", room: "lobby", nick: "bob" });
  ann.send({ type: "ban", address: "[2001:DB8::1]:77", text: "spam" });
  ann.send({ type: "unban", address: "2001:db8::2" });
  ann.send({ type: "kick", room: "lobby", nick: "bob" });
  assertEquals((await bob.until("bye")).text, "you were kicked by ann");
  ann.send({ type: "ban", nick: "bob" });
  await settled(ann);
  assertEquals(
    logged(listener, "promoted", "kicked", "muted", "unmuted", "banned", "unbanned"),
    [
      { event: "promoted", ...ANN },
      { event: "muted", ...ANN, room: "lobby", who: "bob" },
      { event: "unmuted", ...ANN, room: "lobby", who: "bob" },
      { event: "banned", ...ANN, who: "2001:db8::1", text: "spam" },
      // One line's addresses are one person's.
      { event: "unbanned", ...ANN, who: "2001:db8::2" },
      { event: "kicked", ...ANN, room: "lobby", who: "bob", text: "" },
      { event: "banned", ...ANN, who: "bob", text: "" },
    ],
  );
  assert(!JSON.stringify(listener.log).includes(operatorToken), "the token is in no log");
});

Deno.test("each kind of refusal is logged once for a peer", async () => {
  await using listener = await Listening.start({ operatorToken });
  using ann = await listener.enter("ann");
  for (let n = 0; n < 50; n++) {
    ann.send({ type: "op", token: `guess ${n}` });
    ann.send({ type: "message", to: `nobody-${n}`, body: 1 });
  }
  await settled(ann);
  const refused = logged(listener, "refused");
  assertEquals(refused.map(({ code }) => code), ["not-allowed", "no-such-nick"]);
  assert(!JSON.stringify(refused).includes("guess"), "nor is what was tried as the token");
});

Deno.test("a connection that is turned away or banned is logged", async () => {
  await using listener = await Listening.start({ operatorToken, limits: { connections: 2 } });
  using ann = await listener.enter("ann");
  using _bob = await listener.enter("bob");
  using third = await listener.connect();
  assertEquals((await third.until("bye")).code, "full");
  const [full] = logged(listener, "refused");
  assertEquals([full?.address, full?.code], ["127.0.0.1", "full"]);
  ann.send({ type: "op", token: operatorToken });
  ann.send({ type: "ban", address: "127.0.0.1" });
  await ann.until("bye");
  const whys = () => logged(listener, "went").map(({ why }) => why);
  while ((await ann.receive()) !== null);
  ann[Symbol.dispose]();
  while (whys().length === 0) await listener.connect().then((peer) => peer[Symbol.dispose]());
  assertEquals(whys()[0], "banned");
});

Deno.test("a peer that sends too fast or reads too slowly is logged once, and so is its disconnection", async () => {
  const limits = { messageRate: 1000, messageBurst: 10, roomRing: 65_536, writeStall: 1 };
  await using listener = await Listening.start({ limits });
  using ann = await listener.enter("ann");
  using bob = await listener.enter("bob");
  using _stalled = await listener.enter("stalled");
  for (let n = 0; n < 30; n++) ann.sendValue(n);
  for (let n = 0; n < 30; n++) await bob.until("message");
  assertEquals(logged(listener, "slowed"), [{ event: "slowed", ...ANN }]);
  const body = "x".repeat(300_000);
  const isClosed = () => logged(listener, "went").some(({ nick }) => nick === "stalled");
  while (!isClosed()) {
    ann.sendValue(body);
    await bob.until("message");
  }
  assertEquals(logged(listener, "went").find(({ nick }) => nick === "stalled")?.why, "slow");
});

Deno.test("a peer that falls behind the messages in memory is logged once", async () => {
  await using listener = await Listening.start({ limits: { roomRing: 65_536 } });
  using ann = await listener.enter("ann");
  using bob = await listener.enter("bob");
  using slow = await listener.enter("slow");
  const body = "x".repeat(300_000);
  const reads = async (until: () => boolean) => {
    while (!until()) {
      for (let n = 0; n < 20; n++) {
        ann.sendValue(body);
        await bob.until("message");
      }
      await slow.receive();
    }
  };
  await reads(() => logged(listener, "behind").length > 0);
  assertEquals(logged(listener, "behind"), [
    { event: "behind", address: "127.0.0.1", nick: "slow", room: "lobby" },
  ]);
});

Deno.test("a history that fails is logged once when it begins, and once when it works again", async () => {
  const folder = await Deno.makeTempDir();
  const history = `${folder}/chat.db`;
  try {
    await using listener = await Listening.start({ history });
    using ann = await listener.enter("ann");
    let ref = 0;
    const post = async () => {
      ann.send({ type: "message", body: "hi", ref: ++ref });
      for (;;) {
        const told = await ann.receive();
        if (told?.ref === ref) return told.type === "ack";
      }
    };
    assert(await post());
    await Deno.rename(history, `${history}.away`);
    // It looks for the file from time to time.
    while (await post());
    for (let n = 0; n < 10; n++) assertEquals(await post(), false);
    assertEquals(logged(listener, "failing", "working").map(({ event, what }) => [event, what]), [
      ["failing", "history"],
    ]);
    await Deno.rename(`${history}.away`, history);
    assert(await post());
    assert(await post());
    assertEquals(logged(listener, "failing", "working").map(({ event, what }) => [event, what]), [
      ["failing", "history"],
      ["working", "history"],
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
