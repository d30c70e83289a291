/** The history's file as who starts a listener meets it: what is refused and left alone, and what is dropped and told of. */

import { DatabaseSync } from "node:sqlite";
import { openHistory } from "../../lib/history/sqlite/sqlite.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { chat } from "./chat_process.ts";
import { roomOf } from "../history/posts.ts";
import { HubListening } from "./hub_listening.ts";
import { Listening, type TestPeer } from "./listening.ts";
import { Serving } from "./serving.ts";

async function inFolder(body: (folder: string, history: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder, `${folder}/chat.db`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Every file of a folder, with its bytes. */
async function filesIn(folder: string): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for await (const { name } of Deno.readDir(folder)) {
    files.set(name, await Deno.readFile(`${folder}/${name}`));
  }
  return files;
}

/** Makes a history with some messages in it. */
async function makeHistory(history: string, count: number): Promise<void> {
  await using listener = await Listening.start({ history });
  using ann = await listener.enter("ann");
  for (let n = 1; n <= count; n++) ann.send({ type: "message", body: "x".repeat(300), ref: n });
  for (let n = 1; n <= count; n++) await ann.until("ack");
}

/** Starts a listener that is to refuse the file; gives its one line, and looks that nothing was touched. */
async function refusalOf(folder: string, history: string): Promise<string> {
  const before = await filesIn(folder);
  const { code, stdout, stderr } = await chat(
    ["--serve", "--host", "127.0.0.1", "--port", "0", "--history", history],
    { stdin: "null" },
  ).output();
  assertEquals(await filesIn(folder), before);
  assertEquals([code, stdout.length], [1, 0]);
  const text = new TextDecoder().decode(stderr);
  assertMatch(text, /^[^\n]+\n$/);
  return text.replaceAll(history, "FILE").trimEnd();
}

Deno.test("a file that is not a history is refused in one line with status 1, and not a byte of it changes", () =>
  inFolder(async (folder, history) => {
    const none =
      "chat: cannot keep the history in FILE: it is not a history of chat; give --history another file";
    for (const text of ["x", "a letter to my mother\n".repeat(500)]) {
      await Deno.writeTextFile(history, text);
      assertEquals(await refusalOf(folder, history), none);
    }
    await Deno.remove(history);
    const database = new DatabaseSync(history);
    database.exec(
      "PRAGMA journal_mode = WAL; CREATE TABLE recipe (text TEXT); INSERT INTO recipe VALUES ('salt')",
    );
    database.close();
    assertEquals(await refusalOf(folder, history), none);
  }));

Deno.test("a history of a newer version is refused in one line with status 1, and not a byte of it changes", () =>
  inFolder(async (folder, history) => {
    await makeHistory(history, 10);
    const database = new DatabaseSync(history);
    database.exec("PRAGMA user_version = 7");
    database.close();
    assertEquals(
      await refusalOf(folder, history),
      "chat: cannot keep the history in FILE: its version is 7 and this chat knows 1; use a newer chat",
    );
  }));

Deno.test("a damaged history is refused in one line with status 1, and not a byte of it changes", () =>
  inFolder(async (folder, history) => {
    await makeHistory(history, 100);
    const whole = await Deno.readFile(history);
    const damaged =
      "chat: cannot keep the history in FILE: it is damaged; put a copy of it back, or give --history another file";
    await Deno.writeFile(history, whole.subarray(0, whole.length - 4096));
    assertEquals(await refusalOf(folder, history), damaged);
    await Deno.writeFile(history, whole.slice().fill(0xff, 4096));
    assertEquals(await refusalOf(folder, history), damaged);
    await Deno.writeFile(history, whole);
    await using listener = await Listening.start({ history, limits: { enterAfter: 1 } });
    using ann = await listener.connect();
    assertEquals((await ann.until("replay")).count, 50);
  }));

Deno.test("a history that another listener has open is refused in one line with status 1, and the other listener goes on", () =>
  inFolder(async (folder, history) => {
    await using serving = await Serving.start({ args: ["--history", history] });
    using ann = await serving.enter("ann");
    ann.send({ type: "message", body: 1, ref: 1 });
    await ann.until("ack");
    assertEquals(
      await refusalOf(folder, history),
      "chat: cannot keep the history in FILE: another listener has it open; stop that one, or give --history another file",
    );
    ann.send({ type: "message", body: 2, ref: 2 });
    assertEquals((await ann.until("ack")).id, 2);
    serving.kill("SIGTERM");
    await ann.until("bye");
    ann[Symbol.dispose]();
    assertEquals(await serving.ended(), 0);
    assertEquals([...(await filesIn(folder)).keys()], ["chat.db"]);
  }));

/** Posts so many, and waits until they are stored. */
async function post(peer: TestPeer, bodies: readonly number[]): Promise<void> {
  for (const body of bodies) peer.send({ type: "message", body, ref: body });
  for (const _ of bodies) await peer.until("ack");
}

/** What is told between a replay's announcement, or a gap before it, and a pong. */
async function toldTo(peer: TestPeer): Promise<unknown[]> {
  peer.send({ type: "ping" });
  const told: unknown[] = [];
  for (let message = await peer.receive(); message!.type !== "pong"; message = await peer.receive()) {
    if (message!.type === "gap") told.push(`gap ${message!.first} to ${message!.last}`);
    if (message!.type === "message") told.push(message!.body);
  }
  return told;
}

for (
  const { retain, by } of [{ retain: { count: 3 }, by: "count" }, { retain: { age: 60 }, by: "age" }] as const
) {
  Deno.test(`messages dropped by ${by} are a gap for a peer that resumes, and not for a new member`, () =>
    inFolder(async (_folder, path) => {
      const history = openHistory(path, { durability: "os", randomEpoch: () => "epoch", retain });
      await using chat = new HubListening({ history });
      using ann = await chat.enter("ann");
      await post(ann, [1, 2, 3, 4]);
      chat.clock.advance(50_000);
      await post(ann, [5, 6, 7]);
      using early = await chat.connect();
      early.send({ type: "hello", epoch: "epoch", resume: new Map([["lobby", 6]]) });
      assertEquals(await toldTo(early), [7]);
      // The messages are looked through every ten seconds.
      chat.clock.advance(20_000);
      for (
        const [since, told] of [[0, ["gap 1 to 4", 5, 6, 7]], [3, ["gap 4 to 4", 5, 6, 7]], [4, [
          5,
          6,
          7,
        ]]] as const
      ) {
        using bob = await chat.connect();
        bob.send({ type: "hello", epoch: "epoch", resume: new Map([["lobby", since]]) });
        assertEquals(await toldTo(bob), [...told]);
      }
      using newcomer = await chat.connect();
      newcomer.send({ type: "hello" });
      assertEquals(await toldTo(newcomer), [5, 6, 7]);
      // Its ref went with the message, and ids go on.
      ann.send({ type: "message", body: 8, ref: "next" });
      assertEquals((await ann.answer("next")).id, 8);
      assert(roomOf(history, "lobby").log.oldest === 5);
    }));
}
