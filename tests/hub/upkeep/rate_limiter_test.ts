import { DEFAULT_LIMITS, LIFTED_LIMITS } from "../../../lib/base/limits.ts";
import { RateLimiter } from "../../../lib/hub/upkeep/rate_limiter.ts";
import { WorkQueue } from "../../../lib/hub/upkeep/work.ts";
import { OnceLog } from "../../../lib/log/once.ts";
import { ManualClock } from "../../clock.ts";
import { assertEquals } from "../../assert.ts";

/** The messages that a peer with an address may send in ten seconds, beyond its burst. */
function messagesInTenSeconds(host: string, limits = DEFAULT_LIMITS): number {
  const clock = new ManualClock();
  const limiter = new RateLimiter({
    limits,
    clock,
    once: new OnceLog(() => {}, clock),
    queue: new WorkQueue({ clock, atTurnsEnd: () => {} }),
  });
  const { messages } = limiter.newBuckets(host);
  messages.take(limits.messageBurst, clock.ticks());
  clock.advance(10_000);
  let count = 0;
  while (count < 20_000 && messages.take(1, clock.ticks()) === 0) count++;
  return count;
}

Deno.test("a peer on loopback has ten times the message rate of another one", () => {
  const limits = { ...DEFAULT_LIMITS, messageBurst: 20_000 };
  for (const host of ["192.0.2.7", "2001:db8::7", "::ffff:192.0.2.7", "fe80::1%lo"]) {
    assertEquals(messagesInTenSeconds(host, limits), 1000, host);
  }
  for (const host of ["127.0.0.1", "127.3.2.1", "::1", "::ffff:127.0.0.1"]) {
    assertEquals(messagesInTenSeconds(host, limits), 10_000, host);
  }
  assertEquals(messagesInTenSeconds("127.0.0.1", LIFTED_LIMITS), 20_000);
});
