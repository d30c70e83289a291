import { Gate } from "../../lib/listener/gate.ts";
import { DEFAULT_LIMITS, LIFTED_LIMITS } from "../../lib/base/limits.ts";
import { assertEquals, assertMatch } from "../assert.ts";

Deno.test("the gate limits connections in all, of one address and a minute; loopback addresses are not limited", () => {
  const gate = new Gate({ ...DEFAULT_LIMITS, connections: 6, connectionsPerAddress: 2, newPerMinute: 3 });
  assertEquals([gate.enter("192.0.2.1", 0), gate.enter("192.0.2.1", 0)], [null, null]);
  assertMatch(gate.enter("192.0.2.1", 0)!, /2 connections from your address already/);
  gate.leave("192.0.2.1");
  assertEquals(gate.enter("192.0.2.1", 0), null);
  gate.leave("192.0.2.1");
  assertMatch(gate.enter("192.0.2.1", 0)!, /in a minute/);
  assertEquals(gate.enter("192.0.2.1", 60_000), null);
  for (let i = 0; i < 4; i++) assertEquals(gate.enter(i % 2 ? "::1" : "127.0.0.1", 0), null);
  assertMatch(gate.enter("127.0.0.1", 0)!, /6 connections already/);
});

Deno.test("a client that was refused 100,000 times is admitted as soon as the rate allows it", () => {
  const gate = new Gate({ ...DEFAULT_LIMITS, newPerMinute: 60 });
  const knock = (now: number) => {
    const reason = gate.enter("192.0.2.1", now);
    if (reason === null) gate.leave("192.0.2.1");
    return reason === null;
  };
  for (let n = 0; n < 60; n++) assertEquals(knock(0), true);
  for (let n = 0; n < 100_000; n++) assertEquals(knock(999), false);
  assertEquals([knock(1000), knock(1000), knock(2000)], [true, false, true]);
});

Deno.test("the gate admits every connection where the limits are lifted", () => {
  const gate = new Gate(LIFTED_LIMITS);
  for (let i = 0; i < 1000; i++) assertEquals(gate.enter("192.0.2.1", 0), null);
});
