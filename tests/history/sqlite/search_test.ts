import { SYSTEM_CLOCK } from "../../../lib/base/clock.ts";
import { BusyError, HistoryError } from "../../../lib/history/history.ts";
import { DatabaseSync } from "../../../lib/history/driver.ts";
import { parseQuery } from "../../../lib/history/search/query.ts";
import { openSearchWorker } from "../../../lib/history/sqlite/search/search_index.ts";
import type { HistoryOptions, SqliteHistory } from "../../../lib/history/sqlite/sqlite.ts";
import { assertEquals, assertRejects, assertStringIncludes } from "../../assert.ts";
import { TestRoom } from "../posts.ts";
import { say, search, testSearch } from "../search_contract.ts";
import { open, test } from "./files.ts";

/** What the histories of a test told of failures. */
type Failures = string[];

/** Opens a history that can be searched. */
function openSearched(
  path: string,
  failures: Failures = [],
  options?: Partial<HistoryOptions>,
): SqliteHistory {
  const onFailure = (text: string) => void failures.push(text);
  return open(path, { search: { openWorker: openSearchWorker, clock: SYSTEM_CLOCK, onFailure }, ...options });
}

testSearch({
  name: "a history in a file",
  async open() {
    const folder = await Deno.makeTempDir();
    const failures: Failures = [];
    const history = openSearched(`${folder}/chat.db`, failures);
    return {
      history,
      async end() {
        await history.close();
        await Deno.remove(folder, { recursive: true });
        assertEquals(failures, []);
      },
    };
  },
});

/** The rows of the index: the ids of the messages whose words are in it. */
function indexed(path: string): number[] {
  const database = new DatabaseSync(`${path}-search`, { readOnly: true });
  try {
    const parts = database.prepare("SELECT number FROM part").all();
    return parts.flatMap(({ number }) =>
      database.prepare(`SELECT id % 8589934592 AS id FROM words_${number}_docsize ORDER BY id`).all()
        .map((row) => row["id"] as number)
    );
  } finally {
    database.close();
  }
}

/** Numbers from `first` to `last`. */
const range = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

test("messages that were stored without an index are found, too", async (path) => {
  let history = open(path);
  say(history, new TestRoom(history, "lobby"), ...range(1, 3000).map((id) => `old ${id}`));
  history.close();
  for (const id of [3001, 3002]) {
    history = openSearched(path);
    const room = new TestRoom(history, "lobby");
    say(history, room, "new");
    assertEquals((await search(room, "old 17")).length, 1);
    assertEquals((await search(room, "old", { limit: 9999 })).length, 3000);
    assertEquals(await search(room, "new"), range(3001, id === 3001 ? 3001 : 3003));
    await history.close();
    assertEquals(indexed(path), range(1, id === 3001 ? 3001 : 3003));
    if (id > 3001) break;
    // An earlier version knows nothing of the index.
    history = open(path);
    say(history, new TestRoom(history, "lobby"), "new");
    history.close();
  }
});

test("a history without the options for searching has no search", (path) => {
  const history = open(path);
  assertEquals(new TestRoom(history, "lobby").log.search, undefined);
  history.close();
});

test("messages that retention deletes are deleted from the index, even if there was no index then", async (path) => {
  let history = openSearched(path, [], { retain: { count: 500 } });
  let room = new TestRoom(history, "lobby");
  say(history, room, ...range(1, 1000).map((id) => `tea ${id}`));
  assertEquals((await search(room, "tea", { limit: 2000 })).length, room.log.head - room.log.oldest + 1);
  while (history.expire(2000));
  assertEquals(await search(room, "tea", { limit: 2000 }), range(501, 1000));
  await history.close();
  assertEquals(indexed(path), range(501, 1000));

  history = open(path, { retain: { count: 100 } });
  while (history.expire(2000));
  history.close();
  history = openSearched(path);
  room = new TestRoom(history, "lobby");
  assertEquals(await search(room, "tea", { limit: 2000 }), range(901, 1000));
  await history.close();
  assertEquals(indexed(path), range(901, 1000));
});

test("found messages are not deleted until the replay is read or closed", async (path) => {
  const history = openSearched(path, [], { retain: { count: 10 } });
  const room = new TestRoom(history, "lobby");
  say(history, room, ...range(1, 100).map((id) => id === 20 || id === 30 ? "rare" : "tea"));
  const { replay } = await room.log.search!(parseQuery("rare"), { before: Infinity, limit: 10 });
  while (history.expire(2000));
  assertEquals(room.log.oldest, 20);
  replay.next(1);
  while (history.expire(2000));
  assertEquals(room.log.oldest, 30);
  replay.close();
  while (history.expire(2000));
  assertEquals(room.log.oldest, 91);
  await history.close();
});

test("an index that is damaged or another history's is rebuilt, and one that is ahead is cut", async (path) => {
  const failures: Failures = [];
  const write = async (count: number, epoch: string) => {
    const history = openSearched(path, failures, { randomEpoch: () => epoch });
    const room = new TestRoom(history, "lobby");
    say(history, room, ...range(1, count).map((id) => `tea ${id}`));
    assertEquals((await search(room, "tea", { limit: 9999 })).length, room.log.head);
    await history.close();
  };
  await write(800, "first");
  const bytes = await Deno.readFile(`${path}-search`);
  bytes.fill(0xff, 4096, bytes.length - 4096);
  await Deno.writeFile(`${path}-search`, bytes);
  const history = openSearched(path, failures);
  const room = new TestRoom(history, "lobby");
  await search(room, "tea").catch(() => {});
  assertEquals(await search(room, "800"), [800]);
  await history.close();
  failures.length = 0;

  // The file is put back from a copy, which lacks the newest messages.
  await Deno.copyFile(path, `${path}-copy`);
  await write(100, "first");
  await Deno.rename(`${path}-copy`, path);
  await write(1, "first");
  assertEquals(indexed(path), range(1, 801));

  await Deno.remove(path);
  await write(3, "second");
  assertEquals(indexed(path), range(1, 3));
  assertEquals(failures, []);
});

test("an index in which a search finds damage is rebuilt for the next search", async (path) => {
  let history = openSearched(path);
  let room = new TestRoom(history, "lobby");
  say(history, room, ...range(1, 3000).map((id) => `tea ${id}`));
  await search(room, "tea");
  await history.close();
  const database = new DatabaseSync(`${path}-search`);
  (database as unknown as { enableDefensive(on: boolean): void }).enableDefensive(false);
  database.exec("UPDATE words_1_data SET block = zeroblob(length(block)) WHERE id > 10");
  database.close();
  const failures: Failures = [];
  history = openSearched(path, failures);
  room = new TestRoom(history, "lobby");
  await assertRejects(() => search(room, "tea"), HistoryError, "Cannot search");
  assertEquals((await search(room, "tea", { limit: 5000 })).length, 3000);
  assertEquals(failures.length, 1);
  await history.close();
});

test("a file that is not an index is not changed, and is reported", async (path) => {
  await Deno.writeTextFile(`${path}-search`, "my notes");
  const failures: Failures = [];
  const history = openSearched(path, failures);
  const room = new TestRoom(history, "lobby");
  say(history, room, "tea");
  for (let attempt = 0; attempt < 2; attempt++) {
    await assertRejects(() => search(room, "tea"), HistoryError, "Cannot search");
  }
  assertEquals(failures.length, 1);
  assertStringIncludes(failures[0]!, `Cannot keep ${path}-search`);
  assertEquals(await Deno.readTextFile(`${path}-search`), "my notes");
  await Deno.remove(`${path}-search`);
  assertEquals(await search(room, "tea"), [1]);
  await history.close();
});

test("messages go on being stored and found while an index is built", async (path) => {
  let history = open(path);
  say(history, new TestRoom(history, "ops"), ...range(1, 20_000).map((id) => `old ${id}`));
  history.close();
  history = openSearched(path);
  const [lobby, ops] = [new TestRoom(history, "lobby"), new TestRoom(history, "ops")];
  history.expire(0);
  for (let turn = 1; turn <= 50; turn++) {
    say(history, lobby, `turn ${turn}`);
    assertEquals((await search(lobby, "turn")).length, turn);
  }
  assertEquals(await search(ops, "20000"), [20_000]);
  await history.close();
});

test("a search whose messages are not indexed in time is told so, and the index goes on", async (path) => {
  let history = open(path);
  say(history, new TestRoom(history, "lobby"), ...range(1, 1000).map((id) => `old ${id}`));
  history.close();
  const failures: Failures = [];
  let late: (() => void) | undefined;
  const clock = {
    // The time for a search is the only long one.
    after: (ms: number, then: () => void) =>
      ms < 5000 ? SYSTEM_CLOCK.after(ms, then) : (late = then, () => {}),
  };
  history = open(path, {
    search: { openWorker: openSearchWorker, clock, onFailure: (text) => void failures.push(text) },
  });
  const room = new TestRoom(history, "lobby");
  const searched = assertRejects(() => search(room, "old 17"), BusyError, "Cannot search yet: 0 %");
  late!();
  await searched;
  assertEquals([await search(room, "old 17"), failures], [[17], []]);
  await history.close();
});

test("a search that a close overtakes fails", async (path) => {
  const history = openSearched(path);
  const room = new TestRoom(history, "lobby");
  say(history, room, "tea");
  const searched = assertRejects(() => search(room, "tea"), HistoryError, "the history is closed");
  await history.close();
  await searched;
});
