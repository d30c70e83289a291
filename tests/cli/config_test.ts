import { type Config, configPath, parseConfig } from "../../lib/cli/config.ts";
import { findConfig } from "../../lib/cli/find_config.ts";
import type { Layers } from "../../lib/cli/layers.ts";
import { parseCommandLine } from "../../lib/cli/mod.ts";
import { OPTIONS } from "../../lib/cli/options.ts";
import { UsageError } from "../../lib/base/errors.ts";
import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "../assert.ts";

const FILE = `# settings of ann
[connect]
nick = "ann"
color = "never"
port = 2000
plain-screen = true
trace = false

[serve]
port = 3000
history = "chat.db"
max-frame = "32M"
connections = 50
quiet = true

[host.work]
host = "chat.example.org"
port = 4000
nick = "karolina"
room = "ops"

[host."the lab"]
host = "2001:db8::7"

[host.home]
nick = "mum"
`;

async function layers(env: Record<string, string> = {}, text = FILE): Promise<Layers & { config: Config }> {
  return { config: await parseConfig(text, "config.toml"), env: (name) => env[name] };
}

async function connect(args: string[], env: Record<string, string> = {}, text = FILE) {
  const command = parseCommandLine(args, await layers(env, text));
  assert(command.kind === "connect");
  return command;
}

async function wrong(text: string, args = ["--connect", "x"]): Promise<string> {
  const error = await assertRejects(async () => parseCommandLine(args, await layers({}, text)), UsageError);
  assert(!error.message.includes("\n") && error.message.length < 200, error.message);
  return error.message;
}

Deno.test("the file's settings hold below the command line and the environment", async () => {
  const plain = await connect(["--connect", "there"]);
  assertEquals([plain.nick, plain.color, plain.plainScreen, plain.trace], ["ann", "never", true, false]);
  assertEquals(plain.hosts, [{ host: "there", port: 2000 }]);
  assertEquals((await connect(["--connect", "there"], { CHAT_NICK: "bob" })).nick, "bob");
  assertEquals((await connect(["--connect", "there", "--nick", "zoe"], { CHAT_NICK: "bob" })).nick, "zoe");
  assertEquals((await connect(["--connect", "there", "--color", "always"])).color, "always");
  assertEquals((await connect(["--connect", "there"], { CHAT_NICK: "" })).nick, "ann");
  const serve = parseCommandLine(["--serve", "--port", "0"], await layers({ CHAT_NICK: "bob" }));
  assert(serve.kind === "serve");
  const { maxFrame, connections } = serve.limits;
  assertEquals([serve.port, serve.history, maxFrame, connections, serve.quiet], [
    0,
    "chat.db",
    32 << 20,
    50,
    true,
  ]);
  assertEquals(serve.nick, undefined);
});

Deno.test("a host of the file is connected to by its name, with its settings above the others", async () => {
  const work = await connect(["--connect", "work"]);
  assertEquals([work.nick, work.room], ["karolina", "ops"]);
  assertEquals(work.hosts, [{ host: "chat.example.org", port: 4000 }]);
  assertEquals((await connect(["--connect", "work"], { CHAT_NICK: "bob" })).nick, "karolina");
  const typed = await connect(["--connect", "work", "--port", "5", "--nick", "x"]);
  assertEquals(typed.hosts[0].port, 5);
  const lab = await connect(["--connect", "the lab"]);
  assertEquals([lab.hosts, lab.nick], [[{ host: "2001:db8::7", port: 2000 }], "ann"]);
  const home = await connect(["--connect=home"]);
  assertEquals([home.hosts[0].host, home.nick], ["home", "mum"]);
  assertEquals((await connect(["--connect", "works"])).hosts[0].host, "works");
});

Deno.test("a host of the file may be several listeners of one chat", async () => {
  const text = '[connect]\nport = 2000\n[host.work]\nhost = "n1, 2001:db8::7,[::1]:3, n2:4"';
  const command = parseCommandLine(["--connect", "work"], await layers({}, text));
  assert(command.kind === "connect");
  assertEquals(command.hosts, [
    { host: "n1", port: 2000 },
    { host: "2001:db8::7", port: 2000 },
    { host: "::1", port: 3 },
    { host: "n2", port: 4 },
  ]);
  assertMatch(
    await wrong('[host.x]\nhost = "n1,,n2"'),
    /^config\.toml:2: cannot take connect n1,,n2: a host is missing/,
  );
});

Deno.test("a port typed with the host overrides that of the file", async () => {
  const portsOf = async (hosts: string) =>
    (await connect(["--connect", hosts])).hosts.map(({ port }) => port);
  assertEquals(await portsOf("there:7"), [7]);
  assertEquals(await portsOf("[::1]:7"), [7]);
  assertEquals(await portsOf("[::1]"), [2000]);
  assertEquals(await portsOf("there:7,[::1]:8"), [7, 8]);
  assertEquals(await portsOf("there:7,[::1]"), [7, 2000]);
});

Deno.test("the connector says hello first only if a nick or room was given for this connection", async () => {
  assertEquals((await connect(["--connect", "there"], { CHAT_NICK: "bob" })).greet, false);
  assertEquals((await connect(["--connect", "there", "--nick", "a"])).greet, true);
  assertEquals((await connect(["--connect", "there", "--room", "a"])).greet, true);
  assertEquals((await connect(["--connect", "work"])).greet, true);
});

Deno.test("at the screen the default nick is the user name on this machine", () => {
  const nick = (env: Record<string, string>, args: string[] = [], atScreen = true) => {
    const command = parseCommandLine(["--connect", "there", ...args], { env: (name) => env[name], atScreen });
    return command.kind === "connect" && command.nick;
  };
  assertEquals(nick({ USER: "ann", LOGNAME: "b", USERNAME: "c" }), "ann");
  assertEquals(nick({ LOGNAME: "bob", USERNAME: "c" }), "bob");
  assertEquals(nick({ USERNAME: "carl" }), "carl");
  assertEquals(nick({ USER: "ann", CHAT_NICK: "boss" }), "boss");
  assertEquals(nick({ USER: "Ann Other" }), undefined);
  assertEquals(nick({ USER: "ann" }, [], false), undefined);
  for (const args of [["--json"], ["--send=1"], ["--receive=1"], ["--last=1"], ["--stats"]]) {
    assertEquals(nick({ USER: "ann" }, args), undefined);
  }
});

Deno.test("a setting of the file that a typed option excludes is left out", async () => {
  const command = await connect(
    ["--connect", "there", "--send", "1"],
    {},
    "[connect]\nfollow = true\njson = true",
  );
  assertEquals([command.follow, command.json, command.send], [false, "exact", [1]]);
});

Deno.test("json may be true, false or plain in the file", async () => {
  for (const [value, style] of [["true", "exact"], ["false", false], ["'plain'", "plain"]] as const) {
    assertEquals((await connect(["--connect", "there"], {}, `[connect]\njson = ${value}`)).json, style);
  }
});

Deno.test("a wrong key or value is one line with the file's line", async () => {
  const cases: [string, string | RegExp][] = [
    ["[connect]\n\nnik = 'x'", "config.toml:3: there is no option nik: did you mean nick?"],
    ["[connect]\nxyzzy = 1", "config.toml:2: there is no option xyzzy"],
    [
      "[conect]\nnick = 'x'",
      "config.toml:1: there is no section conect: write [connect], [serve] or [host.NAME]",
    ],
    ["nick = 'x'", /^config\.toml:1: there is no section nick/],
    ["connect = 5", "config.toml:1: connect must be a table: write [connect]"],
    ["[[connect]]\nnick = 'x'", "config.toml:1: connect must be a table: write [connect]"],
    ["[connect]\nquiet = true", "config.toml:2: quiet belongs to [serve]"],
    ["[connect]\nsend = '1'", "config.toml:2: send is for the command line only"],
    ["[connect]\nconfig = 'x'", "config.toml:2: config is for the command line only"],
    ["[connect]\ntrace = 'yes'", "config.toml:2: trace: write true or false"],
    ["[connect]\njson = 'yes'", "config.toml:2: cannot take json yes: write --json or --json=plain"],
    ["[connect]\nsay = 'x'", "config.toml:2: say is for the command line only"],
    ["[connect]\nnick = true", "config.toml:2: nick: write a text in quotes"],
    ["[connect]\nnick = 5", "config.toml:2: nick: write a text in quotes"],
    ["[host.x]\n\nhost = 5", "config.toml:3: host: write a text in quotes"],
    ["[connect]\nnick = ''", "config.toml:2: nick: write a text in quotes"],
    ["[connect]\nport = 1.5", "config.toml:2: port: write a text in quotes, or a whole number"],
    ["[connect]\nnick = 2020-01-01", "config.toml:2: nick: write a text in quotes"],
    ["[connect]\nnick = ['a']", "config.toml:2: nick: write a text in quotes"],
    [
      "[connect]\nport = 70000",
      "config.toml:2: cannot take port 70000: write a whole number from 1 to 65535",
    ],
    ["[connect]\nnick = 'a b'", /^config\.toml:2: cannot take nick a b: a name is 1 to 32/],
    ["connect.nick = 'a b'", /^config\.toml:1: cannot take nick a b/],
    ["\nconnect = { nick = 'a b' }", /^config\.toml:2: cannot take nick a b/],
    ["[host]\nx = 1", "config.toml:2: host.x must be a table: write [host.x]"],
    [
      "[host.x]\n# a\nhost = 'h'\ncolor = 'pink'",
      /^config\.toml:4: cannot take color pink: write auto, always or never/,
    ],
    ["[host.x]\nnick = 'y'\nport =", /^config\.toml:3: this is not TOML/],
    ["[connect]\nnick = 'a\nport = 1", /^config\.toml:\d: this is not TOML/],
    ["[connect]\n__proto__ = 1\nnik = 1", "config.toml:3: there is no option nik: did you mean nick?"],
    ["[connect]\nconstructor = 1", "config.toml:2: there is no option constructor"],
  ];
  for (const [text, message] of cases) {
    const told = await wrong(text);
    if (typeof message === "string") assertEquals(told, message);
    else assertMatch(told, message);
  }
  assertMatch(
    await wrong("[serve]\nmax-frame = 'x'", ["--serve"]),
    /^config\.toml:2: cannot take max-frame x: write a size/,
  );
  assertMatch(
    await wrong("[serve]\nretain = '30d'", ["--serve"]),
    /^config\.toml:2: --retain needs --history/,
  );
});

Deno.test("each option that is not for the command line only may stand in the file", async () => {
  for (const { name, argument, end, typedOnly } of OPTIONS) {
    if (typedOnly || end === "none") continue;
    const section = end === "connect" ? "connect" : "serve";
    const { [section]: settings } = await parseConfig(
      `[${section}]\n${name} = ${argument ? "'x'" : "true"}`,
      "c",
    );
    assertEquals(settings.get(name), { values: [argument ? "x" : ""], source: "c:2" });
  }
});

Deno.test("--show-config prints the settings in effect and their sources as TOML", async () => {
  const command = parseCommandLine(
    ["--show-config", "--connect", "work", "--nick", "a\u00e9"],
    await layers(),
  );
  assert(command.kind === "show-config");
  assertMatch(command.text, /^# config\.toml\n\n\[connect\]\n/);
  for (
    const line of [
      'nick = "aé"  # the command line',
      'room = "ops"  # config.toml:20',
      "port = 4000  # config.toml:18",
      "plain-screen = true  # config.toml:6",
      "# bell: mention",
    ]
  ) assert(command.text.split("\n").includes(line), command.text);
  assert(!/^connect =|^# color/m.test(command.text));
  const all = parseCommandLine(["--show-config"], await layers({ CHAT_NICK: "bob" }));
  assert(all.kind === "show-config");
  assertMatch(
    all.text,
    /nick = "bob" {2}# CHAT_NICK[^]*\[serve\][^]*quiet = true {2}# config\.toml:14[^]*\[host\."the lab"\]/,
  );
  // What it prints is a configuration again, with the same settings.
  const again = await parseConfig(all.text, "again.toml");
  assertEquals(again.hosts.get("work")?.get("room")?.values, ["ops"]);
  assertEquals(again.serve.get("max-frame")?.values, ["32M"]);
  assertMatch(await wrong("[serve]\nport = -1", ["--show-config"]), /^config\.toml:2: cannot take port -1/);
  const none = parseCommandLine(["--show-config", "--serve"], {});
  assertMatch(
    none.kind === "show-config" ? none.text : "",
    /^# no configuration file\n\n\[serve\]\n# host: every address\n# port: 1243/,
  );
  const absent = parseCommandLine(["--show-config", "--serve"], { configAt: "/home/ann/config.toml" });
  assertMatch(
    absent.kind === "show-config" ? absent.text : "",
    /^# no configuration file: \/home\/ann\/config\.toml\n\n\[serve\]/,
  );
});

Deno.test("the file lies in the folder of the system for such files", () => {
  const path = (env: Record<string, string>, isWindows = false) =>
    configPath({ env: (name) => env[name], isWindows });
  assertEquals(path({ XDG_CONFIG_HOME: "/xdg", HOME: "/home/a" }), "/xdg/chat/config.toml");
  assertEquals(path({ XDG_CONFIG_HOME: "relative", HOME: "/home/a" }), "/home/a/.config/chat/config.toml");
  assertEquals(path({ XDG_CONFIG_HOME: "", HOME: "/home/a" }), "/home/a/.config/chat/config.toml");
  assertEquals(path({}), undefined);
  assertEquals(path({ APPDATA: "C:\\Users\\a" }, true), "C:\\Users\\a\\chat\\config.toml");
  assertEquals(path({ HOME: "/home/a" }, true), undefined);
});

Deno.test("findConfig reads the named file, or the default one if it exists, and none with --no-config", async () => {
  const read: string[] = [];
  const find = (args: string[], files: Record<string, string> = {}) =>
    findConfig(args, {
      env: (name) => name === "HOME" ? "/home/a" : undefined,
      isWindows: false,
      readFile: (path) => {
        read.push(path);
        if (files[path] !== undefined) return Promise.resolve(files[path]);
        return Promise.reject(
          new Deno.errors.NotFound(`No such file or directory (os error 2): open '${path}'`),
        );
      },
    });
  const usual = "/home/a/.config/chat/config.toml";
  assertEquals(await find(["--serve"]), null);
  assertEquals((await find(["--serve"], { [usual]: FILE }))?.path, usual);
  assertEquals((await find(["--config", "mine"], { mine: FILE }))?.path, "mine");
  assertEquals((await find(["--config=mine", "--serve"], { mine: "" }))?.path, "mine");
  read.length = 0;
  assertEquals(await find(["--no-config"], { [usual]: FILE }), null);
  assertEquals(read, []);
  const error = await assertRejects(() => find(["--config", "none"]), UsageError);
  assertEquals(error.message, "cannot read the configuration file none: No such file or directory");
});

Deno.test("--config, --no-config and --show-config are options like others", () => {
  assertThrows(() => parseCommandLine(["--serve", "--config"]), UsageError, "--config needs a value");
  assertThrows(
    () => parseCommandLine(["--serve", "--no-config=x"]),
    UsageError,
    "--no-config takes no value",
  );
  assertEquals(parseCommandLine(["--serve", "--config", "x", "--no-config"]).kind, "serve");
});

Deno.test("chat reads its configuration, and a wrong one ends it with status 2 and a line", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/chat`);
    const main = new URL("../../main.ts", import.meta.url).pathname;
    const run = async (text: string, ...args: string[]) => {
      await Deno.writeTextFile(`${folder}/chat/config.toml`, text);
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-check", "--no-prompt", main, ...args],
        env: { XDG_CONFIG_HOME: folder, CHAT_NICK: "bob" },
        stdin: "null",
      }).output();
      const decoder = new TextDecoder();
      return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
    };
    const shown = await run("[host.work]\nhost = '127.0.0.1'", "--show-config", "--connect", "work");
    assertMatch(shown.out, /nick = "bob" {2}# CHAT_NICK/);
    const bad = await run("[connect]\nport = 0", "--connect", "localhost");
    assertEquals([bad.code, bad.out], [2, ""]);
    assertEquals(
      bad.err,
      `chat: ${folder}/chat/config.toml:2: cannot take port 0: write a whole number from 1 to 65535\n`,
    );
    const off = await run("[connect]\nport = 0", "--connect", "localhost", "--no-config", "--show-config");
    assertMatch(off.out, /^# no configuration file\n/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a key that stands twice is refused with its line, and a line of a long text is no key", async () => {
  await assertRejects(
    () => parseConfig('[connect]\nnick = "ann"\nport = 1\nnick = "bob"', "config.toml"),
    UsageError,
    "config.toml:4: nick stands twice: leave one out",
  );
  const texts = [
    '[connect]\nnick = "ann"\n[host.a]\nhost = "a"\nnick = "b"\n[host.b]\nhost = "b"\nnick = "b"',
    '[serve]\nport = 1\ngreeting = """\nport = 1\nport = 2"""',
  ];
  for (const text of texts) assertEquals((await parseConfig(text, "config.toml")).path, "config.toml");
});
