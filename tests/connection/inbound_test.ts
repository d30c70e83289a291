import { encodeFrame, FrameReader, leastBudget, OWN_BUFFER, type Source } from "../../lib/frame/mod.ts";
import { Inbound } from "../../lib/connection/inbound.ts";
import { assert, assertEquals, assertLessOrEqual } from "../assert.ts";
import { randomOf } from "../random.ts";

/** A peer whose bytes come when the test says so. */
class Sender implements Source {
  readonly reader: FrameReader;
  readonly got: number[] = [];
  readonly done: Promise<void>;
  #wire: Uint8Array;
  #at = 0;
  #pending: { into: Uint8Array; resolve: (count: number | null) => void } | null = null;

  constructor(sizes: readonly number[], budget: Inbound, maxPayload: number) {
    const frames = sizes.map((size) => encodeFrame(new Uint8Array(size)));
    this.#wire = new Uint8Array(frames.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const frame of frames) {
      this.#wire.set(frame, at);
      at += frame.length;
    }
    this.reader = new FrameReader(this, { maxPayload, budget });
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
async function play(senders: readonly Sender[], { budget, size, seed }: {
  budget: Inbound;
  size: number;
  seed: number;
}): Promise<void> {
  const random = randomOf(seed);
  for (;;) {
    const able = senders.filter((sender) => sender.canDeliver);
    if (able.length === 0) break;
    await able[random(able.length)]!.deliver(1 + random(random(2) === 0 ? 200 : 70_000));
    const held = senders.reduce((sum, { reader }) => sum + reader.held, 0);
    assertEquals(held, budget.taken);
    assertLessOrEqual(budget.taken, size);
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
    const budget = new Inbound(size, () => 0);
    const sent = Array.from(
      { length: 50 },
      () =>
        Array.from(
          { length: 1 + random(3) },
          () => [random(100), random(70_000), MAX - 20, random(MAX)][random(4)]!,
        ),
    );
    const senders = sent.map((sizes) => new Sender(sizes, budget, MAX));
    await play(senders, { budget, size, seed });
    assertEquals(
      senders.map(({ got }) => got),
      sent.map((sizes) => sizes.map((size) => encodeFrame(new Uint8Array(size)).length - 10)),
    );
    assertEquals(budget.taken, 0);
  }
});

Deno.test("those who hold half a frame keep nobody from small ones, and when they go the next get on", async () => {
  let now = 0;
  const budget = new Inbound(leastBudget(MAX), () => now);
  const big = Array.from({ length: 6 }, () => new Sender([MAX - 20], budget, MAX));
  for (const sender of big) for (let n = 0; n < 100 && sender.canDeliver; n++) await sender.deliver(3000);
  assertEquals(big.map(({ isWaiting }) => isWaiting), [false, false, true, true, true, true]);
  now = 7000;
  assertEquals(budget.waitedMs, 7000);

  const small = new Sender([10, 4000, 500, OWN_BUFFER - 16, 0], budget, MAX);
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
  assertEquals([budget.taken, budget.waitedMs], [0, 0]);
});
