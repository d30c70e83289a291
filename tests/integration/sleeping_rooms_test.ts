import { assertEquals, assertMatch } from "../assert.ts";
import { Listening, type TestPeer, type Told } from "./listening.ts";

let lastRef = 0;

async function ask(peer: TestPeer, message: Parameters<TestPeer["send"]>[0]): Promise<Told> {
  const ref = `ref ${++lastRef}`;
  peer.send({ ...message, ref });
  return await peer.answer(ref);
}

/** Enters a room, posts so many messages, and leaves. */
async function say(peer: TestPeer, room: string, count: number): Promise<void> {
  await ask(peer, { type: "join", room });
  for (let n = 1; n <= count; n++) await ask(peer, { type: "message", room, body: n });
  await ask(peer, { type: "leave", room });
}

Deno.test("a peer that opens all rooms keeps nobody out: an empty room is put to sleep for a new one", async () => {
  await using listener = await Listening.start({ limits: { rooms: 3 } });
  using ann = await listener.enter("ann");
  await say(ann, "much", 3);
  await say(ann, "little", 1);
  for (let n = 0; n < 20; n++) await say(ann, `room-${n}`, 1);
  assertEquals((await ask(ann, { type: "join", room: "another" })).type, "joined");
  // The one in which most was said is there as it was.
  assertEquals((await ask(ann, { type: "join", room: "much", since: 0 })).head, 3);
  const { count } = await ann.until("replay");
  assertEquals(count, 3);
});

Deno.test("the ids of a room that slept go on, and a peer that resumes gets a gap", async () => {
  await using listener = await Listening.start({ limits: { rooms: 2 } });
  using ann = await listener.enter("ann");
  await say(ann, "Ops", 3);
  await say(ann, "another", 1);
  const joined = await ask(ann, { type: "join", room: "ops", since: 1 });
  assertEquals([joined.room, joined.head], ["Ops", 3]);
  const gap = await ann.until("gap");
  assertEquals([gap.first, gap.last], [2, 3]);
  assertEquals((await ask(ann, { type: "message", room: "ops", body: 4 })).id, 4);
});

Deno.test("a hello that wakes a room is welcomed to it as it is written", async () => {
  await using listener = await Listening.start({ limits: { rooms: 2 } });
  using ann = await listener.enter("ann");
  await say(ann, "Ops", 1);
  await say(ann, "another", 2);
  using bob = await listener.connect();
  await bob.until("welcome");
  bob.send({ type: "hello", nick: "bob", room: "ops" });
  assertEquals((await bob.until("welcome")).room, "Ops");
  assertEquals((await bob.until("joined")).room, "Ops");
});

Deno.test("a room with members does not sleep: if all rooms have members, no other is opened", async () => {
  await using listener = await Listening.start({ limits: { rooms: 2 } });
  using ann = await listener.enter("ann");
  await ask(ann, { type: "join", room: "a" });
  const error = await ask(ann, { type: "join", room: "b" });
  assertEquals(error.code, "not-allowed");
  assertMatch(error.text as string, /limit of 2 rooms/);
});

Deno.test("with a file nothing is lost of rooms that sleep, also after a restart with more of them than may be awake", async () => {
  const history = await Deno.makeTempFile({ suffix: ".db" });
  for (const round of [1, 2]) {
    await using listener = await Listening.start({ limits: { rooms: 3 }, history });
    using ann = await listener.enter("ann");
    for (const room of ["a", "b", "c", "d", "e"]) {
      const { head } = await ask(ann, { type: "join", room, since: 0 });
      assertEquals(head, round === 1 ? 0 : 2);
      if (round === 1) {
        await ask(ann, { type: "topic", room, text: `about ${room}` });
        for (const body of ["x", "y"]) await ask(ann, { type: "message", room, body });
      } else {
        const { count } = await ann.until("replay");
        assertEquals(count, 2);
      }
      await ask(ann, { type: "leave", room });
    }
    assertEquals((await ask(ann, { type: "join", room: "a" })).topic, "about a");
  }
  await Deno.remove(history);
});
