/**
 * Plays a session in tmux and writes the screen as text into the README, between two markers, so that it is never out of
 * date: `deno run -A scripts/play_session.ts`. With `--print` it only prints it.
 */

import { Listening } from "../tests/integration/listening.ts";
import { HAS_TMUX, Tmux } from "../tests/integration/tmux.ts";

const BEGIN = "<!-- session: written by scripts/play_session.ts -->";
const END = "<!-- /session -->";
const README = new URL("../README.md", import.meta.url);
const MAIN = new URL("../main.ts", import.meta.url).pathname;

/** The time of day that every line gets: that of the day it was played would change the README each time. */
const TIME = "14:05";

if (!HAS_TMUX) fail("there is no tmux: apt-get install tmux");
const screen = await play();
if (Deno.args.includes("--print")) console.log(screen);
else await writeReadme(screen);

async function play(): Promise<string> {
  await using listening = await Listening.start();
  using bob = await listening.enter("bob");
  const connect = ["--connect", `127.0.0.1:${listening.port}`, "--nick", "alice", "--color", "never"];
  const command = [
    Deno.execPath(),
    "run",
    "--no-prompt",
    "--allow-net",
    "--allow-env=NO_COLOR,TERM,TZ",
    MAIN,
    ...connect,
  ];
  await using tmux = await Tmux.start(command, { columns: 72, rows: 16 });
  const seen = (text: string) => tmux.until((rows) => rows.some((row) => row.includes(text)));
  const enter = async (text: string) => {
    await tmux.type(text);
    await tmux.press("Enter");
  };
  await seen("lobby>");
  await enter("hi bob, did the night run finish?");
  await seen("night run");
  bob.send({ type: "message", body: "hi alice: it did, here are the losses" });
  await seen("the losses");
  bob.send({ type: "message", body: new Map([["step", 1000], ["loss", 0.0312]]) });
  await seen("0.0312");
  bob.send({ type: "message", body: Array.from({ length: 10_000 }, (_, step) => 1 / (step + 1)) });
  await seen("/show");
  await enter("/send {'ok': True, 'next': ('2026-12-01', 3)}");
  await seen("'ok': True");
  await enter("/jion ops");
  await seen("did you mean");
  await tmux.type("this line is half typed, and stays so while bob writes: 漢字 👩‍👩‍👧");
  await seen("👧");
  bob.send({ type: "message", body: "\x1b]0;not your title\x07 is shown, not obeyed" });
  await seen("not obeyed");
  const rows = await tmux.screen();
  return rows.join("\n").trimEnd().replace(/^\d\d:\d\d(?= )/gm, TIME);
}

async function writeReadme(screen: string): Promise<void> {
  const readme = await Deno.readTextFile(README);
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (begin < 0 || end < begin) fail(`README.md lacks the markers ${BEGIN} and ${END}`);
  const block = `${BEGIN}\n\`\`\`text\n${screen}\n\`\`\`\n`;
  await Deno.writeTextFile(README, readme.slice(0, begin) + block + readme.slice(end));
}

function fail(text: string): never {
  console.error(`play_session: ${text}`);
  Deno.exit(1);
}
