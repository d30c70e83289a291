/** What connections get of the event loop where much arrives at once: large input is handled in slices, small input never waits. */
import { DEFAULT_LIMITS } from "../../../lib/base/limits.ts";
import { Connection } from "../../../lib/connection/connection.ts";
import { encodeFrame } from "../../../lib/frame/mod.ts";
import { WorkQueue, WorkShare } from "../../../lib/hub/upkeep/work.ts";
import { assertEquals } from "../../assert.ts";
import { ManualClock } from "../../clock.ts";

const LONG = 10_000;

/** Peers whose input is there already, as a socket's that is read more slowly than it is sent. */
function newTable() {
  const clock = new ManualClock();
  const ends: (() => void)[] = [];
  const queue = new WorkQueue({ clock, atTurnsEnd: (then) => ends.push(then) });
  /** Each payload that was handled: who sent it, and its length. */
  const handled: string[] = [];
  const nothing = () => {};
  const enter = (name: string, sizes: number[]): Connection => {
    const frames = sizes.map((size) => encodeFrame(new Uint8Array(size - 10)));
    const read = (into: Uint8Array): Promise<number> => {
      const frame = frames.shift();
      if (frame === undefined) return new Promise(() => {});
      into.set(frame.subarray(0, into.length));
      if (frame.length > into.length) frames.unshift(frame.subarray(into.length));
      return Promise.resolve(Math.min(frame.length, into.length));
    };
    const connection: Connection = new Connection(
      { read, write: () => new Promise(() => {}), closeWrite: () => Promise.resolve(), close: nothing },
      {
        payload({ length }) {
          handled.push(`${name} ${length > 1000 ? "long" : "short"}`);
          clock.sleep(6);
        },
        worked: (ms) => void share.charge(ms),
        broken: nothing,
        finished: nothing,
        evicted: () => new Uint8Array(0),
        ended: nothing,
      },
      { limits: DEFAULT_LIMITS, clock, work: share },
    );
    void connection.run();
    return connection;
  };
  const share = new WorkShare(queue, { perSecond: Infinity, burst: Infinity });
  return {
    enter,
    handled,
    /** Ends a turn of the event loop, and begins the next, with the slice that is planned. */
    async turn() {
      for (const then of ends.splice(0)) then();
      clock.advance(1);
      await microtasks();
    },
  };
}

function microtasks(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

Deno.test("peers that send long frames at once are served in turns of little more than 10 ms", async () => {
  const { enter, handled, turn } = newTable();
  for (const name of "abcdef") enter(name, [LONG, LONG]);
  await microtasks();
  for (let turns = 0, before = 0; turns < 50 && handled.length < 12; turns++) {
    // A payload takes 6 ms: two are handled before a turn is over, and one of each slice after it.
    assertEquals(handled.length - before <= 4, true, handled.join());
    before = handled.length;
    await turn();
  }
  assertEquals(handled.toSorted(), [..."abcdef"].flatMap((name) => [`${name} long`, `${name} long`]));
});

Deno.test("short payloads are handled at once, even in a turn that is over", async () => {
  const { enter, handled } = newTable();
  for (const name of "abcd") enter(name, [LONG]);
  await microtasks();
  const before = handled.length;
  assertEquals(before < 4, true);
  enter("victim", [100]);
  await microtasks();
  assertEquals(handled.slice(before), ["victim short"]);
});

Deno.test("peers that read long frames at once are written to in turns of little more than 10 ms, and get all", async () => {
  const clock = new ManualClock();
  const ends: (() => void)[] = [];
  const queue = new WorkQueue({ clock, atTurnsEnd: (then) => ends.push(then) });
  let [writes, bytes] = [0, 0];
  const nothing = () => {};
  for (let peer = 0; peer < 3; peer++) {
    const connection = new Connection(
      {
        read: () => new Promise(() => {}),
        write({ length }) {
          writes++;
          bytes += length;
          clock.sleep(4);
          return Promise.resolve(length);
        },
        closeWrite: () => Promise.resolve(),
        close: nothing,
      },
      {
        payload: nothing,
        worked: nothing,
        broken: nothing,
        finished: nothing,
        evicted: () => new Uint8Array(0),
        ended: nothing,
      },
      { limits: DEFAULT_LIMITS, clock, work: new WorkShare(queue, { perSecond: 200, burst: 1000 }) },
    );
    let left = 10;
    connection.follow({ read: () => left-- > 0 ? new Uint8Array(100_000) : null });
  }
  for (let turns = 0; turns < 50 && writes < 30; turns++) {
    const before = writes;
    for (const then of ends.splice(0)) then();
    clock.advance(1);
    await microtasks();
    // Each peer's write that was under way ends, and of the next ones as many begin as 10 ms have room for.
    assertEquals(writes - before <= 7, true, `${writes - before} writes`);
  }
  assertEquals([writes, bytes], [30, 3_000_000]);
});
