/**
 * Plays a session in tmux, of an operator, a guest and a Python program, and draws the three screens as they are:
 * docs/session-light.svg and docs/session-dark.svg. `deno run -A scripts/play_session.ts`; with `--print` it prints the
 * screens as text and writes nothing.
 */

import { HAS_TMUX, Tmux } from "../tests/integration/tmux.ts";
import { DEFAULT_PORT } from "../lib/base/limits.ts";
import { PERMISSIONS } from "./release/executable.ts";
import { DARK, draw, LIGHT, type Panel } from "./session_picture.ts";

const ROOT = new URL("../", import.meta.url);
const CHAT = [
  Deno.execPath(),
  "run",
  ...PERMISSIONS,
  new URL("main.ts", ROOT).pathname,
];

/** The places of the screens, in cells. */
const OPERATOR = { column: 0, row: 0, columns: 60, height: 17 };
const GUEST = { column: 60, row: 0, columns: 60, height: 17 };
const PYTHON = { column: 0, row: 18, columns: 120, height: 13 };

/** The texts that differ from one session to the next, and their replacements in the picture. */
const FIXED: readonly (readonly [RegExp, string])[] = [
  [/(?<![\d:.])\d\d:\d\d(?![\d:])/g, "14:05"],
  [/127\.0\.0\.1:\d{5}\b/g, "127.0.0.1:52114"],
];

/** A screen in tmux that is waited for. */
class Screen {
  readonly #tmux: Tmux;
  constructor(tmux: Tmux) {
    this.#tmux = tmux;
  }

  /** Types a line, and waits until something is on the screen. */
  async enter(text: string, seen: string): Promise<void> {
    await this.#tmux.type(text);
    await this.#tmux.press("Enter");
    await this.sees(seen);
  }

  /** Types a line at Python's prompt, and waits for the next prompt. */
  async state(text: string): Promise<void> {
    await this.#tmux.type(text);
    await this.sees(text.slice(-12));
    await this.#tmux.press("Enter");
    const begins = /^(def|while) /.test(text);
    await this.#tmux.until((rows) => {
      const written = rows.filter((row) => row !== "");
      return written.at(-1) === (begins ? "..." : ">>>") &&
        !written.at(-2)!.endsWith("...") === (text !== "");
    });
  }

  async type(text: string): Promise<void> {
    await this.#tmux.type(text);
    await this.sees(text.slice(-8));
  }

  async sees(text: string): Promise<void> {
    await this.#tmux.until((rows) => rows.join("").includes(text));
  }

  /** Ends the program, and waits until it has ended. */
  async quit(): Promise<void> {
    await this.#tmux.type("/quit");
    await this.#tmux.press("Enter");
    while (await this.#tmux.tell("#{pane_dead}") !== "1");
  }

  async rows(): Promise<string[]> {
    const rows = await this.#tmux.colouredScreen();
    return rows.map((row) => FIXED.reduce((text, [found, shown]) => text.replaceAll(found, shown), row));
  }
}

/** Plays the session on terminals whose colors are said to be so: the foreground's number and the background's. */
async function play(colors: string): Promise<Panel[]> {
  Deno.env.delete("NO_COLOR");
  // A token of one's own is not shown.
  Deno.env.set("CHAT_OPERATOR_TOKEN", crypto.randomUUID());
  try {
    Deno.listen({ hostname: "127.0.0.1", port: DEFAULT_PORT }).close();
  } catch {
    fail(`port ${DEFAULT_PORT}, which the picture shows, is taken on this machine`);
  }
  const size = ({ columns, height }: { columns: number; height: number }) => ({ columns, rows: height });
  const chat = ["env", "TERM=tmux-256color", `COLORFGBG=${colors}`, ...CHAT];
  await using serving = await Tmux.start([...chat, "--serve", "--host", "127.0.0.1"], size(OPERATOR));
  const operator = new Screen(serving);
  await operator.sees("lobby>");
  const connect = ["--connect", "localhost", "--nick", "alice", "--color", "always"];
  await using connecting = await Tmux.start([...chat, ...connect], size(GUEST));
  const guest = new Screen(connecting);
  await guest.sees("lobby>");
  await using interpreting = await Tmux.start(["python3", "-q"], size(PYTHON));
  const python = new Screen(interpreting);
  await python.sees(">>>");

  await guest.enter("hi, did the night run finish?", "night run");
  await operator.sees("night run");
  await operator.enter("it did: the robot tells us the losses", "losses");
  for (
    const line of [
      "import pickle, socket",
      `s = socket.create_connection(("localhost", ${DEFAULT_PORT})); f = s.makefile("rwb", 0)`,
      'def say(x): p = pickle.dumps(x); f.write(f"{len(p):<10}".encode() + p)',
      "",
      "def hear(): return pickle.loads(f.read(int(f.read(10))))",
      "",
    ]
  ) await python.state(line);
  await python.state('say({"type": "hello", "nick": "robot", "replay": 0})');
  await guest.sees("robot");
  await python.state('say({"step": 1000, "loss": 0.0312})');
  await guest.sees("0.0312");
  await guest.enter("/send {'ok': True, 'next': ('2026-12-01', 3)}", "'ok': True");
  await operator.sees("'ok': True");
  await python.state('while (m := hear()).get("from") != "alice": pass');
  await python.state("");
  await python.state('m["body"]');
  await guest.type("half typed, and stays whole: 漢字 👍");
  await operator.enter("thanks, robot", "operator: thanks, robot");
  await guest.sees("thanks, robot");
  const panels = [
    { ...OPERATOR, title: "chat --serve", rows: await operator.rows() },
    { ...GUEST, title: "chat --connect localhost --nick alice", rows: await guest.rows() },
    { ...PYTHON, title: "python3", rows: await python.rows() },
  ];
  // A chat whose terminal is closed would go on without it.
  await operator.quit();
  return panels;
}

function fail(text: string): never {
  console.error(`play_session: ${text}`);
  Deno.exit(1);
}

if (import.meta.main) {
  if (!HAS_TMUX) fail("there is no tmux: apt-get install tmux");
  if (Deno.args.includes("--print")) {
    for (const { title, rows } of await play("15;0")) console.log(`== ${title}\n${rows.join("\n")}`);
  } else {
    await Deno.writeTextFile(new URL("docs/session-dark.svg", ROOT), draw(await play("15;0"), DARK));
    await Deno.writeTextFile(new URL("docs/session-light.svg", ROOT), draw(await play("0;15"), LIGHT));
    console.log("wrote docs/session-light.svg and docs/session-dark.svg");
  }
}
