/** What may stand around a body, and how much of it. */

import { encode } from "../../lib/pickle/encode/encode.ts";
import type { Value } from "../../lib/pickle/values/values.ts";
import { assertEquals, assertMatch } from "../assert.ts";
import { Listening } from "./listening.ts";

const maxEnvelope = 4096;

/** A message whose pickle, STOP included, has so many bytes: one key is as long as that takes. */
function messageOf(message: Record<string, Value>, size: number): Record<string, Value> {
  const sizeWith = (length: number) =>
    encode(new Map(Object.entries({ ...message, pad: "x".repeat(length) }))).length;
  return { ...message, pad: "x".repeat(1000 + size - sizeWith(1000)) };
}

Deno.test("a message other than a post is accepted up to the limit, and refused with its ref above it", async () => {
  await using listener = await Listening.start({ limits: { maxEnvelope } });
  using ann = await listener.enter("ann");
  for (const size of [maxEnvelope - 1, maxEnvelope, maxEnvelope + 1]) {
    ann.send(messageOf({ type: "who", ref: size }, size));
    const { type, code, text } = await ann.answer(size);
    assertEquals([type, code], size > maxEnvelope ? ["error", "bad-message"] : ["who", undefined]);
    if (size > maxEnvelope) assertMatch(String(text), /^Cannot take the who: it is longer than 4096 bytes$/);
  }
});

Deno.test("a post may be as long as a frame, and keeps its sender's other keys", async () => {
  await using listener = await Listening.start({ limits: { maxEnvelope } });
  using ann = await listener.enter("ann");
  using bob = await listener.enter("bob");
  const beside = "y".repeat(100_000);
  ann.send({ type: "message", body: "x".repeat(1_000_000), beside, ref: 1 });
  assertEquals((await ann.answer(1)).type, "ack");
  const message = await bob.until("message");
  assertEquals([String(message.body).length, message.beside], [1_000_000, beside]);
});

Deno.test("texts around the body above the limit are refused, a type too, and reach nobody", async () => {
  await using listener = await Listening.start({ limits: { maxEnvelope } });
  using ann = await listener.enter("ann");
  using bob = await listener.enter("bob");
  const long = "x".repeat(maxEnvelope + 1);
  for (
    const message of [{ type: long }, { type: "message", room: long, body: 1 }, {
      type: "message",
      to: long,
      body: 1,
    }]
  ) {
    ann.send({ ...message, ref: 1 });
    assertEquals((await ann.answer(1)).code, "bad-message");
  }
  ann.sendValue("heard");
  assertEquals((await bob.until("message")).body, "heard");
});
