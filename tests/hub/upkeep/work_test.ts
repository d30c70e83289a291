import { Lane, SLICE_MS, WorkQueue, WorkShare } from "../../../lib/hub/upkeep/work.ts";
import { assertEquals } from "../../assert.ts";
import { ManualClock } from "../../clock.ts";

/** A queue whose turns of the event loop the test makes, and jobs that take so many milliseconds a step. */
function newQueue() {
  const clock = new ManualClock();
  const ends: (() => void)[] = [];
  const queue = new WorkQueue({ clock, atTurnsEnd: (then) => ends.push(then) });
  /** Ends the turn of the event loop. */
  const endTurn = () => {
    for (const then of ends.splice(0)) then();
  };
  /** Runs the next slice; the jobs move the clock on themselves. */
  const turn = () => clock.jump(1);
  const ran: string[] = [];
  const job = (name: string, steps: number) => (mayGoOn: () => boolean): boolean => {
    do {
      ran.push(name);
      clock.sleep(4);
      if (--steps === 0) return true;
    } while (mayGoOn());
    return false;
  };
  return { clock, queue, turn, endTurn, ran, job };
}

Deno.test("a WorkQueue runs one slice in each turn, of one job after the other", () => {
  const { queue, turn, ran, job } = newQueue();
  queue.add(job("a", 5));
  queue.add(job("b", 4));
  assertEquals(ran, []);
  turn();
  assertEquals(ran, ["a", "a", "a"]);
  turn();
  assertEquals(ran.slice(3), ["b", "b", "b"]);
  turn();
  assertEquals(ran.slice(6), ["a", "a", "b"]);
  turn();
  assertEquals(ran.length, 9);
});

Deno.test("a WorkQueue runs a job that a job adds, once", () => {
  const { queue, turn, ran, job } = newQueue();
  queue.add(() => {
    queue.add(job("added", 1));
    return true;
  });
  for (let n = 0; n < 5; n++) turn();
  assertEquals(ran, ["added"]);
  queue.add(job("later", 1));
  for (let n = 0; n < 5; n++) turn();
  assertEquals(ran, ["added", "later"]);
});

Deno.test("a peer's work is queued after it has used 50 ms of its burst, and is charged at its rate", () => {
  const { clock, queue } = newQueue();
  const share = new WorkShare(queue, { perSecond: 200, burst: 1000 });
  // Whoever measures work has just read the clock.
  const pass = (ms: number) => {
    clock.advance(ms);
    clock.ticks();
  };
  assertEquals([share.charge(50), share.isHeavy], [0, false]);
  assertEquals([share.charge(1), share.isHeavy], [0, true]);
  pass(5);
  assertEquals(share.isHeavy, false);
  assertEquals([share.charge(950), share.charge(200)], [0, 1000]);
  pass(1000);
  assertEquals(share.charge(0), 0);
  pass(4749);
  assertEquals(share.isHeavy, true);
  pass(1);
  assertEquals(share.isHeavy, false);
  assertEquals(SLICE_MS, 10);
});

Deno.test("in a turn of more than 10 ms payloads above 4 KiB wait for a slice, and shorter ones do not", () => {
  const { clock, queue, endTurn } = newQueue();
  const share = new WorkShare(queue, { perSecond: 200, burst: 1000 });
  const waits = () => [4096, 4097].map((size) => share.mustWait(size));
  const pass = (ms: number) => {
    clock.sleep(ms);
    clock.ticks();
  };
  assertEquals(waits(), [false, false]);
  pass(10);
  assertEquals(waits(), [false, false]);
  pass(1);
  assertEquals(waits(), [false, true]);
  endTurn();
  assertEquals(waits(), [false, false]);
});

Deno.test("a slice is part of its turn", () => {
  const { queue, turn, endTurn, job } = newQueue();
  const share = new WorkShare(queue, { perSecond: 200, burst: 1000 });
  queue.add(job("a", 3));
  turn();
  queue.clock.ticks();
  assertEquals(share.mustWait(1e6), true);
  endTurn();
  assertEquals(share.mustWait(1e6), false);
});

Deno.test("a slice runs the jobs of peers that used little time first, and at least one other", () => {
  const { queue, turn, ran, job } = newQueue();
  const [heavy, light] = [1, 2].map(() => new WorkShare(queue, { perSecond: 200, burst: 1000 }));
  heavy!.charge(51);
  heavy!.add(job("heavy", 1));
  heavy!.add(job("heavy", 1));
  for (let n = 0; n < 4; n++) light!.add(job("light", 1));
  turn();
  assertEquals(ran, ["light", "light", "light", "heavy"]);
  turn();
  assertEquals(ran.slice(4), ["light", "heavy"]);
});

Deno.test("where rates are lifted no work has to queue", () => {
  const { queue } = newQueue();
  const share = new WorkShare(queue, { perSecond: Infinity, burst: Infinity });
  assertEquals([share.charge(1e9), share.isHeavy], [0, false]);
});

Deno.test("jobs of a Lane run one after the other, beside other jobs", () => {
  const { queue, turn, ran, job } = newQueue();
  const lane = new Lane(queue);
  lane.add(job("a", 4));
  lane.add(job("b", 1));
  queue.add(job("other", 1));
  assertEquals(lane.isFree, false);
  for (let n = 0; n < 5; n++) turn();
  assertEquals([ran, lane.isFree], [["a", "a", "a", "other", "a", "b"], true]);
});

Deno.test("a WorkQueue that was stopped runs nothing more", () => {
  const { queue, turn, ran, job } = newQueue();
  queue.add(job("a", 1));
  queue.stop();
  turn();
  assertEquals(ran, []);
});
