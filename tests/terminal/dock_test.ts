import { Dock } from "../../lib/terminal/dock/dock.ts";
import { InputLine } from "../../lib/terminal/input/line.ts";
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
  const dock = new Dock();
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
  for (const told of ["at once", "late or never"]) {
    const name = `${reflows ? "wraps anew" : "cuts"} and tells of it ${told}`;
    Deno.test(`Dock loses and doubles no line when a terminal is resized that ${name}`, () => {
      for (let seed = 1; seed <= 60; seed++) {
        const random = randomOf(seed);
        const { terminal, line, draw, resize } = setUp({ reflows });
        const said = ["one", "two", "three"];
        draw("one\ntwo\nthree\n");
        for (let step = 0; step < 8; step++) {
          if (random(2) === 0) line.insert("abcdefghij".repeat(random(4)) + HARD.slice(0, random(8)));
          else line.take();
          for (let left = random(20); left > 0; left--) line.onKey(key("left"));
          draw();
          const size = [10 + random(30), 8 + random(4)] as const;
          // It was wrapped for other widths before the last one is told.
          for (let n = random(3); n > 0; n--) terminal.resize(10 + random(30), 8 + random(4));
          const isLate = told !== "at once" && random(2) === 0;
          if (isLate) terminal.resize(...size);
          else resize(...size);
          said.push(`next ${step}, which is wrapped`);
          draw(`${said.at(-1)}\n`);
          if (isLate) resize(...size);
          const all = `seed ${seed}, step ${step}: ${terminal.lines.join("\n")}`;
          const rows = line.render({ prompt: "> ", columns: size[0], maxRows: 6 });
          const kept = trimmed(rows.rows);
          assertEquals(terminal.lines.slice(-kept.length), kept, all);
          assertEquals(terminal.beforeCursor, rows.beforeCursor, all);
          // What else there is are copies of the line that the terminal has wrapped.
          const found = terminal.lines.flatMap((row) =>
            /(one|two|three|next \d+, which is wrapped)$/.exec(row)?.[1] ?? []
          );
          if (reflows) assertEquals(found, said, all);
          if (told === "at once") {
            assertEquals(terminal.lines.filter((row) => said.includes(row)), reflows ? said : found, all);
          }
        }
      }
    });
  }
}

Deno.test("Dock leaves nothing behind where the terminal does not wrap its rows", () => {
  const { terminal, line, draw, resize } = setUp();
  draw("one\ntwo\n");
  line.insert("abcdefghij".repeat(3));
  draw();
  for (const columns of [20, 25, 40, 60]) resize(columns, 8);
  line.take();
  line.insert("short");
  draw();
  for (const columns of [30, 12, 10, 50]) resize(columns, 8);
  assertEquals(terminal.lines, ["one", "two", "> short"]);
});

Deno.test("Dock is joined to no line that a terminal has wrapped and erased in part", () => {
  const { terminal, line, draw, resize } = setUp({ columns: 80 });
  draw("one\ntwo\n");
  line.insert("a half typed line of some fifty characters, not more");
  draw();
  // A pane is split and closed again.
  for (const columns of [40, 80, 30, 80]) resize(columns, 8);
  draw("three\n");
  resize(120, 8);
  const kept = terminal.lines.filter((row) => ["one", "two", "three"].includes(row));
  assertEquals(kept, ["one", "two", "three"]);
});

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
