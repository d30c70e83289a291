import { ReadPositions } from "../../lib/conversation/read_positions.ts";
import { assertEquals } from "../assert.ts";

function entered(head: number, ...seen: number[]): ReadPositions {
  const positions = new ReadPositions();
  positions.open("e1");
  positions.enter("lobby", head);
  for (const id of seen) positions.read("lobby", id).isNew;
  if (seen.length === 0) positions.beginReplay("lobby", { count: 0, asked: false });
  return positions;
}

const last = (positions: ReadPositions) => positions.resume().get("lobby");

Deno.test("ReadPositions does not count the head as seen while live messages below it still come", () => {
  const positions = entered(7);
  assertEquals(last(positions), 7);
  assertEquals([6, 7, 8].map((id) => positions.read("lobby", id).isNew), [true, true, true]);
  assertEquals(last(positions), 8);
});

Deno.test("ReadPositions resumes inside a replay that was cut", () => {
  const positions = new ReadPositions();
  positions.enter("lobby", 50);
  assertEquals(last(positions), undefined);
  positions.read("lobby", 20).isNew;
  assertEquals(last(positions), 20);
});

Deno.test("ReadPositions passes own ids only once everything below them was seen", () => {
  const positions = entered(3, 1, 2, 3);
  for (const id of [5, 6, 8]) positions.stored("lobby", id);
  assertEquals(last(positions), 3);
  assertEquals(positions.read("lobby", 4).isNew, true);
  assertEquals(last(positions), 6);
  assertEquals(positions.read("lobby", 8).isNew, false);
  assertEquals(positions.read("lobby", 9).isNew, true);
});

Deno.test("ReadPositions keeps up where this end only posts", () => {
  for (const positions of [entered(0), entered(5), entered(5, 4, 5)]) {
    const start = last(positions)!;
    for (let id = start + 1; id <= start + 1000; id++) positions.stored("lobby", id);
    assertEquals(last(positions), start + 1000);
  }
});

Deno.test("ReadPositions forgets its positions in another epoch, and one above the head", () => {
  const positions = entered(3, 3);
  positions.open("e1");
  assertEquals(last(positions), 3);
  positions.enter("lobby", 2);
  assertEquals(last(positions), undefined);
  positions.read("lobby", 2).isNew;
  positions.open("e2");
  assertEquals([last(positions), positions.has("lobby"), positions.epoch], [undefined, true, "e2"]);
});

Deno.test("ReadPositions keeps the rooms in the order in which they were entered", () => {
  const positions = entered(0);
  positions.enter("ops", 9);
  positions.enter("lobby", 0);
  assertEquals(positions.rooms, ["lobby", "ops"]);
  positions.leave("lobby");
  assertEquals([positions.rooms, positions.read("lobby", 1).isNew], [["ops"], true]);
});

Deno.test("ReadPositions counts down the replays of a room, one after the other", () => {
  const positions = entered(0);
  positions.beginReplay("lobby", { count: 2, asked: false });
  positions.beginReplay("lobby", { count: 1, asked: true });
  assertEquals([1, 2, 1, 3].map((id) => positions.read("lobby", id)), [
    { isNew: true, replay: { asked: false, last: false } },
    { isNew: true, replay: { asked: false, last: true } },
    { isNew: true, replay: { asked: true, last: true } },
    { isNew: true },
  ]);
});

Deno.test("ReadPositions drops the rest of a replay where the room is left or the connection is lost", () => {
  for (const end of ["left", "lost"]) {
    const positions = entered(0);
    positions.beginReplay("lobby", { count: 2, asked: false });
    assertEquals(positions.isReplaying("lobby"), true);
    if (end === "left") positions.leave("lobby");
    else positions.dropReplays();
    assertEquals(positions.isReplaying("lobby"), false, end);
  }
});

Deno.test("hits of a search move no read position, and an error with its ref ends it", () => {
  const positions = new ReadPositions();
  positions.enter("lobby", 50);
  positions.beginReplay("lobby", { count: 1, asked: false });
  positions.read("lobby", 50);
  positions.beginReplay("lobby", { count: 3, asked: true, ref: "search" });
  assertEquals(positions.read("lobby", 7), { isNew: true, replay: { asked: true, last: false } });
  assertEquals(positions.read("lobby", 12), { isNew: true, replay: { asked: true, last: false } });
  assertEquals(positions.resume(), new Map([["lobby", 50]]));
  assertEquals(positions.failReplay("another"), undefined);
  assertEquals([positions.failReplay("search"), positions.isReplaying("lobby")], ["lobby", false]);
  assertEquals(positions.read("lobby", 51), { isNew: true });
  assertEquals(positions.resume(), new Map([["lobby", 51]]));
});

Deno.test("a gap in the middle of a replay is the rest of it, so what follows is live", () => {
  const positions = new ReadPositions();
  positions.enter("lobby", 9);
  assertEquals(positions.gap("lobby", 4), false);
  positions.beginReplay("lobby", { count: 5, asked: false });
  assertEquals(positions.read("lobby", 5), { isNew: true, replay: { asked: false, last: false } });
  assertEquals(positions.gap("lobby", 9), true);
  assertEquals(positions.read("lobby", 10), { isNew: true });
  assertEquals(positions.resume(), new Map([["lobby", 10]]));
  // The error with its ref ends the replay of a request.
  positions.beginReplay("lobby", { count: 5, asked: true, ref: 1 });
  assertEquals([positions.gap("lobby", 10), positions.failReplay(1)], [false, "lobby"]);
});
