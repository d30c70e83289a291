import { HANG, seenOf, wrapped } from "../../../lib/terminal/rows/wrap.ts";
import { assertEquals } from "../../assert.ts";

Deno.test("a short line of wide characters is wrapped by its columns", () => {
  assertEquals(wrapped(`12:00 bob: ${HANG}漢字 漢字 漢字`, 22), "12:00 bob: 漢字 漢字\n           漢字");
});

Deno.test("a style that begins behind a full row leaves no empty row", () => {
  const dim = (text: string) => `\x1b[2m${text}\x1b[0m`;
  const rows = wrapped(`bob: ${HANG}one two ${dim("/show 7")}`, 12).split("\n");
  assertEquals(rows.map((row) => seenOf(row)), ["bob: one two", "     /show 7"]);
});

Deno.test("a command to show the rest is not broken", () => {
  assertEquals(wrapped("12345 7890 /show 7", 16), "12345 7890\n      /show 7");
});

Deno.test("the row that a long URL ends in goes on with the next word", () => {
  const url = `https://a.example/${"x".repeat(12)}`;
  assertEquals(wrapped(`bob: ${HANG}see ${url} now`, 20), `bob: see\n${url} now`);
});
