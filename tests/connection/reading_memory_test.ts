import { encodeFrame, FrameReader, leastBudget, OWN_BUFFER, type Source } from "../../lib/frame/mod.ts";
import { Account, type Holder } from "../../lib/connection/account.ts";
import { assert, assertEquals, assertLessOrEqual } from "../assert.ts";
import { ManualClock } from "../clock.ts";
import { randomOf } from "../random.ts";

const HOLDS_ON: Holder = { giveWay() {} };

/** A peer whose bytes come when the test says so. */
class Sender implements Source {
  readonly reader: FrameReader;
  readonly got: number[] = [];
  readonly done: Promise<void>;
  #wire: Uint8Array;
  #at = 0;
  #pending: { into: Uint8Array; resolve: (count: number | null) => void } | null = null;

  constructor(sizes: readonly number[], account: Account, maxPayload: number) {
    const frames = sizes.map((size) => encodeFrame(new Uint8Array(size)));
    this.#wire = new Uint8Array(frames.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const frame of frames) {
      this.#wire.set(frame, at);
      at += frame.length;
    }
    this.reader = new FrameReader(this, { maxPayload, budget: account.open("all", HOLDS_ON) });
    this.done = this.#run();
  }

  async #run(): Promise<void> {
    for await (const payload of this.reader) this.got.push(payload.length);
  }

  read(into: Uint8Array): Promise<number | null> {
    return new Promise((resolve) => this.#pending = { into, resolve });
  }

  get isWaiting(): boolean {
    return this.reader.isWaiting;
  }

  get canDeliver(): boolean {
    return this.#pending !== null;
  }

  /** Delivers at most so many bytes, or the end. */
  async deliver(most: number): Promise<void> {
    const { into, resolve } = this.#pending!;
    this.#pending = null;
    const count = Math.min(most, into.length, this.#wire.length - this.#at);
    into.set(this.#wire.subarray(this.#at, this.#at + count));
    this.#at += count;
    resolve(count === 0 ? null : count);
    // Until it has asked for more, waits for memory, or has ended.
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  }
}

const MAX = 700_000;

/** Delivers in a random order until all have ended; nobody may be left waiting. */
async function play(senders: readonly Sender[], { account, size, seed }: {
  account: Account;
  size: number;
  seed: number;
}): Promise<void> {
  const random = randomOf(seed);
  for (;;) {
    const able = senders.filter((sender) => sender.canDeliver);
    if (able.length === 0) break;
    await able[random(able.length)]!.deliver(1 + random(random(2) === 0 ? 200 : 70_000));
    const held = senders.reduce((sum, { reader }) => sum + reader.held, 0);
    assertEquals(held, account.size);
    assertLessOrEqual(account.size, size);
    const buffers = senders.reduce((sum, { reader }) => sum + reader.bufferSize, 0);
    assertLessOrEqual(buffers, size + senders.length * OWN_BUFFER);
  }
  assert(senders.every(({ isWaiting }) => !isWaiting), `nobody may come to a standstill, seed ${seed}`);
  await Promise.all(senders.map(({ done }) => done));
}

Deno.test("half-received frames share a small budget and all arrive, whatever the order of their bytes", async () => {
  const size = leastBudget(MAX);
  for (let seed = 1; seed <= 8; seed++) {
    const random = randomOf(seed);
    const account = new Account(size, new ManualClock());
    const sent = Array.from(
      { length: 50 },
      () =>
        Array.from(
          { length: 1 + random(3) },
          () => [random(100), random(70_000), MAX - 20, random(MAX)][random(4)]!,
        ),
    );
    const senders = sent.map((sizes) => new Sender(sizes, account, MAX));
    await play(senders, { account, size, seed });
    assertEquals(
      senders.map(({ got }) => got),
      sent.map((sizes) => sizes.map((size) => encodeFrame(new Uint8Array(size)).length - 10)),
    );
    assertEquals(account.size, 0);
  }
});

Deno.test("peers with half a frame do not block small frames, and large ones go on when they leave", async () => {
  const clock = new ManualClock();
  const account = new Account(leastBudget(MAX), clock);
  const big = Array.from({ length: 6 }, () => new Sender([MAX - 20], account, MAX));
  for (const sender of big) for (let n = 0; n < 100 && sender.canDeliver; n++) await sender.deliver(3000);
  assertEquals(big.map(({ isWaiting }) => isWaiting), [false, false, true, true, true, true]);
  clock.advance(7000);
  assertEquals(account.waitedMs, 7000);

  const small = new Sender([10, 4000, 500, OWN_BUFFER - 16, 0], account, MAX);
  while (small.canDeliver) await small.deliver(1000);
  await small.done;
  assertEquals(small.got.length, 5);

  big[0]!.reader.release();
  big[3]!.reader.release();
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  assertEquals(big.map(({ isWaiting }) => isWaiting), [false, false, false, false, true, true]);
  for (const sender of [big[1]!, big[2]!, big[4]!, big[5]!]) {
    while (sender.canDeliver) await sender.deliver(70_000);
    await sender.done;
    assertEquals(sender.got.length, 1);
  }
  assertEquals([account.size, account.waitedMs], [0, 0]);
});
