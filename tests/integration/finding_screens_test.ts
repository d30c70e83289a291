/** Finding what was said and what was sent, on terminals of 100 × 30, 60 × 15 and 40 × 10. */

import { assert, assertEquals } from "../assert.ts";
import { CHAT } from "./chat_process.ts";
import { Listening, type TestPeer } from "./listening.ts";
import { HAS_TMUX, Tmux } from "./tmux.ts";

if (!HAS_TMUX) console.log("tests/integration/finding_screens_test.ts: left out, for there is no tmux");

const SIZES = [{ columns: 100, rows: 30 }, { columns: 60, rows: 15 }, { columns: 40, rows: 10 }];
/** The messages that a search finds. */
const FOUND = 45;

/** Runs a test at each size, with a person in the lobby, whose bob has posted. */
function atEachSize(name: string, body: (tmux: Tmux, bob: TestPeer) => Promise<void>): void {
  for (const size of SIZES) {
    Deno.test({
      name: `${name}, at ${size.columns} × ${size.rows}`,
      ignore: !HAS_TMUX,
      async fn() {
        await using listening = await Listening.start();
        using bob = await listening.enter("bob");
        for (let n = 1; n <= FOUND; n++) bob.send({ type: "message", body: `tea ${n} is ready` });
        bob.send({ type: "message", body: "milk", ref: "last" });
        await bob.answer("last");
        const command = [
          ...CHAT,
          "--connect",
          `127.0.0.1:${listening.port}`,
          "--nick",
          "ann",
          "--replay",
          "0",
        ];
        await using tmux = await Tmux.start(["env", "TERM=tmux-256color", "NO_COLOR=1", ...command], size);
        await tmux.until((screen) => inputOf(screen) === "ann@lobby>");
        await body(tmux, bob);
      },
    });
  }
}

/** The prompt and the line that is being typed, without blanks, wherever its rows end. */
function inputOf(screen: readonly string[]): string {
  const first = screen.findLastIndex((row) => /^(?:ann@lobby> ?|\((?:search|no more)\))/.test(row));
  return first < 0 ? "" : screen.slice(first).join("").replaceAll(" ", "");
}

async function types(tmux: Tmux, line: string): Promise<void> {
  await tmux.type(line);
  await tmux.press("Enter");
}

/** Waits for the line that ends what was found; gives the numbers of the messages above it, up to the line that begins it. */
async function hits(tmux: Tmux, begin: string, end: string): Promise<number[]> {
  const rows = await tmux.until((rows) => rows.includes(end) && rows.includes(begin), { scrollback: true });
  const found = rows.slice(rows.indexOf(begin) + 1, rows.lastIndexOf(end)).filter((row) => row !== "");
  return found.map((row) => {
    const [, id, number] = /^#(\d+) \d\d:\d\d bob: tea (\d+) is ready$/.exec(row) ?? [];
    assert(id === number && id !== undefined, row);
    return Number(id);
  });
}

atEachSize("/search shows the newest hits with ids, and goes on to older ones", async (tmux) => {
  const more = "──── older ones: /search ────";
  await types(tmux, "/search rea*");
  const numbers = (first: number, last: number) =>
    Array.from({ length: last - first + 1 }, (_, n) => first + n);
  assertEquals(await hits(tmux, "──── 20 found in lobby: rea* ────", more), numbers(26, 45));
  // The line that tells how to go on stands right above the input line.
  const screen = (await tmux.screen()).filter((row) => row !== "");
  assertEquals(screen.slice(-2), [more, "ann@lobby>"]);
  await tmux.press("C-l");
  await types(tmux, "/search");
  const older = await tmux.until(
    (rows) => rows.filter((row) => row === more).length >= 2 && rows.some((row) => row.includes("20 older")),
    { scrollback: true },
  );
  assertEquals(older.filter((row) => row.startsWith("#6 ")).length, 1, older.join("\n"));
  assertEquals(older.filter((row) => row.startsWith("#5 ")).length, 0, older.join("\n"));
  await types(tmux, "/search");
  assertEquals(
    await hits(tmux, "──── 5 older found in lobby: rea* ────", "──── end of what was found ────"),
    numbers(1, 5),
  );
  await types(tmux, "/search");
  await tmux.until((rows) => rows.join("").includes("-- nothing older found in lobby: rea*"));
  await types(tmux, '/search "no end');
  await tmux.until((rows) => rows.some((row) => row.startsWith("-- the quote at character 1 is not")));
});

atEachSize("Ctrl-R finds a sent line, which Enter takes and Esc leaves", async (tmux, bob) => {
  const posts = async (body: string) => {
    while ((await tmux.patiently(bob.until("message"))).body !== body);
  };
  const prompt = (line: string) => tmux.until((screen) => inputOf(screen) === line.replaceAll(" ", ""));
  const long = `make tea for ${"every one of ".repeat(6)}us`;
  for (const line of ["make milk", long, "ls"]) {
    await types(tmux, line);
    await posts(line);
  }
  await tmux.type("half typed 漢字");
  await tmux.press("C-r");
  await tmux.type("ma");
  // A line that is longer than the screen is shown as it is where it was typed: in several rows.
  await prompt(`(search) ma: ${long}`);
  await tmux.press("C-r");
  await prompt("(search) ma: make milk");
  await tmux.press("C-r");
  await prompt("(no more) ma: make milk");
  await tmux.press("Escape");
  await prompt("ann@lobby> half typed 漢字");
  await tmux.press("C-r");
  await tmux.type("MILK");
  await prompt("(search) MILK: make milk");
  bob.send({ type: "message", body: "what is typed stays" });
  await tmux.until((screen) => screen.some((row) => row.includes("bob: what is typed stays")));
  await prompt("(search) MILK: make milk");
  await tmux.press("Enter");
  await prompt("ann@lobby> make milk");
  await tmux.press("Enter");
  await posts("make milk");
  await prompt("ann@lobby>");
});
