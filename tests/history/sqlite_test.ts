import { DatabaseSync } from "node:sqlite";
import { HistoryError, type Post, type Ref } from "../../lib/history/history.ts";
import { type HistoryOptions, openHistory, type SqliteHistory } from "../../lib/history/sqlite.ts";
import { assert, assertEquals, assertGreater, assertMatch, assertThrows } from "../assert.ts";
import { randomOf } from "../random.ts";
import { frameOf, kept, names, posts, postWith, said } from "./posts.ts";

const WRITER = new URL("writer.ts", import.meta.url).pathname;

function open(path: string, options?: Partial<HistoryOptions>): SqliteHistory {
  return openHistory(path, { durability: "os", randomEpoch: () => "epoch", ...options });
}

/** A test with a folder of its own. */
function test(
  name: string,
  body: (path: string, folder: string) => void | Promise<void>,
  ignore = false,
): void {
  Deno.test({
    name,
    ignore,
    async fn() {
      const folder = await Deno.makeTempDir();
      try {
        await body(`${folder}/chat.db`, folder);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

/** What lies in a folder: names, and the bytes of each. */
function contents(folder: string): Record<string, Uint8Array> {
  const files = [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();
  return Object.fromEntries(files.map((file) => [file, Deno.readFileSync(`${folder}/${file}`)]));
}

/** Asserts that the file is refused in one line that matches, and that nothing in its folder changed. */
function assertRefused(path: string, why: RegExp): void {
  const folder = Deno.statSync(path).isDirectory ? path : path.slice(0, path.lastIndexOf("/"));
  const before = contents(folder);
  const error = assertThrows(() => open(path), HistoryError);
  assertMatch(error.message, why);
  assert(!error.message.includes("\n"));
  assertEquals(contents(folder), before);
}

/** A closed history with `count` messages. */
function write(path: string, count: number): void {
  const history = open(path);
  history.append(posts("lobby", 1, count));
  history.close();
}

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

test("a new history is for its owner's eyes only", (path) => {
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

test("messages, topics and bans are there after the file is opened again", (path) => {
  const history = open(path);
  history.append([...posts("lobby", 1, 3), ...posts("ops", 1, 1)]);
  history.append(posts("lobby", 4, 5));
  history.setTopic("lobby", "tea \0 and 🫖");
  history.setTopic("quiet", "no message here");
  history.ban({ kind: "nick", value: "mallory", text: "" });
  history.ban({ kind: "address", value: "192.0.2.1", text: "once" });
  history.ban({ kind: "address", value: "192.0.2.1", text: "twice" });
  history.ban({ kind: "nick", value: "eve", text: "" });
  history.unban({ kind: "nick", value: "eve" });
  history.close();

  const again = open(path);
  assertEquals(again.rooms(), [
    { room: "lobby", head: 5, topic: "tea \0 and 🫖" },
    { room: "ops", head: 1, topic: "" },
    { room: "quiet", head: 0, topic: "no message here" },
  ]);
  assertEquals(again.bans(), [
    { kind: "address", value: "192.0.2.1", text: "twice" },
    { kind: "nick", value: "mallory", text: "" },
  ]);
  assertEquals(kept(again, "lobby"), names("lobby", 1, 5));
  assertEquals(kept(again, "ops"), ["ops:1"]);
  again.append(posts("lobby", 6, 6));
  assertEquals(kept(again, "lobby"), names("lobby", 1, 6));
  again.close();
});

test("append refuses a hole, a repetition and a first id that is not 1, and stores nothing then", (path) => {
  const history = open(path);
  history.append(posts("lobby", 1, 3));
  for (const batch of [posts("lobby", 6, 6), posts("lobby", 3, 3), posts("ops", 2, 2)]) {
    assertThrows(
      () => history.append([...posts("lobby", 4, 4), ...posts("new", 1, 1), ...batch]),
      HistoryError,
    );
  }
  assertEquals(history.rooms(), [{ room: "lobby", head: 3, topic: "" }]);
  history.append([...posts("lobby", 4, 5), ...posts("new", 1, 1)]);
  assertEquals(kept(history, "lobby"), names("lobby", 1, 5));
  assertEquals(kept(history, "new"), ["new:1"]);
  history.append([]);
  history.close();
});

test("replay hands out whole frames in pieces of at most maxBytes, and at least one", (path) => {
  const history = open(path);
  history.append(posts("lobby", 1, 10));
  const sizes = (maxBytes: number) => {
    const replay = history.replay("lobby", 1, 10);
    const found = [];
    for (let piece = replay.next(maxBytes); piece !== null; piece = replay.next(maxBytes)) {
      found.push(piece.length);
    }
    replay.close();
    return found;
  };
  assertEquals(sizes(1), Array(10).fill(32));
  assertEquals(sizes(32), Array(10).fill(32));
  assertEquals(sizes(95), Array(5).fill(64));
  assertEquals(sizes(96), [96, 96, 96, 32]);
  assertEquals(sizes(320), [320]);
  assertEquals(sizes(1 << 20), [320]);
  history.close();
});

test("replay gives what is kept of the range that was asked for", (path) => {
  const history = open(path);
  history.append(posts("lobby", 1, 10));
  const range = (first: number, last: number, room = "lobby") => {
    const replay = history.replay(room, first, last);
    const { count } = replay;
    const found = said(replay);
    assertEquals(found.length, count);
    return count === 0 ? [] : [replay.first, found[0], found.at(-1)];
  };
  assertEquals(range(1, 10), [1, "lobby:1", "lobby:10"]);
  assertEquals(range(-5, 99), [1, "lobby:1", "lobby:10"]);
  assertEquals(range(4, 4), [4, "lobby:4", "lobby:4"]);
  assertEquals(range(10, 11), [10, "lobby:10", "lobby:10"]);
  assertEquals(range(11, 20), []);
  assertEquals(range(5, 4), []);
  assertEquals(range(1, 9, "nowhere"), []);
  history.close();
});

test("messages that are appended while a replay is read are no part of it", (path) => {
  const history = open(path);
  history.append(posts("lobby", 1, 4));
  const replay = history.replay("lobby", 1, 4);
  replay.next(64);
  history.append(posts("lobby", 5, 8));
  assertEquals(said(replay, 32), names("lobby", 3, 4));
  replay.close();
  history.close();
});

test("a message of 16 MiB comes back as it was", (path) => {
  const history = open(path);
  const frame = new Uint8Array(16 * 1024 * 1024);
  const random = randomOf(5);
  for (let at = 0; at < frame.length; at += 997) frame[at] = random(256);
  history.append([
    { room: "lobby", id: 1, at: 1, frame, session: "s", ref: undefined },
    ...posts("lobby", 2, 2),
  ]);
  const replay = history.replay("lobby", 1, 2);
  const first = replay.next(1024)!;
  assert(first.length === frame.length && first.every((byte, at) => byte === frame[at]));
  assertEquals(said(replay), ["lobby:2"]);
  history.close();
});

test("find tells a ref of one session from the same of another, and a number from a text", (path) => {
  const history = open(path);
  history.append([
    postWith("a", 1, { id: 1 }),
    postWith("a", "1", { id: 2 }),
    postWith("b", 1, { room: "ops", id: 1 }),
    postWith("", "", { id: 3 }),
    postWith("a", -(2 ** 53 - 1), { id: 4 }),
  ]);
  for (const reopened of [history, undefined]) {
    const found = reopened ?? open(path);
    assertEquals(found.find("a", 1), { room: "lobby", id: 1, at: 1001 });
    assertEquals(found.find("a", "1"), { room: "lobby", id: 2, at: 1002 });
    assertEquals(found.find("b", 1), { room: "ops", id: 1, at: 1001 });
    assertEquals(found.find("", ""), { room: "lobby", id: 3, at: 1003 });
    assertEquals(found.find("a", -(2 ** 53 - 1)), { room: "lobby", id: 4, at: 1004 });
    assertEquals(found.find("b", "1"), undefined);
    assertEquals(found.find("c", 1), undefined);
    found.close();
  }
});

test("refs are found wherever they stand: waiting, written, and after each opening", (path) => {
  let history = open(path);
  const random = randomOf(11);
  const known: { session: string; ref: Ref; room: string; id: number }[] = [];
  const heads = [0, 0, 0];
  for (let step = 0; step < 60; step++) {
    for (let other = 0; other < 100; other++) assertEquals(history.find(`o${step}:${other}`, 1), undefined);
    const batch = Array.from({ length: 1 + random(400) }, () => {
      const number = random(3);
      const place = { room: `r${number}`, id: ++heads[number]! };
      const count = known.length;
      const ref = [count, count, count, -count - 1, `${count}`, 1e15 - count][random(6)]!;
      const post = postWith(`s${random(5)}`, ref, place);
      known.push({ session: post.session, ref, ...place });
      return post;
    });
    history.append(batch);
    if (random(20) === 0) {
      history.close();
      history = open(path);
    }
    for (let look = 0; look < 50; look++) {
      const { session, ref, room, id } = known[random(known.length)]!;
      assertEquals(history.find(session, ref), { room, id, at: 1000 + id });
    }
    for (const ref of [-1e9 - step, 2e15 + step, "0x", ""]) assertEquals(history.find("s1", ref), undefined);
  }
  assertGreater(known.length, 8000);
  history.close();
});

test("retain by count keeps the newest of each room, and the head", (path) => {
  const history = open(path, { retain: { count: 3 } });
  history.append([...posts("lobby", 1, 10), ...posts("ops", 1, 2)]);
  assertEquals(history.oldest("lobby"), 1);
  while (history.expire(0));
  assertEquals([history.oldest("lobby"), history.oldest("ops"), history.oldest("nowhere")], [8, 1, 1]);
  assertEquals(kept(history, "lobby"), names("lobby", 8, 10));
  assertEquals(kept(history, "ops"), names("ops", 1, 2));
  history.close();
});

test("retain by age drops what is older, down to nothing, and ids go on after that", (path) => {
  const options = { retain: { age: 100 } };
  const history = open(path, options);
  history.append([postWith("s", 1, { id: 1 }), ...posts("lobby", 2, 10)]);
  while (history.expire(1105));
  assertEquals(kept(history, "lobby"), names("lobby", 5, 10));
  assertEquals(history.find("s", 1), undefined);
  while (history.expire(5000));
  assertEquals([history.oldest("lobby"), kept(history, "lobby")], [11, []]);
  history.close();

  const again = open(path, options);
  assertEquals([again.oldest("lobby"), again.rooms()], [11, [{ room: "lobby", head: 10, topic: "" }]]);
  again.append(posts("lobby", 11, 11));
  assertEquals(kept(again, "lobby"), ["lobby:11"]);
  again.close();
});

test("without retain nothing is dropped", (path) => {
  const history = open(path);
  history.append(posts("lobby", 1, 5));
  assertEquals([history.expire(1e12), history.oldest("lobby")], [false, 1]);
  history.close();
});

test("a file whose messages come faster than anybody asks to drop some stays small", (path) => {
  const history = open(path, { retain: { count: 100 } });
  for (let id = 1; id <= 20_000; id += 50) {
    history.append(posts("lobby", id, id + 49));
    assertGreater(history.oldest("lobby") + 100 + 1024, id);
  }
  history.close();
});

test("texts that a column does not take as they are come back as they were", (path) => {
  const history = open(path);
  const texts = ["a\0b", "\ud800", "\udc00x", "\x01", "\x010000", "🫖"];
  for (const [index, text] of texts.entries()) {
    history.append([postWith(text, text, { room: text, id: 1 })]);
    history.setTopic(text, text);
    history.ban({ kind: "nick", value: text, text: `${index} ${text}` });
  }
  history.unban({ kind: "nick", value: "\udc00x" });
  history.close();
  const again = open(path);
  assertEquals(again.rooms(), texts.map((text) => ({ room: text, head: 1, topic: text })));
  for (const text of texts) assertEquals(again.find(text, text)?.room, text);
  assertEquals(again.find("a", "a\0b"), undefined);
  assertEquals(again.bans().map(({ value, text }) => [value, text.slice(2)]).sort(), [
    ...texts.filter((text) => text !== "\udc00x").map((text) => [text, text]).sort(),
  ]);
  again.close();
});

test("messages are dropped in small steps", (path) => {
  const whole = open(path);
  whole.append([...posts("lobby", 1, 3000), ...posts("lobby", 3001, 3040, 256 * 1024)]);
  whole.close();
  const history = open(path, { retain: { count: 1 } });
  const steps = [];
  for (let oldest = 1; history.expire(0); oldest = history.oldest("lobby")) {
    steps.push(history.oldest("lobby") - oldest);
  }
  assertGreater(steps.length, 12);
  assert(steps.every((step) => step <= 512));
  assertEquals(steps.at(-1)! <= 5, true);
  assertEquals(kept(history, "lobby"), ["lobby:3040"]);
  history.close();
});

test("what a replay has announced is not dropped until it was read or closed", (path) => {
  const history = open(path, { retain: { count: 2 } });
  history.append(posts("lobby", 1, 10));
  const replay = history.replay("lobby", 4, 9);
  while (history.expire(0));
  assertEquals(history.oldest("lobby"), 4);
  replay.next(64);
  while (history.expire(0));
  assertEquals(history.oldest("lobby"), 6);
  assertEquals(said(replay), names("lobby", 6, 9));
  while (history.expire(0));
  assertEquals(history.oldest("lobby"), 9);
  replay.close();
  history.close();
});

test("a replay that takes too long keeps nothing from being dropped any more, and says so", (path) => {
  const history = open(path, { retain: { count: 2 } });
  history.append(posts("lobby", 1, 10));
  const replay = history.replay("lobby", 4, 9);
  replay.next(64);
  while (history.expire(1000));
  while (history.expire(1300));
  assertEquals(history.oldest("lobby"), 6);
  while (history.expire(1301));
  assertEquals([history.oldest("lobby"), replay.position], [9, 6]);
  assertThrows(() => replay.next(64), HistoryError, "number 6 is no longer kept");
  replay.close();
  history.close();
});

test("refs of dropped messages are forgotten wherever they stand", (path) => {
  const history = open(path, { retain: { count: 10 } });
  for (let id = 1; id <= 5000; id += 100) {
    history.append(Array.from({ length: 100 }, (_, index) => postWith("s", id + index, { id: id + index })));
  }
  while (history.expire(0));
  for (let id = 1; id <= 4990; id++) assertEquals(history.find("s", id), undefined);
  for (let id = 4991; id <= 5000; id++) assertEquals(history.find("s", id)?.id, id);
  history.close();
  const database = new DatabaseSync(path);
  assertGreater(11, Number(database.prepare("SELECT count(*) AS n FROM message_ref").get()!["n"]));
  database.close();
});

test("openHistory refuses what is no history and leaves it as it was", (path, folder) => {
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
      /^Cannot keep the history in .*chat\.db: it is no history of chat; give --history another file$/,
    );
    Deno.removeSync(path);
  }
  assertRefused(folder, /^Cannot keep the history in .*: .*give --history a file that can be written$/);
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
  history.append(posts("lobby", 1, 1));
  assertRefused(path, /another listener has it open; stop that one, or give --history another file$/);
  history.append(posts("lobby", 2, 2));
  history.close();
  const again = open(path);
  assertEquals(kept(again, "lobby"), names("lobby", 1, 2));
  again.close();
});

/** Starts a process that appends for ever; reads the ids it acknowledged. */
function startWriter(path: string) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", `--allow-read`, `--allow-write`, WRITER, "acks", path],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.getReader();
  let text = "";
  return {
    /** Reads on; gives the last id that stands there whole. */
    async newest(): Promise<number | null> {
      const { done, value } = await reader.read();
      if (done) return null;
      text += new TextDecoder().decode(value);
      const whole = text.lastIndexOf("\n");
      const newest = parseInt(text.slice(text.lastIndexOf("\n", whole - 1) + 1, whole));
      text = text.slice(whole + 1);
      return newest;
    },
    kill: () => child.kill("SIGKILL"),
    status: child.status,
  };
}

test("a batch keeps its messages in order, however many they are and whether they are long or short", (path) => {
  const history = open(path);
  const random = randomOf(12);
  const stored: Post[] = [];
  for (let count = 0; count <= 50; count++) {
    const batch: Post[] = [];
    for (let id = stored.length + 1; batch.length < count; id++) {
      batch.push(...posts("lobby", id, id, [32, 48, 16 * 1024, 16 * 1024 + 16, 100_000][random(5)]));
    }
    history.append(batch);
    stored.push(...batch);
  }
  const replay = history.replay("lobby", 1, stored.length);
  for (const { frame } of stored) assertEquals(replay.next(1), frame);
  assertEquals(replay.next(1), null);
  history.close();
});

test("what was acknowledged is there after kill −9, and the lock is not", async (path) => {
  const random = randomOf(9);
  for (let round = 0; round < 4; round++) {
    const writer = startWriter(path);
    let acked = await writer.newest() ?? 0;
    assertThrows(() => open(path), HistoryError, "another listener has it open");
    for (let reads = random(40); reads > 0; reads--) acked = await writer.newest() ?? acked;
    writer.kill();
    for (let more: number | null = acked; more !== null; more = await writer.newest()) acked = more;
    await writer.status;

    const history = open(path);
    const { head } = history.rooms()[0]!;
    assertGreater(head, acked - 1);
    assertEquals(head % 7, 0);
    const found = kept(history, "lobby");
    assertEquals(found.length, head);
    assert(found.every((name, index) => name === `lobby:${index + 1}`));
    for (let look = 0; look < 100; look++) {
      const id = 1 + random(head);
      const ref = id - 1 - (id - 1) % 7;
      assertEquals(history.find(`s${(id - 1) % 7}`, ref)?.id, id);
    }
    history.close();
  }
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

const canMount = (() => {
  try {
    const args = ["-rm", "sh", "-c", "mount -t tmpfs tmpfs /tmp"];
    return new Deno.Command("unshare", { args, stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
})();

test(
  "a full disk refuses a batch, harms nothing, and takes messages again when there is room",
  async (path, folder) => {
    // The disk is a tmpfs of 2 MiB that only the child sees; half of it is taken by a file that it removes later.
    const command = `mount -t tmpfs -o size=2m tmpfs "$0" && head -c 1m /dev/zero > "$0/ballast" && "$@" &&
    cat "$0/chat.db" > "$0.out"`;
    const args = ["-rm", "sh", "-c", command, folder, Deno.execPath(), "run", "--no-prompt", "--allow-read"];
    const child = new Deno.Command("unshare", {
      args: [...args, "--allow-write", WRITER, "full", path, `${folder}/ballast`],
    });
    const { stdout, stderr, success } = await child.output();
    assert(success, new TextDecoder().decode(stderr));
    const { refused, before, after } = JSON.parse(new TextDecoder().decode(stdout));
    assertMatch(refused, /^Cannot store the messages: database or disk is full$/);
    assertGreater(before, 20);
    Deno.renameSync(`${folder}.out`, path);
    const history = open(path);
    assertEquals(kept(history, "lobby"), names("lobby", 1, after));
    history.close();
  },
  !canMount,
);

test("a file that is taken away while it is open is told of", (path) => {
  const history = open(path);
  history.append([{ room: "lobby", id: 1, at: 1, frame: frameOf("lobby", 1), session: "s", ref: undefined }]);
  Deno.removeSync(path);
  const late = [{ room: "lobby", id: 2, at: 3, frame: frameOf("lobby", 2), session: "s", ref: undefined }];
  assertThrows(() => history.append(late), HistoryError, "is gone; start the listener again");
  history.close();
});

test("damage that is met while a history is open is an error of its own kind", (path) => {
  write(path, 30_000);
  const history = open(path);
  history.append(posts("lobby", 30_001, 30_001));
  history.close();
  const again = open(path);
  const { size } = Deno.statSync(path);
  // Written through a file of our own the pages change under SQLite; what it has in its cache stays good.
  {
    using file = Deno.openSync(path, { write: true });
    file.seekSync(4096, Deno.SeekMode.Start);
    file.writeSync(new Uint8Array(size - 4096).fill(0xff));
  }
  assertThrows(() => kept(again, "lobby"), HistoryError, "Cannot read the messages");
  again.close();
});

test("close ends replays, and a second time does nothing", (path) => {
  const history = open(path);
  history.append(posts("lobby", 1, 3));
  const replay = history.replay("lobby", 1, 3);
  history.close();
  assertEquals(replay.next(100), null);
  replay.close();
  history.close();
});
