import type { DEFAULT_LIMITS } from "../../lib/base/limits.ts";
import type { Value } from "../../lib/pickle/values/values.ts";
import { assertEquals, assertStringIncludes } from "../assert.ts";
import { Listening, type TestPeer, type Told } from "./listening.ts";

/** A test with a listener in memory, and one with a listener that keeps a file. */
function test(name: string, body: (listening: Listening) => Promise<void>): void {
  Deno.test(`in memory: ${name}`, async () => {
    await using listening = await Listening.start();
    await body(listening);
  });
  Deno.test(`in a file: ${name}`, async () => {
    const folder = await Deno.makeTempDir();
    {
      await using listening = await Listening.start({ history: `${folder}/chat.db` });
      await body(listening);
    }
    await Deno.remove(folder, { recursive: true });
  });
}

let posts = 0;

/** Posts, and waits until it is stored. */
async function post(peer: TestPeer, body: Value, more: Record<string, Value> = {}): Promise<void> {
  const ref = `post ${++posts}`;
  peer.send({ type: "message", body, ...more, ref });
  assertEquals((await peer.answer(ref)).type, "ack");
}

/** Searches; gives the announcement, and the ids of the messages that follow it at once. */
async function search(
  peer: TestPeer,
  request: Record<string, Value>,
): Promise<{ replay: Told; ids: unknown[] }> {
  peer.send({ type: "search", room: "lobby", ref: "search", ...request });
  const replay = await peer.answer("search");
  const ids: unknown[] = [];
  for (let left = Number(replay.count ?? 0); left > 0; left--) {
    const told = (await peer.receive())!;
    assertEquals(told.type, "message");
    ids.push(told.id);
  }
  return { replay, ids };
}

test("a search is answered by a replay with its words, of messages whose ids need not follow", async (listening) => {
  using ann = await listening.enter("ann");
  using bob = await listening.enter("bob");
  for (const body of ["tea is ready", "milk", ["more", "tea"], "cups"]) await post(ann, body);
  const { replay, ids } = await search(bob, { words: "tea" });
  assertEquals(replay, { type: "replay", room: "lobby", count: 2, words: "tea", ref: "search" });
  assertEquals(ids, [1, 3]);
  assertEquals((await search(bob, { words: '"tea is" rea*', before: 3, limit: 5 })).ids, [1]);
  assertEquals((await search(bob, { words: "coffee" })).replay.count, 0);
  await post(ann, "live");
  assertEquals((await bob.until("message")).id, 5);
});

test("only rooms that the peer is in are searched, and private messages are never found", async (listening) => {
  using ann = await listening.enter("ann");
  using bob = await listening.enter("bob");
  ann.send({ type: "join", room: "ops", ref: "join" });
  await ann.answer("join");
  await post(ann, "secret of ops", { room: "ops" });
  await post(ann, "secret for bob", { to: "bob" });
  await post(ann, "public", { room: "lobby" });
  assertEquals((await search(bob, { words: "secret" })).replay.count, 0);
  const refused = (await search(bob, { room: "ops", words: "secret" })).replay;
  assertEquals([refused.type, refused.code], ["error", "no-such-room"]);
  assertEquals((await search(ann, { room: "ops", words: "secret" })).ids, [1]);
});

test("words that cannot be searched are refused with the place, and the connection stays", async (listening) => {
  using ann = await listening.enter("ann");
  for (
    const [words, why] of [
      ['tea "milk', "the quote at character 5 is not closed"],
      ["", "there is no word"],
      ["t*a", "the * at character 2"],
    ] as const
  ) {
    const { replay } = await search(ann, { words });
    assertEquals([replay.type, replay.code], ["error", "bad-message"]);
    assertStringIncludes(String(replay.text), why);
  }
  assertEquals((await search(ann, { words: 5 })).replay.code, "bad-message");
  ann.send({ type: "search", room: "lobby", ref: "none" });
  assertStringIncludes(String((await ann.answer("none")).text), "the key words is missing");
});

test("searches are answered in order, and posts after a search are stored after it", async (listening) => {
  using ann = await listening.enter("ann");
  await post(ann, "tea");
  const padding = "x".repeat(20_000);
  for (let round = 1; round <= 5; round++) {
    ann.send({ type: "search", room: "lobby", words: "tea", ref: `a ${round}` });
    ann.send({ type: "message", body: "tea", ref: `b ${round}` });
    ann.send({ type: "search", room: "lobby", words: "tea", padding, ref: `c ${round}` });
    ann.send({ type: "ping", ref: `d ${round}` });
  }
  const answers: unknown[] = [];
  while (answers.length < 20) {
    const { type, ref, count, id } = (await ann.receive())!;
    if (type !== "message" && ref !== undefined) answers.push([ref, count ?? id ?? type]);
  }
  const expected = [1, 2, 3, 4, 5].flatMap((round) => [
    [`a ${round}`, round],
    [`b ${round}`, round + 1],
    [`c ${round}`, round + 1],
    [`d ${round}`, "pong"],
  ]);
  assertEquals(answers, expected);
});

test("many searches of one peer are slowed down, and do not hold up others", async (listening) => {
  using ann = await listening.enter("ann");
  using bob = await listening.enter("bob");
  for (let id = 1; id <= 20; id++) await post(ann, `tea ${id}`);
  for (let round = 1; round <= 200; round++) {
    bob.send({ type: "search", room: "lobby", words: "te* tea", ref: round });
  }
  await post(ann, "in between");
  assertEquals((await bob.answer(200)).count, 20);
});

Deno.test("messages that dropped out of memory are not found, and those of a full ring are", async () => {
  await using listening = await Listening.start({
    limits: { roomRing: 64 * 1024 } as Partial<typeof DEFAULT_LIMITS>,
  });
  using ann = await listening.enter("ann");
  const filler = "y".repeat(2000);
  await post(ann, "tea first");
  for (let id = 2; id <= 100; id++) await post(ann, `${filler} ${id}`);
  await post(ann, "tea last");
  assertEquals((await search(ann, { words: "tea" })).ids, [101]);
  const { ids } = await search(ann, { words: "yyy*", limit: 1000 });
  assertEquals(ids.at(-1), 100);
});
