import { encodeFrame } from "../../lib/frame/mod.ts";
import { encode } from "../../lib/pickle/encode/encode.ts";
import { Float, Tuple } from "../../lib/pickle/values/values.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { Listening, type TestPeer } from "./listening.ts";

const ascii = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));

Deno.test("a listener says welcome first, and again in answer to hello", async () => {
  await using listener = await Listening.start();
  using peer = await listener.connect();
  const first = await peer.receive();
  assertEquals([first?.type, first?.protocol, first?.nick, first?.room], ["welcome", 1, "guest-1", "lobby"]);
  peer.send({ type: "hello", nick: "Ann", ref: "h" });
  const second = await peer.receive();
  assertEquals([second?.type, second?.nick, second?.ref], ["welcome", "Ann", "h"]);
  assertEquals(second?.epoch, first?.epoch);
  const joined = await peer.receive();
  assertEquals([joined?.type, joined?.nick, joined?.nicks, joined?.head], ["joined", "Ann", ["Ann"], 0]);
  assertEquals(await peer.receive(), { type: "replay", room: "lobby", count: 0 });
});

Deno.test("a silent peer enters as a guest after a while and gets the messages", async () => {
  await using listener = await Listening.start({ limits: { enterAfter: 1 } });
  using silent = await listener.connect();
  assertEquals((await silent.until("joined")).nick, "guest-1");
  using ann = await listener.enter("ann");
  ann.sendValue("hi");
  assertEquals((await silent.until("message")).body, "hi");
});

Deno.test("a peer gets every message since its connection was accepted, even if it enters later", async () => {
  await using listener = await Listening.start();
  using ann = await listener.enter("ann");
  ann.send({ type: "message", body: "before", ref: 1 });
  await ann.until("ack");
  using late = await listener.connect();
  await late.until("welcome");
  ann.send({ type: "message", body: "between", ref: 2 });
  await ann.until("ack");
  late.send({ type: "hello", nick: "late" });
  assertEquals((await late.until("replay")).count, 1);
  const bodies = [(await late.until("message")).body, (await late.until("message")).body];
  assertEquals(bodies, ["before", "between"]);
});

Deno.test("with a greeting, that object comes first and alone, and welcome once the peer has spoken", async () => {
  await using listener = await Listening.start({ greeting: new Map([[1, "hi"], [2, "there"]]) });
  using peer = await listener.connect();
  assertEquals(await peer.receiveValue(), new Map([[1, "hi"], [2, "there"]]));
  peer.sendValue("hello room");
  assertEquals((await peer.receive())?.type, "welcome");
  assertEquals((await peer.receive())?.type, "joined");
});

Deno.test("with a greeting, a silent peer enters too and is never welcomed", async () => {
  await using listener = await Listening.start({ greeting: "hi", limits: { enterAfter: 1 } });
  using peer = await listener.connect();
  assertEquals(await peer.receiveValue(), "hi");
  assertEquals((await peer.receive())?.type, "joined");
});

Deno.test("posts reach all other members in one order, and their sender only with echo", async () => {
  await using listener = await Listening.start();
  using ann = await listener.enter("ann", { echo: true });
  using bob = await listener.enter("bob");
  using eve = await listener.enter("eve");
  for (let i = 0; i < 200; i++) {
    ann.sendValue(["ann", i]);
    bob.sendValue(["bob", i]);
  }
  const atAnn = [];
  while (atAnn.length < 400) atAnn.push((await ann.until("message")).id);
  const atEve: unknown[] = [];
  const bodies: unknown[] = [];
  while (atEve.length < 400) {
    const message = await eve.until("message");
    atEve.push(message.id);
    bodies.push(message.body);
  }
  const atBob = [];
  while (atBob.length < 200) atBob.push(await bob.until("message"));
  assertEquals(atAnn, Array.from({ length: 400 }, (_, i) => i + 1));
  assertEquals(atEve, atAnn);
  assert(atBob.every((message) => message.from === "ann"));
  assertEquals(
    bodies.filter((body) => (body as string[])[0] === "bob"),
    Array.from({ length: 200 }, (_, i) => ["bob", i]),
  );
});

Deno.test("a message keeps its sender's other keys, and any object can be its body", async () => {
  await using listener = await Listening.start();
  using ann = await listener.enter("ann");
  using bob = await listener.enter("bob");
  const body = [new Tuple([1, new Float(2)]), new Uint8Array([0, 255]), new Map([["type", 3]]), null];
  ann.send({ type: "message", body, mood: "fine" });
  const message = await bob.until("message");
  assertEquals([message.body, message.mood, message.from, message.id, message.room], [
    body,
    "fine",
    "ann",
    1,
    "lobby",
  ]);
  assertEquals(typeof message.at, "number");
});

Deno.test("an ack comes for each message with a ref, and a ref that comes again is not posted twice", async () => {
  await using listener = await Listening.start();
  using ann = await listener.enter("ann");
  using bob = await listener.enter("bob");
  for (const ref of [1, "1", 1]) ann.send({ type: "message", body: ref, ref });
  const acks = [await ann.until("ack"), await ann.until("ack"), await ann.until("ack")];
  assertEquals(acks.map(({ id, ref }) => [id, ref]), [[1, 1], [2, "1"], [1, 1]]);
  ann.send({ type: "message", body: "again", ref: "1" });
  assertEquals((await ann.until("ack")).id, 2);
  ann.sendValue("last");
  const seen = [await bob.until("message"), await bob.until("message"), await bob.until("message")];
  assertEquals(seen.map(({ body }) => body), [1, "1", "last"]);
});

Deno.test("nicks are unique in any case, a taken one gets a suffix, and renames are announced", async () => {
  await using listener = await Listening.start();
  using ann = await listener.enter("ann");
  using other = await listener.connect();
  other.send({ type: "hello", nick: "ANN" });
  await other.until("welcome");
  assertEquals((await other.until("welcome")).nick, "ANN-2");
  assertEquals((await ann.until("joined")).nick, "ANN-2");
  other.send({ type: "nick", nick: "Bob" });
  const renamed = await ann.until("renamed");
  assertEquals([renamed.nick, renamed.to], ["ANN-2", "Bob"]);
  assertEquals((await other.until("renamed")).to, "Bob");
});

Deno.test("the others are told when a peer leaves, even inside a frame", async () => {
  await using listener = await Listening.start();
  using ann = await listener.enter("ann");
  {
    using bob = await listener.enter("bob");
    await ann.until("joined");
    bob.sendBytes(ascii("100       only a part"));
    await bob.closeWrite();
    assertEquals((await ann.until("left")).nick, "bob");
  }
  assert(listener.log.some((event) => event.event === "went" && event.nick === "bob" && event.why === "cut"));
});

Deno.test("a ping is answered by a pong with its ref", async () => {
  await using listener = await Listening.start();
  using ann = await listener.enter("ann");
  ann.send({ type: "ping", ref: 5 });
  assertEquals(await ann.until("pong"), { type: "pong", ref: 5 });
});

const BAD_HEADERS = [
  "hello worl",
  "-5        ",
  "+5        ",
  "5_0       ",
  "          ",
  "5\0        ",
  "5.0       ",
];

Deno.test("a bad header is answered by error and bye, logged once with the address, and does not affect others", async () => {
  await using listener = await Listening.start();
  using ann = await listener.enter("ann");
  for (const header of BAD_HEADERS) {
    using bad = await listener.enter("bad");
    bad.sendBytes(ascii(header));
    assertEquals((await bad.until("error")).code, "bad-header");
    assertEquals((await bad.receive())?.code, "bad-header");
    assertEquals(await bad.receive(), null);
    assertEquals((await ann.until("left")).nick, "bad");
  }
  const logged = listener.log.filter((event) => event.event === "refused");
  assertEquals(logged.length, BAD_HEADERS.length);
  assert(logged.every((event) => event.event === "refused" && event.address.startsWith("127.0.0.1:")));
});

Deno.test("a length above the limit is answered by error with the limit, and bye", async () => {
  await using listener = await Listening.start({ limits: { maxFrame: 1000 } });
  using ann = await listener.enter("ann");
  ann.sendBytes(ascii("1001      "));
  const error = await ann.until("error");
  assertEquals(error.code, "too-large");
  assertStringIncludes(String(error.text), "1000");
  assertEquals((await ann.until("bye")).code, "too-large");
});

Deno.test("a bad pickle is answered by its offset, an unsafe one by its name, and the connection stays", async () => {
  await using listener = await Listening.start();
  using ann = await listener.enter("ann");
  using bob = await listener.enter("bob");
  const cases: [string, string, string][] = [
    ["", "bad-pickle", "at byte 0"],
    ["K", "bad-pickle", "at byte"],
    ["K\x01", "bad-pickle", "at byte"],
    ["K\x01.x", "bad-pickle", "at byte 3"],
    ["\xff.", "bad-pickle", "at byte 0"],
    ["cos\nsystem\n(S'ls'\ntR.", "unsafe-pickle", "os.system"],
    ["cbuiltins\neval\n.", "unsafe-pickle", "builtins.eval"],
    [`N${"2\x86".repeat(45)}.`, "unsafe-pickle", "too long to show"],
  ];
  for (const [pickle, code, text] of cases) {
    ann.sendBytes(ascii(`${String(pickle.length).padEnd(10)}${pickle}`));
    const error = await ann.until("error");
    assertEquals(error.code, code, pickle);
    assertStringIncludes(String(error.text), text);
  }
  const call = "cos\nsystem\n(S'ls'\ntR";
  for (
    const [pickle, code] of [
      [`(dS'type'\nS'message'\nsS'body'\n${call}sS'ref'\nI42\ns.`, "unsafe-pickle"],
      [`(dS'ref'\nI43\nsS'type'\nS'message'\nsS'body'\n~`, "bad-pickle"],
    ] as const
  ) {
    ann.sendBytes(ascii(`${String(pickle.length).padEnd(10)}${pickle}`));
    const { code: told, ref } = await ann.until("error");
    assertEquals([told, ref], [code, code === "unsafe-pickle" ? 42 : 43]);
  }
  ann.sendBytes(ascii("5         K\x07.\0\0"));
  assertEquals((await bob.until("message")).body, 7);
});

Deno.test("with --no-numpy a listener refuses pickles that need numpy, by name, and relays everything else", async () => {
  const dtype = "cnumpy\ndtype\n(Vf8\nI00\nI01\ntR.";
  const post = (peer: TestPeer, pickle: string) =>
    peer.sendBytes(ascii(`${String(pickle.length).padEnd(10)}${pickle}`));
  for (const numpy of [false, true]) {
    await using listener = await Listening.start({ numpy });
    using ann = await listener.enter("ann");
    using bob = await listener.enter("bob");
    post(ann, dtype);
    if (!numpy) {
      const error = await ann.until("error");
      assertEquals(error.code, "unsafe-pickle");
      assertStringIncludes(String(error.text), "numpy.dtype needs numpy");
      post(ann, "K\x07.");
    }
    assertEquals((await bob.until("message")).body === 7, !numpy);
  }
});

Deno.test("a wrong or missing key is named, and so is an unknown type", async () => {
  await using listener = await Listening.start();
  using ann = await listener.enter("ann");
  const cases: [Record<string, string | number | null>, string, string][] = [
    [{ type: "message" }, "bad-message", "body"],
    [{ type: "message", body: 1, id: 5 }, "bad-message", "id"],
    [{ type: "message", body: 1, from: "eve" }, "bad-message", "from"],
    [{ type: "message", body: 1, at: 5 }, "bad-message", "at"],
    [{ type: "message", body: 1, room: 5 }, "bad-message", "room"],
    [{ type: "message", body: 1, to: "nobody" }, "no-such-nick", "nobody"],
    [{ type: "message", body: 1, room: "elsewhere" }, "no-such-room", "elsewhere"],
    [{ type: "nick" }, "bad-message", "nick"],
    [{ type: "nick", nick: 5 }, "bad-message", "nick"],
    [{ type: "nick", nick: "a\u202eb" }, "bad-message", "nick"],
    [{ type: "hello", nick: "again" }, "bad-message", "before"],
    [{ type: "constructor" }, "unknown-type", "constructor"],
    [{ type: "__proto__" }, "unknown-type", "__proto__"],
    [{ type: "nonsense", ref: 9 }, "unknown-type", "nonsense"],
  ];
  for (const [message, code, text] of cases) {
    ann.send(message);
    const error = await ann.until("error");
    assertEquals([error.code, error.ref], [code, message.ref]);
    assertStringIncludes(String(error.text), text);
  }
});

Deno.test("a private message reaches one person and nobody else", async () => {
  await using listener = await Listening.start();
  using ann = await listener.enter("ann");
  using bob = await listener.enter("bob");
  using eve = await listener.enter("eve");
  ann.send({ type: "message", to: "BOB", body: "psst", ref: 1 });
  assertEquals("id" in await ann.until("ack"), false);
  const message = await bob.until("message");
  assertEquals([message.body, message.from, message.to, message.id], ["psst", "ann", "BOB", undefined]);
  ann.sendValue("aloud");
  assertEquals((await eve.until("message")).body, "aloud");
});

Deno.test("a peer that reads nothing delays nobody", async () => {
  await using listener = await Listening.start();
  using ann = await listener.enter("ann");
  using bob = await listener.enter("bob");
  using stalled = await listener.enter("stalled");
  const body = "x".repeat(100_000);
  for (let i = 0; i < 300; i++) {
    ann.sendValue(body);
    assertEquals((await bob.until("message")).id, i + 1);
  }
  assertEquals((await stalled.until("message")).id, 1);
});

Deno.test("a listener that ends says bye to everybody, also to a peer that is just connecting", async () => {
  const listener = await Listening.start();
  using ann = await listener.enter("ann");
  using silent = await listener.connect();
  await silent.until("welcome");
  const ended = listener.end();
  for (const peer of [ann, silent]) {
    assertEquals((await peer.until("bye")).code, "shutdown");
    assertEquals(await peer.receive(), null);
    peer[Symbol.dispose]();
  }
  await ended;
});

Deno.test("a new listener can use the same port at once", async () => {
  const first = await Listening.start();
  using ann = await first.enter("ann");
  const { port } = first;
  const ended = first.end();
  await ann.until("bye");
  ann[Symbol.dispose]();
  await ended;
  using again = Deno.listen({ hostname: "127.0.0.1", port });
  assertEquals(again.addr.port, port);
});

Deno.test("frames may come byte by byte or many in one write", async () => {
  await using listener = await Listening.start();
  using ann = await listener.enter("ann");
  using bob = await listener.enter("bob");
  const frame = encodeFrame(encode("slow"));
  for (const byte of frame) ann.sendBytes(Uint8Array.of(byte));
  const many = new Uint8Array(frame.length * 500);
  for (let i = 0; i < 500; i++) many.set(frame, i * frame.length);
  ann.sendBytes(many);
  for (let id = 1; id <= 501; id++) assertEquals((await bob.until("message")).id, id);
});
