import { Bucket } from "../../../lib/hub/upkeep/bucket.ts";
import { assertEquals } from "../../assert.ts";

Deno.test("a bucket gives its burst at once, then its rate, and no more than the burst after a rest", () => {
  const bucket = new Bucket({ perSecond: 100, burst: 1000 }, 0);
  assertEquals(bucket.take(1000, 0), 0);
  assertEquals(bucket.take(1, 0), 10);
  assertEquals(bucket.take(1, 20), 0);
  assertEquals(bucket.take(1000, 1_000_000), 0);
  assertEquals(bucket.take(1, 1_000_000), 10);
});

Deno.test("a bucket without limits never makes anybody wait, and a clock that is set back adds no tokens", () => {
  assertEquals(new Bucket({ perSecond: Infinity, burst: Infinity }, 0).take(1e9, 0), 0);
  const bucket = new Bucket({ perSecond: 1, burst: 1 }, 1000);
  assertEquals(bucket.take(1, 0), 0);
  assertEquals(bucket.take(1, 0), 1000);
});
