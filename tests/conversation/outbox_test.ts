import { type Entry, Outbox } from "../../lib/conversation/outbox.ts";
import { assertEquals } from "../assert.ts";

const entry = (ref: number, size: number): Entry => ({
  ref,
  kind: "post",
  dict: new Map(),
  bytes: new Uint8Array(size),
  given: false,
});

const refs = (entries: Entry[]) => entries.map(({ ref }) => ref);

Deno.test("Outbox sends entries that fit the window, and holds up those behind", () => {
  const outbox = new Outbox({ posts: 10, bytes: 100 });
  for (const [ref, size] of [[1, 60], [2, 40], [3, 1], [4, 1]] as const) outbox.add(entry(ref, size));
  assertEquals(refs(outbox.due()), [1, 2]);
  assertEquals(outbox.hasRoom, false);
  outbox.answer(2);
  assertEquals(refs(outbox.due()), [3, 4]);
  assertEquals(outbox.hasRoom, true);
});

Deno.test("Outbox sends an entry that is larger than the window alone", () => {
  const outbox = new Outbox({ posts: 10, bytes: 100 });
  outbox.add(entry(1, 500));
  outbox.add(entry(2, 1));
  assertEquals(refs(outbox.due()), [1]);
  assertEquals(refs(outbox.due()), []);
  outbox.answer(1);
  assertEquals(refs(outbox.due()), [2]);
});

Deno.test("Outbox gives all unanswered entries again, in order, after a loss", () => {
  const outbox = new Outbox({ posts: 2, bytes: 100 });
  for (const ref of [1, 2, 3]) outbox.add(entry(ref, 1));
  outbox.due();
  outbox.answer(1);
  outbox.unsend();
  assertEquals(outbox.size, 2);
  assertEquals(refs(outbox.due()), [2, 3]);
  assertEquals([outbox.answer(1), outbox.answer(99)], [undefined, undefined]);
});

Deno.test("Outbox takes a window of entries while nothing is sent", () => {
  const few = new Outbox({ posts: 2, bytes: 100 });
  few.add(entry(1, 1));
  assertEquals(few.hasRoom, true);
  few.add(entry(2, 1));
  assertEquals(few.hasRoom, false);
  few.due();
  few.answer(1);
  assertEquals(few.hasRoom, true);

  const large = new Outbox({ posts: 10, bytes: 100 });
  large.add(entry(1, 99));
  assertEquals(large.hasRoom, true);
  large.add(entry(2, 1));
  assertEquals(large.hasRoom, false);
  large.due();
  assertEquals(large.hasRoom, false);
  large.unsend();
  assertEquals(large.hasRoom, false);
  assertEquals(refs(large.keep(({ ref }) => ref !== 1)), [1]);
  assertEquals(large.hasRoom, true);
  assertEquals(refs(large.keep(() => false)), [2]);
  large.add(entry(3, 100));
  assertEquals(large.hasRoom, false);
});
