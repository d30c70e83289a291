import { formatSize, formatTime } from "../../lib/cli/units.ts";
import {
  formatRetain,
  readChoice,
  readCount,
  readName,
  readObject,
  readRetain,
  readSize,
  readTime,
  show,
} from "../../lib/cli/values.ts";
import { UsageError } from "../../lib/base/errors.ts";
import { assertEquals, assertThrows } from "../assert.ts";

const ANY = { least: 0, most: Number.MAX_SAFE_INTEGER };

function given(value: string) {
  return { name: "x", value };
}

Deno.test("readSize reads bytes and units, those of 1024 and those of 1000", () => {
  const sizes: [string, number][] = [
    ["0", 0],
    ["4096", 4096],
    ["4096B", 4096],
    ["64K", 65_536],
    ["64k", 65_536],
    ["64KiB", 65_536],
    ["64KB", 64_000],
    ["16M", 16_777_216],
    ["16MiB", 16_777_216],
    ["16mb", 16_000_000],
    ["2G", 2 ** 31],
    ["1GiB", 2 ** 30],
    ["1GB", 1e9],
  ];
  for (const [text, size] of sizes) assertEquals(readSize(given(text), ANY), size, text);
  for (const text of ["", "M", "1T", "1.5M", "1e6", "0x10", "-1", "+1", "1 M", "1Mi", "16constructor", "١"]) {
    assertThrows(() => readSize(given(text), ANY), UsageError, "write a size as 4096, 64K or 16M");
  }
});

Deno.test("readTime reads a number with its unit", () => {
  const times: [string, number][] = [
    ["250ms", 250],
    ["30s", 30_000],
    ["5m", 300_000],
    ["12h", 43_200_000],
    ["7d", 604_800_000],
    ["1D", 86_400_000],
  ];
  for (const [text, time] of times) assertEquals(readTime(given(text), ANY), time, text);
  for (const text of ["", "30", "s", "1w", "1.5s", "-1s", "1 s", "1toString"]) {
    assertThrows(() => readTime(given(text), ANY), UsageError, "write a time as 250ms, 30s, 5m, 12h or 7d");
  }
});

Deno.test("numbers are checked against their range, both ends included", () => {
  const range = { least: 2, most: 4 };
  for (const read of [readCount, readSize]) {
    for (const text of ["2", "3", "4", "004"]) assertEquals(read(given(text), range), Number(text));
    for (const text of ["0", "1", "5", "9".repeat(16), "9".repeat(1000)]) {
      assertThrows(() => read(given(text), range), UsageError, "from 2 to 4");
    }
  }
  assertEquals(readTime(given("4ms"), range), 4);
  assertThrows(() => readTime(given("5ms"), range), UsageError, "from 2ms to 4ms");
});

Deno.test("readRetain reads an age in seconds, a count, a size, several of them, or all", () => {
  assertEquals(readRetain(given("30d")), { age: 2_592_000 });
  assertEquals(readRetain(given("500ms")), { age: 0.5 });
  assertEquals(readRetain(given("10000")), { count: 10_000 });
  assertEquals(readRetain(given("30d,10000")), { age: 2_592_000, count: 10_000 });
  assertEquals(readRetain(given("10000,30d")), { age: 2_592_000, count: 10_000 });
  assertEquals(readRetain(given("10G")), { size: 10 * 1024 ** 3 });
  assertEquals(readRetain(given("500MB,5M")), { size: 500_000_000, age: 300 });
  assertEquals(readRetain(given("30d,10000,64KiB")), { age: 2_592_000, count: 10_000, size: 65_536 });
  assertEquals(readRetain(given("all")), {});
  for (const text of ["30d", "10000", "30d,10000", "10G", "12h,64KiB", "3MiB", "all", "1000"]) {
    assertEquals(formatRetain(readRetain(given(text))), text);
  }
  for (
    const text of [
      "",
      "0",
      "0d",
      "1G,2G",
      "all,1d",
      "64K",
      "0G",
      "1,2",
      "1d,2d",
      "1d,",
      ",",
      "1w",
      "-1",
      "1d,2,3",
      "1e3",
    ]
  ) {
    assertThrows(() => readRetain(given(text)), UsageError, "write an age as 30d");
  }
});

Deno.test("readChoice takes exact words", () => {
  assertEquals(readChoice(given("os"), ["os", "disk"]), "os");
  assertThrows(
    () => readChoice(given("OS"), ["auto", "always", "never"]),
    UsageError,
    "cannot take --x OS: write auto, always or never",
  );
});

Deno.test("readName and readObject say what they accept", () => {
  assertEquals(readName(given("Zoé")), "Zoé");
  assertThrows(() => readName(given("a b")), UsageError, "1 to 32 visible characters, without spaces");
  assertEquals(readObject(given("{1: 'hi', 2: 'there'}")), new Map([[1, "hi"], [2, "there"]]));
  assertEquals(readObject(given("[true, null]")), [true, null]);
  assertThrows(() => readObject(given("hi")), UsageError, `and text in quotes: --x "'hi'"`);
});

Deno.test("show makes a word short, one line and safe for a terminal", () => {
  assertEquals(show("a\nb\x1b[2J"), String.raw`a\nb\x1b[2J`);
  assertEquals(show("x".repeat(40)), "x".repeat(40));
  assertEquals(show("x".repeat(41)), "x".repeat(40) + "…");
  assertEquals([...show("😀".repeat(1_000_000))].length, 41);
});

Deno.test("sizes and times are written as they are read", () => {
  for (const size of [0, 1, 1000, 1024, 65_536, 2 ** 20, 3 * 2 ** 19, 2 ** 30, 2 ** 31 - 1]) {
    assertEquals(readSize(given(formatSize(size)), ANY), size);
  }
  for (const time of [0, 1, 250, 1000, 90_000, 60_000, 3_600_000, 86_400_000]) {
    assertEquals(readTime(given(formatTime(time)), ANY), time);
  }
  assertEquals([formatSize(16 * 2 ** 20), formatTime(60_000), formatTime(1500)], ["16M", "1m", "1500ms"]);
});
