import { Dock } from "../../lib/terminal/dock.ts";
import { InputLine } from "../../lib/terminal/line.ts";
import { assertEquals, assertFalse } from "../assert.ts";
import { randomOf } from "../random.ts";
import { Emulator, type EmulatorOptions } from "./emulator.ts";
import { key } from "./keys.ts";

const HARD = "a漢字e\u0301👩‍👩‍👧🇩🇪❤\uFE0F👍🏽z ";

/** Terminals that measure each in their own way, one of them wrong about everything. */
const TERMINALS: Record<string, Partial<EmulatorOptions>> = {
  "knows joined emoji": { measures: "cluster" },
  "shows parts side by side": { measures: "point" },
  "takes everything for narrow": { width: () => 1 },
  "takes everything for wide": { width: () => 2 },
};

function setUp(options: Partial<EmulatorOptions> = {}) {
  const size = { columns: 20, rows: 8, ...options };
  const terminal = new Emulator(size);
  const dock = new Dock({ reflows: options.reflows });
  const line = new InputLine();
  const draw = (above = "") => {
    terminal.write(
      dock.draw(above, { line: line.render({ prompt: "> ", columns: size.columns, maxRows: 6 }) }),
    );
  };
  const resize = (columns: number, rows: number) => {
    terminal.resize(columns, rows);
    size.columns = columns;
    dock.resize(columns);
    draw();
  };
  return { terminal, dock, line, draw, resize };
}

for (const [name, options] of Object.entries(TERMINALS)) {
  Deno.test(`Dock keeps lines and the input apart on a terminal that ${name}`, () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = randomOf(seed);
      const { terminal, line, draw } = setUp(options);
      const said: string[] = [];
      for (let step = 0; step < 40; step++) {
        if (random(2) === 0) line.insert(HARD.slice(0, random(4)) + (random(6) === 0 ? HARD : ""));
        else line.onKey(key(["left", "right", "C-a", "C-e", "backspace", "M-b"][random(6)]!));
        if (line.text.length > 60) line.take();
        const above = Array.from(
          { length: random(3) },
          (_, n) => `message ${step}.${n} of some length, wrapped`,
        );
        said.push(...above);
        draw(above.map((text) => text + "\n").join(""));
        const rows = line.render({ prompt: "> ", columns: 20, maxRows: 6 });
        const shown = terminal.lines.slice(0, said.length);
        assertEquals(shown, said, `seed ${seed}, step ${step}`);
        // The dock is as many rows as it thinks, and nothing else stands below the lines.
        const left = terminal.lines.slice(said.length);
        assertFalse(left.length > rows.rows.length, `seed ${seed}, step ${step}: ${JSON.stringify(left)}`);
        if (name === "knows joined emoji") {
          assertEquals(left, trimmed(rows.rows));
          assertEquals(terminal.beforeCursor, rows.beforeCursor);
        }
      }
    }
  });
}

function trimmed(rows: readonly string[]): string[] {
  const kept = rows.map((row) => row.trimEnd());
  while (kept.at(-1) === "") kept.pop();
  return kept;
}

Deno.test("Dock puts the cursor where this terminal sees it, also one that shows the parts of an emoji", () => {
  const { terminal, line, draw } = setUp({ measures: "point", columns: 40 });
  line.insert("x👩‍👩‍👧yz");
  line.onKey(key("left"));
  draw();
  assertEquals(terminal.beforeCursor.replaceAll("\u200d", ""), "> x👩👩👧y");
});

for (const reflows of [true, false]) {
  Deno.test(`Dock leaves no copy behind when a terminal that ${reflows ? "wraps anew" : "cuts"} is resized`, () => {
    for (let seed = 1; seed <= 40; seed++) {
      const random = randomOf(seed);
      const { terminal, line, draw, resize } = setUp({ reflows });
      draw("one\ntwo\nthree\n");
      line.insert("abcdefghij".repeat(random(4)) + HARD.slice(0, random(8)));
      for (let left = random(20); left > 0; left--) line.onKey(key("left"));
      draw();
      for (let step = 0; step < 4; step++) {
        const columns = 10 + random(30);
        resize(columns, 8 + random(4));
        draw("next\n");
        const rows = line.render({ prompt: "> ", columns, maxRows: 6 });
        assertEquals(terminal.lines.slice(3 + step + 1), trimmed(rows.rows), `seed ${seed}, step ${step}`);
        assertEquals(terminal.lines.slice(0, 4 + step), [
          "one",
          "two",
          "three",
          ..."next ".repeat(step + 1).trim().split(" "),
        ]);
        assertEquals(terminal.beforeCursor, rows.beforeCursor);
      }
    }
  });
}

Deno.test("Dock erases itself and leaves the lines", () => {
  const { terminal, dock, line, draw } = setUp();
  line.insert("abc ".repeat(12));
  draw("one\n");
  terminal.write(dock.erase());
  assertEquals([terminal.lines, terminal.cursor], [["one"], [1, 0]]);
  draw("two\n");
  assertEquals(terminal.lines.slice(0, 2), ["one", "two"]);
  terminal.write(dock.clear());
  assertEquals(terminal.screen.join(""), "");
  draw();
  assertEquals(terminal.cursor[0], 2);
  assertEquals(terminal.modes.get("?7"), true);
});
