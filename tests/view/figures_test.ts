import { Float, type Value } from "../../lib/pickle/values/values.ts";
import { figureLines, showDuration, showSize } from "../../lib/view/figures.ts";
import { assertEquals } from "../assert.ts";

Deno.test("figures stand in a column, each with its unit, lists below their names", () => {
  const slow = new Map<Value, Value>([
    ["nick", "bob"],
    ["address", "192.0.2.7:5000"],
    ["queue", 512],
    ["behind", 3 * 2 ** 20],
    ["stalled", new Float(12.25)],
  ]);
  const stats = new Map<Value, Value>([
    ["uptime", new Float(3725.5)],
    ["peers", 12_345],
    ["received", 2 ** 40],
    ["room_rings", new Map([["lobby", 65_536], ["ops", 4096]])],
    ["longest_loop_delay", new Float(0.012)],
    ["slowest", [slow]],
    ["of_a_newer_listener", "words"],
    ["listeners", [
      new Map<Value, Value>([["listener", "n1:1243"], ["peers", 1200], ["messages", 7], [
        "memory",
        2 ** 26,
      ], ["uptime", new Float(90)]]),
      new Map<Value, Value>([["listener", "n2:1243"]]),
    ]],
  ]);
  assertEquals(figureLines(stats), [
    "uptime:                 1 h 2 min",
    "peers:                  12,345",
    "received:               1.0 TiB",
    "room rings:",
    "  lobby:                64.0 KiB",
    "  ops:                  4.0 KiB",
    "longest loop delay:     12 ms",
    "slowest:",
    "  bob (192.0.2.7:5000): 512 B queued, 3.0 MiB behind, stalled for 12.3 s",
    "of a newer listener:    words",
    "listeners:",
    "  n1:1243:              1,200 peers, 7 messages, 64.0 MiB, up for 1 min 30 s",
    "  n2:1243:              no answer",
  ]);
});

Deno.test("a list of figures shows the first ten and the number of others, or none", () => {
  const rings = new Map(Array.from({ length: 13 }, (_, n): [string, number] => [`r${n}`, 1]));
  const lines = figureLines(new Map<Value, Value>([["room_rings", rings], ["slowest", []]]));
  assertEquals(lines.length, 1 + 10 + 1 + 1);
  assertEquals(lines.slice(-3), ["  r9:    1 B", "  and 3 more", "slowest: none"]);
});

Deno.test("figures of other types are shown and cleaned", () => {
  assertEquals(figureLines("\x1b[2J"), [String.raw`\x1b[2J`]);
  const odd = new Map<Value, Value>([["a\x1bb", "\u202e"], [1, null], ["memory", "much"], [
    "peers",
    new Float(NaN),
  ]]);
  assertEquals(figureLines(odd), [
    String.raw`a\x1bb: \u202e`,
    "1:      None",
    "memory: much",
    "peers:  nan",
  ]);
  assertEquals(figureLines(new Map()), []);
  assertEquals(figureLines(new Map([["slowest", [5, new Map()]]])), ["slowest:", "  5", "   (): nothing"]);
});

Deno.test("sizes and times are shown in the largest unit that they reach", () => {
  assertEquals([0, 1, 1023, 1024, 1536, 2 ** 20 - 1, 2 ** 20, 2 ** 51].map(showSize), [
    "0 B",
    "1 B",
    "1023 B",
    "1.0 KiB",
    "1.5 KiB",
    "1024.0 KiB",
    "1.0 MiB",
    "2048.0 TiB",
  ]);
  assertEquals([0, 0.0004, 0.999, 1, 59.94, 60, 3599, 3600, 86_399, 86_400, 200_000].map(showDuration), [
    "0 ms",
    "0.4 ms",
    "999 ms",
    "1 s",
    "59.9 s",
    "1 min 0 s",
    "59 min 59 s",
    "1 h 0 min",
    "23 h 59 min",
    "1 d 0 h",
    "2 d 7 h",
  ]);
});
