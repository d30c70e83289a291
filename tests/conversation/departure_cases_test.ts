import { afterLoss, nextStep, type Situation } from "../../lib/conversation/departure_cases.ts";
import type { Loss } from "../../lib/conversation/outcome.ts";
import { OneShot, type OneShotOptions } from "../../lib/conversation/one_shot.ts";
import { assertEquals } from "../assert.ts";

const oneShot = (options: Partial<OneShotOptions> = {}) =>
  new OneShot({ send: [], stats: false, follow: false, ...options });

/** A pipe in a chat, in the middle of its input. */
const situation = (more: Partial<Situation> = {}): Situation => ({
  oneShot: oneShot(),
  peer: "chat",
  input: "open",
  settled: true,
  leaving: false,
  ...more,
});

const ENDED = { input: "ended" } as const;
const PLAIN = { peer: "plain" } as const;
const SILENT = { peer: "silent" } as const;
const UNKNOWN = { peer: "unknown" } as const;

Deno.test("a pipe leaves at the end of its input, once all is answered", () => {
  assertEquals(nextStep(situation()), "go on");
  assertEquals(nextStep(situation({ ...ENDED, settled: false })), "go on");
  assertEquals(nextStep(situation(ENDED)), "leave");
});

Deno.test("a connector with --follow or an unmet --receive stays after the end of its input", () => {
  for (const options of [{ follow: true }, { receive: 2 }]) {
    assertEquals(nextStep(situation({ ...ENDED, oneShot: oneShot(options) })), "go on");
  }
  const met = oneShot({ receive: 1 });
  met.wants({ kind: "object", value: 1 });
  assertEquals(nextStep(situation({ oneShot: met })), "leave");
});

Deno.test("a request to leave waits for the input and all answers, but not for an unknown peer", () => {
  const leaving = { leaving: true };
  assertEquals(nextStep(situation(leaving)), "go on");
  assertEquals(nextStep(situation({ ...leaving, ...ENDED, settled: false })), "go on");
  assertEquals(nextStep(situation({ ...leaving, ...ENDED })), "leave");
  assertEquals(nextStep(situation({ ...leaving, ...ENDED, oneShot: oneShot({ follow: true }) })), "leave");
  assertEquals(nextStep(situation({ ...leaving, ...UNKNOWN })), "leave");
});

Deno.test("with a plain peer the end of the input half-closes, unless the connector only listens", () => {
  assertEquals(nextStep(situation({ ...PLAIN, ...ENDED })), "half-close");
  assertEquals(nextStep(situation({ ...PLAIN, ...ENDED, oneShot: oneShot({ follow: true }) })), "go on");
  const receiving = { oneShot: oneShot({ receive: 1 }), ...PLAIN, ...ENDED };
  assertEquals(nextStep(situation({ ...receiving, input: "empty" })), "go on");
  assertEquals(nextStep(situation(receiving)), "half-close");
});

Deno.test("a one-shot question without an answer fails", () => {
  for (const options of [{ stats: true }, { last: 3 }]) {
    assertEquals(nextStep(situation({ ...ENDED, settled: false, oneShot: oneShot(options) })), "go on");
    assertEquals(nextStep(situation({ ...ENDED, oneShot: oneShot(options) })), "fail");
  }
});

Deno.test("after a loss the connector reconnects, is done, or fails", () => {
  const loss: Loss = { text: "gone", status: 3, mayReturn: true, isClean: true, mayRepeat: false };
  const how = { reconnect: true };
  const after = (more: Partial<Situation>, change: Partial<typeof how & Loss> = {}) =>
    afterLoss({ ...loss, ...change }, situation(more), { ...how, ...change });
  assertEquals(after({}), "reconnect");
  assertEquals(after({}, { reconnect: false }), "failed");
  assertEquals(after({}, { mayReturn: false }), "failed");
  assertEquals(after({ oneShot: oneShot({ send: [1] }) }), "failed");
  assertEquals(after(ENDED), "done");
  assertEquals(after({ ...ENDED, settled: false }), "reconnect");
  assertEquals(after({ ...ENDED, oneShot: oneShot({ follow: true }) }), "reconnect");
  assertEquals(after(PLAIN), "done");
  assertEquals(after(PLAIN, { isClean: false }), "failed");
  assertEquals(after({ ...PLAIN, oneShot: oneShot({ receive: 1 }) }), "failed");
  assertEquals(after({ ...PLAIN, ...ENDED, oneShot: oneShot({ send: [1] }) }), "done");
  assertEquals(after(UNKNOWN), "failed");
  assertEquals(after({ ...UNKNOWN, ...ENDED, oneShot: oneShot({ send: [1] }) }), "failed");
});

Deno.test("a peer that only reads may end the connection once all was sent, and not before", () => {
  const loss: Loss = { text: "gone", status: 3, mayReturn: true, isClean: true, mayRepeat: false };
  const after = (more: Partial<Situation>) =>
    afterLoss(loss, situation({ ...SILENT, ...more }), { reconnect: true });
  assertEquals(after(ENDED), "done");
  assertEquals(after({}), "failed");
  assertEquals(after({ input: "empty" }), "failed");
  assertEquals(nextStep(situation({ ...SILENT, ...ENDED })), "half-close");
});
