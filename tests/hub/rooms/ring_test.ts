import { NOBODY, Ring } from "../../../lib/hub/rooms/ring.ts";
import type { Messages } from "../../../lib/history/history.ts";
import { assert, assertEquals, assertLessOrEqual } from "../../assert.ts";
import { randomOf } from "../../random.ts";
import { frameOf, names, textsOf } from "../../history/posts.ts";

const KIB = 1024;

let presence = 0;

/** Adds a message, or with id 0 something that is none. */
function add(ring: Ring, id: number, { size = 32, sender = NOBODY } = {}): void {
  const frame = frameOf("r", id, size);
  if (id === 0) ring.addPresence(frame, { number: ++presence, sender });
  else ring.addMessage(frame, sender);
}

function addAll(ring: Ring, first: number, last: number, size?: number): void {
  for (let id = first; id <= last; id++) add(ring, id, size === undefined ? {} : { size });
}

/** What somebody reads who begins at a position. */
function readFrom(ring: Ring, position: number, without: number = NOBODY): string[] {
  const found: string[] = [];
  while (position < ring.head) {
    const { bytes, next } = ring.read(position, without);
    assert(next > position);
    position = next;
    if (bytes !== null) found.push(...textsOf(bytes));
  }
  return found;
}

/** The messages from an id on, in pieces. */
function messagesFrom(ring: Ring, first: number, maxBytes = 1000): string[] {
  const found: string[] = [];
  for (let id = first; id <= ring.headId;) {
    const { first, last, frames } = ring.messages(id, ring.headId, maxBytes);
    assertEquals(first, id);
    assert(frames.length <= maxBytes || last === first);
    const texts = textsOf(frames);
    assertEquals(texts.length, last - first + 1);
    found.push(...texts);
    id = last + 1;
  }
  return found;
}

Deno.test("a ring returns frames in order, without those that the reader sent itself", () => {
  const ring = new Ring({ maxSize: 64 * KIB });
  for (let id = 1; id <= 300; id++) add(ring, id, { sender: 1 + id % 2 });
  assertEquals(ring.headId, 300);
  assertEquals(readFrom(ring, 0), names("r", 1, 300));
  assertEquals(readFrom(ring, 0, 1), names("r", 1, 300).filter((_, index) => index % 2 === 0));
  assertEquals(readFrom(ring, ring.positionOf(200)), names("r", 200, 300));
  assertEquals(ring.positionOf(301), ring.head);
});

Deno.test("a ring leaves out presence up to a number, but no message", () => {
  const ring = new Ring({ maxSize: 64 * KIB });
  for (let id = 1; id <= 20; id++) {
    ring.addMessage(frameOf("r", id), NOBODY);
    ring.addPresence(frameOf("p", id), { number: id, sender: NOBODY });
  }
  const { bytes, next } = ring.read(0, 77, 17);
  const told = [18, 19, 20].flatMap((id) => [`r:${id}`, `p:${id}`]);
  assertEquals([textsOf(bytes!), next], [[...names("r", 1, 17), ...told], ring.head]);
});

Deno.test("a ring drops frames that no reader needs, keeps those for slow readers, and drops very slow readers", () => {
  const ring = new Ring({ maxSize: 64 * KIB });
  let id = 0;
  const turn = (needed: number) => {
    addAll(ring, id + 1, id + 100, 1024);
    id += 100;
    if (ring.isOver) ring.trim(needed);
  };
  for (let n = 0; n < 5; n++) turn(Infinity);
  assertLessOrEqual(ring.size, 64 * KIB + 128 * KIB);
  const position = ring.oldest;
  turn(position);
  turn(position);
  assertEquals(ring.oldest, position);
  assert(ring.size > 200 * KIB);
  for (let n = 0; n < 10; n++) turn(position);
  assert(ring.oldest > position);
  assertLessOrEqual(ring.size, 8 * 64 * KIB);
});

Deno.test("a ring keeps all frames of a turn until the next one", () => {
  const ring = new Ring({ maxSize: 64 * KIB });
  addAll(ring, 1, 5, 512 * KIB);
  ring.trim(0);
  assertEquals(readFrom(ring, 0), names("r", 1, 5));
  ring.trim(ring.positionOf(4));
  assertEquals([ring.oldestId, ring.headId], [4, 5]);
  add(ring, 6);
  ring.trim(Infinity);
  assertEquals([ring.oldestId, ring.headId], [6, 6]);
});

Deno.test("the sum of the rings is right after frames are added, dropped and cleared", () => {
  const random = randomOf(3);
  const sum = { size: 0 };
  const rings = Array.from({ length: 4 }, () => new Ring({ maxSize: 32 * KIB, sum }));
  for (let n = 0; n < 500; n++) {
    const ring = rings[random(4)]!;
    for (let count = random(20); count > 0; count--) {
      add(ring, random(4) ? ring.headId + 1 : 0, { size: 16 * (1 + random(200)) });
    }
    if (random(2)) ring.trim(random(2) ? Infinity : ring.oldest);
    if (random(30) === 0) ring.dropOldest();
    assertEquals(sum.size, rings.reduce((total, { size }) => total + size, 0));
    assertEquals(messagesFrom(ring, ring.oldestId), names("r", ring.oldestId, ring.headId));
  }
  for (const ring of rings) ring.clear();
  assertEquals(sum.size, 0);
});

Deno.test("the messages of a ring are given in pieces of whole frames, without presence", () => {
  const ring = new Ring({ maxSize: 1024 * KIB });
  for (let id = 1; id <= 900; id++) {
    add(ring, id, { size: 64 });
    if (id % 5 === 0) add(ring, 0);
  }
  for (const maxBytes of [1, 64, 65, 640, 1 << 20]) {
    assertEquals(messagesFrom(ring, 100, maxBytes), names("r", 100, 900));
  }
  assertEquals(ring.messages(7, 7, 1000), { first: 7, last: 7, frames: frameOf("r", 7, 64) });
});

Deno.test("a ring hands over the messages of each segment that it drops, in order and without presence", () => {
  const dropped: Messages[] = [];
  const ring = new Ring({ maxSize: 16 * KIB, dropping: (_last, read) => dropped.push(read()) });
  for (let id = 1; id <= 2000; id++) {
    add(ring, id, { size: id % 100 === 0 ? 32 * KIB : 48 });
    if (id % 7 === 0) add(ring, 0);
    if (id % 50 === 0) ring.trim(Infinity);
  }
  const texts = dropped.flatMap(({ first, last, frames }) => {
    const found = textsOf(frames);
    assertEquals(found, names("r", first, last));
    return found;
  });
  assertEquals([...texts, ...messagesFrom(ring, ring.oldestId)], names("r", 1, 2000));
});

Deno.test("a long frame with memory of its own is a segment without a copy", () => {
  const ring = new Ring({ maxSize: 1024 * KIB });
  add(ring, 1);
  const long = frameOf("r", 2, 256 * KIB);
  ring.addMessage(long, NOBODY);
  add(ring, 3);
  assertEquals(readFrom(ring, 0), names("r", 1, 3));
  assertEquals(ring.read(32, NOBODY).bytes?.buffer, long.buffer);
});
