/** `chat --serve` where somebody sits at its terminal: line by line here, as on a dumb one; the screen has its own tests. */

import { SYSTEM_CLOCK } from "../../lib/base/clock.ts";
import { parseCommandLine, type ServeCommand } from "../../lib/cli/mod.ts";
import { Exit } from "../../lib/base/errors.ts";
import { runListener } from "../../lib/listener/serve.ts";
import {
  assert,
  assertEquals,
  assertFalse,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "../assert.ts";
import { Typing, Written } from "./connecting.ts";
import { TestPeer } from "./listening.ts";

/** What is a terminal of the listener's three streams; the environment; and what else the command line says. */
interface Place {
  readonly stdin?: boolean;
  readonly stdout?: boolean;
  readonly stderr?: boolean;
  readonly env?: Record<string, string>;
  readonly args?: readonly string[];
  readonly port?: number;
  readonly host?: string;
  /** The addresses of the machine. */
  readonly interfaces?: readonly string[];
}

class Stream extends Written {
  constructor(public terminal: boolean) {
    super();
  }

  override isTerminal(): boolean {
    return this.terminal;
  }
}

/** A listener that a person has started, who types. */
class Sitting {
  readonly #typing = new Typing();
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly ending = new AbortController();
  readonly ended: Promise<number>;
  isAtTerminal: boolean;

  constructor(place: Place = {}) {
    const { stdin = true, stdout = true, stderr = true, env = {}, args = [], port = 0 } = place;
    const { host = "127.0.0.1", interfaces = [] } = place;
    this.isAtTerminal = stdin;
    this.stdout = new Stream(stdout);
    this.stderr = new Stream(stderr);
    const command = parseCommandLine([
      "--serve",
      "--host",
      host,
      "--port",
      String(port),
      "--goodbye",
      "50ms",
      ...args,
    ]);
    this.ended = runListener(command as ServeCommand, {
      stdin: { readable: this.#typing.readable, isTerminal: () => this.isAtTerminal },
      stdout: this.stdout,
      stderr: this.stderr,
      env: (name) => ({ TERM: "dumb", ...env })[name],
      ending: this.ending,
      clock: SYSTEM_CLOCK,
      random: (size) => crypto.getRandomValues(new Uint8Array(size)),
      interfaces: () => interfaces,
      version: "test",
    });
  }

  /** Waits for a text on the screen, or on standard error. */
  async sees(text: string, where: Written = this.stdout): Promise<void> {
    await where.until((shown) => shown.includes(text));
  }

  types(line: string): void {
    this.#typing.type(`${line}\n`);
  }

  /** Ends the input: Ctrl-D, or a terminal that hangs up. */
  endInput(): void {
    this.#typing.end();
  }

  async connect(where: Written = this.stdout): Promise<TestPeer> {
    const listening = /listening\b.*127\.0\.0\.1:(\d+)\b.*\n/;
    await where.until((shown) => listening.test(shown));
    return new TestPeer(
      await Deno.connect({ hostname: "127.0.0.1", port: Number(listening.exec(where.text)![1]) }),
    );
  }

  async enter(nick: string, where: Written = this.stdout): Promise<TestPeer> {
    const peer = await this.connect(where);
    peer.send({ type: "hello", nick });
    await peer.until("replay");
    return peer;
  }
}

Deno.test("the person at a listener's terminal is its operator and is shown the token for others", async () => {
  const sitting = new Sitting();
  using ann = await sitting.enter("ann");
  await sitting.sees("-- ann joined");
  assertMatch(sitting.stdout.text, /^-- listening on 127\.0\.0\.1:\d+\n-- you are the operator/);
  const [, token = ""] =
    /to make someone else an operator, give them: \/op (\S+)\n/.exec(sitting.stdout.text) ?? [];
  assertMatch(token, /^[a-z2-9]{4}(-[a-z2-9]{4}){3}$/);
  ann.send({ type: "op", token, ref: 5 });
  assertEquals(await ann.until("op"), { type: "op", nick: "ann", ref: 5 });
  await sitting.sees("ann (127.0.0.1:");
  assertEquals(sitting.stderr.text, "");
  sitting.types("/quit");
  assertEquals((await ann.until("bye")).code, "shutdown");
  assertEquals(await sitting.ended, 0);
  assertEquals(sitting.stderr.text.split("\n")[0], "chat: ending: saying goodbye to everybody");
  assertFalse(sitting.stderr.text.includes(token), "the token is in no log");
});

Deno.test("the log and /help say how others join, with each address but loopback and link-local ones", async () => {
  const interfaces = [
    "127.0.0.1",
    "192.0.2.20",
    "::1",
    "fe80::20",
    "169.254.3.4",
    "2001:db8::20",
    "172.17.0.1",
  ];
  const sitting = new Sitting({ interfaces, host: "::", args: ["--nick", "boss"] });
  await sitting.sees("-- in lobby");
  const port = /listening on \[::\]:(\d+)/.exec(sitting.stdout.text)![1];
  const lines = ["192.0.2.20", "172.17.0.1", "[2001:db8::20]"].map((host) =>
    `others join with: chat --connect ${host}:${port}`
  );
  assertStringIncludes(sitting.stdout.text, `\n-- ${lines.join("\n-- ")}\n-- you are the operator`);
  sitting.types("/help");
  await sitting.stdout.until((text) => text.split(lines[2]!).length === 3);
  sitting.types("/who");
  await sitting.sees("boss");
  sitting.types("/quit");
  assertEquals(await sitting.ended, 0);
  assertEquals(sitting.stderr.text.includes("others join"), false);
});

Deno.test("the code of a private chat is shown with the address at which others reach it", async () => {
  const folder = await Deno.makeTempDir({ prefix: "chat-private-" });
  try {
    const env = { STATE_DIRECTORY: folder };
    const sitting = new Sitting({ interfaces: ["192.0.2.20"], host: "::", env, args: ["--private"] });
    await sitting.sees("for one person");
    const port = /listening on \[::\]:(\d+)/.exec(sitting.stdout.text)![1];
    assertStringIncludes(sitting.stdout.text, `others join with: chat --connect 192.0.2.20:${port}, code `);
    sitting.types("/quit");
    assertEquals(await sitting.ended, 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a daemon's log says how others join, in JSON with the address and the command", async () => {
  const sitting = new Sitting({
    stdin: false,
    interfaces: ["10.0.0.5"],
    host: "0.0.0.0",
    args: ["--log-json"],
  });
  await sitting.sees("reachable", sitting.stderr);
  const events = sitting.stderr.lines.map((line) => JSON.parse(line));
  const { address, command } = events.find(({ event }) => event === "reachable");
  assertMatch(address, /^10\.0\.0\.5:\d+$/);
  assertEquals(command, `chat --connect ${address}`);
  sitting.ending.abort();
  assertEquals(await sitting.ended, 0);
});

Deno.test("the operator's screen tells once that somebody comes, is renamed, is kicked and goes", async () => {
  const sitting = new Sitting();
  using ann = await sitting.enter("ann");
  await sitting.sees("-- ann joined");
  using bob = await sitting.enter("bob");
  ann.send({ type: "nick", nick: "eve" });
  await sitting.sees("-- ann is now eve");
  sitting.types("/kick bob enough");
  await sitting.sees("-- operator kicked bob: enough");
  await bob.until("bye");
  ann[Symbol.dispose]();
  await sitting.sees("-- eve left");
  // Nobody here sees who enters another room, so the log says it: later than all that it does not say.
  using dora = await sitting.connect();
  dora.send({ type: "hello", nick: "dora", room: "elsewhere" });
  await sitting.sees("-- dora came from 127.0.0.1:");
  sitting.types("/quit");
  await dora.until("bye");
  assertEquals(await sitting.ended, 0);
  const told = sitting.stdout.lines.filter((line) =>
    /\b(ann|bob|eve)\b/.test(line) && !line.includes("-- in lobby")
  );
  assertEquals(told, [
    "-- ann joined",
    "-- bob joined",
    "-- ann is now eve",
    "-- operator kicked bob: enough",
    "-- eve left",
  ]);
});

Deno.test("two listeners have two random tokens", async () => {
  const tokens: string[] = [];
  for (let n = 0; n < 2; n++) {
    const sitting = new Sitting();
    await sitting.sees("in lobby");
    tokens.push(/\/op (\S+)/.exec(sitting.stdout.text)![1]!);
    sitting.types("/quit");
    assertEquals(await sitting.ended, 0);
  }
  assert(tokens[0] !== tokens[1]);
});

Deno.test("the operator at the terminal can post and use each operator's command", async () => {
  const sitting = new Sitting();
  using ann = await sitting.enter("ann");
  using bob = await sitting.enter("bob");
  await sitting.sees("-- bob joined");
  sitting.types("good morning");
  const message = await ann.until("message");
  assertEquals([message.body, message.from], ["good morning", "operator"]);
  sitting.types("/say /etc/motd");
  assertEquals((await ann.until("message")).body, "/etc/motd");
  sitting.types("/topic the morning");
  assertEquals((await ann.until("topic")).text, "the morning");
  sitting.types("/rooms");
  await sitting.sees("-- lobby (3): the morning");
  sitting.types("/who");
  await sitting.sees("-- 3 in lobby: operator (terminal), ann (127.0.0.1:");
  sitting.types("/stats");
  await sitting.sees("-- peers:              3");
  sitting.types("/mute bob");
  await sitting.sees("-- bob is muted");
  bob.send({ type: "message", body: "unheard", ref: 1 });
  assertEquals((await bob.until("error")).code, "not-allowed");
  bob.send({ type: "nick", nick: "rob" });
  await sitting.sees("-- bob is now rob");
  bob.send({ type: "message", body: "under another name", ref: 2 });
  assertEquals((await bob.until("error")).code, "not-allowed");
  sitting.types("/unmute rob");
  await sitting.sees("-- rob is unmuted");
  bob.send({ type: "message", body: "heard", ref: 3 });
  assertEquals((await ann.until("message")).body, "heard");
  sitting.types("/kick rob that will do");
  const bye = await bob.until("bye");
  assertEquals([bye.code, bye.text], ["kicked", "you were kicked by operator: that will do"]);
  await sitting.sees("-- operator kicked rob: that will do");
  sitting.types("/ban carl no carls");
  await sitting.sees("banned carl");
  using carl = await sitting.connect();
  carl.send({ type: "hello", nick: "Carl" });
  assertEquals((await carl.until("bye")).text, "you were banned: no carls");
  sitting.types("/unban carl");
  await sitting.sees("-- carl is unbanned");
  using carlAgain = await sitting.enter("Carl");
  // As it stands in the log, with its port.
  sitting.types("/who");
  await sitting.sees("Carl (127.0.0.1:");
  const [, address] = /Carl \((\S+)\)/.exec(sitting.stdout.text)!;
  sitting.types(`/ban ${address}`);
  for (const peer of [ann, carlAgain]) assertEquals((await peer.until("bye")).code, "banned");
  using dora = await sitting.connect();
  assertEquals((await dora.until("bye")).code, "banned");
  sitting.types("/unban 127.0.0.1");
  await sitting.sees("-- 127.0.0.1 is unbanned");
  using doraAgain = await sitting.enter("dora");
  sitting.types("/quit");
  assertEquals((await doraAgain.until("bye")).code, "shutdown");
  assertEquals(await sitting.ended, 0);
});

Deno.test("a request of the operator that is refused gets one line", async () => {
  const sitting = new Sitting();
  await sitting.sees("in lobby");
  const cases: [string, string][] = [
    ["/kick nobody", "-- nobody is called nobody"],
    ["/kick operator", "-- the operator at the server's terminal cannot be kicked"],
    ["/unmute bob", "-- bob is not muted in lobby"],
    ["/unban bob", "-- bob is not banned"],
    ["/unban 192.0.2.7:5000", "-- 192.0.2.7 is not banned"],
    ["/ban 192.0.2.777", "-- an address is written as 192.0.2.7"],
    ["/kick", "-- /kick NICK [TEXT]: disconnects somebody"],
  ];
  for (const [line, answer] of cases) {
    sitting.types(line);
    await sitting.sees(answer);
  }
  sitting.types("/quit");
  assertEquals(await sitting.ended, 0);
});

Deno.test("the operator at the terminal cannot be kicked or banned", async () => {
  const sitting = new Sitting({ env: { CHAT_OPERATOR_TOKEN: "sesame" } });
  using ann = await sitting.enter("ann");
  await sitting.sees("/op and the token of CHAT_OPERATOR_TOKEN");
  assertFalse(sitting.stdout.text.includes("sesame"));
  ann.send({ type: "op", token: "sesame" });
  await ann.until("op");
  ann.send({ type: "kick", room: "lobby", nick: "operator", ref: 1 });
  assertEquals((await ann.until("error")).code, "not-allowed");
  ann.send({ type: "ban", nick: "OPERATOR", ref: 2 });
  assertEquals(
    (await ann.until("error")).text,
    "Cannot ban operator: the operator at the server's terminal cannot be banned",
  );
  ann.send({ type: "ban", nick: "boss" });
  await ann.until("ban");
  ann.send({ type: "bans" });
  assertEquals((await ann.until("bans")).nicks, ["boss"]);
  ann.send({ type: "mute", room: "lobby", nick: "operator", ref: 3 });
  await ann.until("mute");
  sitting.types("still here");
  assertEquals((await ann.until("message")).body, "still here");
  sitting.types("/nick boss");
  assertEquals((await ann.until("renamed")).to, "boss");
  sitting.types("/nick operator");
  assertEquals((await ann.until("renamed")).to, "operator");
  sitting.types("/quit");
  await ann.until("bye");
  assertEquals(await sitting.ended, 0);
});

Deno.test("lines typed before /quit are stored and delivered", async () => {
  const sitting = new Sitting();
  using ann = await sitting.enter("ann");
  for (let n = 0; n < 300; n++) sitting.types(`line ${n}`);
  sitting.types("/quit");
  for (let n = 0; n < 300; n++) assertEquals((await ann.until("message")).body, `line ${n}`);
  await ann.until("bye");
  assertEquals(await sitting.ended, 0);
});

Deno.test("Ctrl-D ends a listener as /quit does", async () => {
  const sitting = new Sitting();
  using ann = await sitting.enter("ann");
  sitting.types("bye all");
  sitting.endInput();
  assertEquals((await ann.until("message")).body, "bye all");
  assertEquals((await ann.until("bye")).code, "shutdown");
  assertEquals(await sitting.ended, 0);
});

Deno.test("a signal ends a listener with an operator: goodbye to all, and status 0", async () => {
  const sitting = new Sitting();
  using ann = await sitting.enter("ann");
  await sitting.sees("-- ann joined");
  sitting.ending.abort();
  assertEquals((await ann.until("bye")).code, "shutdown");
  assertEquals(await sitting.ended, 0);
});

Deno.test("a listener whose terminal hangs up goes on and logs to standard error", async () => {
  const sitting = new Sitting();
  using ann = await sitting.enter("ann");
  await sitting.sees("-- ann joined");
  sitting.isAtTerminal = false;
  sitting.endInput();
  await sitting.sees("chat: the operator's terminal is closed", sitting.stderr);
  assertEquals((await ann.until("left")).nick, "operator");
  using bob = await sitting.enter("bob");
  ann.sendValue("anybody there?");
  assertEquals((await bob.until("message")).body, "anybody there?");
  await sitting.sees("chat: bob came from 127.0.0.1:", sitting.stderr);
  sitting.ending.abort();
  await bob.until("bye");
  assertEquals(await sitting.ended, 0);
});

Deno.test("the log is shown to the operator, and also written to standard error if that is no terminal", async () => {
  const sitting = new Sitting({ stderr: false, args: ["--log-json"] });
  using ann = await sitting.enter("ann", sitting.stderr);
  ann.send({ type: "message", body: 1, id: 2 });
  await ann.until("error");
  await sitting.sees('"event":"refused"', sitting.stderr);
  await sitting.sees('-- {"time":"');
  sitting.types("/quit");
  await ann.until("bye");
  assertEquals(await sitting.ended, 0);
  const events = sitting.stderr.lines.map((line) => JSON.parse(line).event);
  assertEquals(events.slice(0, 3), ["listening", "came", "accepted"]);
  assertFalse(sitting.stderr.text.includes("/op"));
});

Deno.test("scripts that come and go and everyday refusals are in the log, not on the operator's screen", async () => {
  const sitting = new Sitting({ stderr: false });
  using ann = await sitting.enter("ann", sitting.stderr);
  using robot = await sitting.connect(sitting.stderr);
  robot.send({ type: "hello", nick: "robot", quiet: true });
  await robot.until("replay");
  robot.send({ type: "message", body: "done" });
  ann.send({ type: "message", body: "psst", to: "nobody" });
  assertEquals((await ann.until("error")).code, "no-such-nick");
  robot.send({ type: "nick", nick: "robot-7", ref: 1 });
  await robot.until("renamed");
  robot[Symbol.dispose]();
  await sitting.sees("chat: robot-7 (127.0.0.1:", sitting.stderr);
  assertMatch(sitting.stderr.text, /^chat: robot came from 127\.0\.0\.1:/m);
  await sitting.sees("robot: done");
  await sitting.sees("chat: refused ann (127.0.0.1:", sitting.stderr);
  ann.sendBytes(new TextEncoder().encode("15        cposix\nsystem\n."));
  assertEquals((await ann.until("error")).code, "unsafe-pickle");
  await sitting.sees("-- refused ann (127.0.0.1:");
  sitting.types("/quit");
  assertEquals(await sitting.ended, 0);
  assertFalse(/robot(?!: done)|nobody is called/.test(sitting.stdout.text), sitting.stdout.text);
});

Deno.test("/help and /op alone show the operator at the terminal again how somebody else becomes one", async () => {
  for (const env of [{}, { CHAT_OPERATOR_TOKEN: "a-secret-of-the-environment" }]) {
    const sitting = new Sitting({ env });
    await sitting.sees("-- in lobby alone");
    const line = /-- to make someone else an operator, give them: .*\n/.exec(sitting.stdout.text)![0];
    const shown = (times: number) => sitting.stdout.until((text) => text.split(line).length === times + 1);
    sitting.types("/op");
    await shown(2);
    sitting.types("/help");
    await shown(3);
    sitting.types("/help op");
    await sitting.sees("shows how somebody else becomes an operator");
    sitting.types("/quit");
    assertEquals(await sitting.ended, 0);
    assertFalse(sitting.stdout.text.includes("a-secret"));
  }
});

const DAEMONS: [string, Place][] = [
  ["with --quiet", { args: ["--quiet"] }],
  ["whose input is no terminal", { stdin: false }],
  ["whose output is no terminal", { stdout: false }],
];
for (const [name, place] of DAEMONS) {
  Deno.test(`a listener ${name} is a daemon: it reads no input, logs to standard error, and has no token`, async () => {
    const sitting = new Sitting(place);
    sitting.types("/quit");
    sitting.endInput();
    using ann = await sitting.enter("ann", sitting.stderr);
    await sitting.sees("chat: ann came from 127.0.0.1:", sitting.stderr);
    ann.send({ type: "op", token: "" });
    assertEquals((await ann.until("error")).code, "not-allowed");
    ann.send({ type: "who" });
    assertEquals((await ann.until("who")).nicks, ["ann"]);
    sitting.ending.abort();
    assertEquals((await ann.until("bye")).code, "shutdown");
    assertEquals(await sitting.ended, 0);
    assertEquals(sitting.stdout.text, "");
    assertFalse(/\/op/.test(sitting.stderr.text));
    assertStringIncludes(sitting.stderr.text, "ending");
  });
}

Deno.test("the operator at the terminal gets no greeting", async () => {
  const sitting = new Sitting({ args: ["--greeting", "{'hi': 'there'}"] });
  await sitting.sees("-- in lobby");
  assertFalse(sitting.stdout.text.includes("there'"));
  sitting.types("/quit");
  assertEquals(await sitting.ended, 0);
});

Deno.test("a listener that cannot listen says so and does not touch the terminal", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const folder = await Deno.makeTempDir();
  const sitting = new Sitting({ port: taken.addr.port, args: ["--history", `${folder}/chat.db`] });
  const error = await assertRejects(() => sitting.ended, Exit);
  assertStringIncludes(error.message, "is in use");
  assertEquals([sitting.stdout.text, sitting.stderr.text], ["", ""]);
  assertEquals([...Deno.readDirSync(folder)], [], "nor the history's file");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a listener that cannot open its history closes its sockets", async () => {
  const free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = free.addr;
  free.close();
  const sitting = new Sitting({ port, args: ["--history", "/dev/null"] });
  assertStringIncludes((await assertRejects(() => sitting.ended, Exit)).message, "Cannot keep the history");
  Deno.listen({ hostname: "127.0.0.1", port }).close();
});
