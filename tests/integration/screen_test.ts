import { assert, assertEquals, assertLessOrEqual, assertMatch, assertStringIncludes } from "../assert.ts";
import { CHAT } from "./chat_process.ts";
import { Listening, type TestPeer } from "./listening.ts";
import { HAS_TMUX, Tmux } from "./tmux.ts";

if (!HAS_TMUX) console.log("tests/integration/screen_test.ts: left out, for there is no tmux");

const SIZE = { columns: 60, rows: 16 };

/** The words that run a connector. */
function connector(port: number, nick: string, args: string[] = []): string[] {
  return [...CHAT, "--connect", `127.0.0.1:${port}`, "--nick", nick, ...args];
}

/** Runs a connector in a tmux. */
function sit(port: number, nick: string, options: { args?: string[]; term?: string } = {}) {
  const { term } = options;
  const env = term === undefined ? [] : term === "" ? ["env", "-u", "TERM"] : ["env", `TERM=${term}`];
  return Tmux.startInShell([...env, ...connector(port, nick, options.args)], SIZE);
}

/** Posts numbered messages, so many a second, until it is stopped. */
function flood(peer: TestPeer, perSecond: number) {
  let sent = 0;
  const start = performance.now();
  const timer = setInterval(() => {
    const due = (performance.now() - start) * perSecond / 1000;
    while (sent < due) {
      sent++;
      peer.send({
        type: "message",
        body: `number ${sent}, 漢字 and 👩‍👩‍👧, long enough to be wrapped by the terminal`,
      });
    }
  }, 5);
  return { stop: () => clearInterval(timer), sent: () => sent };
}

function tmuxTest(name: string, test: () => Promise<void>): void {
  Deno.test({ name, ignore: !HAS_TMUX, fn: test });
}

tmuxTest(
  "under a flood of 200 messages a second a half-typed line stays whole and is sent whole",
  async () => {
    await using listening = await Listening.start({ limits: { messageRate: 10_000, messageBurst: 10_000 } });
    using ear = await listening.enter("ear");
    using mouth = await listening.enter("mouth");
    await using tmux = await sit(listening.port, "alice");
    await tmux.until((screen) => screen.some((row) => /^\S+@lobby>/.test(row)));
    const { stop, sent } = flood(mouth, 200);
    try {
      const line = "漢字 e\u0301 👩‍👩‍👧 and so on until it takes more than one row of the terminal";
      const edited = `漢字 e\u0301 IN THE MIDDLE 👩‍👩‍👧${line.slice(line.indexOf(" and"))}`;
      for (const char of line) await tmux.type(char);
      await tmux.press("C-a", "M-f", "M-f");
      await tmux.type(" IN THE MIDDLE");
      const whole = (screen: string[]) => inputOf(screen) === `alice@lobby>${edited}`.replaceAll(" ", "");
      await tmux.until(whole);
      const typed = sent();
      await tmux.until((screen) => numbers(screen).some((number) => number >= typed));
      assert(whole(await tmux.screen()), "after more messages");
      for (const [columns, rows] of [[33, 12], [90, 20], [60, 16]] as const) {
        await tmux.resize(columns, rows);
        const seen = sent();
        await tmux.until((screen) => whole(screen) && numbers(screen).some((number) => number > seen));
      }
      await tmux.press("C-l");
      const seen = sent();
      await tmux.until((screen) => whole(screen) && numbers(screen).some((number) => number > seen));
      await tmux.press("Enter");
      assertEquals(await tmux.patiently(postOf(ear, "alice")), edited);
    } finally {
      stop();
    }
    await tmux.until((screen) => numbers(screen).includes(sent()));
    await tmux.press("C-d");
    const lines = await tmux.until((screen) => screen.some((row) => /^-?icanon/.test(row)), {
      scrollback: true,
    });
    assert(lines.includes("status 0") && lines.includes("icanon"), "the terminal is as it was");
    // tmux tells of a new size up to 250 ms after it has wrapped anew: what is written meanwhile may leave a copy each time.
    const copies = lines.filter((row) => /^\S+@lobby>/.test(row));
    assertLessOrEqual(copies.length, 3, "no copy of the input line is left");
  },
);

/** The row with the prompt and those below it, without blanks: where a row ends depends on the width. */
function inputOf(screen: string[]): string {
  const first = screen.findLastIndex((row) => /^\S+@lobby>/.test(row));
  return first < 0 ? "" : screen.slice(first).join("").replaceAll(" ", "");
}

function numbers(screen: string[]): number[] {
  return screen.flatMap((row) => /number (\d+),/.exec(row)?.[1] ?? []).map(Number);
}

async function postOf(peer: TestPeer, nick: string): Promise<unknown> {
  for (;;) {
    const told = await peer.until("message");
    if (told.from === nick) return told.body;
  }
}

tmuxTest(
  "several pasted lines are asked about and go as one message; attacks are seen as marks",
  async () => {
    await using listening = await Listening.start();
    using ear = await listening.enter("ear");
    await using tmux = await sit(listening.port, "alice");
    await tmux.until((screen) => screen.some((row) => /^\S+@lobby>/.test(row)));
    await tmux.paste("first\n\tsecond 漢\nthird");
    await tmux.until((screen) => screen.some((row) => row.startsWith("send 3 lines? [y/N")));
    await tmux.press("o");
    assertEquals(await tmux.patiently(postOf(ear, "alice")), "first\n\tsecond 漢\nthird");
    ear.send({ type: "message", body: "\x1b]0;owned\x07\x1b[2J\x1b[Hlobby> \u202eevil" });
    const screen = await tmux.until((rows) => rows.some((row) => row.includes("owned")));
    assertStringIncludes(screen.join(""), String.raw`ear: \x1b]0;owned\x07\x1b[2J\x1b[Hlobby> \u202eevil`);
    assert((await tmux.tell("#{pane_title}")) !== "owned");
  },
);

tmuxTest("a crash leaves the terminal as it was, and its line below the messages", async () => {
  const child = new URL("../terminal/crash_child.ts", import.meta.url).pathname;
  await using tmux = await Tmux.startInShell(
    [Deno.execPath(), "run", "--no-check", "--no-prompt", child],
    SIZE,
  );
  await tmux.until((screen) => screen.includes("-- type x to crash"));
  await tmux.type("x");
  await tmux.press("Enter");
  const screen = await tmux.until((rows) => rows.some((row) => /^-?icanon/.test(row)));
  assert(screen.includes("status 1") && screen.includes("icanon"));
  assert(screen.some((row) => row.includes("crashed on purpose")));
});

tmuxTest("a fault in the program is one line and status 1, with the terminal as it was", async () => {
  await using listening = await Listening.start();
  using ear = await listening.enter("ear");
  const child = new URL("../terminal/fault_child.ts", import.meta.url).pathname;
  for (const kind of ["message", "text", "timer"]) {
    const words = [
      ...CHAT.slice(0, -1),
      "--no-check",
      child,
      kind,
      "--connect",
      `127.0.0.1:${listening.port}`,
    ];
    await using tmux = await Tmux.startInShell(words, SIZE);
    await tmux.until((screen) => screen.some((row) => /^\S+@lobby>/.test(row)));
    if (kind === "message") ear.send({ type: "message", body: "what time is it?" });
    else await tmux.type(kind === "text" ? "漢" : "half");
    const screen = await tmux.until((rows) => rows.some((row) => /^-?icanon/.test(row)));
    assert(screen.includes("status 1") && screen.includes("icanon"), screen.join("\n"));
    const first = screen.findIndex((row) => row.startsWith("chat: "));
    assertEquals(
      screen.slice(first, first + 3).join(""),
      `chat: this is a fault in chat itself, please report it: ${kind} is faultystatus 1`,
      screen.join("\n"),
    );
    assertEquals(screen.some((row) => /^\S+@lobby>/.test(row)), false);
  }
});

tmuxTest("Ctrl-C twice leaves with 130 and the terminal as it was", async () => {
  await using listening = await Listening.start();
  await using tmux = await sit(listening.port, "alice");
  await tmux.until((screen) => screen.some((row) => /^\S+@lobby>/.test(row)));
  await tmux.press("C-c", "C-c");
  const screen = await tmux.until((rows) => rows.some((row) => /^-?icanon/.test(row)));
  assert(screen.includes("status 130") && screen.includes("icanon"));
});

tmuxTest(
  "Ctrl-Z gives the terminal to the shell, and fg brings back the line that was being typed",
  async () => {
    await using listening = await Listening.start();
    using ear = await listening.enter("ear");
    await using tmux = await Tmux.start(["env", "PS1=$ ", "bash", "--norc", "--noprofile", "-i"], SIZE);
    await tmux.until((screen) => screen.includes("$"));
    await tmux.type(connector(listening.port, "alice").join(" "));
    await tmux.press("Enter");
    await tmux.until((screen) => screen.some((row) => /^\S+@lobby>/.test(row)));
    await tmux.type("half typed 漢字 👩‍👩‍👧");
    await tmux.press("Left");
    for (let time = 0; time < 2; time++) {
      await tmux.press("C-z");
      await tmux.until((screen) => screen.some((row) => row.includes("Stopped")) && screen.includes("$"));
      await tmux.type('clear; stty -a | grep -o -- "-\\?icanon"');
      await tmux.press("Enter");
      await tmux.until((screen) => screen.includes("icanon"));
      await tmux.type("fg");
      await tmux.press("Enter");
      await tmux.until((screen) => inputOf(screen).startsWith("alice@lobby>halftyped漢字"));
    }
    assertEquals(inputOf(await tmux.screen()), "alice@lobby>halftyped漢字👩‍👩‍👧");
    await tmux.type("and ");
    await tmux.press("Enter");
    assertEquals(await tmux.patiently(postOf(ear, "alice")), "half typed 漢字 and 👩‍👩‍👧");
  },
);

tmuxTest("what was typed in one go before /quit is sent, and the terminal is as it was", async () => {
  await using listening = await Listening.start();
  using ear = await listening.enter("ear");
  await using tmux = await sit(listening.port, "alice");
  await tmux.until((screen) => screen.some((row) => /^\S+@lobby>/.test(row)));
  await tmux.press(..."last words", "Enter", ..."/quit", "Enter");
  assertEquals(await tmux.patiently(postOf(ear, "alice")), "last words");
  const screen = await tmux.until((rows) => rows.some((row) => /^-?icanon/.test(row)));
  assert(screen.includes("status 0") && screen.includes("icanon"));
});

for (const [signal, status] of [["SIGTERM", 143], ["SIGHUP", 129]] as const) {
  tmuxTest(`${signal} leaves the terminal as it was, with half a line typed`, () => ends(signal, status));
}

async function ends(signal: Deno.Signal, status: number): Promise<void> {
  await using listening = await Listening.start();
  // The parent of this shell is the one that becomes the connector.
  const pid = 'sh -c "echo pid \\$PPID >&2"; exec "$@"';
  await using tmux = await Tmux.startInShell(
    ["sh", "-c", pid, "sh", ...connector(listening.port, "alice")],
    SIZE,
  );
  const [row] = (await tmux.until((rows) => rows.some((row) => row.startsWith("pid ")))).filter((row) =>
    row.startsWith("pid ")
  );
  await tmux.until((screen) => screen.some((row) => /^\S+@lobby>/.test(row)));
  await tmux.type("half a line");
  await tmux.until((screen) => screen.some((row) => row.startsWith("alice@lobby> half a line")));
  Deno.kill(Number(row!.slice(4)), signal);
  const screen = await tmux.until((rows) => rows.some((row) => /^-?icanon/.test(row)));
  assert(screen.includes(`status ${status}`) && screen.includes("icanon"), screen.join("\n"));
  assertEquals(screen.some((row) => /^\S+@lobby>/.test(row)), false, "the line is gone");
}

for (const term of ["dumb", ""]) {
  tmuxTest(
    `a terminal with TERM ${term || "unset"} gets lines without cursor movement, and the same commands`,
    () => worksLineByLine(term),
  );
}

async function worksLineByLine(term: string): Promise<void> {
  await using listening = await Listening.start();
  using ear = await listening.enter("ear");
  await using tmux = await sit(listening.port, "alice", { term });
  await tmux.until((screen) => screen.some((row) => row.startsWith("-- in lobby")));
  await tmux.type("/me types");
  await tmux.press("Enter");
  assertEquals(await tmux.patiently(postOf(ear, "alice")), "* alice types");
  ear.send({ type: "message", body: "hi" });
  const screen = await tmux.until((rows) => rows.some((row) => row.includes("ear: hi")));
  assertMatch(screen.join("\n"), /\/me types\n\d\d:\d\d ear: hi/);
  await tmux.press("C-d");
  await tmux.until((rows) => rows.includes("status 0"));
}
