import { Keepalive } from "../../lib/conversation/keepalive.ts";
import { assertEquals } from "../assert.ts";
import { ManualClock } from "../clock.ts";

function watched(options: { writing?: () => number | null; isListening?: () => boolean } = {}) {
  const clock = new ManualClock();
  const told: string[] = [];
  const keepalive = new Keepalive(clock, {
    isListening: () => true,
    writing: () => null,
    ...options,
    ask: () => told.push("ask"),
    lost: () => told.push("lost"),
  });
  return { clock, told, keepalive };
}

Deno.test("Keepalive pings once after a silence, and gives up without an answer", () => {
  const { clock, told } = watched();
  clock.advance(70_000);
  assertEquals(told, []);
  clock.advance(10_000);
  assertEquals(told, ["ask"]);
  clock.advance(600_000);
  assertEquals(told, ["ask", "lost"]);
});

Deno.test("Keepalive counts any byte as life", () => {
  const { clock, told, keepalive } = watched();
  clock.advance(80_000);
  keepalive.heard();
  clock.advance(70_000);
  assertEquals(told, ["ask"]);
  keepalive.stop();
  clock.advance(600_000);
  assertEquals(told, ["ask"]);
});

Deno.test("Keepalive pings at once after the machine slept, and waits for the answer", () => {
  const { clock, told } = watched();
  clock.advance(1_000);
  clock.sleep(3_600_000);
  clock.advance(0);
  assertEquals(told, ["ask"]);
  clock.advance(10_000);
  assertEquals(told, ["ask"]);
  clock.advance(10_000);
  assertEquals(told, ["ask", "lost"]);
});

Deno.test("Keepalive counts progress of a write as life, and a stalled write not", () => {
  let written = 0;
  const { clock, told } = watched({ writing: () => written });
  for (let beat = 0; beat < 100; beat++) {
    written += 1000;
    clock.advance(5_000);
  }
  assertEquals(told, []);
  clock.advance(120_000);
  assertEquals(told, ["ask", "lost"]);
});

Deno.test("Keepalive counts no silence while nothing is read", () => {
  let isListening = false;
  const { clock, told } = watched({ isListening: () => isListening });
  clock.advance(600_000);
  assertEquals(told, []);
  isListening = true;
  clock.advance(70_000);
  assertEquals(told, []);
  clock.advance(30_000);
  assertEquals(told, ["ask", "lost"]);
});
