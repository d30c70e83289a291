/** One conversation of an operator, three people and a Python program, on terminals of 100 × 30, 60 × 15 and 40 × 10. */

import { assert, assertEquals, assertLessOrEqual, assertMatch } from "../assert.ts";
import { CHAT, chat } from "./chat_process.ts";
import { peerProgram, PYTHON } from "./python.ts";
import { Operator, SERVE } from "./sitting.ts";
import { HAS_TMUX, Tmux } from "./tmux.ts";

if (!HAS_TMUX || !PYTHON) {
  console.log("tests/integration/conversation_screens_test.ts: left out, for there is no tmux or no Python");
}

const URL_TEXT = `https://ci.example/runs/${"2026-12-01/".repeat(3)}log.txt`;
const WORDS = Array.from({ length: 200 }, (_, n) => `word${n}`).join(" ");

/** The terminals of the three people. */
const SIZES = {
  alice: { columns: 100, rows: 30 },
  bob: { columns: 60, rows: 15 },
  carol: { columns: 40, rows: 10 },
} as const;

/** A person at a terminal. */
class Sitting implements AsyncDisposable {
  private constructor(readonly tmux: Tmux) {}

  static async start(nick: keyof typeof SIZES, port: number): Promise<Sitting> {
    const command = [...CHAT, "--connect", `127.0.0.1:${port}`, "--nick", nick, "--color", "never"];
    const tmux = await Tmux.start(["env", "TERM=tmux-256color", ...command], SIZES[nick]);
    const sitting = new Sitting(tmux);
    await sitting.sees("in lobby");
    return sitting;
  }

  async types(line: string): Promise<void> {
    await this.tmux.type(line);
    await this.tmux.press("Enter");
  }

  /** Waits until a text was written, wherever its rows end. */
  async sees(text: string): Promise<void> {
    await this.tmux.until((rows) => joined(rows).includes(text.replaceAll(" ", "")), { scrollback: true });
  }

  /** All rows that were written, without those that are blank. */
  async rows(): Promise<string[]> {
    return (await this.tmux.screen({ scrollback: true })).filter((row) => row !== "");
  }

  /** The rows of the message that begins so, up to the next one. */
  async message(start: string): Promise<string[]> {
    const rows = await this.rows();
    const first = rows.findIndex((row) => row.includes(start));
    const next = rows.findIndex((row, index) => index > first && /^(?:\d\d:\d\d|--|\S+> )/.test(row));
    return rows.slice(first, next);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.tmux[Symbol.asyncDispose]();
  }
}

function joined(rows: readonly string[]): string {
  return rows.join("").replaceAll(/[ │]/g, "");
}

/** Posts objects from Python, and waits until they are stored. */
async function robot(port: number, objects: readonly string[]): Promise<void> {
  const child = new Deno.Command(PYTHON!, {
    args: [peerProgram("robot.py"), String(port)],
    stdin: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(objects.map((each) => `${each}\n`).join("")));
  await writer.close();
  assert((await child.status).success);
}

Deno.test({
  name: "a conversation can be read at 100 × 30, 60 × 15 and 40 × 10, and the typed line stays",
  ignore: !HAS_TMUX || !PYTHON,
  fn: async () => {
    await using operator = await Operator.sit(SERVE, { columns: 100, rows: 30 });
    const { port } = operator;
    await using alice = await Sitting.start("alice", port);
    await using bob = await Sitting.start("bob", port);
    await using carol = await Sitting.start("carol", port);
    const people = [alice, bob, carol];
    await operator.sees("-- alice, bob and carol joined");

    await alice.tmux.type("half typed 漢字");
    await bob.types(`the run is done, see ${URL_TEXT} for all of it`);
    for (const each of people) await each.sees("for all of it");
    await robot(port, [
      "[{'step': 1, 'loss': 0.5}, {'step': 10, 'loss': 0.25}]",
      JSON.stringify(WORDS),
      "[1, 2, 3, 4, 5, 6, 7, 8]",
    ]);
    for (const each of people) await each.sees("min 1, mean 4.5, max 8");
    await carol.types("/me waves");
    for (const each of people) await each.sees("* carol waves");
    await operator.types("alice: look at the table");
    for (const each of people) await each.sees("look at the table");
    await bob.types("/msg carol psst");
    await carol.sees("bob → you: psst");

    for (const [nick, each] of Object.entries({ alice, bob, carol })) {
      const { columns } = SIZES[nick as keyof typeof SIZES];
      const rows = await each.rows();
      const whole = rows.join("\n");
      assert(rows.some((row) => row.includes(URL_TEXT)), `nobody breaks the URL: ${whole}`);
      assert(whole.includes("\n      │ step  loss\n      │    1   0.5\n      │   10  0.25\n"), whole);
      const text = await each.message("word0");
      assertEquals(text.length, 10, text.join("\n"));
      assertMatch(text.at(-1)!, columns > 50 ? /… \(\S+ characters\) \/show 3$/ : /… \/show 3$/);
      const indent = /^\d\d:\d\d robot: /.exec(text[0]!)![0].length;
      for (const row of text.slice(1)) assertMatch(row, new RegExp(`^ {${indent}}word`));
      for (const row of text) assertLessOrEqual(row.length, columns);
      assert(rows.some((row) => /^\d\d:\d\d \* carol waves$/.test(row)), whole);
      assert(rows.some((row) => /^\d\d:\d\d.operator: alice: look at/.test(row)), whole);
    }
    const mentions = async (each: Sitting) =>
      (await each.rows()).some((row) => /^\d\d:\d\d!operator: alice: look/.test(row));
    assertEquals(await Promise.all(people.map(mentions)), [true, false, false], "a mention has its mark");

    const last = async (each: Sitting) => (await each.rows()).at(-1);
    assertEquals(await last(alice), "alice@lobby> half typed 漢字");
    assertEquals(await last(carol), "lobby @bob:1!>", "a private message is counted with who wrote it");
    assertEquals(await carol.tmux.tell("#{pane_title}"), "(1!) lobby - chat");
    await carol.tmux.press("M-a");
    await carol.sees("/r TEXT answers bob");
    await carol.tmux.until((screen) => screen.includes("carol@lobby>"));
    assertEquals(await carol.tmux.tell("#{pane_title}"), "lobby - chat");

    // What is longer than the screen has pages, each of which can be read without scrolling.
    await carol.types("/show 3");
    const page = await carol.tmux.until((screen) => screen.some((row) => row.includes("/show 3 2 goes on")));
    assert(page.some((row) => row.startsWith("-- robot,")), page.join("\n"));

    // Who posts and leaves untold is told by the post alone.
    const { success } = await chat([
      "--connect",
      `127.0.0.1:${port}`,
      "--nick",
      "cron",
      "--say",
      "backup done",
    ], {
      stdin: "null",
    }).output();
    assert(success);
    for (const each of people) {
      await each.sees("cron: backup done");
      assertEquals((await each.rows()).filter((row) => row.startsWith("-- cron")), []);
    }
    await alice.tmux.press("Enter");
    for (const each of people) await each.sees("alice: half typed 漢字");
  },
});
