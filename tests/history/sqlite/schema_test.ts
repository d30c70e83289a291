import { DatabaseSync } from "node:sqlite";
import { HistoryError } from "../../../lib/history/history.ts";
import { assert, assertEquals, assertThrows } from "../../assert.ts";
import { randomOf } from "../../random.ts";
import { assertRefused, contents, open, startWriter, test, write } from "./files.ts";
import { append, kept, names, posts } from "../posts.ts";

test("openHistory makes a missing file and fills an empty one", (path, folder) => {
  Deno.writeFileSync(`${folder}/empty.db`, new Uint8Array(0));
  for (const file of [path, `${folder}/empty.db`]) {
    const history = open(file, { randomEpoch: () => "first" });
    assertEquals([history.epoch, history.rooms(), history.bans()], ["first", [], []]);
    history.close();
    const again = open(file, { randomEpoch: () => "second" });
    assertEquals(again.epoch, "first");
    again.close();
  }
});

test("a new history can be read by its owner only", (path) => {
  open(path).close();
  assertEquals(Deno.statSync(path).mode! & 0o777, 0o600);
}, Deno.build.os === "windows");

test("a closed history is one file", (path, folder) => {
  write(path, 3);
  open(path).close();
  assertEquals(Object.keys(contents(folder)), ["chat.db"]);
});

test("openHistory takes names that SQLite would read as something else", (_path, folder) => {
  for (const name of ["file:x.db?mode=memory", "a#b%20c.db", "ä ö.db"]) {
    write(`${folder}/${name}`, 1);
    assert(Deno.statSync(`${folder}/${name}`).size > 0);
  }
});

test("openHistory refuses a file that is not a history, and does not change it", (path, folder) => {
  const cases: Record<string, () => void> = {
    text: () => Deno.writeTextFileSync(path, "dear diary\n"),
    short: () => Deno.writeTextFileSync(path, "SQLite format 3\0"),
    "another program's database": () => {
      const database = new DatabaseSync(path);
      database.exec("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
      database.close();
    },
    "another program's, in WAL mode": () => {
      const database = new DatabaseSync(path);
      database.exec("PRAGMA application_id = 7; PRAGMA journal_mode = WAL; CREATE TABLE t (a)");
      database.close();
    },
    "a long file of zeros": () => Deno.writeFileSync(path, new Uint8Array(10_000)),
  };
  for (const make of Object.values(cases)) {
    make();
    assertRefused(
      path,
      /^Cannot keep the history in .*chat\.db: it is not a history of chat; give --history another file$/,
    );
    Deno.removeSync(path);
  }
  assertRefused(folder, /^Cannot keep the history in .*: it is a folder; give --history a file$/);
  assertThrows(() => open(`${folder}/missing/chat.db`), HistoryError, "give --history a file");
});

test("openHistory refuses a newer version", (path) => {
  write(path, 3);
  const database = new DatabaseSync(path);
  database.exec("PRAGMA user_version = 2");
  database.close();
  assertRefused(path, /its version is 2 and this chat knows 1; use a newer chat$/);
});

test("openHistory refuses a damaged file", (path) => {
  write(path, 3000);
  const whole = Deno.readFileSync(path);
  for (const size of [100, 4096, whole.length - 4096, whole.length - 1]) {
    Deno.writeFileSync(path, whole.subarray(0, size));
    assertRefused(path, /it is damaged; put a copy of it back, or give --history another file$/);
  }
  const random = randomOf(3);
  for (let round = 0; round < 20; round++) {
    const holed = whole.slice();
    const page = 1 + random(whole.length / 4096 - 1);
    holed.fill(0xff, page * 4096, page * 4096 + 64);
    Deno.writeFileSync(path, holed);
    assertRefused(path, /damaged/);
  }
});

test("openHistory refuses a file that another history has open", (path) => {
  const history = open(path);
  append(history, posts("lobby", 1, 1));
  assertRefused(path, /another listener has it open; stop that one, or give --history another file$/);
  append(history, posts("lobby", 2, 2));
  history.close();
  const again = open(path);
  assertEquals(kept(again, "lobby"), names("lobby", 1, 2));
  again.close();
});

test("openHistory refuses a file whose log was left behind and whose pages are damaged", async (path) => {
  write(path, 3000);
  const writer = startWriter(path);
  await writer.newest();
  writer.kill();
  while (await writer.newest() !== null);
  await writer.status;
  const holed = Deno.readFileSync(path);
  for (let page = 2; page < holed.length / 4096; page++) holed.fill(0xff, page * 4096, page * 4096 + 64);
  Deno.writeFileSync(path, holed);
  assertRefused(path, /damaged/);
});
