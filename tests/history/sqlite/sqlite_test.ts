import type { Ref } from "../../../lib/base/ref.ts";
import { HistoryError } from "../../../lib/history/history.ts";
import { assert, assertEquals, assertGreater, assertMatch, assertThrows } from "../../assert.ts";
import { testContract } from "../contract.ts";
import { randomOf } from "../../random.ts";
import { open, startWriter, test, write, WRITER } from "./files.ts";
import {
  append,
  kept,
  names,
  nextOf,
  postOf,
  posts,
  postWith,
  roomOf,
  said,
  type TestPost,
} from "../posts.ts";

testContract({
  name: "a history in a file",
  open() {
    const folder = Deno.makeTempDirSync();
    const history = open(`${folder}/chat.db`);
    return {
      history,
      end() {
        history.close();
        Deno.removeSync(folder, { recursive: true });
      },
    };
  },
});

test("messages, topics and bans are there after the file is opened again", (path) => {
  const history = open(path);
  append(history, [...posts("lobby", 1, 3), ...posts("ops", 1, 1)]);
  append(history, posts("lobby", 4, 5));
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
  append(again, posts("lobby", 6, 6));
  assertEquals(kept(again, "lobby"), names("lobby", 1, 6));
  again.close();
});

test("replay hands out whole frames in pieces of at most maxBytes, and at least one", (path) => {
  const history = open(path);
  append(history, posts("lobby", 1, 10));
  const sizes = (maxBytes: number) => {
    const replay = roomOf(history, "lobby").log.replay(1, 10);
    const found = [];
    for (let piece = nextOf(replay, maxBytes); piece !== null; piece = nextOf(replay, maxBytes)) {
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

test("replay returns the messages of the requested range that are still kept", (path) => {
  const history = open(path);
  append(history, posts("lobby", 1, 10));
  const range = (first: number, last: number, room = "lobby") => {
    const replay = roomOf(history, room).log.replay(first, last);
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
  append(history, posts("lobby", 1, 4));
  const replay = roomOf(history, "lobby").log.replay(1, 4);
  nextOf(replay, 64);
  append(history, posts("lobby", 5, 8));
  assertEquals(said(replay, 32), names("lobby", 3, 4));
  replay.close();
  history.close();
});

test("a batch keeps its messages in order, however many they are and whether they are long or short", (path) => {
  const history = open(path);
  const random = randomOf(12);
  const stored: TestPost[] = [];
  for (let count = 0; count <= 50; count++) {
    const batch: TestPost[] = [];
    for (let id = stored.length + 1; batch.length < count; id++) {
      batch.push(...posts("lobby", id, id, [32, 48, 16 * 1024, 16 * 1024 + 16, 100_000][random(5)]));
    }
    append(history, batch);
    stored.push(...batch);
  }
  const replay = roomOf(history, "lobby").log.replay(1, stored.length);
  for (const { frame } of stored) assertEquals(nextOf(replay, 1), frame);
  assertEquals(nextOf(replay, 1), null);
  history.close();
});

test("a message of 16 MiB comes back as it was", (path) => {
  const history = open(path);
  const frame = new Uint8Array(16 * 1024 * 1024);
  const random = randomOf(5);
  for (let at = 0; at < frame.length; at += 997) frame[at] = random(256);
  append(history, [
    { ...postOf({ id: 1, at: 1 }), frame },
    ...posts("lobby", 2, 2),
  ]);
  const replay = roomOf(history, "lobby").log.replay(1, 2);
  const first = nextOf(replay, 1024)!;
  assert(first.length === frame.length && first.every((byte, at) => byte === frame[at]));
  assertEquals(said(replay), ["lobby:2"]);
  history.close();
});

test("find tells a ref of one session from the same of another, and a number from a text", (path) => {
  const history = open(path);
  append(history, [
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
    append(history, batch);
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

test("texts that a column cannot hold unchanged are read back unchanged", (path) => {
  const history = open(path);
  const texts = ["a\0b", "\ud800", "\udc00x", "\x01", "\x010000", "🫖"];
  for (const [index, text] of texts.entries()) {
    append(history, [postWith(text, text, { room: text, id: 1 })]);
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

test("after kill −9 acked messages are there, and the lock is released", async (path) => {
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

test("the removal of an open file is reported", (path) => {
  const history = open(path);
  append(history, [postOf({ id: 1, at: 1 })]);
  Deno.removeSync(path);
  const late = [postOf({ id: 2, at: 3 })];
  assertThrows(() => append(history, late), HistoryError, "is gone; start the listener again");
  history.close();
});

test("damage that is found while a history is open is a HistoryError", (path) => {
  write(path, 30_000);
  const history = open(path);
  append(history, posts("lobby", 30_001, 30_001));
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
  append(history, posts("lobby", 1, 3));
  const replay = roomOf(history, "lobby").log.replay(1, 3);
  history.close();
  assertEquals(nextOf(replay, 100), null);
  replay.close();
  history.close();
});
