/** `chat --serve` on a real terminal: the operator's screen, and what becomes of it and of the terminal. */

import { assert, assertEquals, assertLessOrEqual } from "../assert.ts";
import { TestPeer } from "./listening.ts";
import { end, MAIN, Operator, portOn, SERVE, SIZE } from "./sitting.ts";
import { HAS_TMUX, Tmux } from "./tmux.ts";

if (!HAS_TMUX) console.log("tests/integration/operator_screen_test.ts: left out, for there is no tmux");

function tmuxTest(name: string, test: () => Promise<void>): void {
  Deno.test({ name, ignore: !HAS_TMUX, fn: test });
}

/** The row with the prompt and those below it, without blanks: where a row ends depends on the width. */
function inputOf(screen: string[]): string {
  const first = screen.findLastIndex((row) => /^\S+@lobby>/.test(row));
  return first < 0 ? "" : screen.slice(first).join("").replaceAll(" ", "");
}

tmuxTest("what an operator types stays whole while people talk, come and go, and is sent whole", async () => {
  await using operator = await Operator.sit([
    ...SERVE,
    "--message-rate",
    "10000",
    "--message-burst",
    "10000",
  ]);
  const { tmux } = operator;
  using mouth = await operator.enter("mouth");
  using ear = await operator.enter("ear");
  let came = 0;
  const timer = setInterval(
    () => mouth.send({ type: "message", body: `漢字 and 👩‍👩‍👧, wrapped by it` }),
    5,
  );
  let stopped = false;
  const visits = (async () => {
    // Each is four lines: the log's two, and the room's.
    for (; !stopped; came++) (await operator.enter(`visitor-${came}`))[Symbol.dispose]();
  })();
  try {
    const line = "漢字 e\u0301 👩‍👩‍👧 and so on until it takes more than one row of the operator's terminal";
    for (const char of line) await tmux.type(char);
    const whole = (screen: string[]) => inputOf(screen) === `operator@lobby>${line}`.replaceAll(" ", "");
    const goesOn = async () => {
      const before = came;
      const isLater = (row: string) => Number(/^-- visitor-(\d+) .*joined/.exec(row)?.[1] ?? 0) > before;
      await tmux.until((screen) => whole(screen) && screen.some(isLater));
    };
    await goesOn();
    for (const [columns, rows] of [[40, 12], [90, 20], [70, 18]] as const) {
      await tmux.resize(columns, rows);
      await goesOn();
    }
    await tmux.press("C-l");
    await goesOn();
    await tmux.press("Enter");
    for (;;) {
      const { from, body } = await tmux.patiently(ear.until("message"));
      if (from !== "operator") continue;
      assertEquals(body, line);
      break;
    }
  } finally {
    stopped = true;
    clearInterval(timer);
    await visits;
  }
  await operator.types("/quit");
  assertEquals((await tmux.patiently(ear.until("bye"))).code, "shutdown");
  assertEquals(await operator.ended(), { status: 0, restored: true });
  const lines = await tmux.screen({ scrollback: true });
  assert(
    lines.some((row) => row.startsWith("-- listening on 127.0.0.1:")),
    "the log is told as notes",
  );
  assert(lines.some((row) => /visitor-1\b.* joined/.test(row)), "the room tells who comes");
  assert(!lines.some((row) => row.includes("visitor-1 came")), "and the log does not repeat it");
  assert(!lines.some((row) => row.startsWith("chat: visitor")), "and not written over the screen");
  // tmux tells of a new size up to 250 ms after it has wrapped anew: what is written meanwhile may leave a copy each time.
  assertLessOrEqual(lines.filter((row) => /^\S+@lobby>/.test(row)).length, 3);
});

tmuxTest(
  "an operator sends a connector away, and another becomes operator by the token on the screen",
  async () => {
    await using operator = await Operator.sit();
    const connector = [
      Deno.execPath(),
      "run",
      "--no-prompt",
      "--allow-net",
      "--allow-env=NO_COLOR,TERM,TZ",
      MAIN,
    ];
    const connect = (nick: string) =>
      Tmux.startInShell([...connector, "--connect", `127.0.0.1:${operator.port}`, "--nick", nick], SIZE);
    await using ann = await connect("ann");
    await using bob = await connect("bob");
    for (const tmux of [ann, bob]) await tmux.until((rows) => rows.some((row) => /^\S+@lobby>/.test(row)));
    await operator.sees(" joined");
    await operator.sees("bob");
    await operator.types("/mute bob");
    await operator.sees("-- bob is muted");
    await bob.type("psst");
    await bob.press("Enter");
    await bob.until((rows) => rows.some((row) => row.includes("you are muted in lobby")));
    // The token stands in the next row where the first is full.
    const [, token] = /\/op +([a-z2-9]{4}(?:-[a-z2-9]{4}){3})/.exec((await operator.tmux.screen()).join(""))!;
    await ann.type(`/op ${token}`);
    await ann.press("Enter");
    await ann.until((rows) => rows.some((row) => row.startsWith("-- ann is an operator now")));
    await operator.sees("is an operator now");
    await ann.type("/say now you go");
    await ann.press("Enter");
    await ann.type("/kick bob be nice");
    await ann.press("Enter");
    const gone = await bob.until((rows) => rows.some((row) => row.startsWith("status ")));
    assert(gone.includes("status 4"), gone.join("\n"));
    assert(gone.some((row) => row.includes("you were kicked by ann: be nice")));
    await operator.sees("-- ann kicked bob: be nice");
    await operator.types("/quit");
    await ann.until((rows) => rows.some((row) => row.includes("ended the chat")));
    assertEquals(await operator.ended(), { status: 0, restored: true });
  },
);

tmuxTest(
  "Ctrl-C twice ends a listener with 130, a signal from outside with 0, and the terminal is as it was",
  async () => {
    for (const how of ["C-c", "SIGTERM", "SIGINT"] as const) {
      await using operator = await Operator.sit();
      using ann = await operator.enter("ann");
      await operator.sees("-- ann joined");
      await operator.tmux.type("half typed");
      if (how === "C-c") await operator.tmux.press("C-c", "C-c");
      else Deno.kill(await operator.tmux.pid(), how);
      assertEquals((await operator.tmux.patiently(ann.until("bye"))).code, "shutdown");
      assertEquals(await operator.ended(), { status: how === "C-c" ? 130 : 0, restored: true });
    }
  },
);

tmuxTest(
  "the first Ctrl-C or Ctrl-D of an operator with others ends nothing, and Ctrl-Z never stops the chat",
  async () => {
    await using operator = await Operator.sit();
    using ann = await operator.enter("ann");
    await operator.sees("-- ann joined");
    await operator.tmux.press("C-d");
    await operator.sees("-- Ctrl-D again ends the chat for all 2");
    await operator.tmux.type("x");
    await operator.tmux.press("C-h", "C-c");
    await operator.sees("-- Ctrl-C again ends the chat for all 2");
    await operator.tmux.press("C-z");
    const screen = await operator.sees("-- Ctrl-Z would stop the chat for everybody");
    assert(!screen.some((row) => row.includes("Stopped")));
    // From outside, as where the input line is not in raw mode.
    Deno.kill(await operator.tmux.pid(), "SIGTSTP");
    await operator.tmux.until((rows) => rows.filter((row) => row.includes("Ctrl-Z would stop")).length === 2);
    ann.send({ type: "ping", ref: 1 });
    assertEquals((await ann.until("pong")).ref, 1);
    await operator.tmux.press("C-d", "C-d");
    assertEquals((await operator.tmux.patiently(ann.until("bye"))).code, "shutdown");
    assertEquals(await operator.ended(), { status: 0, restored: true });
  },
);

tmuxTest("nothing is written into the input line of an operator who leaves an empty chat", async () => {
  for (const how of ["C-c", "SIGTERM"] as const) {
    await using operator = await Operator.sit();
    if (how === "C-c") await operator.tmux.press("C-c", "C-c");
    else Deno.kill(await operator.tmux.pid(), how);
    assertEquals(await operator.ended(), { status: how === "C-c" ? 130 : 0, restored: true });
    const lines = await operator.tmux.screen({ scrollback: true });
    assert(lines.includes("chat: ending: saying goodbye to everybody"), lines.join("\n"));
    assert(lines.every((row) => !/^\S+@lobby>/.test(row)), lines.join("\n"));
  }
});

tmuxTest(
  "a listener whose terminal is closed goes on for everybody else, until a signal ends it",
  async () => {
    await using operator = await Operator.sit();
    using ann = await operator.enter("ann");
    using bob = await operator.enter("bob");
    await operator.sees("-- ann and bob joined");
    const pid = await operator.tmux.pid();
    try {
      await operator.tmux.hangUp();
      assertEquals((await ann.until("left")).nick, "operator");
      for (let n = 0; n < 10; n++) {
        ann.sendValue(n);
        assertEquals((await bob.until("message")).body, n);
      }
      Deno.kill(pid, "SIGTERM");
      assertEquals((await bob.until("bye")).code, "shutdown");
      assertEquals(await bob.receive(), null);
    } finally {
      end(pid);
    }
  },
);

tmuxTest(
  "a shell stops and continues a listener as it does every program that uses its terminal",
  async () => {
    const words = SERVE.map((word) => `'${word}'`).join(" ");
    await using tmux = await Tmux.start(["bash", "--norc", "--noprofile", "-i"], { columns: 100, rows: 30 });
    const seen = (text: string) => tmux.until((rows) => rows.some((row) => row.includes(text)));
    const run = async (line: string) => {
      await tmux.type(line);
      await tmux.press("Enter");
    };
    let pid: number | undefined;
    try {
      await run("PS1='ready> '; clear");
      await run(`${words} & echo pid $!.`);
      const pids = await tmux.until((rows) => rows.some((row) => /^pid \d+\./.test(row)));
      pid = Number(/pid (\d+)\./.exec(pids.join("\n"))![1]);
      // A background job may not take the terminal: the shell stops it and says so at its next prompt.
      while (!(await tmux.screen()).some((row) => row.includes("Stopped"))) await tmux.press("Enter");
      await run("clear; fg");
      await seen("operator@lobby>");
      await tmux.type("half a line");
      await seen("operator@lobby> half a line");
      Deno.kill(pid, "SIGSTOP");
      await seen("Stopped");
      await run("clear; fg");
      await tmux.until((rows) => rows.some((row) => row === "operator@lobby> half a line"));
      await tmux.type(" and the rest");
      await tmux.press("Enter");
      await seen("operator: half a line and the rest");
      await run("/quit");
      await seen("ready>");
      await run("clear; echo status $?; stty -a | grep -o -- '-\\?icanon'");
      const screen = await tmux.until((rows) => rows.some((row) => /^-?icanon/.test(row)));
      assert(screen.includes("icanon"), screen.join("\n"));
      // With --quiet there is nothing to stop it for.
      await run(`clear; ${words} --quiet & echo pid $!.`);
      const quiet = await seen("chat: listening on");
      const [, again] = /pid (\d+)\./.exec(quiet.join("\n"))!;
      pid = Number(again);
      using ann = new TestPeer(await Deno.connect({ hostname: "127.0.0.1", port: portOn(quiet) }));
      assertEquals((await tmux.patiently(ann.until("welcome"))).nick, "guest-1");
    } finally {
      if (pid !== undefined) end(pid);
    }
  },
);
