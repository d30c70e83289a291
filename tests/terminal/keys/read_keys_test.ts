import type { Typed } from "../../../lib/terminal/keys/key.ts";
import { readKeys } from "../../../lib/terminal/keys/read_keys.ts";
import { assertEquals, assertRejects } from "../../assert.ts";
import { ManualClock } from "../../clock.ts";
import { shown } from "./shown.ts";

/** A keyboard: what is sent to it, what was typed, and a clock that stands still. */
function setUp() {
  const clock = new ManualClock();
  const typed: Typed[] = [];
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const read = readKeys(readable, { clock, take: (key) => typed.push(key) });
  const send = async (text: string) => {
    await writer.write(new TextEncoder().encode(text));
    // It is taken once the next one is asked for.
    await writer.ready;
    await new Promise((resolve) => setTimeout(resolve, 0));
  };
  return { clock, send, read, shown: () => shown(typed), end: () => writer.close() };
}

Deno.test("readKeys gives the Esc key after half a second, unless something follows", async () => {
  const keys = setUp();
  await keys.send("\x1b");
  keys.clock.advance(499);
  assertEquals(keys.shown(), "");
  keys.clock.advance(1);
  assertEquals(keys.shown(), "escape");
  await keys.send("\x1b");
  keys.clock.advance(499);
  await keys.send("b");
  keys.clock.advance(10_000);
  assertEquals(keys.shown(), "escape M-b");
  await keys.end();
  await keys.read;
});

Deno.test("readKeys ends a paste a second after its last byte, and not before", async () => {
  const keys = setUp();
  await keys.send("\x1b[200~one");
  keys.clock.advance(999);
  await keys.send(" two");
  keys.clock.advance(999);
  assertEquals(keys.shown(), "");
  keys.clock.advance(1);
  await keys.send("x");
  assertEquals(keys.shown(), "{one two} x");
  await keys.end();
  await keys.read;
});

Deno.test("readKeys returns an incomplete sequence at the end of the input", async () => {
  const keys = setUp();
  await keys.send("\x1b[200~one");
  await keys.end();
  await keys.read;
  assertEquals(keys.shown(), "{one}");
});

Deno.test("readKeys rejects with an error of the key handler, at a byte or in silence", async () => {
  for (const sent of ["a", "\x1b"]) {
    const clock = new ManualClock();
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const take = () => {
      throw new TypeError("faulty");
    };
    const read = readKeys(readable, { clock, take });
    const rejected = assertRejects(() => read, TypeError, "faulty");
    const writer = writable.getWriter();
    await writer.write(new TextEncoder().encode(sent));
    await new Promise((resolve) => setTimeout(resolve, 0));
    clock.advance(500);
    await rejected;
    writer.close().catch(() => {});
  }
});
