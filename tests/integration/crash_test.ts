/**
 * Kill −9 under load. `CHAT_CRASHES` tells how many times the listener is ended; `CHAT_CRASH_SEED` what is random.
 */

import { assert, assertEquals, assertGreater } from "../assert.ts";
import { randomOf } from "../random.ts";
import { TestPeer } from "./listening.ts";
import { type Got, ReturningPeer } from "./returning_peer.ts";

const CRASHES = Number(Deno.env.get("CHAT_CRASHES") ?? 3);
const SEED = Number(Deno.env.get("CHAT_CRASH_SEED") ?? 1);
const MAIN = new URL("../../main.ts", import.meta.url).pathname;

/** A listener in a process of its own. */
async function startListener(history: string) {
  const options = [
    "--host",
    "127.0.0.1",
    "--port",
    "0",
    "--quiet",
    "--no-limits",
    "--log-json",
    "--history",
    history,
  ];
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--allow-all", MAIN, "--serve", ...options],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  let log = "";
  let match: RegExpExecArray | null = null;
  while (match === null) {
    const { value, done } = await reader.read();
    assert(!done, `the listener did not start: ${log}`);
    log += value;
    match = /"listening".*:(\d+)"/.exec(log);
  }
  const rest = (async () => {
    for (let part = await reader.read(); !part.done; part = await reader.read()) log += part.value;
  })();
  return {
    port: Number(match[1]),
    async kill(): Promise<string> {
      child.kill("SIGKILL");
      await child.status;
      await rest;
      return log;
    },
  };
}

/** Waits for so many acks of all peers together. */
function acks(peers: readonly ReturningPeer[], count: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const peer of peers) peer.onAck = () => --count <= 0 && resolve();
  return promise;
}

Deno.test(`nothing acked is missing and nothing comes twice after kill −9, ${CRASHES} times`, async () => {
  const random = randomOf(SEED);
  const folder = await Deno.makeTempDir();
  const peers = Array.from(
    { length: 8 },
    (_, number) => new ReturningPeer(`p${number}`, { echo: number % 2 === 0 }),
  );
  for (let crash = 0; crash <= CRASHES; crash++) {
    const listener = await startListener(`${folder}/chat.db`);
    for (const peer of peers) await peer.connect(listener.port);
    const isLast = crash === CRASHES;
    const enough = acks(peers, isLast ? peers.length * 20 : 1 + random(3000));
    for (const peer of peers) {
      const known = [...peer.acked.keys()];
      peer.post(known.length === 0 ? [] : Array.from({ length: 5 }, () => known[random(known.length)]!));
    }
    await enough;
    if (isLast) await allSeen(peers);
    const log = await listener.kill();
    assert(!log.includes('"failed"'), log);
    await Promise.all(peers.map((peer) => peer.lost()));
  }
  await Deno.remove(folder, { recursive: true });

  assertEquals(peers.map((peer) => peer.faults), peers.map(() => []));
  check(peers);
});

/** Has them post no more, and waits until all is acked and seen. */
async function allSeen(peers: readonly ReturningPeer[]): Promise<void> {
  for (const peer of peers) peer.posting = false;
  for (const peer of peers) await peer.until(() => peer.unacked === 0);
  const posted = peers.reduce((sum, peer) => sum + peer.acked.size, 0);
  for (const peer of peers) {
    await peer.until(() => peer.got.length >= posted - (peer.echo ? 0 : peer.acked.size));
  }
}

/** Holds what the peers were told against each other. */
function check(peers: readonly ReturningPeer[]): void {
  const echoed = peers.filter((peer) => peer.echo);
  const log = echoed[0]!.got;
  assertGreater(log.length, 100);
  for (const [index, { id }] of log.entries()) assertEquals(id, index + 1);
  for (const peer of echoed) assertEquals(peer.got.length, log.length);
  for (const peer of peers) {
    // A replay has one's own posts too, those that were stored and not acked any more.
    const fromOthers = ({ from }: Got) => from !== peer.nick;
    const seen = peer.echo ? peer.got : peer.got.filter(fromOthers);
    const posted = peer.echo ? log : log.filter(fromOthers);
    assertEquals(seen.length, posted.length, peer.nick);
    assert(
      seen.every(({ id, body }, index) => id === posted[index]!.id && body === posted[index]!.body),
      peer.nick,
    );
    for (const [ref, id] of peer.acked) assertEquals(log[id - 1]?.body, `${peer.nick} ${ref}`);
  }
  assertEquals(new Set(log.map(({ body }) => body)).size, log.length);
}

Deno.test("after kill −9 a search finds every acked message, those that its index did not have yet too", async () => {
  const folder = await Deno.makeTempDir();
  const all: number[] = [];
  for (let start = 0; start < 3; start++) {
    const listener = await startListener(`${folder}/chat.db`);
    {
      using peer = new TestPeer(await Deno.connect({ hostname: "127.0.0.1", port: listener.port }));
      peer.send({ type: "hello", nick: "ann" });
      await peer.until("replay");
      peer.send({ type: "search", room: "lobby", words: "tea", limit: 1000, ref: "search" });
      const { count } = await peer.answer("search");
      const found: unknown[] = [];
      while (found.length < Number(count)) found.push((await peer.until("message")).id);
      assertEquals(found, all);
      // Few enough to be sent to the index some seconds later, and the last ones a moment before the end.
      for (let number = 1; number <= 100; number++) peer.send({ type: "message", body: "tea", ref: number });
      for (let number = 1; number <= 100; number++) all.push(Number((await peer.answer(number)).id));
    }
    const log = await listener.kill();
    assert(!log.includes('"failed"') && !log.includes('"failing"'), log);
  }
  await Deno.remove(folder, { recursive: true });
  assertEquals(all, Array.from({ length: 300 }, (_, index) => index + 1));
});
