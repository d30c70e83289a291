import { afterLoss, nextStep, type Standing } from "../../lib/conversation/departure.ts";
import type { Loss } from "../../lib/conversation/outcome.ts";
import { OneShot, type OneShotOptions } from "../../lib/conversation/one_shot.ts";
import { assertEquals } from "../assert.ts";

const oneShot = (options: Partial<OneShotOptions> = {}) =>
  new OneShot({ send: [], stats: false, follow: false, ...options });

/** A pipe in a chat, in the middle of its input. */
const standing = (more: Partial<Standing> = {}): Standing => ({
  oneShot: oneShot(),
  mode: "chat",
  wasChat: true,
  inputEnded: false,
  took: true,
  settled: true,
  wantsToLeave: false,
  ...more,
});

const ENDED = { inputEnded: true };
const PLAIN = { mode: "plain", wasChat: false } as const;
const UNKNOWN = { mode: undefined, wasChat: false } as const;

Deno.test("a pipe leaves at the end of its input, once all is answered", () => {
  assertEquals(nextStep(standing()), "go on");
  assertEquals(nextStep(standing({ ...ENDED, settled: false })), "go on");
  assertEquals(nextStep(standing(ENDED)), "leave");
  assertEquals(nextStep(standing({ ...ENDED, mode: undefined })), "leave");
});

Deno.test("one that follows, or has not received all, stays after the end of its input", () => {
  for (const options of [{ follow: true }, { receive: 2 }]) {
    assertEquals(nextStep(standing({ ...ENDED, oneShot: oneShot(options) })), "go on");
  }
  const met = oneShot({ receive: 1 });
  met.wants({ kind: "object", value: 1 });
  assertEquals(nextStep(standing({ oneShot: met })), "leave");
});

Deno.test("who wants to leave leaves once the input is through and all is answered, or before anything was met", () => {
  const leaving = { wantsToLeave: true };
  assertEquals(nextStep(standing(leaving)), "go on");
  assertEquals(nextStep(standing({ ...leaving, ...ENDED, settled: false })), "go on");
  assertEquals(nextStep(standing({ ...leaving, ...ENDED })), "leave");
  assertEquals(nextStep(standing({ ...leaving, ...ENDED, oneShot: oneShot({ follow: true }) })), "leave");
  assertEquals(nextStep(standing({ ...leaving, ...UNKNOWN })), "leave");
});

Deno.test("with a plain peer the end of the input ends one direction, unless somebody only listens", () => {
  assertEquals(nextStep(standing({ ...PLAIN, ...ENDED })), "half-close");
  assertEquals(nextStep(standing({ ...PLAIN, ...ENDED, oneShot: oneShot({ follow: true }) })), "go on");
  const receiving = { oneShot: oneShot({ receive: 1 }), ...PLAIN, ...ENDED };
  assertEquals(nextStep(standing({ ...receiving, took: false })), "go on");
  assertEquals(nextStep(standing(receiving)), "half-close");
});

Deno.test("what was asked and is not among the answers is a failure", () => {
  for (const options of [{ stats: true }, { last: 3 }]) {
    assertEquals(nextStep(standing({ ...ENDED, settled: false, oneShot: oneShot(options) })), "go on");
    assertEquals(nextStep(standing({ ...ENDED, oneShot: oneShot(options) })), "fail");
  }
});

Deno.test("a loss is a reason to come back, to be done, or a failure", () => {
  const loss: Loss = { text: "gone", status: 3, mayReturn: true, mayRepeat: false };
  const how = { clean: true, greets: false, reconnect: true };
  const after = (more: Partial<Standing>, change: Partial<typeof how & Loss> = {}) =>
    afterLoss({ ...loss, ...change }, standing(more), { ...how, ...change });
  assertEquals(after({}), "come back");
  assertEquals(after({}, { reconnect: false }), "failed");
  assertEquals(after({}, { mayReturn: false }), "failed");
  assertEquals(after({ oneShot: oneShot({ send: [1] }) }), "failed");
  assertEquals(after(ENDED), "done");
  assertEquals(after({ ...ENDED, settled: false }), "come back");
  assertEquals(after({ ...ENDED, oneShot: oneShot({ follow: true }) }), "come back");
  assertEquals(after(PLAIN), "done");
  assertEquals(after(PLAIN, { clean: false }), "failed");
  assertEquals(after({ ...PLAIN, oneShot: oneShot({ receive: 1 }) }), "failed");
  assertEquals(after({ ...PLAIN, ...ENDED, oneShot: oneShot({ send: [1] }) }), "done");
  assertEquals(after(UNKNOWN), "done");
  assertEquals(after(UNKNOWN, { greets: true }), "failed");
});
