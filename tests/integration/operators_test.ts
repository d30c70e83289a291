import { assertEquals } from "../assert.ts";
import { HubListening } from "./hub_listening.ts";
import { Listening } from "./listening.ts";

const operatorToken = "open sesame";

Deno.test("only the token makes an operator, and only an operator may kick, ban and mute", async () => {
  await using listener = new HubListening({ operatorToken });
  using ann = await listener.enter("ann");
  ann.send({ type: "kick", room: "lobby", nick: "ann", ref: 1 });
  assertEquals((await ann.until("error")).code, "not-allowed");
  ann.send({ type: "op", token: "open sesam" });
  assertEquals((await ann.until("error")).code, "not-allowed");
  listener.clock.advance(1000);
  ann.send({ type: "op", token: operatorToken });
  assertEquals((await ann.until("op")).nick, "ann");
});

Deno.test("of many tokens from one address, on any number of connections, one a second is tried", async () => {
  await using listener = new HubListening({ operatorToken, host: "192.0.2.1" });
  using ann = await listener.enter("ann");
  using bob = await listener.enter("bob");
  for (let ref = 0; ref < 50; ref++) ann.send({ type: "op", token: `guess ${ref}`, ref });
  assertEquals((await ann.answer(49)).code, "not-allowed");
  for (const peer of [ann, bob]) {
    peer.send({ type: "op", token: operatorToken, ref: "right" });
    assertEquals((await peer.answer("right")).code, "not-allowed");
  }
  assertEquals(listener.log.filter(({ event }) => event === "guessed").length, 1);
  listener.clock.advance(1000);
  bob.send({ type: "op", token: operatorToken, ref: "later" });
  assertEquals((await bob.answer("later")).type, "op");
});

Deno.test("on the loopback nobody waits for the guesses of another connection", async () => {
  await using listener = new HubListening({ operatorToken });
  using ann = await listener.enter("ann");
  using bob = await listener.enter("bob");
  for (let ref = 0; ref < 50; ref++) ann.send({ type: "op", token: `guess ${ref}`, ref });
  assertEquals((await ann.answer(49)).code, "not-allowed");
  ann.send({ type: "op", token: operatorToken, ref: "right" });
  assertEquals((await ann.answer("right")).code, "not-allowed");
  bob.send({ type: "op", token: operatorToken, ref: "right" });
  assertEquals((await bob.answer("right")).type, "op");
  assertEquals(listener.log.filter(({ event }) => event === "guessed").length, 1);
});

Deno.test("nobody becomes an operator where there is no token", async () => {
  await using listener = await Listening.start();
  using ann = await listener.enter("ann");
  ann.send({ type: "op", token: "" });
  assertEquals((await ann.until("error")).code, "not-allowed");
});

Deno.test("a kicked peer gets bye, and the room gets left", async () => {
  await using listener = await Listening.start({ operatorToken });
  using ann = await listener.enter("ann");
  using bob = await listener.enter("bob");
  ann.send({ type: "op", token: operatorToken });
  ann.send({ type: "kick", room: "lobby", nick: "BOB", text: "enough" });
  const bye = await bob.until("bye");
  assertEquals([bye.code, bye.text], ["kicked", "you were kicked by ann: enough"]);
  assertEquals((await ann.until("left")).nick, "bob");
  ann.send({ type: "kick", room: "lobby", nick: "bob" });
  assertEquals((await ann.until("error")).code, "no-such-nick");
});

Deno.test("the room sees who kicked or banned whom and why, and a muted person sees who muted them", async () => {
  await using listener = await Listening.start({ operatorToken });
  using ann = await listener.enter("ann");
  ann.send({ type: "op", token: operatorToken });
  using carl = await listener.enter("carl");
  for (const [type, why] of [["kick", "kicked"], ["ban", "banned"]] as const) {
    using bob = await listener.enter("bob");
    ann.send({ type, ...(type === "kick" ? { room: "lobby" } : {}), nick: "bob", text: "be nice" });
    const left = await carl.until("left");
    assertEquals([left.nick, left.why, left.by, left.text], ["bob", why, "ann", "be nice"]);
    await bob.until("bye");
  }
  ann.send({ type: "bans", ref: 1 });
  const bans = await ann.answer(1);
  assertEquals([bans.nicks, bans.addresses], [["bob"], []]);
  ann.send({ type: "ban", address: "2001:db8::7", ref: 2 });
  await ann.answer(2);
  ann.send({ type: "bans", ref: 3 });
  const [address] = (await ann.answer(3)).addresses as string[];
  assertEquals(address, "2001:db8:0:0::");
  ann.send({ type: "unban", address: address!, ref: 4 });
  assertEquals((await ann.answer(4)).type, "unban");
  for (const type of ["mute", "unmute"] as const) {
    ann.send({ type, room: "lobby", nick: "carl", text: "too loud" });
    const told = await carl.until(type);
    assertEquals([told.room, told.nick, told.by, told.text], ["lobby", "carl", "ann", "too loud"]);
  }
  carl.send({ type: "bans", ref: 5 });
  assertEquals((await carl.answer(5)).code, "not-allowed");
  carl.send({ type: "mutes", room: "lobby", ref: 6 });
  assertEquals((await carl.answer(6)).code, "not-allowed");
});

Deno.test("a muted person may not post until unmuted", async () => {
  await using listener = await Listening.start({ operatorToken });
  using ann = await listener.enter("ann");
  using bob = await listener.enter("bob");
  ann.send({ type: "op", token: operatorToken });
  ann.send({ type: "mute", room: "lobby", nick: "bob" });
  ann.send({ type: "ping" });
  await ann.until("pong");
  bob.sendValue("unheard");
  assertEquals((await bob.until("error")).code, "not-allowed");
  ann.send({ type: "unmute", room: "lobby", nick: "bob" });
  ann.send({ type: "ping" });
  await ann.until("pong");
  bob.sendValue("heard");
  assertEquals((await ann.until("message")).body, "heard");
});

Deno.test("bans by nick and by address are kept in the history file", async () => {
  const history = await Deno.makeTempFile({ suffix: ".db" });
  await Deno.remove(history);
  try {
    {
      await using listener = await Listening.start({ operatorToken, history });
      using ann = await listener.enter("ann");
      using bob = await listener.enter("bob");
      ann.send({ type: "op", token: operatorToken });
      ann.send({ type: "ban", nick: "Bob", text: "rude" });
      assertEquals((await bob.until("bye")).code, "banned");
      using again = await listener.connect();
      again.send({ type: "hello", nick: "BOB" });
      assertEquals((await again.until("bye")).text, "you were banned: rude");
    }
    await using listener = await Listening.start({ operatorToken, history });
    using ann = await listener.enter("ann");
    using bob = await listener.connect();
    bob.send({ type: "hello", nick: "bob" });
    assertEquals((await bob.until("bye")).code, "banned");
    ann.send({ type: "op", token: operatorToken });
    ann.send({ type: "unban", nick: "bob" });
    ann.send({ type: "ban", address: "::ffff:127.0.0.1" });
    assertEquals((await ann.until("bye")).code, "banned");
    using anybody = await listener.connect();
    assertEquals((await anybody.until("bye")).code, "banned");
  } finally {
    for (const suffix of ["", "-wal", "-shm"]) await Deno.remove(history + suffix).catch(() => {});
  }
});

Deno.test("an operator cannot kick or ban themselves by their nick", async () => {
  await using listener = await Listening.start({ operatorToken });
  using ann = await listener.enter("ann");
  ann.send({ type: "op", token: operatorToken });
  for (const [type, nick] of [["kick", "Ann"], ["ban", "ANN"]] as const) {
    ann.send({ type, nick, ...type === "kick" ? { room: "lobby" } : {} });
    const { code, text } = await ann.until("error");
    assertEquals([code, text], ["not-allowed", `Cannot ${type} ann: that is you`]);
  }
  ann.send({ type: "bans" });
  assertEquals((await ann.until("bans")).nicks, []);
});

Deno.test("asking who is in a room that there is not says so, and of another that the peer is not in it", async () => {
  await using listener = await Listening.start({});
  using ann = await listener.enter("ann");
  using bob = await listener.enter("bob");
  bob.send({ type: "join", room: "robots" });
  await bob.until("replay");
  const texts: unknown[] = [];
  for (const room of ["robots", "nosuch"]) {
    ann.send({ type: "who", room });
    texts.push((await ann.until("error")).text);
  }
  assertEquals(texts, ["Cannot do that: you are not in robots", "Cannot do that: there is no room nosuch"]);
});
