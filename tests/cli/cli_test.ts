import { type Command, type ConnectCommand, parseCommandLine, type ServeCommand } from "../../lib/cli/mod.ts";
import { Source } from "../../lib/cli/sources.ts";
import { UsageError } from "../../lib/base/errors.ts";
import { DEFAULT_LIMITS, LIFTED_LIMITS } from "../../lib/base/limits.ts";
import { Float } from "../../lib/pickle/values/values.ts";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertNotMatch,
  assertThrows,
} from "../assert.ts";

function serve(...args: string[]): ServeCommand {
  return ofKind("serve", ["--serve", ...args]);
}

function connect(...args: string[]): ConnectCommand {
  return ofKind("connect", ["--connect", "localhost", ...args]);
}

function ofKind<K extends Command["kind"]>(kind: K, args: string[]): Extract<Command, { kind: K }> {
  const command = parseCommandLine(args);
  assertEquals(command.kind, kind);
  return command as Extract<Command, { kind: K }>;
}

/** The message of a command line that is refused: one line, not endless, with nothing that a terminal obeys. */
function refusal(...args: string[]): string {
  const error = assertThrows(() => parseCommandLine(args));
  assertInstanceOf(error, UsageError, String(error));
  // deno-lint-ignore no-control-regex
  assertNotMatch(error.message, /^$|[\x00-\x1f\x7f-\x9f\u200b\u202e]/);
  assert(error.message.length < 300, error.message);
  return error.message;
}

Deno.test("chat alone asks for the short help", () => {
  assertEquals(parseCommandLine([]), { kind: "usage" });
});

Deno.test("an argument that is not UTF-8 is refused, wherever it stands", () => {
  const commands = [
    ["--connect", "localhost", "--send", "caf\ufffd"],
    ["--connect", "localhost", "--send=caf\ufffd"],
    ["--connect", "localhost", "--nick", "\ufffd"],
    ["--connect", "caf\ufffd.example"],
    ["--serve", "--history", "\ufffd.db"],
    ["--\ufffd"],
  ];
  for (const args of commands) {
    assertThrows(() => parseCommandLine(args), UsageError, "is not UTF-8");
  }
  parseCommandLine(["--connect", "localhost", "--send", "'\\ufffd'"]);
});

Deno.test("--help and --version go before everything else", () => {
  const help = { kind: "help", topic: "common" } as const;
  assertEquals(parseCommandLine(["--help"]), help);
  assertEquals(parseCommandLine(["-h"]), help);
  assertEquals(parseCommandLine(["--bogus", "-h"]), help);
  assertEquals(parseCommandLine(["--version"]), { kind: "version", json: false });
  assertEquals(parseCommandLine(["-V"]), { kind: "version", json: false });
  assertEquals(parseCommandLine(["--connect", "--bogus", "--help"]), { ...help, topic: "connect" });
  assertEquals(parseCommandLine(["--serve", "--version"]), { kind: "version", json: false });
  assertEquals(parseCommandLine(["--version", "--json"]), { kind: "version", json: true });
});

Deno.test("--help shows the page that is named, else that of the end on the command line", () => {
  const topic = (...args: string[]) => {
    const command = parseCommandLine(args);
    return command.kind === "help" ? command.topic : command.kind;
  };
  for (const page of ["serve", "connect", "limits", "all"]) {
    assertEquals([topic("--help", page), topic("-h", page), topic(`--help=${page}`)], [page, page, page]);
  }
  assertEquals(topic("--serve", "--help"), "serve");
  assertEquals(topic("-h", "--serve", "--port", "x"), "serve");
  assertEquals(topic("--connect", "localhost", "-h"), "connect");
  assertEquals(topic("--connect=localhost", "--help"), "connect");
  assertEquals(topic("--serve", "--help", "limits"), "limits");
  for (const args of [["--help", "me"], ["-h", ""], ["--help="], ["--help", "LIMITS"]]) {
    assertMatch(refusal(...args), /^cannot take --help .*: write serve, connect, limits or all$/);
  }
});

Deno.test("--serve alone has the defaults", () => {
  assertEquals(parseCommandLine(["--serve"]), {
    kind: "serve",
    port: 1243,
    durability: "os",
    replay: 50,
    limits: DEFAULT_LIMITS,
    quiet: false,
    numpy: true,
    logJson: false,
  });
});

Deno.test("--connect alone has the defaults", () => {
  assertEquals(parseCommandLine(["--connect", "localhost"]), {
    kind: "connect",
    hosts: [{ host: "localhost", port: 1243 }],
    greet: false,
    send: [],
    stats: false,
    follow: false,
    json: false,
    bodies: false,
    trace: false,
    reconnect: true,
    color: "auto",
    bell: "mention",
    plainScreen: false,
  });
});

Deno.test("--connect takes several hosts, each with a port of its own or that of --port", () => {
  const hosts = (...words: string[]) => ofKind("connect", ["--connect", ...words]).hosts;
  assertEquals(hosts("a,b:1, [::1]:2,[::1]", "--port", "3"), [
    { host: "a", port: 3 },
    { host: "b", port: 1 },
    { host: "::1", port: 2 },
    { host: "::1", port: 3 },
  ]);
  assertEquals(hosts("a:1,b:2", "--port", "2").length, 2);
  const command = ofKind("connect", ["--connect", "a,b"]);
  assertEquals([command.greet, ofKind("connect", ["--connect", "a"]).greet], [true, false]);
});

Deno.test("each option of --serve is read", () => {
  const words =
    "--host ::1 --port 0 --history chat.db --retain 30d --durability disk --replay 0 --quiet --log-json --no-numpy";
  const command = serve(...words.split(" "), "--greeting", "{1: 'hi', 2: 'there'}");
  assertEquals(command, {
    kind: "serve",
    host: "::1",
    port: 0,
    greeting: new Map([[1, "hi"], [2, "there"]]),
    history: "chat.db",
    retain: { age: 30 * 86_400 },
    durability: "disk",
    replay: 0,
    limits: DEFAULT_LIMITS,
    numpy: false,
    quiet: true,
    logJson: true,
  });
});

Deno.test("each option of --connect is read", () => {
  const words =
    "--port 4000 --nick Zoe --room ops --receive 3 --json --trace --no-reconnect --color never --bell all";
  const command = connect(
    ...words.split(" "),
    "--plain-screen",
    "--send",
    "'hi'",
    "--send=-5",
    "--send",
    "2.0",
  );
  assertEquals(command, {
    kind: "connect",
    hosts: [{ host: "localhost", port: 4000 }],
    nick: "Zoe",
    room: "ops",
    greet: true,
    send: ["hi", -5, new Float(2)],
    receive: 3,
    stats: false,
    follow: false,
    json: "exact",
    bodies: false,
    trace: true,
    reconnect: false,
    color: "never",
    bell: "all",
    plainScreen: true,
  });
  assertEquals(connect("--stats", "--json", "--room", "ops").stats, true);
  assertEquals(connect("--last", "1").last, 1);
  assertEquals(connect("--follow").follow, true);
});

Deno.test("posts are texts as they are, objects, files and bytes, in this order", () => {
  const { send, to, replay, timeout, json, bodies } = connect(
    ...[
      "--send-bytes",
      "a.png",
      "--send",
      "@b.json",
      "--send",
      "-",
      "--send",
      "7",
      "--say",
      "{not an object",
    ],
    ...["--to", "bob", "--replay", "0", "--timeout", "5s", "--json=plain", "--bodies"],
  );
  assertEquals(send, [
    "{not an object",
    new Source("b.json", "object"),
    new Source("-", "object"),
    7,
    new Source("a.png", "bytes"),
  ]);
  assertEquals([to, replay, timeout, json, bodies], ["bob", 0, 5000, "plain", true]);
  assertEquals(connect("--send-bytes", "-").send, [new Source("-", "bytes")]);
});

Deno.test("the order of options and an equals sign make no difference", () => {
  const expected = parseCommandLine(["--connect", "h", "--nick", "x", "--json"]);
  assertEquals(parseCommandLine(["--json", "--nick=x", "--connect=h"]), expected);
  assertEquals(parseCommandLine(["--nick", "x", "--json", "--connect", "h"]), expected);
});

Deno.test("words are never converted to numbers or booleans", () => {
  assertEquals(connect("--nick", "007").nick, "007");
  assertEquals(connect("--nick", "1e3", "--room", "0x10").nick, "1e3");
  assertEquals(connect("--nick", "true").nick, "true");
  assertEquals(connect("--nick=false").nick, "false");
  assertEquals(serve("--history", "12").history, "12");
  assertEquals(serve("--history=a=b").history, "a=b");
  assertEquals(serve("--history", "no\nname").history, "no\nname");
});

Deno.test("a nick is normalized", () => {
  assertEquals(connect("--nick", "Ｚｏe\u0301").nick, "Zoé");
  for (const nick of ["a b", "x".repeat(33), "al\u200bice", "\x1b[2J", "\u202egpj"]) {
    assertMatch(
      refusal("--connect", "h", "--nick", nick),
      /^cannot take --nick .*1 to 32 visible characters/,
    );
    assertMatch(refusal("--connect", "h", "--room", nick), /^cannot take --room /);
  }
});

Deno.test("mistakes are refused with advice", async (t) => {
  const cases: [string, string[], RegExp][] = [
    ["an unknown option", ["--conect", "h"], /^there is no option --conect: did you mean --connect\?$/],
    ["one that is like none", ["--xyzzy"], /^there is no option --xyzzy: see chat --help$/],
    ["an unknown option with a value", ["--nik=bob"], /^there is no option --nik: did you mean --nick\?$/],
    ["a beginning", ["--connect", "h", "--plain"], /did you mean --plain-screen\?$/],
    ["another program's short option", ["-v"], /^there is no option -v: did you mean --version\?$/],
    ["a short option that nobody has", ["-x"], /^there is no option -x: see chat --help$/],
    ["a negative number", ["--serve", "-5"], /^there is no option -5: see/],
    ["a name of every object", ["--serve", "--constructor"], /^there is no option --constructor/],
    ["its prototype", ["--serve", "--__proto__=x"], /^there is no option --__proto__/],
    ["a dotted name", ["--serve", "--host.x=1"], /^there is no option --host\.x/],
    ["dashes alone", ["--serve", "---"], /^there is no option ---/],
    [
      "a switch negated",
      ["--connect", "h", "--no-json"],
      /^there is no option --no-json: did you mean --json\?$/,
    ],
    ["the same with a value", ["--connect", "h", "--no-nick=x"], /^there is no option --no-nick/],
    [
      "a negation undone",
      ["--connect", "h", "--reconnect"],
      /^there is no option --reconnect: did you mean --no-/,
    ],
    ["a value for a switch", ["--connect", "h", "--trace=yes"], /^--trace takes no value: leave yes out$/],
    [
      "another style of JSON",
      ["--connect", "h", "--json=yes"],
      /^cannot take --json yes: write --json or --json=plain$/,
    ],
    ["false for a switch", ["--connect", "h", "--trace=false"], /^--trace takes no value/],
    [
      "a word behind a switch",
      ["--connect", "h", "--json", "true"],
      /^--json takes no value: leave true out$/,
    ],
    ["nothing behind the = of a switch", ["--serve", "--quiet="], /^--quiet takes no value/],
    ["a value for a negation", ["--connect", "h", "--no-reconnect=1"], /^--no-reconnect takes no value/],
    ["an address behind --serve", ["--serve", "0.0.0.0"], /^--serve takes no value.*--host/],
    ["an empty value", ["--connect", "h", "--nick", ""], /^--nick is empty: write --nick NAME$/],
    ["an empty value behind =", ["--connect", "h", "--nick="], /^--nick is empty: write --nick NAME$/],
    ["an empty host", ["--connect", ""], /^--connect is empty: write --connect HOST/],
    [
      "--connect without HOST",
      ["--connect"],
      /^--connect needs a value: write --connect HOST\[:PORT\],\.\.\.$/,
    ],
    ["--connect before an option", ["--connect", "--json"], /^--connect needs a value: write --connect HOST/],
    ["an option at the end", ["--connect", "h", "--send"], /^--send needs a value: write --send OBJECT$/],
    ["an option before --", ["--connect", "h", "--send", "--"], /^--send needs a value/],
    ["a value with a dash", ["--connect", "h", "--send", "-5"], /begins with a dash as --send=-5$/],
    ["a dash alone", ["--connect", "h", "--nick", "-"], /begins with a dash as --nick=-$/],
    [
      "standard input twice",
      ["--connect", "h", "--send", "-", "--send-bytes=-"],
      /the input can be posted once/,
    ],
    ["a person without a post", ["--connect", "h", "--to", "bob"], /^--to needs a post: write --say/],
    ["a text and --follow", ["--connect", "h", "--say", "x", "--follow"], /do not go together/],
    [
      "an option given twice",
      ["--connect", "h", "--nick", "a", "--nick=b"],
      /^--nick is given 2 times: write it once$/,
    ],
    ["a switch given twice", ["--serve", "--quiet", "--quiet"], /^--quiet is given 2 times/],
    [
      "no host between commas",
      ["--connect", "a,,b"],
      /^cannot take --connect a,,b: a host is missing beside a comma$/,
    ],
    ["no host after a comma", ["--connect", "a,"], /^cannot take --connect a,: a host is missing/],
    [
      "a wrong one of several hosts",
      ["--connect", "a,b:x"],
      /^cannot take --connect b:x: a port is a number/,
    ],
    ["a host twice", ["--connect", "a,b,a"], /^cannot take --connect a,b,a: a is given twice/],
    ["a port for no host", ["--connect", "a:1,b:2", "--port", "3"], /^--connect says port 1 and --port 3/],
    ["two hosts", ["--connect", "a", "--connect", "b"], /^--connect is given 2 times/],
    ["a word", ["localhost"], /^cannot take the word localhost: to join a chat, write --connect HOST$/],
    ["an option without its dashes", ["serve"], /^cannot take the word serve: did you mean --serve\?$/],
    [
      "a word too many",
      ["--connect", "h", "x"],
      /^cannot take the word x: it belongs to no option; see chat --help$/,
    ],
    [
      "a text without quotes",
      ["--connect", "h", "--send", "hello", "world"],
      /^cannot take the word world: the shell split it off: write --send "'a text'"$/,
    ],
    ["a word behind --", ["--connect", "h", "--", "--json"], /^cannot take the word --json:/],
    ["an empty word", ["--serve", "--quiet", "--", ""], /^cannot take the word '':/],
    ["both ends", ["--serve", "--connect", "h"], /^--serve and --connect do not go together: leave one out$/],
    ["no end", ["--nick", "bob"], /^write --serve to start a chat, or --connect HOST to join one$/],
    [
      "the other end's option",
      ["--serve", "--room", "x"],
      /^--room belongs to --connect: leave it out of --serve$/,
    ],
    [
      "the listener's",
      ["--connect", "h", "--quiet"],
      /^--quiet belongs to --serve: leave it out of --connect$/,
    ],
    ["a limit at the wrong end", ["--connect", "h", "--max-frame", "1M"], /^--max-frame belongs to --serve/],
  ];
  for (const [what, args, message] of cases) {
    await t.step(what, () => assertMatch(refusal(...args), message));
  }
});

Deno.test("options that exclude each other are refused", () => {
  const pairs = [
    ["--stats", "--send=1"],
    ["--stats", "--receive=1"],
    ["--stats", "--last=1"],
    ["--stats", "--follow"],
    ["--last=1", "--send=1"],
    ["--last=1", "--receive=1"],
    ["--last=1", "--follow"],
    ["--send=1", "--follow"],
  ];
  for (const pair of pairs) {
    assertMatch(refusal("--connect", "h", ...pair), /^--\w+ and --\w+ do not go together: leave one out$/);
  }
  assertEquals(connect("--send=1", "--receive=1").receive, 1);
  assertEquals(connect("--receive=1", "--follow").follow, true);
  assertEquals(connect("--last=1", "--no-reconnect", "--json").reconnect, false);
  for (const option of ["--retain=1d", "--durability=disk"]) {
    assertMatch(refusal("--serve", option), /^--\w+ needs --history: write --history FILE too$/);
  }
});

Deno.test("a literal that does not parse is refused with the place", () => {
  const place = (text: string) => refusal("--connect", "h", "--send", text);
  assertMatch(place("hello"), /^cannot take --send hello: .*line 1, column 1.*in quotes/);
  assertMatch(place("{1: 'hi', 2: there}"), /line 1, column 14/);
  assertMatch(place("[1,\n2,,3]"), /^cannot take --send \[1,\\n2,,3\]: .*line 2, column 3/);
  assertMatch(place("'\x1b[2J"), /\\x1b\[2J/);
  assertMatch(place("[".repeat(100_000)), /^cannot take --send \[{40}…: /);
  assertMatch(refusal("--serve", "--greeting", "{[]: 1}"), /^cannot take --greeting /);
});

Deno.test("a limit is set by its name, and --no-limits lifts those on rates and connections", () => {
  const words = "--max-frame 64M --connections-per-address 5 --ping-after 90s --byte-rate 1MiB";
  assertEquals(serve(...words.split(" ")).limits, {
    ...DEFAULT_LIMITS,
    maxFrame: 64 * 2 ** 20,
    connectionsPerAddress: 5,
    pingAfter: 90_000,
    byteRate: 2 ** 20,
  });
  assertEquals(serve("--no-limits").limits, LIFTED_LIMITS);
  assertEquals(serve("--no-limits").limits.messageRate, Infinity);
  assertEquals(serve("--no-limits").limits.maxFrame, DEFAULT_LIMITS.maxFrame);
  assertEquals(serve("--connections", "7", "--no-limits").limits, { ...LIFTED_LIMITS, connections: 7 });
});

Deno.test("a limit outside its range is refused", () => {
  assertEquals(serve("--max-frame", "1").limits.maxFrame, 1);
  assertEquals(serve("--max-frame", "2147483647", "--memory", "8G").limits.maxFrame, 2 ** 31 - 1);
  for (const value of ["0", "2147483648", "2G", "1e3", "0x10", "1.5M", "16 M", "16X", "-1M"]) {
    assertMatch(
      refusal("--serve", `--max-frame=${value}`, "--memory=9G"),
      /^cannot take --max-frame .*64K or 16M/,
    );
  }
  for (const value of ["0s", "30", "30x", "25d", "1.5s"]) {
    assertMatch(refusal("--serve", `--ping-after=${value}`), /^cannot take --ping-after .*30s/);
  }
  for (const value of ["0", "1e3", "Infinity", "+1", "1k"]) {
    assertMatch(refusal("--serve", `--rooms=${value}`), /^cannot take --rooms .*whole number/);
  }
  assertEquals(
    refusal("--serve", "--max-frame", "1G"),
    "--memory 512M is too little for --max-frame 1G: write --memory 4G too",
  );
});

Deno.test("the options that --memory replaces are refused with its name", () => {
  for (const name of ["room-ring", "all-rings", "private-queue", "all-queues", "inbound"]) {
    assertMatch(refusal("--serve", `--${name}`, "1M"), new RegExp(`^--${name} is now part of --memory`));
  }
});

Deno.test("a wrong command line ends chat with one line on standard error and status 2", async () => {
  const main = import.meta.resolve("../../main.ts");
  const lines = [["--serve", "--port", "70000"], ["--connect", "h", "--send", "{1: hi}"], ["--bogus"]];
  const outputs = await Promise.all(
    lines.map((args) =>
      new Deno.Command(Deno.execPath(), { args: ["run", "--no-prompt", "--no-check", main, ...args] })
        .output()
    ),
  );
  for (const { code, stdout, stderr } of outputs) {
    assertEquals(code, 2);
    assertEquals(stdout.length, 0);
    assertMatch(new TextDecoder().decode(stderr), /^chat: [^\n]+\n$/);
  }
});
