/** The contract of lib/history/history.ts as tests, which each history runs. */

import type { History, Post } from "../../lib/history/history.ts";
import { assertEquals, assertLessOrEqual } from "../assert.ts";
import { randomOf } from "../random.ts";
import { frameOf, names, type Outcome, postOf, TestReplay, TestRoom, textsOf } from "./posts.ts";

/** A kind of history. */
export interface Kind {
  readonly name: string;
  /** Makes an empty one, and gives it with what ends it. */
  readonly open: () => Opened | Promise<Opened>;
  /** Has the outcomes of all posts given, where flush alone does not. */
  readonly settle?: (history: History) => void | Promise<void>;
  readonly ignore?: boolean;
}

interface Opened {
  readonly history: History;
  readonly end: () => void | Promise<void>;
}

/** Registers the tests of a kind. */
export function testContract({ name, open, settle = () => {}, ignore = false }: Kind): void {
  const test = (
    title: string,
    body: (history: History, flush: () => Promise<void>) => Promise<void> | void,
  ) =>
    Deno.test({
      name: `${name}: ${title}`,
      ignore,
      fn: async () => {
        const { history, end } = await open();
        try {
          await body(history, async () => {
            history.flush();
            await settle(history);
          });
        } finally {
          await end();
        }
      },
    });

  test("ids begin at 1 and grow by one in each room, in the order of the posts", async (history, flush) => {
    const lobby = new TestRoom(history, "lobby");
    const ops = new TestRoom(history, "ops");
    assertEquals([lobby.log.head, lobby.log.oldest, lobby.log.replay(1, 9).count], [0, 1, 0]);
    for (const id of [1, 2]) lobby.log.post(postOf({ id }));
    ops.log.post(postOf({ room: "ops", id: 1 }));
    lobby.log.post(postOf({ id: 3 }));
    assertEquals([lobby.told(), lobby.log.head], [[], 0]);
    await flush();
    assertEquals(arrivals(lobby), [[1, "lobby:1"], [2, "lobby:2"], [3, "lobby:3"]]);
    assertEquals(arrivals(ops), [[1, "ops:1"]]);
    assertEquals([lobby.log.head, ops.log.head], [3, 1]);
    await flush();
    assertEquals([lobby.told(), ops.told()], [[], []]);
    lobby.log.post(postOf({ id: 4 }));
    await flush();
    assertEquals(arrivals(lobby), [[4, "lobby:4"]]);
  });

  test("nextId is the id of the next post, or never known", async (history, flush) => {
    const room = new TestRoom(history, "lobby");
    if (room.log.nextId === undefined) return;
    for (let id = 1; id <= 9; id++) {
      assertEquals(room.log.nextId, id);
      room.log.post(postOf({ id }));
      if (id % 3 === 0) await flush();
    }
  });

  test(
    "a ref that its session has posted before is repeated, in whatever room and turn",
    async (history, flush) => {
      const lobby = new TestRoom(history, "lobby");
      const ops = new TestRoom(history, "ops");
      const post = (room: TestRoom, at: number, ref: string | number, session = "s") =>
        room.log.post(postOf({ id: at, at }, { session, ref }));
      post(lobby, 1, 7);
      post(lobby, 2, 7);
      post(ops, 3, 7);
      post(ops, 4, "7");
      post(ops, 5, 7, "another");
      assertEquals(history.find("s", 7), undefined);
      await flush();
      const first = { room: "lobby", id: 1, at: 1 };
      assertEquals(lobby.told(), [["arrived", 1, "lobby:1"], ["repeated", first]]);
      assertEquals(ops.told().filter(([what]) => what === "repeated"), [["repeated", first]]);
      assertEquals([lobby.log.head, ops.log.head], [1, 2]);
      assertEquals(history.find("s", 7), first);
      assertEquals(history.find("s", "7"), { room: "ops", id: 1, at: 4 });
      assertEquals(history.find("another", 7), { room: "ops", id: 2, at: 5 });
      assertEquals(history.find("another", "7"), undefined);
    },
  );

  test(
    "a replay hands out whole frames in pieces of at most maxBytes, and at least one",
    async (history, flush) => {
      const room = new TestRoom(history, "lobby");
      for (let id = 1; id <= 10; id++) room.log.post(postOf({ id }));
      await flush();
      const sizes = async (maxBytes: number) => {
        const replay = new TestReplay(room.log, 1, 10);
        const found: number[] = [];
        for (let piece; (piece = await replay.next(maxBytes)) !== null;) {
          found.push(piece.length);
          assertEquals(replay.position, 1 + found.reduce((sum, size) => sum + size, 0) / 32);
        }
        return found;
      };
      assertEquals(await sizes(1), Array(10).fill(32));
      assertEquals(await sizes(95), Array(5).fill(64));
      assertEquals(await sizes(96), [96, 96, 96, 32]);
      assertEquals(await sizes(1 << 20), [320]);
    },
  );

  test("a replay has what is kept of its range, and nothing that comes later", async (history, flush) => {
    const room = new TestRoom(history, "lobby");
    for (let id = 1; id <= 10; id++) room.log.post(postOf({ id }));
    await flush();
    const late = new TestReplay(room.log, 8, 99);
    for (let id = 11; id <= 20; id++) room.log.post(postOf({ id }));
    await flush();
    assertEquals([late.first, late.count, await late.said()], [8, 3, names("lobby", 8, 10)]);
    assertEquals(await new TestReplay(room.log, -5, 3).said(), names("lobby", 1, 3));
    assertEquals(await new TestReplay(room.log, 20, 21).said(), ["lobby:20"]);
    for (const [first, last] of [[21, 30], [5, 4], [0, 0]]) {
      assertEquals(room.log.replay(first!, last!).count, 0);
    }
    const closed = room.log.replay(1, 20);
    closed.close();
    closed.close();
    assertEquals(closed.next(100), null);
  });

  test("messages that drop out of memory are replayed while somebody needs them", async (history, flush) => {
    const room = new TestRoom(history, "lobby", 5);
    room.needed = 1;
    for (let id = 1; id <= 40; id++) room.log.post(postOf({ id }));
    await flush();
    const open = new TestReplay(room.log, 1, 40);
    const begun = textsOf((await open.next(64))!);
    assertEquals(begun, names("lobby", 1, begun.length));
    for (let id = 41; id <= 60; id++) room.log.post(postOf({ id }));
    await flush();
    assertEquals(await open.said(100), names("lobby", begun.length + 1, 40));
    room.needed = 30;
    for (let id = 61; id <= 62; id++) room.log.post(postOf({ id }));
    await flush();
    assertEquals(await new TestReplay(room.log, 30, 62).said(), names("lobby", 30, 62));
    assertLessOrEqual(room.log.oldest, 30);
  });

  test("ids go on where a log was closed and is opened again", async (history, flush) => {
    const room = new TestRoom(history, "lobby");
    for (let id = 1; id <= 3; id++) room.log.post(postOf({ id }));
    await flush();
    room.log.close();
    const again = new TestRoom(history, "lobby");
    assertEquals(again.log.head, 3);
    again.log.post(postOf({ id: 4 }));
    await flush();
    assertEquals(arrivals(again), [[4, "lobby:4"]]);
  });

  test("a ban is there until it is lifted", (history) => {
    history.ban({ kind: "nick", value: "eve", text: "once" });
    history.ban({ kind: "nick", value: "eve", text: "twice" });
    history.ban({ kind: "address", value: "eve", text: "" });
    history.unban({ kind: "address", value: "eve" });
    assertEquals(history.bans(), [{ kind: "nick", value: "eve", text: "twice" }]);
  });

  test("random posts arrive once each, and a replay gives what arrived", async (history, flush) => {
    const random = randomOf(31);
    const rooms = ["a", "b", "c"].map((name) => new TestRoom(history, name, 20));
    for (const room of rooms) room.needed = 1;
    const posted: Post[] = [];
    const stored = new Map(rooms.map((room) => [room, [] as string[]]));
    let outcomes = 0;
    for (let step = 0; step < 400; step++) {
      for (let count = random(8); count > 0; count--) {
        const again = posted.length > 0 && random(4) === 0 ? posted[random(posted.length)] : undefined;
        const ref = [undefined, step, `${step}`][random(3)];
        const { session, ref: given } = again ?? { session: `s${random(4)}`, ref };
        const post = {
          ...postOf({ id: posted.length, at: posted.length }, { session }),
          ref: given,
          frame: frameOf("x", posted.length, 32 + 16 * random(4)),
        };
        posted.push(post);
        rooms[random(3)]!.log.post(post);
      }
      if (random(3) === 0) await flush();
    }
    await flush();
    for (const room of rooms) {
      for (const outcome of room.told()) {
        outcomes += outcome[0] === "arrived" ? outcome.length - 2 : 1;
        if (outcome[0] === "arrived") stored.get(room)!.push(...outcome.slice(2) as string[]);
      }
    }
    assertEquals(outcomes, posted.length);
    const firsts = new Map(posted.map((post, index) => [keyOf(post, index), index] as const).toReversed());
    const expected = [...firsts.values()].map((index) => `x:${index}`).sort();
    assertEquals([...stored.values()].flat().sort(), expected);
    for (const room of rooms) {
      assertEquals(await new TestReplay(room.log, 1, Infinity).said(1 + random(500)), stored.get(room));
      assertEquals(room.log.head, stored.get(room)!.length);
    }
  });
}

/** What makes two posts the same message. */
function keyOf({ session, ref }: Post, index: number): string {
  return ref === undefined ? `${index}` : `${session} ${typeof ref} ${ref}`;
}

/** The messages that arrived since the last call, each with its id, however they came together. */
function arrivals(room: TestRoom): [number, string][] {
  return room.told().flatMap((outcome: Outcome) => {
    if (outcome[0] !== "arrived") throw new Error(`a post was ${outcome[0]}`);
    const [, firstId, ...texts] = outcome;
    return texts.map((text, index): [number, string] => [firstId + index, text]);
  });
}
