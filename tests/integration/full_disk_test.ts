/** What becomes of a listener whose disk is full, on a file system of 1 MiB that really is. */

import { joined } from "../../lib/base/bytes.ts";
import { encodeFrame } from "../../lib/frame/mod.ts";
import { encode } from "../../lib/pickle/encode/encode.ts";
import type { Value } from "../../lib/pickle/values/values.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { Listening, type TestPeer } from "./listening.ts";

const operatorToken = "open sesame";

/** A file system with little room. */
class SmallDisk implements Disposable {
  readonly path = Deno.makeTempDirSync();
  readonly history = `${this.path}/chat.db`;
  readonly #filler = `${this.path}/filler`;

  constructor() {
    mount("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", this.path);
  }

  /** Takes all the room there is. */
  fill(): void {
    using file = Deno.openSync(this.#filler, { write: true, create: true, append: true });
    for (const size of [4096, 1]) {
      try {
        while (file.writeSync(new Uint8Array(size)) > 0);
      } catch (error) {
        if (!String(error).includes("No space left")) throw error;
      }
    }
  }

  /** Gives it back. */
  clear(): void {
    Deno.removeSync(this.#filler);
  }

  [Symbol.dispose](): void {
    mount("umount", this.path);
    Deno.removeSync(this.path);
  }
}

function mount(command: string, ...args: string[]): void {
  const { success, stderr } = new Deno.Command(command, { args, stdout: "null" }).outputSync();
  if (!success) throw new Error(`Cannot ${command}: ${new TextDecoder().decode(stderr)}`);
}

const canMount = (() => {
  try {
    new SmallDisk()[Symbol.dispose]();
    return true;
  } catch {
    return false;
  }
})();

function test(name: string, body: (disk: SmallDisk) => Promise<void>): void {
  Deno.test({
    name,
    ignore: !canMount,
    async fn() {
      using disk = new SmallDisk();
      await body(disk);
    },
  });
}

/** Several messages as the bytes of one write. */
function joinedFrames(messages: readonly Record<string, Value>[]): Uint8Array {
  const frames = messages.map((message) => encodeFrame(encode(new Map(Object.entries(message)))));
  return joined(frames, frames.reduce((sum, { length }) => sum + length, 0));
}

/** Asks for a pong, so that all that came before was answered; gives what was told until then. */
async function answers(peer: TestPeer): Promise<string[]> {
  peer.send({ type: "ping", ref: "done" });
  const told: string[] = [];
  for (;;) {
    const message = await peer.receive();
    if (message?.type === "pong") return told;
    told.push(`${message?.type} ${message?.code ?? message?.id ?? ""} ${message?.ref ?? ""}`);
  }
}

test("on a full disk senders get not-stored, nobody gets the messages, and ids have no hole later", async (disk) => {
  await using listener = await Listening.start({ history: disk.history });
  using ann = await listener.enter("ann", { session: "session of ann" });
  using bob = await listener.enter("bob");
  ann.send({ type: "message", body: "before", ref: 1 });
  assertEquals((await ann.until("ack")).id, 1);
  assertEquals((await bob.until("message")).body, "before");

  disk.fill();
  const body = "x".repeat(20_000);
  let refused = 0;
  // What the log of the database has room for is still stored.
  for (let ref = 2; refused < 20; ref++) {
    ann.send({ type: "message", body, ref });
    const told = await ann.receive();
    if (told?.type === "joined") ref--;
    else if (told?.type === "error") {
      assertEquals([told.code, told.ref], ["not-stored", ref]);
      assertStringIncludes(String(told.text), "full");
      refused++;
    } else assertEquals(told?.type, "ack");
  }
  // The same ref twice in one turn: neither is stored.
  ann.send({ type: "message", body, ref: "twice" });
  ann.send({ type: "message", body, ref: "twice" });
  for (let n = 0; n < 2; n++) {
    const { code, ref } = await ann.until("error");
    assertEquals([code, ref], ["not-stored", "twice"]);
  }

  disk.clear();
  ann.send({ type: "message", body: "after", ref: "twice" });
  const { id, ref } = await ann.until("ack");
  assertEquals(ref, "twice");
  for (let next = 2; next <= Number(id); next++) {
    const message = await bob.until("message");
    assertEquals(message.id, next);
    assertEquals(message.body, next === id ? "after" : body);
  }
  using late = await listener.enter("late");
  assertEquals((await late.until("message")).body, "before");
  const told = listener.log.map(({ event }) => event).filter((event) => /failing|working|failed/.test(event));
  assertEquals(told, ["failing", "working"]);
});

test("if the posts of a turn to several rooms cannot be stored, no room has a hole later", async (disk) => {
  await using listener = await Listening.start({ history: disk.history });
  using ann = await listener.enter("ann");
  using bob = await listener.enter("bob");
  const rooms = ["lobby", "ops", "tea"];
  for (const peer of [ann, bob]) {
    for (const room of rooms.slice(1)) peer.send({ type: "join", room });
    await answers(peer);
  }
  // All in one write: of a turn's batch it is all or nothing.
  const batch = (body: string, ref: string) =>
    ann.sendBytes(
      joinedFrames(rooms.map((room) => ({ type: "message", room, body, ref: `${ref} ${room}` }))),
    );
  const stored: string[] = [];
  disk.fill();
  for (let n = 0, refused = 0; refused < 5; n++) {
    batch("x".repeat(20_000), `${n}`);
    const told = await answers(ann);
    const kinds = new Set(told.map((line) => line.split(" ", 1)[0]));
    if (kinds.has("error")) refused++;
    stored.push(...told.filter((line) => line.startsWith("ack")));
  }
  disk.clear();
  batch("after", "last");
  stored.push(...(await answers(ann)).filter((line) => line.startsWith("ack")));
  assert(stored.length >= rooms.length);
  const ids = new Map<unknown, number>(rooms.map((room) => [room, 0]));
  for (let n = 0; n < stored.length; n++) {
    const { room, id } = await bob.until("message");
    assertEquals(id, ids.get(room)! + 1, String(room));
    ids.set(room, Number(id));
  }
  const acked = new Map(stored.map((line) => line.split(" ")).map(([, id, , room]) => [room, Number(id)]));
  assertEquals(acked, ids);
});

test("a topic that cannot be stored is not set, and one that can is announced", async (disk) => {
  await using listener = await Listening.start({ history: disk.history });
  using ann = await listener.enter("ann");
  using bob = await listener.enter("bob");
  await ann.until("joined");
  ann.send({ type: "topic", room: "lobby", text: "first" });
  assertEquals((await bob.until("topic")).text, "first");
  await ann.until("topic");

  disk.fill();
  let text = "first";
  for (let n = 0;; n++) {
    const next = `${n} `.repeat(90);
    ann.send({ type: "topic", room: "lobby", text: next, ref: n });
    const told = await ann.answer(n);
    if (told.type === "error") {
      assertEquals(told.code, "not-stored");
      break;
    }
    text = next;
    assertEquals([told.type, told.text], ["topic", text]);
  }
  using late = await listener.connect();
  late.send({ type: "hello", nick: "late" });
  assertEquals((await late.until("joined")).topic, text);

  disk.clear();
  ann.send({ type: "topic", room: "lobby", text: "last" });
  assertEquals((await late.until("topic")).text, "last");
});

test("a ban that cannot be stored has no effect, and one that cannot be lifted stays", async (disk) => {
  await using listener = await Listening.start({ history: disk.history, operatorToken });
  using ann = await listener.enter("ann");
  using bob = await listener.enter("bob");
  ann.send({ type: "op", token: operatorToken });
  ann.send({ type: "ban", nick: "mallory", text: "rude" });
  ann.send({ type: "ping" });
  await ann.until("pong");

  disk.fill();
  for (let n = 0;; n++) {
    ann.send({ type: "ban", nick: `nobody-${n}`, text: "x".repeat(300), ref: n });
    const [told] = await answers(ann);
    if (told === undefined) continue;
    assertEquals(told, `error not-stored ${n}`);
    break;
  }
  ann.send({ type: "ban", nick: "bob" });
  ann.send({ type: "unban", nick: "mallory" });
  assertEquals(await answers(ann), ["error not-stored ", "error not-stored "]);
  bob.send({ type: "ping" });
  await bob.until("pong");
  using mallory = await listener.connect();
  mallory.send({ type: "hello", nick: "mallory" });
  assertEquals((await mallory.until("bye")).text, "you were banned: rude");

  disk.clear();
  ann.send({ type: "unban", nick: "mallory" });
  ann.send({ type: "ban", nick: "bob", text: "after all" });
  assertEquals((await bob.until("bye")).text, "you were banned: after all");
  using again = await listener.enter("mallory");
  again.sendValue("back");
  assertEquals((await ann.until("message")).body, "back");
});

test("a listener with a full disk goes on with everything that needs no disk", async (disk) => {
  await using listener = await Listening.start({ history: disk.history });
  using ann = await listener.enter("ann");
  using bob = await listener.enter("bob");
  disk.fill();
  for (let n = 0, told; told?.type !== "error"; n++) {
    ann.send({ type: "message", body: "x".repeat(20_000), ref: `fill ${n}` });
    do told = await ann.receive(); while (told?.ref !== `fill ${n}`);
  }
  ann.send({ type: "message", to: "bob", body: "psst", ref: 2 });
  assert((await answers(ann)).includes("ack  2"));
  for (;;) if ((await bob.until("message")).to === "bob") break;
  ann.send({ type: "join", room: "ops" });
  await ann.until("replay");
  ann.send({ type: "message", room: "ops", body: "x".repeat(20_000), ref: 3 });
  assertEquals((await ann.until("error")).code, "not-stored");
  ann.send({ type: "leave", room: "ops" });
  await ann.until("left");
  // Nothing was said there, so it is gone.
  ann.send({ type: "rooms" });
  assertEquals(((await ann.until("rooms")).rooms as unknown[]).length, 1);
  disk.clear();
});
