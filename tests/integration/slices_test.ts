/** Long payloads that are verified in slices: the posts of one peer stay in order. */

import { encodeFrame } from "../../lib/frame/mod.ts";
import { encode } from "../../lib/pickle/encode/encode.ts";
import type { Value } from "../../lib/pickle/values/values.ts";
import { assertEquals } from "../assert.ts";
import { randomOf } from "../random.ts";
import { Listening } from "./listening.ts";

/** A list whose verification takes many slices on any machine. */
function longList(length: number): Value {
  return Array.from({ length }, (_, n) => [n]);
}

Deno.test("posts of one peer stay in order, whatever their sizes and however long their verification takes", async () => {
  for (let seed = 1; seed <= 2; seed++) {
    const random = randomOf(seed);
    const limits = { workBurst: Infinity, byteBurst: Infinity, messageBurst: Infinity };
    await using listener = await Listening.start({ limits });
    using reader = await listener.enter("reader");
    using ann = await listener.enter("ann");
    using bob = await listener.enter("bob");
    const count = 20;
    for (let n = 0; n < count; n++) {
      for (const peer of [ann, bob]) {
        const list = longList([0, 1, 3000, 20_000, 60_000][random(5)]!);
        peer.sendBytes(encodeFrame(encode(new Map<Value, Value>([["n", n], ["list", list]]))));
      }
    }
    const got = new Map<unknown, unknown[]>([["ann", []], ["bob", []]]);
    for (let n = 0; n < 2 * count; n++) {
      const { from, body } = await reader.until("message");
      got.get(from)!.push((body as Map<Value, Value>).get("n"));
    }
    const inOrder = Array.from({ length: count }, (_, n) => n);
    assertEquals([...got.values()], [inOrder, inOrder], `seed ${seed}`);
  }
});
