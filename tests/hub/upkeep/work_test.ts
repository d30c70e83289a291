import { SLICE_MS, WorkQueue, WorkShare } from "../../../lib/hub/upkeep/work.ts";
import { assertEquals } from "../../assert.ts";
import { ManualClock } from "../../clock.ts";

/** A queue whose turns of the event loop the test makes, and jobs that take so many milliseconds a step. */
function newQueue() {
  const clock = new ManualClock();
  let next: (() => void) | null = null;
  const queue = new WorkQueue({ clock, inNextTurn: (then) => next = then });
  const turn = (): boolean => {
    const then = next;
    next = null;
    then?.();
    return then !== null;
  };
  const ran: string[] = [];
  const job = (name: string, steps: number) => (mayGoOn: () => boolean): boolean => {
    do {
      ran.push(name);
      clock.advance(4);
      if (--steps === 0) return true;
    } while (mayGoOn());
    return false;
  };
  return { clock, queue, turn, ran, job };
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
  assertEquals(turn(), false);
});

Deno.test("a WorkQueue runs a job that a job adds, once", () => {
  const { queue, turn, ran, job } = newQueue();
  queue.add(() => {
    queue.add(job("added", 1));
    return true;
  });
  while (turn());
  assertEquals(ran, ["added"]);
  queue.add(job("later", 1));
  while (turn());
  assertEquals(ran, ["added", "later"]);
});

Deno.test("a peer's work has to queue once it took 50 ms of its burst, and is paid for at its rate", () => {
  const { clock, queue } = newQueue();
  const share = new WorkShare(queue, { perSecond: 200, burst: 1000 });
  assertEquals([share.charge(50), share.isHeavy], [0, false]);
  assertEquals([share.charge(1), share.isHeavy], [0, true]);
  clock.advance(5);
  assertEquals(share.isHeavy, false);
  assertEquals([share.charge(950), share.charge(200)], [0, 1000]);
  clock.advance(1000);
  assertEquals(share.charge(0), 0);
  clock.advance(4749);
  assertEquals(share.isHeavy, true);
  clock.advance(1);
  assertEquals(share.isHeavy, false);
  assertEquals(SLICE_MS, 10);
});

Deno.test("where rates are lifted no work has to queue", () => {
  const { queue } = newQueue();
  const share = new WorkShare(queue, { perSecond: Infinity, burst: Infinity });
  assertEquals([share.charge(1e9), share.isHeavy], [0, false]);
});
