import { encodeFrame } from "../../lib/frame/mod.ts";
import { serve } from "../../lib/listener.ts";
import { LIFTED_LIMITS } from "../../lib/base/limits.ts";
import type { Value } from "../../lib/pickle/values/values.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { ManualClock } from "../clock.ts";
import { randomOf } from "../random.ts";
import { fasterClock, run, type Running, start, Typing, withListener, Written } from "./connecting.ts";
import { Relay } from "./relay.ts";

/** Runs a listener without limits on rates, which gives a newcomer ten messages. */
async function withChat(use: (port: number) => Promise<void>, history?: string): Promise<void> {
  const stop = new AbortController();
  const listening = Promise.withResolvers<number>();
  const served = serve({
    host: "127.0.0.1",
    port: 0,
    replay: 10,
    limits: { ...LIFTED_LIMITS, roomRing: 64 * 1024 * 1024 },
    history,
    version: "test",
    log: () => {},
    signal: stop.signal,
    onListening: listening.resolve,
  });
  try {
    await use(await listening.promise);
  } finally {
    stop.abort();
    await served;
  }
}

const numbers = (name: string, from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => `${name} ${from + n}\n`).join("");

const bodies = (lines: string[]) => lines.map((line) => line.slice(line.indexOf(": ") + 2));

Deno.test("10,000 lines through a listener arrive complete and in order, and both ends leave", async () => {
  await withChat(async (port) => {
    const reading = start({ port, nick: "reader", receive: 10_000, json: "exact", trace: true });
    await reading.stderr.until((text) => text.includes("joined"));
    const writing = await run({ port, nick: "writer" }, { input: numbers("line", 0, 10_000) });
    assertEquals([writing.status, writing.err], [0, ""]);
    assertEquals(await reading.status, 0);
    const told = reading.stdout.lines.map((line) => JSON.parse(line));
    const posts = told.filter(({ type }) => type === "message").map(({ from, body }) => `${from}: ${body}\n`);
    assertEquals(posts.join(""), numbers("writer: line", 0, 10_000));
  });
});

Deno.test("the first lines of a pipe go to the room that it was started for", async () => {
  await withChat(async (port) => {
    for (let time = 0; time < 20; time++) {
      const room = `room-${time}`;
      assertEquals(await run({ port, room, nick: "writer" }, { input: "a\nb\n" }), {
        status: 0,
        out: "",
        err: "",
      });
      assertEquals((await run({ port, room, last: 2 })).out, "writer: a\nwriter: b\n");
    }
  });
});

/**
 * Two connectors talk through a relay that cuts both connections twenty times, each time at another place, in between
 * stalls, delays and ends one direction only. A newcomer would get no more than ten messages: all that is missed comes by
 * resume.
 */
async function talkThroughCuts(port: number): Promise<void> {
  await using relay = new Relay(port);
  const random = randomOf(7);
  const clock = fasterClock(20);
  const typed = [new Typing(), new Typing()] as const;
  const [left, right] = ["left", "right"].map((nick, side) =>
    start({ port: relay.port, nick, replay: 10 }, { input: typed[side]!.readable, clock })
  ) as [Running, Running];
  for (const typing of typed) typing.type("ready\n");
  const seen = (count: number) =>
    Promise.all([left, right].map(({ stdout }) => stdout.until((text) => text.split("\n").length > count)));
  await seen(1);
  const all = 5_000;
  const cuts = 20;
  for (let part = 0; part < cuts; part++) {
    const from = part * all / cuts;
    if (part % 5 === 1) relay.delay(1);
    typed[0].type(numbers("l", from, from + all / cuts));
    typed[1].type(numbers("r", from, from + all / cuts));
    await seen(from + 1 + random(all / cuts - 1));
    await relay.connected(2);
    if (part % 5 === 2) relay.stall();
    assertEquals(relay.cut(), 2);
    relay.flow();
    relay.delay(0);
    if (part % 5 < 3) continue;
    await seen(from + all / cuts);
    await relay.halve(part % 5 === 3 ? "listener" : "connector");
  }
  await seen(all + 1);
  for (const typing of typed) typing.end();
  assertEquals([await left.status, await right.status], [0, 0]);
  assertEquals(bodies(left.stdout.lines), ["ready", ...numbers("r", 0, all).trimEnd().split("\n")]);
  assertEquals(bodies(right.stdout.lines), ["ready", ...numbers("l", 0, all).trimEnd().split("\n")]);
  for (const { stderr } of [left, right]) {
    assertEquals(stderr.lines.filter((line) => line.includes("no longer kept")), []);
  }
}

Deno.test("20 cuts, stalls, delays and half-closes in 5,000 messages each way: each arrives once, in order", async (t) => {
  await t.step("with a listener that keeps its messages in memory", () => withChat(talkThroughCuts));
  await t.step("with a listener that keeps its messages in a file", async () => {
    const folder = await Deno.makeTempDir();
    try {
      await withChat(talkThroughCuts, `${folder}/chat.db`);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
});

Deno.test("a connection that stalls loses nothing and goes on where it was", async () => {
  await withChat(async (port) => {
    await using relay = new Relay(port);
    const typing = new Typing();
    const writer = start({ port: relay.port, nick: "writer" }, { input: typing.readable });
    const reader = start({ port: relay.port, nick: "reader" }, { input: new Typing().readable });
    typing.type("ready\n");
    await reader.stdout.until((text) => text.includes("ready"));
    relay.stall();
    typing.type(numbers("n", 0, 2_000));
    typing.end();
    relay.delay(1);
    relay.flow();
    assertEquals(await writer.status, 0);
    await reader.stdout.until((text) => text.includes("n 1999\n"));
    assertEquals(bodies(reader.stdout.lines), ["ready", ...numbers("n", 0, 2_000).trimEnd().split("\n")]);
    reader.interrupt(130);
    assertEquals(await reader.status, 130);
  });
});

Deno.test("a lost connection is reported, and retried after longer and longer waits", async () => {
  await withListener(async (port, accept) => {
    const relay = new Relay(port);
    const clock = new ManualClock();
    const running = start({ port: relay.port }, { input: new Typing().readable, clock });
    const peer = await accept();
    await peer.letIn();
    await peer.say({ type: "message", id: 1, room: "lobby", from: "alice", at: 1.5, body: "hi" });
    await running.stdout.until((text) => text === "alice: hi\n");
    relay.refusing = true;
    relay.cut();
    await clock.pass(running.stderr.until((text) => text.split("retrying in").length > 6));
    relay.refusing = false;
    const again = await clock.pass(accept());
    const hello = await again.letIn();
    assertEquals(hello.get("resume"), new Map([["lobby", 1]]));
    running.interrupt(130);
    assertEquals(await clock.pass(running.status), 130);
    const waits = [...running.stderr.text.matchAll(/retrying in (\d+) s/g)].map(([, seconds]) =>
      Number(seconds)
    );
    // Doubled each time up to 10 s, less up to a half, and rounded up.
    waits.slice(0, 5).forEach((wait, time) => {
      const most = Math.min(10, 2 ** time);
      assert(wait >= most / 2 && wait <= most, `${waits}`);
    });
    peer.close();
    again.close();
    await relay[Symbol.asyncDispose]();
  });
});

Deno.test("after bye kicked the status is 4, after replaced 3, and after shutdown it reconnects", async () => {
  for (const [code, status] of [["kicked", 4], ["banned", 4], ["full", 4], ["replaced", 3]] as const) {
    await withListener(async (port, accept) => {
      const running = run({ port }, { input: new Typing().readable });
      const peer = await accept();
      await peer.letIn();
      await peer.say({ type: "bye", code, text: "so it is" });
      await peer.finish();
      const ended = await running;
      assertEquals(ended.status, status);
      const sentAway = code === "kicked" || code === "banned";
      const said = sentAway ? `you were ${code}: so it is\n` : `closed the connection: so it is (${code})\n`;
      assertStringIncludes(ended.err, said);
    });
  }
  for (const code of ["shutdown", "slow", "idle", "bad-header", "too-large", "a code of tomorrow"]) {
    await withListener(async (port, accept) => {
      const clock = new ManualClock();
      const running = start({ port }, { input: new Typing().readable, clock });
      const peer = await accept();
      await peer.letIn();
      await peer.say({ type: "bye", code, text: "for a moment" });
      await peer.finish();
      const again = await clock.pass(accept());
      await again.letIn();
      running.interrupt(143);
      await again.finish();
      assertEquals(await clock.pass(running.status), 143, code);
    });
  }
});

Deno.test("a connection without a sign of life is given up, and one whose pings are answered is not", async () => {
  await withListener(async (port, accept) => {
    const clock = new ManualClock();
    const running = start({ port }, { input: new Typing().readable, clock });
    const peer = await accept();
    await peer.letIn();
    const ping = await clock.pass(peer.hear("ping"), 1000);
    await peer.say({ type: "pong", ref: ping.get("ref") as number | undefined });
    await clock.pass(peer.hear("ping"), 1000);
    assertEquals(running.stderr.text, "");
    const again = await clock.pass(accept(), 1000);
    assertStringIncludes(
      running.stderr.text,
      `no sign of life from 127.0.0.1:${port}; retrying in 1 s`,
    );
    await again.letIn();
    running.interrupt(130);
    await again.finish();
    await clock.pass(running.status);
    peer.close();
  });
});

Deno.test("Enter and /connect reconnect at once", async () => {
  await withListener(async (port, accept) => {
    const typing = new Typing();
    const stdout = new Written();
    stdout.isTerminal = () => true;
    // Time stands still: nothing comes back by itself.
    const setting = { input: typing.readable, typed: true, stdout, clock: new ManualClock() };
    const running = start({ port, plainScreen: true }, setting);
    for (const [time, typed] of ["\n", "/connect\n", "/quit\n"].entries()) {
      const peer = await accept();
      await peer.letIn();
      peer.close();
      await stdout.until((text) => text.split("s (Enter: now)").length > time + 1);
      typing.type(typed);
    }
    assertEquals(await running.status, 0);
  });
});

Deno.test("with --no-reconnect, and before a one-shot command is done, a lost connection is status 3", async () => {
  for (const more of [{ reconnect: false }, { send: ["x"] }, { receive: 1 }, { last: 5 }, { stats: true }]) {
    await withListener(async (port, accept) => {
      const running = run({ port, ...more }, { input: new Typing().readable });
      const peer = await accept();
      await peer.letIn();
      peer.close();
      const { status, err } = await running;
      assertEquals(status, 3, JSON.stringify(more));
      assertEquals(err.split("\n").length, 2, err);
    });
  }
});

Deno.test("the end of the input waits for every ack, then leaves", async () => {
  await withListener(async (port, accept) => {
    let left = false;
    const running = run({ port }, { input: "a\nb\n" }).finally(() => left = true);
    const peer = await accept();
    await peer.letIn();
    const [first, second] = [await peer.hear("message"), await peer.hear("message")];
    await peer.say({ type: "ack", id: 1, at: 1.5, ref: first.get("ref") as number });
    await peer.say({ type: "ping", ref: "still there" });
    assertEquals((await peer.hear("pong")).get("ref"), "still there");
    assertEquals(left, false);
    await peer.say({ type: "ack", id: 2, at: 1.5, ref: second.get("ref") as number });
    assertEquals(await peer.finish(), []);
    assertEquals(await running, { status: 0, out: "", err: "" });
  });
});

Deno.test("a refused post is reported, and the status is 1", async () => {
  await withListener(async (port, accept) => {
    const running = run({ port, send: ["x"] });
    const peer = await accept();
    await peer.letIn();
    const ref = (await peer.hear("message")).get("ref") as number;
    await peer.say({ type: "error", code: "not-stored", text: "the disk is full", ref });
    await peer.finish();
    assertEquals(await running, {
      status: 1,
      out: "",
      err: "chat: not posted: the disk is full (not-stored)\n",
    });
  });
});

Deno.test("--last prints the replay and leaves; --stats prints the figures", async () => {
  await withListener(async (port, accept) => {
    const running = run({ port, last: 2 });
    const peer = await accept();
    const hello = await peer.letIn({ head: 2 });
    assertEquals(hello.get("replay"), 2);
    await peer.say({ type: "replay", room: "lobby", count: 2 });
    for (const id of [1, 2]) {
      await peer.say({ type: "message", id, room: "lobby", from: "alice", at: 1.5, body: `m${id}` });
    }
    await peer.say({ type: "message", id: 3, room: "lobby", from: "alice", at: 1.5, body: "live" });
    await peer.finish();
    assertEquals(await running, { status: 0, out: "alice: m1\nalice: m2\n", err: "" });
  });
  await withListener(async (port, accept) => {
    const running = run({ port, stats: true });
    const peer = await accept();
    await peer.letIn();
    const ref = (await peer.hear("stats")).get("ref") as number | undefined;
    await peer.say({ type: "stats", stats: new Map<Value, Value>([["peers", 3], ["rooms", 1]]), ref });
    await peer.finish();
    assertEquals(await running, { status: 0, out: "peers: 3\nrooms: 1\n", err: "" });
  });
});

Deno.test("frames arrive whole, byte by byte and many at a time", async () => {
  await withListener(async (port, accept) => {
    const running = run({ port, receive: 3 });
    const peer = await accept();
    for (const byte of encodeFrame(new TextEncoder().encode("K\x01."))) {
      await peer.sendBytes(new Uint8Array([byte]));
    }
    const frame = encodeFrame(new TextEncoder().encode("K\x02."));
    await peer.sendBytes(new Uint8Array([...frame, ...frame]));
    assertEquals((await running).out, "1\n2\n2\n");
    peer.close();
  });
});
