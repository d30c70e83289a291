/** Names: one person's and one room's in whatever case and normal form, wherever a message carries one. */

import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { Listening, type TestPeer } from "./listening.ts";

const operatorToken = "open sesame";

/** The same name in the forms in which it may come: composed, decomposed, in full width, in another case. */
const FORMS = ["Zoé", "Zoe\u0301", "Ｚｏé", "ZOÉ", "ｚｏe\u0301"];

async function becomeOperator(peer: TestPeer): Promise<void> {
  peer.send({ type: "op", token: operatorToken });
  await peer.until("op");
}

/** Says hello, and tells the nick that was given, or the code of the bye. */
async function nickFor(listener: Listening, asked: string): Promise<unknown> {
  using peer = await listener.connect();
  await peer.until("welcome");
  peer.send({ type: "hello", nick: asked });
  const told = await peer.receive();
  return told?.type === "welcome" ? told.nick : told?.code;
}

Deno.test("a nick is taken in every normal form, and the next peer gets it with a suffix", async () => {
  await using listener = await Listening.start();
  using zoe = await listener.connect();
  await zoe.until("welcome");
  zoe.send({ type: "hello", nick: "Zoe\u0301" });
  assertEquals((await zoe.until("welcome")).nick, "Zoé");
  using other = await listener.connect();
  await other.until("welcome");
  other.send({ type: "hello", nick: "Ｚｏé" });
  assertEquals((await other.until("welcome")).nick, "Zoé-2");
  for (const form of FORMS) {
    other.send({ type: "nick", nick: form, ref: form });
    const { type, to } = await other.answer(form);
    assertEquals([type, to], ["renamed", `${form.normalize("NFKC")}-2`]);
  }
});

Deno.test("a private message reaches its receiver in every normal form of the nick, and nobody else", async () => {
  await using listener = await Listening.start();
  using zoe = await listener.enter("Zoé");
  using ann = await listener.enter("ann");
  for (const [n, to] of FORMS.entries()) {
    ann.send({ type: "message", to, body: n });
    assertEquals((await zoe.until("message")).body, n);
  }
  ann.send({ type: "message", to: "Zoe", body: "", ref: 1 });
  assertEquals((await ann.until("error")).code, "no-such-nick");
});

Deno.test("a room is the same in every normal form of its name", async () => {
  await using listener = await Listening.start();
  using ann = await listener.enter("ann", { room: "Café" });
  using bob = await listener.enter("bob", { room: "CAFE\u0301" });
  bob.send({ type: "message", room: "ｃａｆé", body: "here" });
  assertEquals((await ann.until("message")).room, "Café");
  ann.send({ type: "rooms" });
  const rooms = (await ann.until("rooms")).rooms as Map<string, unknown>[];
  assertEquals(rooms.map((room) => room.get("room")), ["lobby", "Café"]);
});

Deno.test("a ban of a nick holds for all of its forms, in hello and in renaming, and so does its end", async () => {
  await using listener = await Listening.start({ operatorToken });
  using ann = await listener.enter("ann");
  await becomeOperator(ann);
  ann.send({ type: "ban", nick: "ZOE\u0301", text: "rude", ref: 1 });
  await ann.until("ban");
  for (const form of FORMS) assertEquals(await nickFor(listener, form), "banned");
  using bob = await listener.enter("bob");
  for (const form of FORMS) {
    bob.send({ type: "nick", nick: form, ref: form });
    const { type, code, text } = await bob.answer(form);
    assertEquals([type, code], ["error", "not-allowed"]);
    assertStringIncludes(String(text), "you were banned: rude");
  }
  ann.send({ type: "unban", nick: "Ｚｏé", ref: 2 });
  await ann.until("unban");
  assertEquals(await nickFor(listener, "zoé"), "zoé");
});

Deno.test("a muted person stays muted under another nick, outside the room and on another connection", async () => {
  await using listener = await Listening.start({ operatorToken });
  using ann = await listener.enter("ann");
  await becomeOperator(ann);
  using bob = await listener.enter("bob", { session: "secret" });
  ann.send({ type: "mute", room: "LOBBY", nick: "BOB", ref: 1 });
  await ann.until("mute");
  const isRefused = async (peer: TestPeer) => {
    peer.send({ type: "message", room: "lobby", body: "unheard", ref: "said" });
    const { type, code } = await peer.answer("said");
    assertEquals([type, code], ["error", "not-allowed"]);
  };
  await isRefused(bob);
  bob.send({ type: "topic", room: "lobby", text: "unheard too", ref: "topic" });
  assertEquals((await bob.answer("topic")).code, "not-allowed");
  bob.send({ type: "nick", nick: "bobby", ref: 1 });
  await bob.until("renamed");
  await isRefused(bob);
  bob.send({ type: "leave", room: "lobby" });
  await bob.until("left");
  bob.send({ type: "nick", nick: "robert", ref: 2 });
  await bob.until("renamed");
  bob.send({ type: "join", room: "lobby", ref: 3 });
  await bob.until("joined");
  await isRefused(bob);
  using again = await listener.enter("newcomer", { session: "secret" });
  assertEquals((await bob.until("bye")).code, "replaced");
  await isRefused(again);
  // It is about that room, and about nobody else.
  again.send({ type: "join", room: "ops", ref: 4 });
  await again.until("joined");
  again.send({ type: "message", room: "ops", body: "heard", ref: 5 });
  assertEquals((await again.until("ack")).id, 1);
  ann.send({ type: "unmute", room: "lobby", nick: "Robert", ref: 2 });
  await ann.until("unmute");
  again.send({ type: "message", room: "lobby", body: "heard", ref: 6 });
  assertEquals((await again.until("ack")).id, 1);
});

Deno.test("a hello with a refused nick changes nothing, also for a muted peer, and can be sent again", async () => {
  await using listener = await Listening.start({ operatorToken });
  using ann = await listener.enter("ann");
  await becomeOperator(ann);
  using guest = await listener.connect();
  const { nick, session } = await guest.until("welcome");
  guest.send({ type: "who", ref: 1 });
  await guest.answer(1);
  ann.send({ type: "mute", room: "lobby", nick: nick as string, ref: 1 });
  await ann.answer(1);
  guest.send({ type: "hello", nick: "bob the builder", session: "another", ref: 2 });
  assertEquals((await guest.answer(2)).code, "bad-message");
  guest.send({ type: "hello", ref: 3 });
  const welcome = await guest.answer(3);
  assertEquals([welcome.type, welcome.nick, welcome.session], ["welcome", nick, session]);
  guest.send({ type: "message", body: "unheard", ref: 4 });
  assertEquals((await guest.answer(4)).code, "not-allowed");
});

Deno.test("a mute belongs to a person: no nick stays muted behind them, and no nick or session frees them", async () => {
  await using listener = await Listening.start({ operatorToken });
  using ann = await listener.enter("ann");
  await becomeOperator(ann);
  const mayPost = async (peer: TestPeer) => {
    peer.send({ type: "message", room: "lobby", body: "heard?", ref: "said" });
    return (await peer.answer("said")).type === "ack";
  };
  const command = async (type: string, nick: string) => {
    ann.send({ type, room: "lobby", nick, ref: type });
    assertEquals((await ann.answer(type)).type, type);
  };
  const rename = async (peer: TestPeer, nick: string) => {
    peer.send({ type: "nick", nick, ref: "nick" });
    assertEquals((await peer.answer("nick")).to, nick);
  };
  {
    // As it was seen: mute zoe, zoe becomes yara, unmute yara, yara becomes zoe.
    using zoe = await listener.enter("zoe");
    await command("mute", "zoe");
    await rename(zoe, "yara");
    assertEquals(await mayPost(zoe), false);
    ann.send({ type: "mutes", room: "LOBBY", ref: 7 });
    assertEquals((await ann.answer(7)).nicks, ["yara"]);
    await command("unmute", "yara");
    await rename(zoe, "zoe");
    assertEquals(await mayPost(zoe), true);
  }
  {
    // Somebody else who takes the nick that a muted person has given up may post.
    using xenia = await listener.enter("xenia");
    await command("mute", "xenia");
    await rename(xenia, "willy");
    using other = await listener.enter("xenia");
    assertEquals([await mayPost(xenia), await mayPost(other)], [false, true]);
    await command("unmute", "willy");
  }
  {
    // A session that comes back under another nick is the same person.
    {
      using vera = await listener.enter("vera", { session: "v" });
      await command("mute", "vera");
      vera.send({ type: "ping", ref: 1 });
      await vera.answer(1);
    }
    using again = await listener.enter("ursula", { session: "v" });
    assertEquals(await mayPost(again), false);
    await command("unmute", "ursula").catch(() => {});
  }
  {
    // A nick that nobody had when it was muted: whoever takes it first, under all their names.
    await command("mute", "tom");
    using tom = await listener.enter("tom");
    assertEquals(await mayPost(tom), false);
    await rename(tom, "tim");
    assertEquals(await mayPost(tom), false);
    await command("unmute", "tim");
    assertEquals(await mayPost(tom), true);
  }
  {
    // A guest who says hello with a session of their own stays muted.
    using guest = await listener.connect();
    const { nick } = await guest.until("welcome");
    guest.send({ type: "who", ref: 1 });
    await guest.answer(1);
    await command("mute", nick as string);
    guest.send({ type: "hello", nick: "sam", session: "s", ref: 2 });
    await guest.answer(2);
    assertEquals(await mayPost(guest), false);
  }
});

Deno.test("a private message to oneself comes once; to an absent person it is refused with no-such-nick", async () => {
  await using listener = await Listening.start();
  for (const echo of [false, true]) {
    using ann = await listener.enter("ann", { echo });
    ann.send({ type: "message", to: "Ann", body: "note", ref: 1 });
    ann.send({ type: "ping" });
    const told = [await ann.receive(), await ann.receive(), await ann.receive()];
    assertEquals(told.map((message) => message?.type), ["message", "ack", "pong"]);
    assertEquals([told[0]!.to, told[0]!.from, told[0]!.body, told[0]!.id], ["Ann", "ann", "note", undefined]);
    assertEquals([told[1]!.ref, told[1]!.id], [1, undefined]);
    await ann.closeWrite();
    assertEquals(await ann.receive(), null);
  }
  using ann = await listener.enter("ann");
  const bob = await listener.enter("bob");
  await ann.until("joined");
  bob[Symbol.dispose]();
  await ann.until("left");
  using silent = await listener.connect();
  const { nick } = await silent.until("welcome");
  for (const to of ["bob", nick as string, "", "x".repeat(10_000)]) {
    ann.send({ type: "message", to, body: "hello", ref: 2 });
    const error = await ann.until("error");
    assertEquals([error.code, error.ref], ["no-such-nick", 2]);
    assert(String(error.text).length < 200);
  }
});
