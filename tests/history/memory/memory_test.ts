import { MemoryHistory } from "../../../lib/history/memory/memory.ts";
import { HistoryError } from "../../../lib/history/history.ts";
import { assertEquals, assertThrows } from "../../assert.ts";
import { testContract } from "../contract.ts";
import { testSearch } from "../search_contract.ts";
import { names, nextOf, postOf, said, TestRoom } from "../posts.ts";

const MIB = 1024 * 1024;

testContract({
  name: "a history in memory",
  open() {
    const history = new MemoryHistory({ epoch: "epoch", spill: { maxSize: MIB } });
    return { history, end: () => history.close() };
  },
});

testSearch({
  name: "a history in memory",
  open() {
    const history = new MemoryHistory({ epoch: "epoch" });
    return Promise.resolve({ history, end: () => history.close() });
  },
});

function post(room: TestRoom, history: MemoryHistory, first: number, last: number): void {
  for (let id = first; id <= last; id++) room.log.post(postOf({ id }));
  history.flush();
}

Deno.test("without a spill a replay tells which messages are no longer kept", () => {
  const history = new MemoryHistory({ epoch: "epoch" });
  const room = new TestRoom(history, "lobby", 5);
  room.needed = 1;
  post(room, history, 1, 5);
  const replay = room.log.replay(1, 5);
  nextOf(replay, 32);
  post(room, history, 6, 8);
  assertEquals(room.log.oldest, 4);
  assertThrows(() => replay.next(32), HistoryError, "number 2 is no longer kept");
  assertEquals(said(room.log.replay(1, 8)), names("lobby", 4, 8));
});

Deno.test("after messages are dropped unneeded a log begins after them, even if it had spilled older ones", () => {
  const history = new MemoryHistory({ epoch: "epoch", spill: { maxSize: MIB } });
  const room = new TestRoom(history, "lobby", 5);
  room.needed = 1;
  post(room, history, 1, 10);
  assertEquals(room.log.oldest, 1);
  room.needed = Infinity;
  post(room, history, 11, 20);
  assertEquals(room.log.oldest, 16);
  room.needed = 18;
  post(room, history, 21, 30);
  assertEquals([room.log.oldest, said(room.log.replay(1, 30))], [18, names("lobby", 18, 30)]);
  history.close();
});

Deno.test("a ref is recognized however much other sessions post meanwhile", () => {
  const history = new MemoryHistory({ epoch: "epoch" });
  const room = new TestRoom(history, "lobby", 5);
  const postAs = (session: string, ref: number, origin: string) => {
    room.log.post(postOf({ id: ref }, { session, ref, origin }));
    history.flush();
  };
  postAs("victim", 1, "192.0.2.1");
  for (let other = 0; other < 70; other++) {
    for (let ref = 1; ref <= 1000; ref++) postAs(`other ${other}`, ref, `192.0.2.${other + 2}`);
  }
  room.told();
  postAs("victim", 1, "192.0.2.1");
  assertEquals(room.told(), [["repeated", { room: "lobby", id: 1, at: 1001 }]]);
});
