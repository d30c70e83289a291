import type { LogEvent } from "../../lib/log/log.ts";
import { OnceLog } from "../../lib/log/once.ts";
import { assertEquals } from "../assert.ts";
import { ManualClock } from "../clock.ts";

const FAILING: LogEvent = { event: "failing", what: "history", text: "a full disk" };
const WORKING: LogEvent = { event: "working", what: "history" };

function onceLog(): { once: OnceLog; clock: ManualClock; events: string[] } {
  const events: string[] = [];
  const clock = new ManualClock();
  return { once: new OnceLog(({ event }) => events.push(event), clock), clock, events };
}

Deno.test("OnceLog logs each failure and each recovery once", () => {
  const { once, events } = onceLog();
  once.forget("history", WORKING);
  for (const fails of [true, true, false, false, true, false]) {
    if (fails) once.tell("history", FAILING);
    else once.forget("history", WORKING);
  }
  assertEquals(events, ["failing", "working", "failing", "working"]);
});

Deno.test("OnceLog logs each key once, and again after the given time", () => {
  const { once, clock, events } = onceLog();
  assertEquals(["a", "b", "a"].map((key) => once.tell(key, FAILING, 1000)), [true, true, false]);
  clock.advance(999);
  assertEquals(once.tell("a", FAILING, 1000), false);
  clock.advance(1);
  assertEquals(once.tell("a", FAILING, 1000), true);
  once.forget("a");
  assertEquals(once.tell("a", FAILING, 1000), true);
  assertEquals(events.length, 4);
});

Deno.test("OnceLog forgets the oldest of 10,000 keys for a new one", () => {
  const { once } = onceLog();
  for (let n = 0; n < 10_000; n++) assertEquals(once.tell(`key ${n}`, FAILING), true);
  assertEquals(once.tell("key 0", FAILING), false);
  assertEquals(once.tell("one more", FAILING), true);
  assertEquals([once.tell("key 1", FAILING), once.tell("key 0", FAILING)], [false, true]);
});
