/** `chat --serve` as a process, without a terminal: as systemd starts it, and where the system has no more to give. */

import { DEFAULT_LIMITS } from "../../lib/base/limits.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import type { TestPeer } from "./listening.ts";
import { Serving } from "./serving.ts";

const POSIX = Deno.build.os !== "windows";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !POSIX, fn });
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`at ${signal} a listener says goodbye to everybody and ends with status 0`, async () => {
    await using serving = await Serving.start();
    using ann = await serving.enter("ann");
    using bob = await serving.enter("bob");
    ann.send({ type: "message", body: "last words", ref: 1 });
    await ann.until("ack");
    serving.kill(signal);
    assertEquals((await bob.until("message")).body, "last words");
    for (const peer of [ann, bob]) {
      assertEquals((await peer.until("bye")).code, "shutdown");
      assertEquals(await peer.receive(), null);
      peer[Symbol.dispose]();
    }
    assertEquals(await serving.ended(), 0);
    const events = serving.log.map(({ event }) => event);
    assertEquals(events.filter((event) => event === "ending").length, 1);
    assertEquals(serving.log.flatMap((event) => event.event === "went" ? event.why : []), [
      "shutdown",
      "shutdown",
    ]);
  });
}

test("a second signal ends a listener at once, even if a peer does not read the goodbye", async () => {
  await using serving = await Serving.start({ args: ["--goodbye", "1h", "--drain", "1h"] });
  using ann = await serving.enter("ann");
  serving.kill("SIGTERM");
  assertEquals((await ann.until("bye")).code, "shutdown");
  serving.kill("SIGTERM");
  assertEquals(await serving.ended(), 143);
});

test("SIGHUP, as at the end of the login session, does not end a listener", async () => {
  await using serving = await Serving.start();
  using ann = await serving.enter("ann");
  using bob = await serving.enter("bob");
  for (let n = 1; n <= 3; n++) {
    serving.kill("SIGHUP");
    ann.sendValue(n);
    assertEquals((await bob.until("message")).body, n);
  }
  serving.kill("SIGTERM");
  await bob.until("bye");
});

test("with --no-limits nobody is read more slowly, and welcome names no rate", async () => {
  const count = 3 * DEFAULT_LIMITS.messageBurst;
  await using serving = await Serving.start({ args: ["--no-limits"] });
  using ann = await serving.connect();
  const { limits } = await ann.until("welcome");
  assertEquals(limits, new Map([["max_frame", DEFAULT_LIMITS.maxFrame]]));
  using bob = await serving.enter("bob");
  for (let n = 1; n <= count; n++) ann.sendValue(n);
  ann.send({ type: "ping", ref: "done" });
  for (let n = 1; n <= count; n++) assertEquals((await bob.until("message")).body, n);
  const told: unknown[] = [];
  for (let message = await ann.receive(); message!.type !== "pong"; message = await ann.receive()) {
    told.push(message!.type);
  }
  assert(!told.includes("error"), told.join());
});

test("the operators' token is taken from the environment, and is in no log and no file", async () => {
  const token = "not-for-everybody";
  const folder = await Deno.makeTempDir();
  try {
    const args = ["--history", `${folder}/chat.db`];
    await using serving = await Serving.start({ args, env: { CHAT_OPERATOR_TOKEN: token } });
    using ann = await serving.enter("ann");
    using bob = await serving.enter("bob");
    ann.send({ type: "op", token });
    await ann.until("op");
    // A wrong token makes its address wait, so this comes second.
    bob.send({ type: "op", token: "tried-in-vain" });
    assertEquals((await bob.until("error")).code, "not-allowed");
    ann.send({ type: "ban", nick: "bob" });
    assertEquals((await bob.until("bye")).code, "banned");
    serving.kill("SIGTERM");
    await ann.until("bye");
    for (const peer of [ann, bob]) peer[Symbol.dispose]();
    assertEquals(await serving.ended(), 0);
    assert(serving.log.some(({ event }) => event === "promoted"));
    assert(!/not-for-everybody|tried-in-vain/.test(JSON.stringify(serving.log)));
    for await (const { name } of Deno.readDir(folder)) {
      const bytes = await Deno.readFile(`${folder}/${name}`);
      assert(!new TextDecoder("latin1").decode(bytes).includes(token), name);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

test("a log that nobody reads loses lines, and delays no peer", async () => {
  await using serving = await Serving.start();
  using ann = await serving.enter("ann");
  using bob = await serving.enter("bob");
  // More lines than a pipe and the listener's own patience hold.
  for (let n = 0; n < 50; n++) {
    const visitors = await Promise.all(Array.from({ length: 50 }, () => serving.connect()));
    for (const visitor of visitors) visitor[Symbol.dispose]();
  }
  for (let n = 0; n < 10; n++) {
    ann.sendValue(n);
    assertEquals((await bob.until("message")).body, n);
  }
  const { count } = await serving.until("skipped");
  const lines = serving.log.filter(({ event }) => event === "accepted" || event === "went").length;
  assert(count > 0 && lines > 500, `${lines} were written, ${count} left out`);
});

test("a listener that was out of descriptors reports recovery when a peer leaves, even if nobody connects", async () => {
  await using serving = await Serving.start({ ulimit: "-n 64" });
  const peers: TestPeer[] = [];
  const failing = serving.until("failing");
  let isOut = false;
  failing.then(() => isOut = true);
  while (!isOut) {
    const peer = await serving.connect();
    peers.push(peer);
    const welcome = peer.until("welcome");
    welcome.catch(() => {});
    await Promise.race([welcome, failing]);
  }
  for (const peer of peers) peer[Symbol.dispose]();
  assertEquals((await serving.until("working")).what, "accept");
});

test("a listener out of descriptors reports it once, its peers go on, and new ones get in later", async () => {
  await using serving = await Serving.start({ ulimit: "-n 64" });
  using ann = await serving.enter("ann");
  using bob = await serving.enter("bob");
  const knock = async () => {
    const peer = await serving.connect();
    const welcome = peer.until("welcome");
    welcome.catch(() => {});
    return { peer, welcome };
  };
  const inside: TestPeer[] = [];
  const outside: Awaited<ReturnType<typeof knock>>[] = [];
  try {
    // The system takes connections in the listener's name: out of files is it where one is not welcomed.
    const failing = serving.until("failing");
    while (outside.length === 0) {
      const newcomer = await knock();
      const first = await Promise.race([newcomer.welcome, failing]);
      if ("type" in first) inside.push(newcomer.peer);
      else outside.push(newcomer);
    }
    assertStringIncludes((await failing).text, "ulimit -n");
    while (outside.length < 6) outside.push(await knock());
    for (let n = 0; n < 100; n++) {
      ann.sendValue(n);
      assertEquals((await bob.until("message")).body, n);
    }
    assert(inside.length > outside.length, `${inside.length} got in`);
    for (const peer of inside.slice(-outside.length - 1)) peer[Symbol.dispose]();
    for (const [n, { peer, welcome }] of outside.entries()) {
      await welcome;
      peer.sendValue(`late ${n}`);
      assertEquals((await ann.until("message")).body, `late ${n}`);
    }
    await serving.until("working");
    assertEquals(serving.log.filter(({ event }) => event === "failing").length, 1);
  } finally {
    for (const peer of [...inside, ...outside.map(({ peer }) => peer)]) peer[Symbol.dispose]();
  }
});
