import { Spill, SpilledRoom } from "../../../lib/history/memory/spill.ts";
import { assert, assertEquals, assertLessOrEqual, assertMatch, assertStrictEquals } from "../../assert.ts";
import { randomOf } from "../../random.ts";

/** Messages `first` to `last` of `size` bytes together; each byte tells the first id. */
function messages(first: number, last: number, size = 1000) {
  return { first, last, frames: new Uint8Array(size).fill(first) };
}

function inFolder(body: (folder: string) => void): void {
  const folder = Deno.makeTempDirSync();
  try {
    body(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("a spill returns its messages by any of their ids", () =>
  inFolder((folder) => {
    const spill = new Spill({ maxSize: 1 << 20, folder });
    const [a, b] = [new SpilledRoom(), new SpilledRoom()];
    spill.add(a, messages(1, 10));
    spill.add(b, messages(5, 5, 200_000));
    spill.add(a, messages(11, 11));
    for (const id of [1, 5, 10]) assertEquals(spill.read(a, id), messages(1, 10));
    assertEquals(spill.read(a, 11), messages(11, 11));
    assertEquals(spill.read(b, 5), messages(5, 5, 200_000));
    for (const id of [0, 12]) assertEquals(spill.read(a, id), null);
    assertEquals([a.first, a.last, spill.size], [1, 11, 202_000]);
    spill.close();
  }));

Deno.test("readers at the same place share what a spill has read", () =>
  inFolder((folder) => {
    const spill = new Spill({ maxSize: 1 << 20, folder });
    const room = new SpilledRoom();
    spill.add(room, messages(1, 3));
    assertStrictEquals(spill.read(room, 3)!.frames, spill.read(room, 1)!.frames);
    spill.close();
  }));

Deno.test("a spill has no file before the first message, none by name while it is open, and none when it is empty", () =>
  inFolder((folder) => {
    const spill = new Spill({ maxSize: 1 << 20, folder });
    const room = new SpilledRoom();
    assert(!spill.isOpen);
    spill.add(room, messages(1, 1));
    assert(spill.isOpen);
    if (Deno.build.os !== "windows") assertEquals([...Deno.readDirSync(folder)], []);
    spill.release(room, 2);
    spill.tidy();
    assertEquals([spill.isOpen, spill.size, [...Deno.readDirSync(folder)]], [false, 0, []]);
    spill.add(room, messages(2, 2));
    assertEquals(spill.read(room, 2), messages(2, 2));
    spill.close();
    assertEquals([...Deno.readDirSync(folder)], []);
  }));

Deno.test("a full spill drops the messages that it has kept longest, and takes none that are larger than it", () =>
  inFolder((folder) => {
    const spill = new Spill({ maxSize: 3000, folder });
    const [a, b] = [new SpilledRoom(), new SpilledRoom()];
    spill.add(a, messages(1, 1));
    spill.add(b, messages(1, 1));
    spill.add(a, messages(2, 2));
    spill.add(b, messages(2, 2));
    assertEquals([a.first, b.first, spill.size], [2, 1, 3000]);
    spill.add(b, messages(3, 3, 3000));
    assertEquals([a.first, b.first, spill.size], [0, 3, 3000]);
    spill.add(b, messages(4, 4, 3001));
    assertEquals([b.first, spill.size], [0, 0]);
    spill.close();
  }));

Deno.test("a spill that cannot be written says so once, holds nothing, and tries again after tidy", () =>
  inFolder((folder) => {
    const failures: string[] = [];
    const missing = `${folder}/missing`;
    const spill = new Spill({ maxSize: 3000, folder: missing, onFailure: (text) => failures.push(text) });
    const room = new SpilledRoom();
    for (const id of [1, 2, 3]) spill.add(room, messages(id, id));
    assertEquals([failures.length, spill.size, spill.read(room, 1)], [1, 0, null]);
    assertMatch(failures[0]!, /^Cannot keep messages for slow readers: /);
    Deno.mkdirSync(missing);
    spill.tidy();
    spill.add(room, messages(4, 4));
    assertEquals(spill.read(room, 4), messages(4, 4));
    spill.close();
  }));

Deno.test("what is dropped at once leaves the file a little at a time, as its place is needed", () =>
  inFolder((folder) => {
    const spill = new Spill({ maxSize: 1 << 26, folder });
    const room = new SpilledRoom();
    const size = 1 << 20;
    for (let id = 1; id <= 20; id++) spill.add(room, messages(id, id, size));
    spill.release(room, 20);
    assertEquals([spill.size, spill.fileSize], [size, 20 * size]);
    spill.add(room, messages(21, 21, size));
    assertEquals([spill.size, spill.fileSize], [2 * size, 20 * size]);
    spill.add(room, messages(22, 22, size + 1));
    assertEquals(spill.fileSize, 19 * size + 1);
    for (let left = 15 * size + 1; left > 3 * size + 1; left -= 4 * size) {
      spill.tidy();
      assertEquals(spill.fileSize, left);
    }
    spill.tidy();
    assertEquals([spill.fileSize, spill.size], [3 * size + 1, 3 * size + 1]);
    for (const id of [20, 21, 22]) assertEquals(spill.read(room, id)!.first, id);
    spill.close();
  }));

Deno.test("the size of a spill is the sum of its rooms, whatever is added, released and dropped", () =>
  inFolder((folder) => {
    const random = randomOf(8);
    const maxSize = 100_000;
    const spill = new Spill({ maxSize, folder });
    const rooms = Array.from({ length: 5 }, () => ({ room: new SpilledRoom(), head: 0 }));
    for (let step = 0; step < 2000; step++) {
      const one = rooms[random(5)]!;
      const count = 1 + random(9);
      const [first, last] = [one.head + 1, one.head += count];
      if (random(20) > 0) spill.add(one.room, messages(first, last, 1 + random(5000)));
      if (random(5) === 0) spill.release(one.room, one.head - random(30));
      if (random(50) === 0) spill.drop(one.room);
      if (random(50) === 0) spill.tidy();
      const sum = rooms.reduce(
        (sum, { room }) => sum + room.rows.reduce((sum, { size }) => sum + size, 0),
        0,
      );
      assertEquals(spill.size, sum);
      assertLessOrEqual(sum, maxSize);
      assertLessOrEqual(spill.fileSize, maxSize);
      for (const { room: { rows } } of rooms) {
        for (let at = 1; at < rows.length; at++) assertEquals(rows[at]!.first, rows[at - 1]!.last + 1);
      }
      const { room } = rooms[random(5)]!;
      if (room.first > 0) {
        const id = room.first + random(room.last - room.first + 1);
        const found = spill.read(room, id)!;
        assert(found.first <= id && id <= found.last && found.frames[0] === found.first % 256);
      }
    }
    spill.close();
  }));
