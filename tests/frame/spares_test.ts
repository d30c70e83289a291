import { giveBuffer, takeBuffer } from "../../lib/frame/spares.ts";
import { encodeFrame, FrameReader } from "../../lib/frame/mod.ts";
import { assert, assertEquals } from "../assert.ts";
import { randomOf } from "../random.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

Deno.test("a released buffer is used again for the same size, or a slightly smaller one", () => {
  const long = takeBuffer(200 * KIB);
  giveBuffer(long);
  assertEquals(takeBuffer(200 * KIB + 1).buffer === long.buffer, false);
  assertEquals(takeBuffer(160 * KIB - 1).buffer === long.buffer, false);
  const again = takeBuffer(160 * KIB);
  assertEquals([again.buffer === long.buffer, again.length], [true, 160 * KIB]);
  assertEquals(takeBuffer(160 * KIB).buffer === long.buffer, false);
  // Given back, it is of its old size.
  giveBuffer(again);
  assertEquals(takeBuffer(200 * KIB).buffer === long.buffer, true);
});

Deno.test("short buffers are not kept", () => {
  const short = takeBuffer(128 * KIB - 1);
  giveBuffer(short);
  assertEquals(takeBuffer(128 * KIB - 1).buffer === short.buffer, false);
});

Deno.test("at most 32 MiB of buffers are kept, the newest", () => {
  const buffers = [5, 10, 17].map((size) => takeBuffer(size * MIB));
  for (const buffer of buffers) giveBuffer(buffer);
  const kept = [5, 10, 17].map((size) => takeBuffer(size * MIB));
  assertEquals(kept.map(({ buffer }, index) => buffer === buffers[index]!.buffer), [true, true, true]);
  for (const buffer of kept) giveBuffer(buffer);
  giveBuffer(takeBuffer(MIB));
  assertEquals(takeBuffer(5 * MIB).buffer === kept[0]!.buffer, false);
  assertEquals(takeBuffer(10 * MIB).buffer === kept[1]!.buffer, true);
  assertEquals(takeBuffer(17 * MIB).buffer === kept[2]!.buffer, true);
});

Deno.test("readers that share buffers each get their own bytes", async () => {
  const random = randomOf(7);
  const wires = Array.from({ length: 6 }, () => {
    const payloads = Array.from({ length: 12 }, () => {
      const payload = new Uint8Array(random(3) === 0 ? random(1000) : random(3_000_000)).fill(random(256));
      for (let at = 0; at < payload.length; at += 1 + random(5000)) payload[at] = random(256);
      return payload;
    });
    const frames = payloads.map(encodeFrame);
    const bytes = new Uint8Array(frames.reduce((sum, frame) => sum + frame.length, 0));
    frames.reduce((at, frame) => (bytes.set(frame, at), at + frame.length), 0);
    return { payloads, bytes, at: 0, next: 0 };
  });
  const readers = wires.map((wire) =>
    new FrameReader({
      read(into) {
        const part = wire.bytes.slice(wire.at, wire.at + 1 + random(into.length));
        wire.at += part.length;
        into.set(part);
        return Promise.resolve(part.length);
      },
    }, { maxPayload: 1 << 24, reuses: true })
  );
  while (wires.some(({ next }) => next < 12)) {
    const index = random(wires.length);
    const [wire, reader] = [wires[index]!, readers[index]!];
    if (wire.next === 12) continue;
    await reader.fill();
    for (let payload = reader.take(); payload !== null; payload = reader.take()) {
      const sent = wire.payloads[wire.next++]!;
      assert(equal(payload.subarray(0, sent.length), sent), `payload ${wire.next} of reader ${index}`);
    }
  }
});

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
