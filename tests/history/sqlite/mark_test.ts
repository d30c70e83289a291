import { assert, assertEquals, assertNotEquals } from "../../assert.ts";
import { append, names, posts, roomOf, said } from "../posts.ts";
import { type HistoryOptions, openHistory, type SqliteHistory } from "../../../lib/history/sqlite/sqlite.ts";
import { startWriter, test } from "./files.ts";

let epochs = 0;

function open(path: string, options: Partial<HistoryOptions> = {}): SqliteHistory {
  return openHistory(path, {
    durability: "os",
    randomEpoch: () => `epoch ${++epochs}`,
    systemStart: 1000,
    ...options,
  });
}

/** Leaves the files as they are while a history is open, as kill −9 does. */
function leave(path: string, count: number, options: Partial<HistoryOptions> = {}): string {
  const work = `${path}.${++epochs}`;
  const history = open(work, options);
  append(history, posts("lobby", 1, count));
  for (const suffix of ["", "-wal", "-mark"]) Deno.copyFileSync(work + suffix, path + suffix);
  history.close();
  return history.epoch;
}

function epochOf(path: string, options: Partial<HistoryOptions> = {}): string {
  const history = open(path, options);
  history.close();
  return history.epoch;
}

test("a history that was closed, or whose process alone was ended, keeps its epoch", (path) => {
  const epoch = leave(path, 10);
  for (const systemStart of [1000, 1004, 99]) {
    assertEquals(epochOf(path, { systemStart }), epoch);
    assert(
      !(() => {
        try {
          return Deno.statSync(`${path}-mark`).isFile;
        } catch {
          return false;
        }
      })(),
    );
  }
});

test("after a restart of the machine the history gets a new epoch, unless each commit was synced", (path) => {
  for (const systemStart of [1006, undefined]) {
    const epoch = leave(path, 10);
    assertNotEquals(epochOf(path, { systemStart }), epoch);
    const synced = leave(path, 10, { durability: "disk" });
    assertEquals(epochOf(path, { systemStart }), synced);
  }
});

test("a history with fewer messages than were acked gets a new epoch, and keeps its messages", (path) => {
  const work = `${path}.work`;
  const history = open(work);
  for (let id = 1; id <= 100; id++) append(history, posts("lobby", id, id, 2000 - 2000 % 16));
  for (const suffix of ["", "-wal", "-mark"]) Deno.copyFileSync(work + suffix, path + suffix);
  history.close();
  Deno.truncateSync(`${path}-wal`, 200_000);
  const again = open(path);
  assertNotEquals(again.epoch, history.epoch);
  const { head } = again.rooms()[0]!;
  assert(head > 0 && head < 100);
  assertEquals(said(roomOf(again, "lobby").log.replay(1, Infinity)), names("lobby", 1, head));
  append(again, posts("lobby", head + 1, head + 1));
  again.close();
  assertEquals(epochOf(path), again.epoch);
});

test("an unreadable mark gives the history a new epoch", (path) => {
  const epoch = leave(path, 3);
  Deno.writeTextFileSync(`${path}-mark`, "os 10");
  assertNotEquals(epochOf(path), epoch);
});

test("kill −9 leaves a mark that is never ahead of the file", async (path) => {
  for (let round = 0; round < 3; round++) {
    const writer = startWriter(path);
    await writer.newest();
    writer.kill();
    while (await writer.newest() !== null);
    await writer.status;
    const stored = Number(/(\d+)\n$/.exec(Deno.readTextFileSync(`${path}-mark`))![1]);
    const history = open(path);
    const { head } = history.rooms()[0]!;
    assert(stored <= head && stored >= head - 7);
    history.close();
  }
});
