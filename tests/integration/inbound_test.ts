/** Frames that are half received: what they may take, and for how long. */

import { encodeFrame, leastBudget } from "../../lib/frame/mod.ts";
import { encode } from "../../lib/pickle/encode/encode.ts";
import { assert, assertEquals } from "../assert.ts";
import { randomOf } from "../random.ts";
import { HubListening } from "./hub_listening.ts";
import type { TestPeer } from "./listening.ts";

const maxFrame = 1 << 20;
const pingAfter = 1e9;
const SMALL = { maxFrame, memory: leastBudget(maxFrame), pingAfter };

/** Half of a frame that takes more than a third of the budget. */
const HALF = encodeFrame(encode("x".repeat(900_000))).subarray(0, 450_000);

/** Has ann say something to another, to see that others are not kept waiting. */
async function talk(from: TestPeer, to: TestPeer, body: string): Promise<void> {
  from.sendValue(body);
  for (;;) {
    const told = await to.until("message");
    if (told.from === "ann") return assertEquals(told.body, body);
  }
}

Deno.test("many large frames against a small budget all arrive, in their order", async () => {
  await using listener = new HubListening({ limits: { ...SMALL, byteBurst: 1 << 30 } });
  const random = randomOf(5);
  const senders: TestPeer[] = [];
  const sizes = Array.from({ length: 12 }, () => Array.from({ length: 6 }, () => 300_000 + random(700_000)));
  try {
    for (const index of sizes.keys()) {
      senders.push(await listener.enter(`sender-${index}`, { room: `room-${index}`, replay: 0 }));
    }
    for (let n = 0; n < 6; n++) {
      for (const [index, sender] of senders.entries()) {
        sender.send({ type: "message", body: "x".repeat(sizes[index]![n]!), ref: n });
      }
    }
    for (const sender of senders) {
      for (let n = 0; n < 6; n++) {
        const { ref, id } = await sender.until("ack");
        assertEquals([ref, id], [n, n + 1]);
      }
    }
  } finally {
    for (const sender of senders) sender[Symbol.dispose]();
  }
});

/** Lets time pass, second by second, while ann and bob talk, until each of the others got its bye; gives when. */
async function pass(
  chat: HubListening,
  { ann, bob, others }: { ann: TestPeer; bob: TestPeer; others: readonly TestPeer[] },
): Promise<number[]> {
  const ended: number[] = [];
  let second = 0;
  const waiting = others.map(async (other) => {
    assertEquals((await other.until("bye")).code, "idle");
    ended.push(second);
  });
  while (ended.length < others.length && second < 300) {
    second++;
    chat.clock.advance(1000);
    await talk(ann, bob, `second ${second}`);
    await talk(ann, bob, "y".repeat(4000));
  }
  await Promise.all(waiting);
  return ended;
}

Deno.test("peers with half a frame are closed at the time limit, and delay no small message, and no large one beyond that", async () => {
  await using chat = new HubListening({ limits: SMALL });
  using ann = await chat.enter("ann");
  using bob = await chat.enter("bob");
  using eve = await chat.enter("eve");
  const holders = await Promise.all(Array.from({ length: 6 }, (_, n) => chat.enter(`holder-${n}`)));
  for (const holder of holders) {
    holder.sendBytes(HALF);
    await holder.written();
  }
  const large = "z".repeat(800_000);
  eve.send({ type: "message", body: large, ref: 1 });
  const isAcked = eve.until("ack").then(({ id }) => id);

  const ended = await pass(chat, { ann, bob, others: holders });
  // Two have memory at a time; nobody's time runs while it is not read for want of it.
  assert(ended[0]! > 29 && ended[0]! < 36, `${ended}`);
  assert(ended[5]! > 90 && ended[5]! < 110, `${ended}`);
  for (const holder of holders) holder[Symbol.dispose]();
  assertEquals(typeof await isAcked, "number");
});

Deno.test("a large frame that comes slowly is taken, unless others wait for its memory", async () => {
  await using chat = new HubListening({ limits: SMALL });
  using ann = await chat.enter("ann");
  using bob = await chat.enter("bob");
  const slow = await Promise.all([0, 1].map((n) => chat.enter(`slow-${n}`)));
  const frame = encodeFrame(encode("s".repeat(900_000)));
  let at = 0;
  const trickle = async (count: number) => {
    // One that was ended meanwhile takes no more.
    await Promise.allSettled(slow.map(({ conn }) => conn.write(frame.subarray(at, at + count))));
    at += count;
    // So much later it was read.
    for (let n = 0; n < 3; n++) await talk(ann, bob, `at ${at}`);
  };
  for (let n = 0; n < 10; n++) {
    await trickle(30_000);
    chat.clock.advance(20_000);
  }
  assertEquals(chat.log.filter(({ event }) => event === "went"), []);

  using eve = await chat.enter("eve");
  eve.send({ type: "message", body: "z".repeat(800_000), ref: 1 });
  const isAcked = eve.until("ack");
  const codes: unknown[] = [];
  const byes = slow.map(async (peer) => codes.push((await peer.until("bye")).code));
  for (let n = 0; n < 20 && codes.length < 2; n++) {
    await trickle(1000);
    chat.clock.advance(20_000);
  }
  await Promise.all(byes);
  assertEquals(codes, ["idle", "idle"]);
  for (const peer of slow) peer[Symbol.dispose]();
  await isAcked;
});

Deno.test("a peer that always has half a frame under way, but finishes each, is not closed", async () => {
  await using chat = new HubListening({ limits: { pingAfter } });
  using ann = await chat.enter("ann");
  using bob = await chat.enter("bob");
  const frame = encodeFrame(encode("again"));
  const both = new Uint8Array(2 * frame.length);
  both.set(frame);
  both.set(frame, frame.length);
  ann.sendBytes(both.subarray(0, 20));
  for (let n = 0; n < 10; n++) {
    ann.sendBytes(both.subarray(20, 20 + frame.length));
    assertEquals((await bob.until("message")).body, "again");
    chat.clock.advance(20_000);
  }
  ann.sendBytes(both.subarray(20, frame.length));
  assertEquals((await bob.until("message")).id, 11);
});
