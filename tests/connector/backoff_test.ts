import { Backoff } from "../../lib/connector/backoff.ts";
import { assertEquals } from "../assert.ts";

Deno.test("Backoff waits at most 10 s for the first five minutes, and at most 30 s after them", () => {
  const backoff = new Backoff(() => 1);
  const waits: number[] = [];
  for (let sum = 0; sum < 300_000; sum += waits.at(-1)!) waits.push(backoff.next());
  assertEquals(waits.slice(0, 6), [1000, 2000, 4000, 8000, 10_000, 10_000]);
  assertEquals(Math.max(...waits), 10_000);
  assertEquals(backoff.next(), 30_000);
  backoff.reset();
  assertEquals(backoff.next(), 1000);
});
