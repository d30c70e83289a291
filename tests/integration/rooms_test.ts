import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { Listening } from "./listening.ts";

Deno.test("a message goes to its room and nowhere else", async () => {
  await using listener = await Listening.start();
  using ann = await listener.enter("ann");
  using bob = await listener.enter("bob");
  using eve = await listener.enter("eve");
  for (const peer of [ann, bob]) {
    peer.send({ type: "join", room: "ops" });
    await peer.until("replay");
  }
  ann.send({ type: "message", room: "ops", body: "in ops" });
  ann.send({ type: "message", room: "lobby", body: "in the lobby" });
  const first = await bob.until("message");
  const second = await bob.until("message");
  assertEquals(
    new Set([first, second].map(({ room, body, id }) => `${room} ${body} ${id}`)),
    new Set(["ops in ops 1", "lobby in the lobby 1"]),
  );
  assertEquals((await eve.until("message")).body, "in the lobby");
});

Deno.test("a plain object goes to the room that was entered last", async () => {
  await using listener = await Listening.start();
  using ann = await listener.enter("ann", { room: "ops" });
  using bob = await listener.enter("bob", { room: "ops" });
  ann.sendValue(1);
  assertEquals((await bob.until("message")).room, "ops");
});

Deno.test("who, rooms and topic are answered, and a topic is told to the room", async () => {
  await using listener = await Listening.start();
  using ann = await listener.enter("ann", { room: "ops" });
  using bob = await listener.enter("bob", { room: "ops" });
  ann.send({ type: "topic", room: "ops", text: "pagers" });
  const topic = await bob.until("topic");
  assertEquals([topic.text, topic.nick, topic.room], ["pagers", "ann", "ops"]);
  bob.send({ type: "who", room: "ops", ref: 1 });
  const who = await bob.until("who");
  assertEquals([who.nicks, who.count, who.ref], [["ann", "bob"], 2, 1]);
  bob.send({ type: "rooms", ref: 2 });
  assertStringIncludes(
    JSON.stringify((await bob.until("rooms")).rooms, (_, v) => v instanceof Map ? [...v] : v),
    '["topic","pagers"]',
  );
  using late = await listener.enter("late");
  late.send({ type: "join", room: "OPS" });
  const joined = await late.until("joined");
  assertEquals([joined.room, joined.topic, joined.nicks], ["ops", "pagers", ["ann", "bob", "late"]]);
});

Deno.test("#ops names the room ops, in every request", async () => {
  await using listener = await Listening.start();
  using ann = await listener.enter("ann", { room: "ops" });
  using bob = await listener.enter("bob", { room: "#Ops" });
  bob.send({ type: "who", room: "#ops" });
  assertEquals((await bob.until("who")).nicks, ["ann", "bob"]);
  ann.send({ type: "message", room: "#ops", body: "hi" });
  const { room, body } = await bob.until("message");
  assertEquals([room, body], ["ops", "hi"]);
  bob.send({ type: "leave", room: "#ops" });
  assertEquals((await bob.until("left")).room, "ops");
  bob.send({ type: "join", room: "#new" });
  assertEquals((await bob.until("joined")).room, "new");
  bob.send({ type: "join", room: "#" });
  assertEquals((await bob.until("joined")).room, "#");
});

Deno.test("a peer that enters a room again gets its members, and the others get nothing", async () => {
  await using listener = await Listening.start();
  using ann = await listener.enter("ann");
  using bob = await listener.enter("bob");
  await ann.until("joined");
  bob.sendValue("before");
  assertEquals((await ann.receive())?.body, "before");
  bob.send({ type: "join", room: "LOBBY" });
  const { room, nick, nicks, head } = await bob.until("joined");
  assertEquals([room, nick, nicks, head], ["lobby", "bob", ["ann", "bob"], 1]);
  bob.sendValue("after");
  assertEquals((await ann.receive())?.body, "after");
  bob.send({ type: "ping" });
  assertEquals((await bob.receive())?.type, "pong");
});

Deno.test("a peer that leaves a room gets left last, and nothing more of the room", async () => {
  await using listener = await Listening.start();
  using ann = await listener.enter("ann");
  using bob = await listener.enter("bob");
  for (const peer of [ann, bob]) {
    peer.send({ type: "join", room: "ops" });
    await peer.until("replay");
  }
  bob.send({ type: "leave", room: "ops" });
  assertEquals((await bob.until("left")).nick, "bob");
  assertEquals((await ann.until("left")).nick, "bob");
  ann.send({ type: "message", room: "ops", body: "he is gone" });
  ann.send({ type: "message", room: "lobby", body: "he is here" });
  assertEquals((await bob.until("message")).body, "he is here");
  bob.send({ type: "message", room: "ops", body: "x", ref: 1 });
  assertEquals((await bob.until("error")).code, "no-such-room");
});

Deno.test("history pages back, as a replay with the ref of the request", async () => {
  await using listener = await Listening.start();
  using ann = await listener.enter("ann");
  for (let n = 1; n <= 30; n++) ann.send({ type: "message", body: n, ref: n });
  for (let n = 1; n <= 30; n++) await ann.until("ack");
  ann.send({ type: "history", room: "lobby", before: 11, limit: 3, ref: "page" });
  const replay = await ann.until("replay");
  assertEquals([replay.count, replay.ref], [3, "page"]);
  const ids = [await ann.until("message"), await ann.until("message"), await ann.until("message")].map((
    { id },
  ) => id);
  assertEquals(ids, [8, 9, 10]);
});

Deno.test("a session that resumes gets exactly the messages that it missed", async () => {
  await using listener = await Listening.start();
  using ann = await listener.enter("ann");
  const first = await listener.connect();
  first.send({ type: "hello", nick: "bob", session: "secret" });
  const { epoch } = await first.until("welcome");
  await first.until("replay");
  ann.send({ type: "message", body: 1 });
  assertEquals((await first.until("message")).id, 1);
  first[Symbol.dispose]();
  await ann.until("left");
  for (let n = 2; n <= 5; n++) ann.send({ type: "message", body: n, ref: n });
  for (let n = 2; n <= 5; n++) await ann.until("ack");
  using again = await listener.connect();
  again.send({
    type: "hello",
    nick: "bob",
    session: "secret",
    epoch: epoch as string,
    resume: new Map([["lobby", 1]]),
  });
  assertEquals((await again.until("replay")).count, 4);
  for (let n = 2; n <= 5; n++) assertEquals((await again.until("message")).body, n);
  using stranger = await listener.connect();
  stranger.send({ type: "hello", epoch: "another", resume: new Map([["lobby", 1]]) });
  assertEquals((await stranger.until("replay")).count, 5);
});

Deno.test("a hello with the session of a live connection replaces it, without joined and left", async () => {
  await using listener = await Listening.start();
  using ann = await listener.enter("ann");
  using old = await listener.enter("bob", { session: "secret", room: "ops" });
  old.send({ type: "join", room: "lobby" });
  await old.until("replay");
  await ann.until("joined");
  using taker = await listener.connect();
  taker.send({ type: "hello", nick: "mallory", session: "secret" });
  await taker.until("welcome");
  assertEquals((await taker.until("welcome")).nick, "bob");
  assertEquals((await old.until("bye")).code, "replaced");
  const rooms = [(await taker.until("joined")).room, (await taker.until("joined")).room];
  assertEquals(rooms, ["ops", "lobby"]);
  taker.send({ type: "message", body: "still me" });
  const next = await ann.receive();
  assertEquals([next?.type, next?.from, next?.body], ["message", "bob", "still me"]);
});

Deno.test("after a restart with a history file ids go on, refs are recognized, and sessions resume", async () => {
  const history = await Deno.makeTempFile({ suffix: ".db" });
  await Deno.remove(history);
  try {
    let epoch;
    {
      await using listener = await Listening.start({ history });
      using ann = await listener.connect();
      ann.send({ type: "hello", nick: "ann", session: "s" });
      epoch = (await ann.until("welcome")).epoch;
      ann.send({ type: "message", body: "first", ref: 1 });
      ann.send({ type: "topic", room: "lobby", text: "kept" });
      assertEquals((await ann.until("ack")).id, 1);
    }
    await using listener = await Listening.start({ history });
    using ann = await listener.connect();
    const welcome = await ann.until("welcome");
    assertEquals(welcome.epoch, epoch);
    ann.send({
      type: "hello",
      nick: "ann",
      session: "s",
      epoch: epoch as string,
      resume: new Map([["lobby", 1]]),
    });
    const joined = await ann.until("joined");
    assertEquals([joined.head, joined.topic], [1, "kept"]);
    assertEquals((await ann.until("replay")).count, 0);
    ann.send({ type: "message", body: "first", ref: 1 });
    assertEquals((await ann.until("ack")).id, 1);
    ann.send({ type: "message", body: "second", ref: 2 });
    assertEquals((await ann.until("ack")).id, 2);
    using bob = await listener.enter("bob");
    assertEquals((await bob.until("message")).body, "first");
    assertEquals((await bob.until("message")).body, "second");
  } finally {
    for (const suffix of ["", "-wal", "-shm"]) await Deno.remove(history + suffix).catch(() => {});
  }
});

Deno.test("a member that fell out of the ring is caught up from the file or the spill, without one it gets a gap", async () => {
  const history = await Deno.makeTempFile({ suffix: ".db" });
  await Deno.remove(history);
  try {
    for (const { file, spill } of [{ spill: 0 }, { spill: 1 << 30 }, { file: history, spill: 0 }]) {
      await using listener = await Listening.start({
        limits: { roomRing: 200_000, messageBurst: 10_000, byteBurst: 1 << 30, spill },
        ...(file ? { history: file } : {}),
      });
      using ann = await listener.enter("ann");
      using slow = await listener.enter("slow");
      const body = "x".repeat(50_000);
      const count = 400;
      for (let n = 1; n <= count; n++) {
        ann.send({ type: "message", body, ref: n });
        await ann.until("ack");
      }
      let next = 1;
      let gaps = 0;
      while (next <= count) {
        const told = await slow.receive();
        if (told?.type === "gap") {
          assertEquals(told.first, next);
          next = told.last as number + 1;
          gaps++;
        } else if (told?.type === "message") assertEquals(told.id, next++);
      }
      assertEquals(gaps > 0, file === undefined && spill === 0);
    }
  } finally {
    for (const suffix of ["", "-wal", "-shm"]) await Deno.remove(history + suffix).catch(() => {});
  }
});

Deno.test("a peer that is too fast gets one warning and is read more slowly, and nothing is lost", async () => {
  await using listener = await Listening.start({ limits: { messageRate: 1000, messageBurst: 50 } });
  using ann = await listener.enter("ann");
  using bob = await listener.enter("bob");
  for (let n = 1; n <= 300; n++) ann.sendValue(n);
  assertEquals((await ann.until("error")).code, "slow-down");
  for (let n = 1; n <= 300; n++) assertEquals((await bob.until("message")).body, n);
  ann.send({ type: "ping" });
  for (;;) {
    const told = await ann.receive();
    assert(told?.type !== "error");
    if (told?.type === "pong") break;
  }
});
