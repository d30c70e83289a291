import { NOBODY, Ring } from "../../../lib/history/memory/ring.ts";
import { assert, assertEquals, assertLessOrEqual } from "../../assert.ts";
import { randomOf } from "../../random.ts";
import { frameOf, names, said } from "../posts.ts";

const KIB = 1024;

/** Adds a message, or with id 0 something that is none. */
function add(ring: Ring, id: number, { size = 32, sender = NOBODY } = {}): void {
  const frame = frameOf("r", id, size);
  const { bytes, offset } = ring.reserve(size);
  bytes.set(frame, offset);
  ring.add(size, id, sender);
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
    if (bytes !== null) {
      found.push(...said({ count: 1, first: 1, position: 1, next: once(bytes), close() {} }));
    }
  }
  return found;
}

function once(bytes: Uint8Array): () => Uint8Array | null {
  let given: Uint8Array | null = bytes;
  return () => {
    const piece = given;
    given = null;
    return piece;
  };
}

Deno.test("a ring gives what was committed, in order, and leaves out what the reader sent itself", () => {
  const ring = new Ring({ maxSize: 64 * KIB });
  for (let id = 1; id <= 300; id++) add(ring, id, { sender: 1 + id % 2 });
  assertEquals([ring.head, ring.headId, ring.nextId], [0, 0, 301]);
  ring.commit();
  assertEquals(readFrom(ring, 0), names("r", 1, 300));
  assertEquals(readFrom(ring, 0, 1), names("r", 1, 300).filter((_, index) => index % 2 === 0));
  assertEquals(readFrom(ring, ring.positionOf(200)), names("r", 200, 300));
  assertEquals(ring.positionOf(301), ring.head);
});

Deno.test("a ring leaves out what was told before a position, but no message", () => {
  const ring = new Ring({ maxSize: 64 * KIB });
  for (let id = 1; id <= 20; id++) {
    add(ring, id);
    add(ring, 0);
  }
  ring.commit();
  const found: string[] = [];
  const { bytes, next } = ring.read(0, 77, ring.positionOf(18));
  found.push(...said({ count: 1, first: 1, position: 1, next: once(bytes!), close() {} }));
  assertEquals([found, next], [[...names("r", 1, 18), "r:0", "r:19", "r:0", "r:20", "r:0"], ring.head]);
});

Deno.test("a ring takes back the messages of a turn and keeps its presence, wherever its segments end", () => {
  for (let before = 0; before < 140; before += 7) {
    for (const drafts of [1, 3, 200]) {
      const ring = new Ring({ maxSize: 1024 * KIB });
      addAll(ring, 1, before);
      ring.commit();
      for (let id = before + 1; id <= before + drafts; id++) {
        add(ring, id);
        if (id % 3 === 0) add(ring, 0, { sender: 9 });
      }
      const told = Math.floor((before + drafts) / 3) - Math.floor(before / 3);
      ring.rollback();
      ring.commit();
      assertEquals([ring.headId, ring.nextId], [before, before + 1]);
      assertEquals(readFrom(ring, 0), [...names("r", 1, before), ...Array(told).fill("r:0")]);
      assertEquals(said(ring.replay(1, Infinity)), names("r", 1, before));
      addAll(ring, before + 1, before + 2);
      ring.commit();
      assertEquals(said(ring.replay(1, Infinity)), names("r", 1, before + 2));
      assertEquals(readFrom(ring, 0, 9), names("r", 1, before + 2));
    }
  }
});

Deno.test("a ring drops what nobody needs, keeps what somebody is behind with, and gives up on who is far behind", () => {
  const ring = new Ring({ maxSize: 64 * KIB });
  let id = 0;
  const turn = (needed: number) => {
    addAll(ring, id + 1, id + 100, 1024);
    id += 100;
    ring.commit();
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

Deno.test("a ring keeps what one turn brought, however much, until the next", () => {
  const ring = new Ring({ maxSize: 64 * KIB });
  addAll(ring, 1, 5, 512 * KIB);
  ring.commit();
  ring.trim(0);
  assertEquals(readFrom(ring, 0), names("r", 1, 5));
  ring.trim(ring.positionOf(4));
  assertEquals([ring.oldestId, ring.headId], [4, 5]);
  add(ring, 6);
  ring.commit();
  ring.trim(Infinity);
  assertEquals([ring.oldestId, ring.headId], [6, 6]);
});

Deno.test("the sum of rings is what they take, whatever is added, taken back, dropped and cleared", () => {
  const random = randomOf(3);
  const sum = { size: 0 };
  const rings = Array.from({ length: 4 }, () => new Ring({ maxSize: 32 * KIB, sum }));
  for (let n = 0; n < 500; n++) {
    const ring = rings[random(4)]!;
    for (let count = random(20); count > 0; count--) {
      add(ring, random(4) ? ring.nextId : 0, { size: 16 * (1 + random(200)) });
    }
    if (random(3) === 0) ring.rollback();
    ring.commit();
    if (random(2)) ring.trim(random(2) ? Infinity : ring.oldest);
    if (random(30) === 0) ring.dropOldest();
    assertEquals(sum.size, rings.reduce((total, { size }) => total + size, 0));
    assertEquals(said(ring.replay(1, Infinity)), names("r", ring.oldestId, ring.headId));
  }
  for (const ring of rings) ring.clear();
  assertEquals(sum.size, 0);
});

Deno.test("a replay of a ring gives whole frames in pieces, without presence, and outlives what the ring drops", () => {
  const ring = new Ring({ maxSize: 16 * KIB });
  for (let id = 1; id <= 400; id++) {
    add(ring, id, { size: 64 });
    if (id % 5 === 0) add(ring, 0);
  }
  ring.commit();
  const replay = ring.replay(100, 350);
  assertEquals([replay.count, replay.first, replay.position], [251, 100, 100]);
  assertEquals(replay.next(64 * 10)?.length, 640);
  assertEquals(replay.position, 110);
  ring.clear();
  assertEquals(replay.next(1)?.length, 64);
  assertEquals(said(replay, 1000), names("r", 111, 350));
  assertEquals(ring.replay(1, 400).count, 0);
  assertEquals(new Ring({ maxSize: 1 }).replay(1, 5).next(100), null);
});
