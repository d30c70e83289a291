/** The contract of RoomLog.search as tests, which each history that can be searched runs. */

import { encodeFrame } from "../../lib/frame/mod.ts";
import type { History, Post, Replay } from "../../lib/history/history.ts";
import { parseQuery } from "../../lib/history/search/query.ts";
import { decode } from "../../lib/pickle/decode/decode.ts";
import { encode } from "../../lib/pickle/encode/encode.ts";
import type { Value } from "../../lib/pickle/values/values.ts";
import { assertEquals } from "../assert.ts";
import { randomOf } from "../random.ts";
import { nextOf, TestRoom } from "./posts.ts";

/** A kind of history. */
export interface SearchedKind {
  readonly name: string;
  /** Makes an empty one, and gives it with what ends it. */
  readonly open: () => Promise<{ history: History; end: () => void | Promise<void> }>;
}

/** A post with that body. */
export function bodyPost(id: number, body: Value): Post {
  const dict = new Map<Value, Value>([["type", "message"], ["body", body], ["id", id], ["room", "lobby"], [
    "from",
    "ann",
  ]]);
  return {
    at: 1000 + id,
    frame: encodeFrame(encode(dict)),
    session: "s",
    ref: undefined,
    origin: "192.0.2.1",
  };
}

/** Posts bodies to a room, in one turn. */
export function say(history: History, room: TestRoom, ...bodies: Value[]): void {
  const first = room.log.head + 1;
  bodies.forEach((body, index) => room.log.post(bodyPost(first + index, body)));
  history.flush();
}

/** The ids and bodies of a replay's messages, read in pieces of at most `maxBytes`. */
export function readAll(replay: Replay, maxBytes = 1 << 20): [number, Value][] {
  const all: [number, Value][] = [];
  for (let piece = nextOf(replay, maxBytes); piece !== null; piece = nextOf(replay, maxBytes)) {
    for (let at = 0; at < piece.length;) {
      const size = 10 + parseInt(new TextDecoder().decode(piece.subarray(at, at + 10)));
      const dict = decode(piece.subarray(at + 10, at + size)) as Map<string, Value>;
      all.push([dict.get("id") as number, dict.get("body")!]);
      at += size;
    }
  }
  replay.close();
  return all;
}

/** The ids of the messages that a search finds. */
export async function search(
  room: TestRoom,
  words: string,
  { before = Infinity, limit = 100 } = {},
): Promise<number[]> {
  const { replay, ms } = await room.log.search!(parseQuery(words), { before, limit });
  assertEquals(ms >= 0, true);
  const found = readAll(replay).map(([id]) => id);
  assertEquals([replay.count, replay.first], [found.length, found[0] ?? 0]);
  return found;
}

/** Registers the tests of a kind. */
export function testSearch({ name, open }: SearchedKind): void {
  const test = (title: string, body: (history: History) => Promise<void>) =>
    Deno.test(`${name}: ${title}`, async () => {
      const { history, end } = await open();
      try {
        await body(history);
      } finally {
        await end();
      }
    });

  test("a search finds words, prefixes and phrases in texts, lists and dicts, in its room only", async (history) => {
    const [lobby, ops] = [new TestRoom(history, "lobby"), new TestRoom(history, "ops")];
    say(history, lobby, "The disk is full", ["disk", 1], new Map([["disk", "full"]]), 42);
    say(history, ops, "The disk is elsewhere");
    say(history, lobby, "diskettes of Ann", [["nested", new Map([["deep", ["Full disk"]]])]]);
    assertEquals(await search(lobby, "disk"), [1, 2, 3, 6]);
    assertEquals(await search(lobby, "disk full"), [1, 3, 6]);
    assertEquals(await search(lobby, '"full disk"'), [6]);
    assertEquals(await search(lobby, '"disk full"'), []);
    assertEquals(await search(lobby, "dis*"), [1, 2, 3, 5, 6]);
    assertEquals(await search(lobby, '"the dis"*'), [1]);
    assertEquals(await search(ops, "disk"), [1]);
    assertEquals(await search(lobby, "elsewhere"), []);
    assertEquals(await search(lobby, "message"), []);
    assertEquals(await search(lobby, "lobby"), []);
    assertEquals(await search(lobby, "ann"), [5]);
  });

  test("the newest are found, at most limit, before an id, oldest first", async (history) => {
    const room = new TestRoom(history, "lobby");
    assertEquals(await search(room, "tea"), []);
    say(history, room, ...Array.from({ length: 30 }, (_, index) => index % 3 === 0 ? "milk" : "tea"));
    assertEquals(await search(room, "milk", { limit: 3 }), [22, 25, 28]);
    assertEquals(await search(room, "milk", { limit: 3, before: 22 }), [13, 16, 19]);
    assertEquals(await search(room, "milk", { before: 1 }), []);
    assertEquals(await search(room, "milk", { before: 2 }), [1]);
    assertEquals(await search(room, "milk", { before: -5 }), []);
    assertEquals(await search(room, "milk", { limit: 0 }), []);
    assertEquals((await search(room, "te*", { limit: 1000 })).length, 20);
  });

  test("a search finds everything that arrived before it, and nothing that comes later", async (history) => {
    const room = new TestRoom(history, "lobby");
    for (let turn = 1; turn <= 20; turn++) {
      say(history, room, `turn ${turn}`, "other");
      const searched = search(room, "turn");
      say(history, room, "turn of the next one");
      assertEquals((await searched).length, 2 * turn - 1);
    }
  });

  test("hits are read in pieces of at most maxBytes, and at least one", async (history) => {
    const room = new TestRoom(history, "lobby");
    say(
      history,
      room,
      ...Array.from({ length: 20 }, (_, index) => `${index % 2 === 0 ? "tea" : "milk"} ${index}`),
    );
    const { replay } = await room.log.search!(parseQuery("tea"), { before: Infinity, limit: 8 });
    const sizes: number[] = [];
    assertEquals(replay.position, 5);
    for (let piece = nextOf(replay, 1); piece !== null; piece = nextOf(replay, 1)) sizes.push(piece.length);
    assertEquals([sizes.length, replay.position], [8, Infinity]);
    const again = await room.log.search!(parseQuery("tea"), { before: Infinity, limit: 8 });
    assertEquals(
      readAll(again.replay, 300).map(([, body]) => body).join(),
      "tea 4,tea 6,tea 8,tea 10,tea 12,tea 14,tea 16,tea 18",
    );
  });

  test("random words are found where they are", async (history) => {
    const random = randomOf(7);
    const room = new TestRoom(history, "lobby");
    const vocabulary = ["tea", "teapot", "milk", "Milkman", "cup", "cups", "ÉCLAIR", "eclat", "x1", "x12"];
    const texts: string[][] = [];
    for (let turn = 0; turn < 12; turn++) {
      const bodies = Array.from(
        { length: 1 + random(40) },
        () => Array.from({ length: random(6) }, () => vocabulary[random(vocabulary.length)]!),
      );
      texts.push(...bodies);
      say(history, room, ...bodies.map((words) => words.join(random(2) === 0 ? " " : ", ")));
    }
    const plain = (word: string) => word.toLowerCase().replaceAll("é", "e");
    const where = (test: (words: string[]) => boolean) =>
      texts.flatMap((words, index) => test(words.map(plain)) ? [index + 1] : []);
    const limit = { limit: 1000 };
    for (const word of vocabulary) {
      assertEquals(await search(room, word, limit), where((words) => words.includes(plain(word))));
      const prefix = plain(word).slice(0, 3);
      if (prefix.length < 2) continue;
      assertEquals(
        await search(room, `${prefix}*`, limit),
        where((words) => words.some((other) => other.startsWith(prefix))),
      );
    }
    for (let round = 0; round < 20; round++) {
      const [a, b] = [vocabulary[random(10)]!, vocabulary[random(10)]!];
      assertEquals(
        await search(room, `${a} ${b}`, limit),
        where((w) => w.includes(plain(a)) && w.includes(plain(b))),
      );
      assertEquals(
        await search(room, `"${a} ${b}"`, limit),
        where((w) => w.some((word, at) => word === plain(a) && w[at + 1] === plain(b))),
      );
    }
  });
}
