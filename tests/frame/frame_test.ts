import { FrameError } from "../../lib/base/errors.ts";
import {
  type Budget,
  encodeFrame,
  FrameReader,
  type FrameReaderOptions,
  frameSize,
  HEADER_SIZE,
  leastBudget,
  parseHeader,
  type Source,
  writeHeader,
} from "../../lib/frame/mod.ts";
import { assert, assertEquals, assertLessOrEqual, assertRejects, assertThrows } from "../assert.ts";
import { randomOf } from "../random.ts";

const text = (s: string) => new TextEncoder().encode(s);

/** A source that hands out the bytes in pieces of the given sizes, the last size again and again. */
function pieces(wire: Uint8Array, ...sizes: number[]): Source {
  let at = 0;
  let next = 0;
  return {
    read(into) {
      if (at === wire.length) return Promise.resolve(null);
      const size = sizes[Math.min(next++, sizes.length - 1)] ?? Infinity;
      const count = Math.min(size, into.length, wire.length - at);
      into.set(wire.subarray(at, at + count));
      at += count;
      return Promise.resolve(count);
    },
  };
}

async function readAll(source: Source, options?: Partial<FrameReaderOptions>): Promise<Uint8Array[]> {
  const payloads: Uint8Array[] = [];
  for await (const payload of new FrameReader(source, { maxPayload: 1 << 24, ...options })) {
    payloads.push(payload.slice());
  }
  return payloads;
}

function join(parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A frame as a peer that does not pad writes it. */
function bareFrame(payload: Uint8Array): Uint8Array {
  return join([text(String(payload.length).padEnd(HEADER_SIZE)), payload]);
}

function bytesOf(length: number, seed = 1): Uint8Array {
  const random = randomOf(seed);
  return Uint8Array.from({ length }, () => random(256));
}

Deno.test("parseHeader takes a number on the left, on the right, in the middle, and leading zeros", () => {
  for (
    const [header, length] of [
      ["33        ", 33],
      ["        33", 33],
      ["    33    ", 33],
      ["0000000033", 33],
      ["0         ", 0],
      ["  007     ", 7],
      ["9999999999", 9_999_999_999],
    ] as const
  ) assertEquals(parseHeader(text(header)), length, header);
});

Deno.test("parseHeader refuses whatever else Python's int() would take, and what it would not", () => {
  for (
    const header of [
      "          ",
      "+33       ",
      "-1        ",
      "1_0       ",
      "3.0       ",
      "1e3       ",
      "0x10      ",
      "3 3       ",
      "33\0       ",
      "\t33       ",
      "33\n       ",
      "hello worl",
      "12345678\xff",
    ]
  ) {
    const error = assertThrows(
      () => parseHeader(Uint8Array.from(header, (c) => c.charCodeAt(0))),
      FrameError,
      "Cannot read the header",
    );
    assertEquals(error.code, "bad-header", header);
  }
});

Deno.test("writeHeader is what parseHeader reads, at every number of digits", () => {
  const header = new Uint8Array(HEADER_SIZE + 4);
  for (const length of [0, 1, 9, 10, 99, 100, 65_535, 999_999_999, 1_000_000_000, 9_999_999_999]) {
    writeHeader(header, 2, length);
    assertEquals(new TextDecoder().decode(header.subarray(2, 12)), String(length).padEnd(10));
    assertEquals(parseHeader(header, 2), length);
  }
});

Deno.test("encodeFrame pads every frame with zeros to a multiple of 16 bytes", () => {
  for (let length = 0; length < 70; length++) {
    const frame = encodeFrame(new Uint8Array(length).fill(7));
    assertEquals(frame.length % 16, 0);
    assertEquals(frame.length, frameSize(length));
    assertLessOrEqual(frame.length, HEADER_SIZE + length + 15);
    assertEquals(parseHeader(frame), frame.length - HEADER_SIZE);
    assertEquals(frame.subarray(HEADER_SIZE, HEADER_SIZE + length), new Uint8Array(length).fill(7));
    assert(frame.subarray(HEADER_SIZE + length).every((byte) => byte === 0));
  }
});

const SIZES = [
  0,
  1,
  6,
  10,
  100,
  501,
  502,
  503,
  512,
  513,
  1000,
  32_768,
  65_525,
  65_526,
  65_527,
  65_536,
  200_000,
];

Deno.test("FrameReader gives the same payloads for every size of the pieces that the wire comes in", async () => {
  const sent = SIZES.map((length, i) => bytesOf(length, i));
  const wire = join(sent.map(bareFrame));
  for (const size of [1, 2, 3, 9, 10, 11, 16, 511, 512, 513, 4096, 65_535, 65_536, 1 << 20]) {
    assertEquals(await readAll(pieces(wire, size)), sent, `pieces of ${size}`);
  }
});

Deno.test("FrameReader gives the same payloads for every split of a short wire in two", async () => {
  const sent = [bytesOf(3), bytesOf(0), bytesOf(40)];
  const wire = join(sent.map(bareFrame));
  for (let cut = 0; cut <= wire.length; cut++) {
    assertEquals(await readAll(pieces(wire, cut || 1, 1 << 20)), sent, `cut at ${cut}`);
  }
});

Deno.test("FrameReader gives the same payloads for pieces of random sizes", async () => {
  const random = randomOf(7);
  for (let round = 0; round < 50; round++) {
    const sent = Array.from({ length: 20 }, (_, i) => bytesOf(random(2) ? random(200) : random(150_000), i));
    const sizes = Array.from({ length: 2000 }, () => 1 + (random(3) ? random(70_000) : random(20)));
    assertEquals(await readAll(pieces(join(sent.map(bareFrame)), ...sizes)), sent, `round ${round}`);
  }
});

Deno.test("FrameReader ends cleanly between frames, and with an error inside one, wherever it is cut", async () => {
  const wire = join([bareFrame(bytesOf(5)), bareFrame(bytesOf(8))]);
  for (let cut = 0; cut <= wire.length; cut++) {
    const read = readAll(pieces(wire.subarray(0, cut), 7));
    if (cut === 0 || cut === 15 || cut === wire.length) {
      assertEquals((await read).length, cut === 0 ? 0 : cut === 15 ? 1 : 2);
    } else {
      const error = await assertRejects(() => read, FrameError);
      assertEquals(error.code, "cut");
    }
  }
});

Deno.test("FrameReader takes a payload at the limit and refuses one above it before it keeps a byte of it", async () => {
  const maxPayload = 1000;
  assertEquals((await readAll(pieces(bareFrame(bytesOf(1000))), { maxPayload })).length, 1);
  const reader = new FrameReader(pieces(bareFrame(bytesOf(1001)), HEADER_SIZE), { maxPayload });
  assert(await reader.fill());
  const error = assertThrows(() => reader.take(), FrameError, "1001 bytes is above the limit of 1000");
  assertEquals(error.code, "too-large");
  assertEquals(reader.bufferSize, 512);
});

Deno.test("FrameReader allocates by what arrived, never by what a header declares", async () => {
  const wire = join([text("16777216  "), bytesOf(300_000)]);
  const reader = new FrameReader(pieces(wire, 10, 5000), { maxPayload: 1 << 24 });
  for (let arrived = 10; arrived < wire.length; arrived += 5000) {
    await reader.fill();
    assertEquals(reader.take(), null);
    assertLessOrEqual(reader.bufferSize, 512 + 64 * 1024 + 2 * arrived);
  }
  reader.release();
});

Deno.test("FrameReader waits with 512 bytes of buffer, and goes back to that after a busy time", async () => {
  const frames = Array.from({ length: 2000 }, () => bareFrame(bytesOf(90)));
  const wire = join([...frames, bareFrame(bytesOf(5)), bareFrame(bytesOf(5)), bareFrame(bytesOf(5))]);
  const reader = new FrameReader(pieces(wire, 512, 65_536, 65_536, wire.length - 131_629, 15), {
    maxPayload: 1000,
  });
  assertEquals(reader.bufferSize, 512);
  let most = 0;
  let count = 0;
  for (;;) {
    while (reader.take() !== null) count++;
    most = Math.max(most, reader.bufferSize);
    if (count === 2003) break;
    assert(await reader.fill());
  }
  assertEquals(most, 64 * 1024);
  assertEquals(reader.bufferSize, 512);
});

Deno.test("FrameReader does not copy a payload that lies whole in one read", async () => {
  let into: Uint8Array | undefined;
  const source = pieces(join([bareFrame(bytesOf(40)), bareFrame(bytesOf(50))]));
  const reader = new FrameReader({
    read(buffer) {
      into = buffer;
      return source.read(buffer);
    },
  }, { maxPayload: 1000 });
  await reader.fill();
  const [first, second] = [reader.take(), reader.take()];
  assertEquals([first?.buffer, second?.buffer], [into?.buffer, into?.buffer]);
});

/** A budget that counts, and gives what cannot be done without only when it is told to. */
class Purse implements Budget {
  taken = 0;
  most = 0;
  isClosed = false;
  readonly waiting = new Set<() => void>();

  tryCharge(size: number): boolean {
    if (this.isClosed) return false;
    this.#take(size);
    return true;
  }

  chargeLater(size: number, then: () => void): (() => void) | null {
    if (!this.isClosed) {
      this.#take(size);
      return null;
    }
    const serve = () => {
      this.#take(size);
      then();
    };
    this.waiting.add(serve);
    return () => this.waiting.delete(serve);
  }

  release(size: number): void {
    this.taken -= size;
  }

  open(): void {
    this.isClosed = false;
    for (const serve of this.waiting) serve();
    this.waiting.clear();
  }

  #take(size: number): void {
    this.taken += size;
    this.most = Math.max(this.most, this.taken);
  }
}

Deno.test("FrameReader pays for its large buffers out of the budget and gives all of it back", async () => {
  const sent = SIZES.map((length, i) => bytesOf(length, i));
  const wire = join(sent.map(bareFrame));
  for (const size of [100, 4096, 65_536]) {
    const budget = new Purse();
    assertEquals(await readAll(pieces(wire, size), { budget }), sent);
    assertEquals(budget.taken, 0);
    assert(budget.most > 0);
  }
});

Deno.test("FrameReader needs nothing of a budget for frames up to 4 KiB", async () => {
  const budget = new Purse();
  budget.isClosed = true;
  const sent = Array.from({ length: 40 }, (_, i) => bytesOf(i % 2 ? 4096 : 100 * i, i));
  for (const size of [1, 512, 513, 5000]) {
    assertEquals(await readAll(pieces(join(sent.map(bareFrame)), size), { budget }), sent);
  }
  assertEquals(budget.most, 0);
});

Deno.test("FrameReader waits for the budget where a frame cannot do without, and reads on when there is some", async () => {
  for (const length of [4097, 65_536, 65_537, 100_000, 300_000]) {
    const budget = new Purse();
    budget.isClosed = true;
    const sent = [bytesOf(400), bytesOf(length), bytesOf(9)];
    let done = false;
    const read = readAll(pieces(join(sent.map(bareFrame)), 512), { budget }).then((payloads) => {
      done = true;
      return payloads;
    });
    while (budget.waiting.size === 0) await Promise.resolve();
    assert(!done);
    budget.open();
    assertEquals(await read, sent);
    assertEquals(budget.taken, 0);
  }
});

Deno.test("FrameReader asks for all that a long frame needs at once, and takes no more than that", async () => {
  for (const length of [65_537, 200_001, 1_000_000, 16_777_216]) {
    const budget = new Purse();
    const reader = new FrameReader(pieces(bareFrame(bytesOf(length)), 65_536), {
      maxPayload: 1 << 24,
      budget,
    });
    let most = 0;
    while (reader.take() === null) {
      assert(await reader.fill());
      most = Math.max(most, reader.bufferSize);
      if (reader.held > 256 * 1024) assertEquals(reader.held, length + Math.ceil(length / 2));
    }
    assertLessOrEqual(most, Math.max(length, 256 * 1024));
    // With what it was read into before it was known to be long.
    assertLessOrEqual(budget.most, leastBudget(length) / 2 + 64 * 1024);
    reader.release();
    assertEquals(budget.taken, 0);
  }
});

Deno.test("FrameReader that is released while it waits for memory asks for none any more, and ends", async () => {
  const budget = new Purse();
  budget.isClosed = true;
  const reader = new FrameReader(pieces(bareFrame(bytesOf(10_000))), { maxPayload: 1 << 20, budget });
  const read = (async () => {
    while (await reader.fill()) reader.take();
  })();
  while (budget.waiting.size === 0) await Promise.resolve();
  reader.release();
  await read;
  assertEquals([budget.waiting.size, budget.taken, reader.take()], [0, 0, null]);
});

Deno.test("FrameReader tells its trace the header and what is there, read by read", async () => {
  const told: [string, number][] = [];
  const wire = bareFrame(bytesOf(33));
  await readAll(pieces(wire, 16), {
    trace: (header, have) => told.push([new TextDecoder().decode(header), have]),
  });
  assertEquals(told, [["33        ", 16], ["33        ", 32], ["33        ", 43]]);
});
