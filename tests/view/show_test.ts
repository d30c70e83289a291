import { showBody, showDay, showTime } from "../../lib/view/show.ts";
import { CalendarDate, DateTime, TimeDelta } from "../../lib/pickle/values/known.ts";
import { DType, NDArray } from "../../lib/pickle/values/known_numpy.ts";
import { ByteArray, Tuple, type Value } from "../../lib/pickle/values/values.ts";
import { assert, assertEquals } from "../assert.ts";

function array(code: string, shape: number[], data: Uint8Array): NDArray {
  return new NDArray(shape, new DType(code, new Tuple([3, "<", null, null, null, -1, -1, 0])), false, data);
}

Deno.test("an array is shown by its dtype, its shape and its first values", () => {
  const floats = new Uint8Array(new Float64Array([0, 1.5, 2, 3, 4, NaN, 6, 7]).buffer);
  assertEquals(showBody(array("f8", [2, 4], floats)), {
    text: "array float64 (2, 4):\n      │ [[0.  1.5 2.  3. ]\n      │  [4.  nan 6.  7. ]]",
    folded: false,
  });
  const ints = new Uint8Array(new Int32Array([1, 2]).buffer);
  assertEquals(showBody(array("i4", [2], ints)), { text: "array int32 (2,) [1 2]", folded: false });
  assertEquals(showBody(array("i4", [0, 3], new Uint8Array())).text, "array int32 (0, 3) []");
  assertEquals(showBody(array("b1", [2], Uint8Array.of(1, 0))).text, "array bool (2,) [ True False]");
  const texts = new Uint8Array(new Uint32Array(Array.from("ab\x1bc", (char) => char.codePointAt(0)!)).buffer);
  assertEquals(showBody(array("U2", [2], texts)).text, "array <U2 (2,) ['ab' '\\x1bc']");
});

Deno.test("an array in Fortran's order is shown in the order of its indices", () => {
  const { dtype } = array("i4", [0], new Uint8Array());
  // 0 to 7 in the shape (2, 4), the first index changing fastest.
  const bytes = new Uint8Array(new Int32Array([0, 4, 1, 5, 2, 6, 3, 7]).buffer);
  assertEquals(
    showBody(new NDArray([2, 4], dtype, true, bytes)).text,
    "array int32 (2, 4):\n      │ [[0 1 2 3]\n      │  [4 5 6 7]]",
  );
});

Deno.test("an array whose items or dtype are long stays on one line of bounded length", () => {
  const long = new Uint8Array(new Uint32Array(4000).fill(97).buffer);
  const { text, folded } = showBody(array("U2000", [2], long));
  assertEquals([text.startsWith("array <U2000 (2,) ['aaa"), text.endsWith("a…"), folded], [true, true, true]);
  assert(text.length < 200);
  const many = new Uint8Array(new Uint32Array(6 * 16).fill(97).buffer);
  assertEquals(showBody(array("U16", [6], many)).text.includes("\n"), false);
});

Deno.test("few bytes are shown whole, many by their number and beginning", () => {
  assertEquals(showBody(Uint8Array.of(0, 65)), { text: "b'\\x00A'", folded: false });
  assertEquals(showBody(new Uint8Array(24)).folded, false);
  const { text, folded } = showBody(new ByteArray(new Uint8Array(1234).fill(65)));
  assertEquals([text, folded], [`bytearray of 1,234: b'${"A".repeat(24)}'…`, true]);
});

Deno.test("dates are shown as people write them", () => {
  const time = { hour: 9, minute: 5, second: 0, microsecond: 0, fold: 0, tzinfo: null } as const;
  assertEquals(showBody(new DateTime({ year: 2026, month: 11, day: 3 }, time)).text, "2026-11-03 09:05:00");
  assertEquals(showBody(new CalendarDate(2026, 11, 3)).text, "2026-11-03");
  assertEquals(showBody(new TimeDelta(1, 3600, 0)).text, "1 day, 1:00:00");
});

Deno.test("an object of 200 characters is shown whole, a longer one is folded", () => {
  const list = (length: number): Value => ["x".repeat(length - 4)];
  assertEquals(showBody(list(200)).text.length, 200);
  assertEquals(showBody(list(200)).folded, false);
  assertEquals(showBody(list(201)).folded, true);
  const dict = new Map(Array.from({ length: 100_000 }, (_, n) => [n, n] as [Value, Value]));
  assert(showBody(dict).text.startsWith("dict of 100,000: {0: 0, 1: 1,"));
});

Deno.test("a text keeps its lines, indented, and a very long one is folded", () => {
  assertEquals(showBody("a\nb\tc").text, "a\n      │ b    c");
  assertEquals(showBody("x".repeat(8000)).folded, false);
  assertEquals(showBody("x".repeat(8001)).folded, true);
});

Deno.test("a text of 40 lines is shown whole, one of more is folded after 40", () => {
  const text = (lines: number) => Array.from({ length: lines }, (_, line) => line + 1).join("\n");
  assertEquals(showBody(text(40)).folded, false);
  const { text: seen, folded } = showBody(text(41));
  assert(folded);
  assertEquals(seen.split("\n      │ ").slice(38), ["39", "40", "… (113 characters)"]);
  assertEquals(showBody("\n".repeat(8000)).text.split("\n").length, 41);
  const both = `${"x".repeat(7999)}\n\n`;
  assertEquals(showBody(both).text.endsWith("x\n      │ … (8,001 characters)"), true);
});

Deno.test("a time beyond the calendar is shown as no time", () => {
  for (const at of [NaN, Infinity, -Infinity, 1e300]) {
    assertEquals([showTime(at), showDay(at)], ["--:--", ""]);
  }
  assertEquals(showTime(new Date(2026, 0, 2, 3, 4).getTime() / 1000), "03:04");
  assertEquals(showDay(new Date(2026, 0, 2, 3, 4).getTime() / 1000), "2026-01-02");
});
