import { folded } from "../../../lib/terminal/rows/fold.ts";
import { HANG, wrapped } from "../../../lib/terminal/rows/wrap.ts";
import { columnsOfText } from "../../../lib/terminal/width.ts";
import { assert, assertEquals, assertGreater } from "../../assert.ts";
import { randomOf } from "../../random.ts";

const REMARK = { size: "(1,234 characters)", command: "/show 7" };

/** A text of words, now and then a long one, a wide one or a newline. */
function textOf(random: (below: number) => number, letters: readonly string[]): string {
  let text = "x";
  for (let words = random(60); words > 0; words--) {
    const letter = letters[random(letters.length)]!;
    text += letter.repeat(random(random(10) === 0 ? 60 : 12)) + " ".repeat(random(random(10) === 0 ? 50 : 3));
    if (letters.length > 1 && random(20) === 0) text += "\n      │ ";
  }
  return text;
}

Deno.test("ASCII is folded where other text of the same widths is", () => {
  const random = randomOf(1);
  let shortened = 0;
  for (let round = 0; round < 5_000; round++) {
    const text = textOf(random, ["x"]);
    const room = { head: "12:00 bob: ", columns: 15 + random(60), rows: 1 + random(6) };
    const shown = folded(text, REMARK, room);
    const other = folded(text.replaceAll("x", "é"), REMARK, room);
    assertEquals(shown, other.replaceAll("é", "x"), JSON.stringify({ text, room }));
    if (shown !== text) shortened++;
  }
  assertGreater(shortened, 1_000);
});

Deno.test("a folded text takes no more than its rows on the screen, and only a text that takes more is folded", () => {
  const random = randomOf(2);
  let shortened = 0;
  for (let round = 0; round < 5_000; round++) {
    const text = textOf(random, ["x", "漢", "é"]);
    const room = { head: "12:00 bob: ", columns: 24 + random(80), rows: 3 + random(8) };
    const shown = folded(text, REMARK, room);
    const rowsOf = (text: string) => wrapped(room.head + HANG + text, room.columns).split("\n");
    const isWhole = shown === text;
    const rows = rowsOf(isWhole ? text : `${shown} ${REMARK.command}`);
    assert(rows.length <= room.rows, JSON.stringify({ text, room, rows }));
    assert(rows.every((row) => columnsOfText(row) <= room.columns), JSON.stringify({ text, room, rows }));
    if (isWhole) continue;
    shortened++;
    assertGreater(rowsOf(text).length, room.rows, JSON.stringify({ text, room }));
  }
  assertGreater(shortened, 1_000);
});

Deno.test("a narrow screen folds at the same number of rows, and leaves out how long the text is", () => {
  const text = Array.from({ length: 100 }, (_, index) => `word${index}`).join(" ");
  const rowsAt = (columns: number) => {
    const head = "12:00 bob: ";
    return wrapped(`${head}${HANG}${folded(text, REMARK, { head, columns, rows: 3 })} /show 7`, columns)
      .split("\n");
  };
  assertEquals(rowsAt(60).length, 3);
  assertEquals(rowsAt(60).at(-1)!.endsWith("… (1,234 characters) /show 7"), true);
  assertEquals(rowsAt(40).length, 3);
  assertEquals(rowsAt(40).at(-1)!.endsWith("… /show 7"), true);
});
