import { DARK, draw, LIGHT, readRows } from "../../scripts/session_picture.ts";
import { assert, assertEquals, assertFalse, assertStringIncludes } from "../assert.ts";

Deno.test("a row is split where its look changes, and a look lasts beyond the end of a row", () => {
  const rows = readRows(["\x1b[90m14:05 \x1b[1;31mann\x1b[0m: hi\x1b[2m", "dim\x1b[22m \x1b[7mx"], LIGHT);
  const shown = rows.map((runs) =>
    runs.map(({ text, column, colour, bold, dim, reverse }) => [text, column, colour, bold, dim, reverse])
  );
  const [grey, red] = [LIGHT.colours[8], LIGHT.colours[1]];
  assertEquals(shown, [
    [["14:05 ", 0, grey, false, false, false], ["ann", 6, red, true, false, false], [
      ": hi",
      9,
      undefined,
      false,
      false,
      false,
    ]],
    [["dim", 0, undefined, false, true, false], [" ", 3, undefined, false, false, false], [
      "x",
      4,
      undefined,
      false,
      false,
      true,
    ]],
  ]);
});

Deno.test("a wide character is a run of its own, two cells wide", () => {
  const [runs = []] = readRows(["a漢字b"], DARK);
  assertEquals(runs.map(({ text, column, width }) => [text, column, width]), [
    ["a", 0, 1],
    ["漢", 1, 2],
    ["字", 3, 2],
    ["b", 5, 1],
  ]);
});

Deno.test("colours of the 256 are those of the palette, of the cube or grey", () => {
  const colours = [1, 9, 16, 130, 231, 232, 255].map((index) =>
    readRows([`\x1b[38;5;${index}mx`], DARK)[0]![0]!.colour
  );
  assertEquals(colours, [
    DARK.colours[1],
    DARK.colours[9],
    "rgb(0,0,0)",
    "rgb(175,95,0)",
    "rgb(255,255,255)",
    "rgb(8,8,8)",
    "rgb(238,238,238)",
  ]);
});

Deno.test("text of a screen is text in the picture, never markup", () => {
  const panel = { title: "a < b", rows: ["<script>&</script>"], column: 0, row: 0, columns: 20, height: 1 };
  const picture = draw([panel], LIGHT);
  assertFalse(picture.includes("<script>"));
  assertStringIncludes(picture, "&lt;script&gt;&amp;&lt;/script&gt;");
  assertStringIncludes(picture, "a &lt; b");
});

Deno.test("the pictures of the README differ in their colours alone", async () => {
  const [light, dark] = await Promise.all(
    ["light", "dark"].map((name) =>
      Deno.readTextFile(new URL(`../../docs/session-${name}.svg`, import.meta.url))
    ),
  );
  const plain = (picture: string) => picture.replaceAll(/(?:fill|stroke)="[^"]*"/g, "");
  assertEquals(plain(light!), plain(dark!));
  assert(light !== dark);
  assertStringIncludes(light!, "python3");
});
