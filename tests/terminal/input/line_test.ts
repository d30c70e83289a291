import { graphemeEdge } from "../../../lib/terminal/input/edit.ts";
import { InputLine } from "../../../lib/terminal/input/line.ts";
import { graphemes, mostColumnsOf } from "../../../lib/terminal/width.ts";
import { assert, assertEquals, assertLessOrEqual } from "../../assert.ts";
import { randomOf } from "../../random.ts";
import { key, typed } from "../keys.ts";

/** Types a text into a line, then presses keys; `|` in what it gives stands where the cursor is. */
function after(text: string, ...keys: string[]): string {
  const line = new InputLine();
  typed(text).forEach((each) => line.onKey(each));
  keys.forEach((name) => line.onKey(key(name)));
  return shown(line);
}

function shown(line: InputLine): string {
  return line.text.slice(0, line.cursor) + "|" + line.text.slice(line.cursor);
}

Deno.test("InputLine moves and deletes by graphemes", () => {
  assertEquals(after("a👩‍👩‍👧b", "left", "left"), "a|👩‍👩‍👧b");
  assertEquals(after("a👩‍👩‍👧b", "left", "backspace"), "a|b");
  assertEquals(after("漢e\u0301", "C-b", "C-b", "C-f"), "漢|e\u0301");
  assertEquals(after("漢e\u0301", "C-a", "C-d", "C-d"), "|");
  assertEquals(after("🇩🇪🇫🇷", "C-b"), "🇩🇪|🇫🇷");
  assertEquals(after("ab", "right", "right", "home", "left", "delete"), "|b");
});

Deno.test("Backspace takes the last code point, and an emoji as a whole", () => {
  const left: [string, string][] = [
    ["ที่", "ที"],
    ["น้ำ", "น้"],
    ["e\u0301", "e"],
    ["e\u0323\u0301", "e\u0323"],
    ["한", ""],
    ["\u1112\u1161\u11AB", "\u1112\u1161"],
    ["क्षि", "क्ष"],
    ["நி", "ந"],
    ["שָׁ", "שָ"],
    ["\u{20000}", ""],
    ["👩‍👩‍👧", ""],
    ["👍🏽", ""],
    ["🇹🇭", ""],
    ["🇹🇭🇩🇪", "🇹🇭"],
    ["❤\uFE0F", ""],
    ["1\uFE0F\u20E3", ""],
    ["🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}", ""],
    ["a\u200D", "a"],
    ["\uD83D", ""],
  ];
  for (const [text, expected] of left) {
    assertEquals([text, after("A" + text, "backspace")], [text, `A${expected}|`]);
  }
  assertEquals(after("", "backspace"), "|");
  assertEquals(after("Aที่Z", "left", "left", "C-d"), "A|Z");
});

Deno.test("InputLine moves, kills and changes words as Emacs does", () => {
  assertEquals(after("one two  three", "M-b", "M-b"), "one |two  three");
  assertEquals(after("one two", "C-a", "M-f"), "one| two");
  assertEquals(after("one two", "C-left", "M-backspace"), "|two");
  assertEquals(after("a/b c.d", "C-w"), "a/b |");
  assertEquals(after("one two", "C-a", "M-d"), "| two");
  assertEquals(after("one two", "C-a", "M-u", "M-c"), "ONE Two|");
  assertEquals(after("ab", "C-t"), "ba|");
  assertEquals(after("abc", "C-a", "C-f", "C-t"), "ba|c");
  assertEquals(after("a", "C-t"), "a|");
});

Deno.test("InputLine yanks what was killed, kills in a row as one", () => {
  assertEquals(after("one two", "C-w", "C-w", "C-y"), "one two|");
  assertEquals(after("one two", "C-a", "M-d", "M-d", "C-y", "C-y"), "one twoone two|");
  assertEquals(after("ab cd", "C-w", "C-a", "C-k", "C-y", "M-y"), "cd|");
  assertEquals(after("one", "C-y"), "one|");
  assertEquals(after("one two", "M-b", "C-u", "C-e", "C-y"), "twoone |");
});

Deno.test("InputLine undoes word by word", () => {
  assertEquals(after("one two", "C-_"), "one|");
  assertEquals(after("one two", "C-u", "C-_"), "one two|");
  assertEquals(after("", "C-_"), "|");
});

Deno.test("InputLine goes through the sent lines and back to the one being typed", () => {
  const line = new InputLine();
  for (const text of ["one", "two", "two"]) {
    typed(text).forEach((each) => line.onKey(each));
    assertEquals(line.onKey(key("return")), { is: "send", text });
  }
  typed("dra").forEach((each) => line.onKey(each));
  const seen = ["up", "up", "up", "down", "down", "down"].map((name) => {
    line.onKey(key(name));
    return shown(line);
  });
  assertEquals(seen, ["two|", "one|", "one|", "two|", "dra|", "dra|"]);
});

Deno.test("InputLine keeps changes to sent lines until one is sent, or Ctrl-C clears", () => {
  const line = new InputLine();
  const press = (name: string) => void line.onKey(key(name));
  const type = (text: string) => typed(text).forEach((each) => line.onKey(each));
  for (const text of ["one", "two"]) {
    type(text);
    press("return");
  }
  press("up");
  type("!");
  press("up");
  type("?");
  press("down");
  assertEquals(line.text, "two!");
  press("up");
  assertEquals(line.text, "one?");
  press("C-c");
  press("up");
  assertEquals(line.text, "two");
  type("!");
  assertEquals(line.onKey(key("return")), { is: "send", text: "two!" });
  for (const expected of ["two!", "two", "one", "one"]) {
    press("up");
    assertEquals(line.text, expected);
  }
});

Deno.test("InputLine returns the effect of a key beyond itself", () => {
  const line = new InputLine();
  assertEquals(line.onKey(key("C-c")), { is: "interrupt", empty: true });
  assertEquals(line.onKey(key("C-d")), { is: "end" });
  assertEquals(line.onKey(key("C-l")), { is: "redraw" });
  assertEquals(line.onKey(key("tab")), { is: "complete", back: false });
  assertEquals(line.onKey(key("backtab")), { is: "complete", back: true });
  line.onKey(key("x"));
  assertEquals(line.onKey(key("C-c")), { is: "interrupt", empty: false });
  assertEquals(line.text, "");
});

Deno.test("InputLine takes no control characters, and a newline only by M-Enter or a paste", () => {
  const line = new InputLine();
  line.onKey(key("escape"));
  line.onKey(key("C-@"));
  line.insert("a\x1b[31mb\tc\u009b");
  assertEquals(line.text, "a[31mb\tc");
  line.onKey(key("M-return"));
  line.onKey(key("d"));
  assertEquals(line.render({ prompt: "> ", columns: 40 }).rows, ["> a[31mb⇥c↵", "d"]);
});

Deno.test("render fills rows but for the last column, and puts the cursor where the next character goes", () => {
  const line = new InputLine();
  typed("abcde").forEach((each) => line.onKey(each));
  const full = line.render({ prompt: "> ", columns: 8 });
  assertEquals([full.rows, full.cursorRow, full.beforeCursor], [["> abcde", ""], 1, ""]);
  line.onKey(key("漢"));
  line.onKey(key("left"));
  const { rows, columns, cursorRow, beforeCursor } = line.render({ prompt: "> ", columns: 8 });
  assertEquals([rows, columns, cursorRow, beforeCursor], [["> abcde", "漢"], [7, 2], 1, ""]);
});

Deno.test("render shows the rows around the cursor where there are too many", () => {
  const line = new InputLine();
  line.insert("abcdefghij");
  const options = { prompt: "", columns: 3, maxRows: 3 };
  assertEquals(line.render(options).rows, ["gh", "ij", ""]);
  line.onKey(key("C-a"));
  const top = line.render({ ...options, prompt: ">" });
  assertEquals([top.rows, top.cursorRow, top.prompt], [[">a", "bc", "de"], 0, ">"]);
});

Deno.test("after any edit the rows hold the text, no row is too wide, and the cursor is between graphemes", () => {
  const pieces = ["a", " ", "漢", "e\u0301", "👩‍👩‍👧", "🇩🇪", "\u0301", "\u200d", "👩", "word", "-", "\u{1F3FD}"];
  const names = [
    "left",
    "right",
    "C-a",
    "C-e",
    "M-b",
    "M-f",
    "backspace",
    "C-d",
    "C-w",
    "C-y",
    "C-t",
    "C-_",
    "up",
  ];
  for (let seed = 1; seed <= 20; seed++) {
    const random = randomOf(seed);
    const line = new InputLine();
    for (let step = 0; step < 120; step++) {
      if (random(3) > 0) typed(pieces[random(pieces.length)]!).forEach((each) => line.onKey(each));
      else if (line.text !== "") line.onKey(key(names[random(names.length)]!));
      const columns = 4 + random(30);
      const { rows, cursorRow, beforeCursor } = line.render({ prompt: "> ", columns });
      assert(rows.join("").endsWith(line.text), `seed ${seed} step ${step}`);
      const widths = rows.map((row) => graphemes(row).reduce((sum, each) => sum + mostColumnsOf(each), 0));
      for (const [row, width] of widths.entries()) {
        if (graphemes(rows[row]!).length > 1) assertLessOrEqual(width, columns - 1);
      }
      const before = rows.slice(0, cursorRow).join("") + beforeCursor;
      const edge = graphemeEdge(line.text, line.cursor);
      assert(before.endsWith(line.text.slice(0, edge)), `seed ${seed} step ${step}`);
    }
  }
});
