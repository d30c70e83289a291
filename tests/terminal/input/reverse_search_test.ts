import { InputLine } from "../../../lib/terminal/input/line.ts";
import { assertEquals } from "../../assert.ts";
import { key, typed } from "../keys.ts";

/** A line to which others were sent before. */
function sent(...lines: string[]): InputLine {
  const line = new InputLine();
  for (const text of lines) {
    typed(text).forEach((each) => line.onKey(each));
    line.onKey(key("return"));
  }
  return line;
}

/** Types texts and presses keys; gives what the line shows, with `|` at the cursor. */
function press(line: InputLine, ...keys: string[]): string {
  for (const name of keys) {
    const isKey = /^(?:[CM]-.|return|escape|backspace|up|down|left|end|tab)$/.test(name);
    (isKey ? [key(name)] : typed(name)).forEach((each) => line.onKey(each));
  }
  const { prompt } = line.render({ prompt: "> ", columns: 80 });
  return `${prompt}${line.text.slice(0, line.cursor)}|${line.text.slice(line.cursor)}`;
}

Deno.test("Ctrl-R finds the newest sent line with the text, and again an older one", () => {
  const line = sent("make tea", "ls", "make milk", "make milk now");
  assertEquals(press(line, "half", "C-r"), "(search) : half|");
  assertEquals(press(line, "m"), "(search) m: |make milk now");
  assertEquals(press(line, "ilk"), "(search) milk: make |milk now");
  assertEquals(press(line, "C-r"), "(search) milk: make |milk");
  assertEquals(press(line, "C-r"), "(no more) milk: make |milk");
  assertEquals(
    press(line, "backspace", "backspace", "backspace", "backspace", "TEA"),
    "(search) TEA: make |tea",
  );
});

Deno.test("Enter takes the found line and does not send it; the arrows go on from there", () => {
  const line = sent("one", "two words", "three");
  assertEquals(press(line, "C-r", "wor", "return"), "> two |words");
  assertEquals(press(line, "up"), "> one|");
  assertEquals(press(line, "down", "down"), "> three|");
  assertEquals(press(line, "down"), "> |");
  assertEquals(line.onKey(key("return")), { is: "send", text: "" });
});

Deno.test("Esc, Ctrl-G and Ctrl-C leave the search and restore the line", () => {
  for (const leave of ["escape", "C-g", "C-c"]) {
    const line = sent("make tea");
    assertEquals(press(line, "half", "left", "C-r", "tea"), "(search) tea: make |tea");
    assertEquals(press(line, leave), "> hal|f");
  }
});

Deno.test("any other key takes the line and has its usual effect", () => {
  assertEquals(press(sent("make tea"), "C-r", "tea", "end"), "> make tea|");
  assertEquals(press(sent("make tea"), "C-r", "tea", "C-k"), "> make |");
  assertEquals(press(sent("make tea"), "C-r", "tea", "M-d"), "> make |");
  const line = sent("make tea");
  press(line, "C-r", "tea");
  assertEquals(line.onKey(key("tab")), { is: "complete", back: false });
});

Deno.test("a search without a match keeps the line, and a paste ends the search", () => {
  assertEquals(press(sent(), "draft", "C-r", "x"), "(no more) x: draft|");
  assertEquals(press(sent("tea"), "draft", "C-r", "x", "return"), "> draft|");
  const line = sent("make tea");
  press(line, "C-r", "tea");
  line.insert("green ");
  assertEquals(press(line), "> make green |tea");
});

Deno.test("the searched text cannot move the cursor", () => {
  const line = sent("make tea");
  press(line, "C-r");
  line.onKey({ name: "", text: "\u202e" });
  assertEquals(line.render({ prompt: "> ", columns: 80 }).prompt.includes("\u202e"), false);
});
