import { DatabaseSync } from "node:sqlite";
import { HistoryError } from "../../../lib/history/history.ts";
import { assert, assertEquals, assertGreater, assertLess, assertThrows } from "../../assert.ts";
import { open, test } from "./files.ts";
import { append, kept, names, nextOf, posts, postWith, roomOf, said } from "../posts.ts";

test("retain by count keeps the newest of each room, and the head", (path) => {
  const history = open(path, { retain: { count: 3 } });
  append(history, [...posts("lobby", 1, 10), ...posts("ops", 1, 2)]);
  assertEquals(roomOf(history, "lobby").log.oldest, 1);
  while (history.expire(0));
  assertEquals([
    roomOf(history, "lobby").log.oldest,
    roomOf(history, "ops").log.oldest,
    roomOf(history, "nowhere").log.oldest,
  ], [8, 1, 1]);
  assertEquals(kept(history, "lobby"), names("lobby", 8, 10));
  assertEquals(kept(history, "ops"), names("ops", 1, 2));
  history.close();
});

test("retain by age drops what is older, down to nothing, and ids go on after that", (path) => {
  const options = { retain: { age: 100 } };
  const history = open(path, options);
  append(history, [postWith("s", 1, { id: 1 }), ...posts("lobby", 2, 10)]);
  while (history.expire(1105));
  assertEquals(kept(history, "lobby"), names("lobby", 5, 10));
  assertEquals(history.find("s", 1), undefined);
  while (history.expire(5000));
  assertEquals([roomOf(history, "lobby").log.oldest, kept(history, "lobby")], [11, []]);
  history.close();

  const again = open(path, options);
  assertEquals([roomOf(again, "lobby").log.oldest, again.rooms()], [11, [{
    room: "lobby",
    head: 10,
    topic: "",
  }]]);
  append(again, posts("lobby", 11, 11));
  assertEquals(kept(again, "lobby"), ["lobby:11"]);
  again.close();
});

test("without retain nothing is dropped", (path) => {
  const history = open(path);
  append(history, posts("lobby", 1, 5));
  assertEquals([history.expire(1e12), roomOf(history, "lobby").log.oldest], [false, 1]);
  history.close();
});

test("a file stays small even if messages come faster than old ones are dropped regularly", (path) => {
  const history = open(path, { retain: { count: 100 } });
  for (let id = 1; id <= 20_000; id += 50) {
    append(history, posts("lobby", id, id + 49));
    assertGreater(roomOf(history, "lobby").log.oldest + 100 + 1024, id);
  }
  history.close();
});

test("messages are dropped in small steps", (path) => {
  const whole = open(path);
  append(whole, [...posts("lobby", 1, 3000), ...posts("lobby", 3001, 3040, 256 * 1024)]);
  whole.close();
  const history = open(path, { retain: { count: 1 } });
  const steps = [];
  for (let oldest = 1; history.expire(0); oldest = roomOf(history, "lobby").log.oldest) {
    steps.push(roomOf(history, "lobby").log.oldest - oldest);
  }
  assertGreater(steps.length, 12);
  assert(steps.every((step) => step <= 512));
  assertEquals(steps.at(-1)! <= 5, true);
  assertEquals(kept(history, "lobby"), ["lobby:3040"]);
  history.close();
});

test("announced messages of a replay are not dropped until it is read or closed", (path) => {
  const history = open(path, { retain: { count: 2 } });
  append(history, posts("lobby", 1, 10));
  const replay = roomOf(history, "lobby").log.replay(4, 9);
  while (history.expire(0));
  assertEquals(roomOf(history, "lobby").log.oldest, 4);
  nextOf(replay, 64);
  while (history.expire(0));
  assertEquals(roomOf(history, "lobby").log.oldest, 6);
  assertEquals(said(replay), names("lobby", 6, 9));
  while (history.expire(0));
  assertEquals(roomOf(history, "lobby").log.oldest, 9);
  replay.close();
  history.close();
});

test("a replay that takes too long no longer protects its messages, and fails", (path) => {
  const history = open(path, { retain: { count: 2 } });
  append(history, posts("lobby", 1, 10));
  const replay = roomOf(history, "lobby").log.replay(4, 9);
  nextOf(replay, 64);
  while (history.expire(1000));
  while (history.expire(1300));
  assertEquals(roomOf(history, "lobby").log.oldest, 6);
  while (history.expire(1301));
  assertEquals([roomOf(history, "lobby").log.oldest, replay.position], [9, 6]);
  assertThrows(() => nextOf(replay, 64), HistoryError, "number 6 is no longer kept");
  replay.close();
  history.close();
});

test("refs of dropped messages are forgotten wherever they stand", (path) => {
  const history = open(path, { retain: { count: 10 } });
  for (let id = 1; id <= 5000; id += 100) {
    append(history, Array.from({ length: 100 }, (_, index) => postWith("s", id + index, { id: id + index })));
  }
  while (history.expire(0));
  for (let id = 1; id <= 4990; id++) assertEquals(history.find("s", id), undefined);
  for (let id = 4991; id <= 5000; id++) assertEquals(history.find("s", id)?.id, id);
  history.close();
  const database = new DatabaseSync(path);
  assertGreater(11, Number(database.prepare("SELECT count(*) AS n FROM message_ref").get()!["n"]));
  database.close();
});

test("retain by size keeps a file within it, drops the oldest of all rooms, and leaves each room its newest", (path) => {
  const size = 4 * 1024 * 1024;
  const history = open(path, { retain: { size } });
  append(history, posts("quiet", 1, 1));
  const heads = new Map([["a", 0], ["b", 0]]);
  for (let round = 0; round < 40; round++) {
    for (const [room, head] of heads) {
      const count = room === "a" ? 30 : 6;
      append(history, posts(room, head + 1, head + count, 16 * 1024));
      heads.set(room, head + count);
    }
  }
  // A post is as old as its id is low here, so those of b go first.
  while (history.expire(0));
  const [a, b] = ["a", "b"].map((room) => roomOf(history, room).log.oldest) as [number, number];
  assertGreater(a, 900);
  assertEquals(b, 240);
  assertEquals(kept(history, "a"), names("a", a, 1200));
  assertEquals(kept(history, "quiet"), ["quiet:1"]);
  history.close();
  assertLess(Deno.statSync(path).size, size + 4 * 1024 * 1024);
});
