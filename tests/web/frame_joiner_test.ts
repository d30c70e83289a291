import { FrameJoiner } from "../../lib/web/frame_joiner.ts";
import { encodeFrame } from "../../lib/frame/mod.ts";
import { assertEquals } from "../assert.ts";

Deno.test("FrameJoiner gives the same payloads for every split of the stream", () => {
  const payloads = [[1, 2, 3, 4, 5, 6], [], Array.from({ length: 22 }, (_, i) => i)].map((bytes) =>
    Uint8Array.from(bytes)
  );
  const frames = payloads.map(encodeFrame);
  const stream = new Uint8Array(frames.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const frame of frames) {
    stream.set(frame, end);
    end += frame.length;
  }
  const whole = frames.map((frame) => frame.subarray(10));
  const split = (cuts: readonly number[]) => {
    const joiner = new FrameJoiner();
    const found: Uint8Array[] = [];
    let from = 0;
    for (const to of [...cuts, stream.length]) {
      const piece = stream.subarray(from, to);
      for (let at = 0; at < piece.length;) {
        const { payload, next } = joiner.take(piece, at);
        if (payload !== null) found.push(payload);
        at = next;
      }
      from = to;
    }
    return found;
  };
  for (let first = 0; first <= stream.length; first++) {
    for (let second = first; second <= stream.length; second++) assertEquals(split([first, second]), whole);
  }
  assertEquals(split(Array.from(stream, (_, i) => i)), whole);
});

Deno.test("FrameJoiner copies no frame that lies whole in one piece", () => {
  const frame = encodeFrame(new Uint8Array([1, 2, 3, 4, 5, 6]));
  assertEquals(new FrameJoiner().take(frame, 0).payload?.buffer, frame.buffer);
});
