/**
 * Mutated frames at the door of a private chat, before and behind the proof. `CHAT_FUZZ_FRAMES` tells how many there are,
 * `CHAT_FUZZ_SEED` which; `deno task fuzz` sends many.
 */

import { encodeFrame } from "../../lib/frame/mod.ts";
import { encode } from "../../lib/pickle/encode/encode.ts";
import type { Value } from "../../lib/pickle/values/values.ts";
import { AwaitedClock, Closed, SHARED_CODE, WRONG_CODE } from "./closed.ts";
import { OFF_MS } from "../../lib/private/attempts.ts";
import { keyOfCode } from "../../lib/private/code.ts";
import { parsePem } from "../../lib/private/pem.ts";
import { makeProof, memberId } from "../../lib/private/proof.ts";
import type { TestPeer } from "../integration/listening.ts";
import { assert, assertEquals } from "../assert.ts";
import { mutate } from "../pickle/mutations.ts";
import { randomOf } from "../random.ts";

const FRAMES = Number(Deno.env.get("CHAT_FUZZ_FRAMES") ?? 600) / 2;
const SEED = Number(Deno.env.get("CHAT_FUZZ_SEED") ?? 1);

/** How many peers there are at a time. */
const PEERS = 4;

async function hello(closed: Closed, code: string): Promise<Uint8Array> {
  const nonce = new Uint8Array(32);
  const certificate = parsePem(closed.certificate, "CERTIFICATE")!;
  const proof = await makeProof(keyOfCode(code), { by: "peer", certificate, nonce });
  const dict: [string, Value][] = [
    ["type", "hello"],
    ["nick", "ann"],
    ["member", await memberId(keyOfCode(code))],
    ["nonce", nonce],
    ["proof", proof],
    ["enrol", false],
  ];
  return encode(new Map(dict));
}

/** Reads to the end, and tells whether any message was a welcome. */
async function isWelcomed(peer: TestPeer): Promise<boolean> {
  let welcomed = false;
  for (;;) {
    const message = await peer.receive().catch(() => null);
    if (message === null) return welcomed;
    welcomed ||= message.type === "welcome";
  }
}

/** Runs some pieces of work, a few at a time. */
async function each(count: number, work: (n: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: PEERS }, worker));
}

Deno.test(`${FRAMES} mutated hellos with a wrong proof let nobody in and break nothing, seed ${SEED}`, async () => {
  const clock = new AwaitedClock();
  await using closed = await Closed.start({ sharedCode: SHARED_CODE, clock });
  const pickle = await hello(closed, WRONG_CODE);
  const random = randomOf(SEED);
  await each(FRAMES, async (n) => {
    const payload = mutate(pickle, [pickle], random);
    // Without the pause of an address every other one would not be looked at.
    if (n % 4 === 0) clock.advance(OFF_MS);
    using peer = await closed.shakeHands();
    const bytes = random(8) === 0 ? mutate(encodeFrame(payload), [pickle], random) : encodeFrame(payload);
    peer.sendBytes(bytes);
    await peer.closeWrite().catch(() => {});
    assertEquals(await isWelcomed(peer), false);
  });
  for (;;) {
    clock.advance(OFF_MS);
    using guest = await closed.come(SHARED_CODE);
    // The last of the others may still count.
    if (guest.isProved) break;
  }
  assertEquals(closed.log.filter(({ event }) => event === "failed"), []);
});

Deno.test(`${FRAMES} mutated frames behind the proof break nothing, seed ${SEED}`, async () => {
  await using closed = await Closed.start({ sharedCode: SHARED_CODE });
  const random = randomOf(SEED);
  const posts: Value[] = [
    new Map<string, Value>([["type", "message"], ["body", "hi"], ["ref", 1]]),
    new Map<string, Value>([["type", "hello"], ["member", "x"], ["proof", new Uint8Array(32)]]),
    [1, "two", new Uint8Array(3)],
  ];
  const pickles = posts.map((post) => encode(post));
  for (let left = FRAMES; left > 0;) {
    using inside = await closed.enter(SHARED_CODE, { nick: "ann" });
    const heard = isWelcomed(inside.peer);
    for (let count = 1 + random(100); count > 0 && left > 0; count--, left--) {
      const payload = mutate(pickles[random(pickles.length)]!, pickles, random);
      inside.peer.sendBytes(
        random(50) === 0 ? mutate(encodeFrame(payload), pickles, random) : encodeFrame(payload),
      );
    }
    await inside.peer.closeWrite().catch(() => {});
    await heard;
  }
  using bob = await closed.enter(SHARED_CODE, { nick: "bob" });
  assert(bob.nick);
  assertEquals(closed.log.filter(({ event }) => event === "failed"), []);
});
