import { textEnd } from "../../../lib/terminal/rows/fold.ts";
import { assertEquals, assertGreater } from "../../assert.ts";
import { randomOf } from "../../random.ts";

Deno.test("ASCII is folded where other text of the same widths is", () => {
  const random = randomOf(1);
  let folded = 0;
  for (let round = 0; round < 5_000; round++) {
    let text = "x";
    for (let words = random(30); words > 0; words--) {
      text += "x".repeat(random(random(10) === 0 ? 60 : 12)) + " ".repeat(random(random(10) === 0 ? 50 : 3));
    }
    const room = { columns: 4 + random(60), rows: 1 + random(6) };
    const end = textEnd(text, room);
    assertEquals(end, textEnd(text.replaceAll("x", "é"), room), JSON.stringify({ text, room }));
    if (end < text.length) folded++;
  }
  assertGreater(folded, 1_000);
});
