import {
  columnsOf,
  columnsOfText,
  cutToColumns,
  graphemes,
  mostColumnsOf,
} from "../../lib/terminal/width.ts";
import { assertEquals, assertLessOrEqual } from "../assert.ts";
import { randomOf } from "../random.ts";

Deno.test("columnsOf gives each kind of grapheme the columns that terminals of today do", () => {
  const expected: [string, number][] = [
    ["a", 1],
    ["é", 1],
    ["e\u0301", 1],
    ["漢", 2],
    ["ｱ", 1],
    ["Ａ", 2],
    ["한", 2],
    ["\u1112\u1161\u11ab", 2],
    ["😀", 2],
    ["👩‍👩‍👧", 2],
    ["👍🏽", 2],
    ["🇩🇪", 2],
    ["❤", 1],
    ["❤\uFE0F", 2],
    ["1\uFE0F\u20E3", 2],
    ["α", 1],
    ["…", 1],
    ["\u0301", 0],
    ["\u200B", 0],
    ["\u{20000}", 2],
    ["\u00AD", 1],
  ];
  for (const [grapheme, columns] of expected) {
    assertEquals([grapheme, columnsOf(grapheme)], [grapheme, columns]);
  }
});

Deno.test("mostColumnsOf allows for terminals that show the parts of a joined emoji side by side", () => {
  assertEquals(mostColumnsOf("👩‍👩‍👧"), 6);
  assertEquals(mostColumnsOf("🇩🇪"), 4);
  assertEquals(mostColumnsOf("👍🏽"), 4);
  assertEquals(mostColumnsOf("❤\uFE0F"), 2);
  assertEquals(mostColumnsOf("e\u0301"), 1);
  assertEquals(mostColumnsOf("漢"), 2);
});

Deno.test("mostColumnsOf is never below columnsOf", () => {
  for (const grapheme of graphemes("aé漢e\u0301👩‍👩‍👧🇩🇪👍🏽❤\uFE0F1\uFE0F\u20E3क्षि한\u1112\u1161\u11ab")) {
    assertLessOrEqual(columnsOf(grapheme), mostColumnsOf(grapheme));
  }
});

Deno.test("cutToColumns cuts between graphemes, and only where the text is too wide", () => {
  assertEquals(cutToColumns("漢字", 4), "漢字");
  assertEquals(cutToColumns("漢字", 3), "漢…");
  assertEquals(cutToColumns("👩‍👩‍👧ab", 3), "👩‍👩‍👧…");
  assertEquals(cutToColumns("abc", 1), "…");
  assertEquals(cutToColumns("abc", 0), "");
  assertEquals(columnsOfText("a漢"), 3);
});

Deno.test("texts that need no segmenter are split and measured as with it", () => {
  const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });
  const plain = Array.from({ length: 0x2600 }, (_, point) => String.fromCodePoint(point))
    .filter((char) => /^[\x20-\x7E\u00A1-\u02FF\u0370-\u0482\u2010-\u2027\u2500-\u257F]$/.test(char));
  assertEquals(plain.length, 1129);
  const random = randomOf(7);
  const shuffled = plain.map((char) => [random(1 << 30), char] as const).sort(([a], [b]) => a - b);
  for (const text of [plain.join(""), shuffled.map(([, char]) => char).join("")]) {
    assertEquals(graphemes(text), Array.from(segmenter.segment(text), ({ segment }) => segment));
    assertEquals(columnsOfText(text), text.length);
  }
  // With a selector behind it a character is looked up in the table of widths.
  for (const char of plain) assertEquals(columnsOf(`${char}\uFE0E`), 1, char);
});
