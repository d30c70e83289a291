/** Checks the built executable: both ends, as people and a Python program use them. Run `deno task build` before. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "../tests/assert.ts";
import { PYTHON } from "../tests/integration/python.ts";
import { PERMISSIONS } from "./release/executable.ts";

const CHAT = new URL(Deno.build.os === "windows" ? "../dist/chat.exe" : "../dist/chat", import.meta.url)
  .pathname
  .replace(/^\/([A-Z]:)/, "$1");

const decoder = new TextDecoder();

async function run(args: readonly string[], input = ""): Promise<{ code: number; out: string; err: string }> {
  const child = new Deno.Command(CHAT, { args: [...args], stdin: "piped", stdout: "piped", stderr: "piped" })
    .spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input)).catch(() => {});
  await writer.close().catch(() => {});
  const { code, stdout, stderr } = await child.output();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

/** A listener of the executable's on a free port. */
async function serving(
  args: readonly string[],
  use: (port: string, page: string) => Promise<void>,
  env: Record<string, string> = {},
): Promise<number> {
  const child = new Deno.Command(CHAT, {
    args: ["--serve", "--host", "127.0.0.1", "--port", "0", ...args],
    env,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const reader = child.stderr.getReader();
  let told = "";
  let port: string | undefined;
  while (port === undefined) {
    const { value } = await reader.read();
    told += decoder.decode(value);
    port = /listening on 127\.0\.0\.1:(\d+)/.exec(told)?.[1];
  }
  try {
    await use(port, /the page on (http:\S+)/.exec(told)?.[1] ?? "");
  } finally {
    child.kill("SIGTERM");
    while (!(await reader.read()).done);
  }
  return (await child.status).code;
}

Deno.test("the executable tells its version, and refuses a command line in one line with status 2", async () => {
  assertMatch((await run(["--version"])).out, /^chat \d+\.\d+\.\d+\n$/);
  const { code, err } = await run(["--serve", "--port", "70000"]);
  assertEquals([code, err.trimEnd().split("\n").length], [2, 1]);
  assertStringIncludes(err, "70000");
});

Deno.test("two connectors of the executable talk through a listener of it, and all end with status 0", async () => {
  const code = await serving([], async (port) => {
    const receiver = run(["--connect", `localhost:${port}`, "--receive", "2"]);
    // Whoever posts after the receiver connected is heard; until then it posts again.
    let received: Awaited<typeof receiver> | undefined;
    receiver.then((result) => received = result);
    while (received === undefined) {
      assertEquals((await run(["--connect", `127.0.0.1:${port}`, "--nick", "ann"], "hi\nthere\n")).code, 0);
    }
    assertEquals(received.code, 0);
    assertMatch(received.out, /^ann(-\d)?: (hi|there)\nann(-\d)?: (hi|there)\n$/);
  });
  assertEquals(code, 0);
});

Deno.test("the executable serves its page, whose socket speaks the same protocol", async () => {
  const code = await serving(["--web", "127.0.0.1:0"], async (_, page) => {
    const response = await fetch(page);
    assertEquals(response.status, 200);
    assertStringIncludes(await response.text(), "<!doctype html>");
    const joined = Promise.withResolvers<string>();
    const socket = new WebSocket(`${page.replace("http:", "ws:")}socket`);
    socket.onopen = () => socket.send('{"type": "hello", "nick": "ann"}');
    socket.onmessage = ({ data }) => {
      const line = JSON.parse(data);
      if (line.type === "joined") joined.resolve(line.nick);
    };
    socket.onerror = () => joined.reject(new Error("the socket failed"));
    const closed = new Promise((resolve) => socket.onclose = resolve);
    assertEquals(await joined.promise, "ann");
    socket.close();
    await closed;
  });
  assertEquals(code, 0);
});

Deno.test("a private listener of the executable serves its page to this machine, with the certificate for proofs", async () => {
  const folder = await Deno.makeTempDir({ prefix: "chat-private-" });
  const env = { STATE_DIRECTORY: folder, CHAT_CODE: "k7qm-2xhp-9dnv-c4ta" };
  try {
    const code = await serving(["--private", "--web", "127.0.0.1:0"], async (_, page) => {
      assertEquals((await (await fetch(page)).text()).slice(0, 15), "<!doctype html>");
      const { certificate } = await (await fetch(`${page}closed`)).json();
      assertEquals(certificate, await Deno.readTextFile(`${folder}/listener.crt`));
    }, env);
    assertEquals(code, 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test({
  name: "the executable connects to a Python server that sends one pickle and prints it",
  ignore: PYTHON === undefined,
  async fn() {
    const server = new Deno.Command(PYTHON!, {
      args: [
        "-uc",
        "import pickle, socket\n" +
        "s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1])\n" +
        "c, _ = s.accept(); p = pickle.dumps({1: 'hi', 2: 'there'})\n" +
        "c.sendall(f'{len(p):<10}'.encode() + p)\n" +
        "f = c.makefile('rb'); print(pickle.loads(f.read(int(f.read(10)))))\n",
      ],
      stdout: "piped",
    }).spawn();
    const reader = server.stdout.getReader();
    const port = decoder.decode((await reader.read()).value).trim();
    const { code, out } = await run(["--connect", `127.0.0.1:${port}`], "from the pipe\n");
    assertEquals([code, out], [0, "{1: 'hi', 2: 'there'}\n"]);
    let printed = "";
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      printed += decoder.decode(next.value);
    }
    assertEquals(printed.trim(), "from the pipe");
    await server.status;
  },
});

Deno.test("the executable asks for no permission, and may neither run programs nor load libraries", () => {
  assert(PERMISSIONS.includes("--no-prompt"));
  const allowed =
    /^--(no-prompt|allow-(net|read|write|env=[A-Z0-9_,]+|sys=osUptime,networkInterfaces,hostname,uid))$/;
  assertEquals(PERMISSIONS.filter((permission) => !allowed.test(permission)), []);
});

/** Things that another user may put under a name that can be foreseen in the folder for temporary files. */
const PLANTED: readonly [string, (path: string) => Promise<unknown>][] = [
  ["nothing", () => Promise.resolve()],
  ["a FIFO", (path) => new Deno.Command("mkfifo", { args: [path] }).output()],
  ["a folder", (path) => Deno.mkdir(path)],
  ["a link to a device without end", (path) => Deno.symlink("/dev/zero", path)],
  ["a link to nowhere", (path) => Deno.symlink("/nowhere/at/all", path)],
  ["a file of nonsense", (path) => Deno.writeTextFile(path, "nonsense".repeat(10_000))],
  ["a file that nobody may read", async (path) => {
    await Deno.writeTextFile(path, "secret");
    await Deno.chmod(path, 0);
  }],
];

for (const [what, plant] of PLANTED) {
  Deno.test({
    name: `the executable starts, writes no file and removes none where ${what} has the name of a code cache`,
    ignore: Deno.build.os === "windows",
    async fn() {
      const folder = await Deno.makeTempDir();
      try {
        await plant(`${folder}/deno-compile-chat.cache`);
        const names = () => Array.from(Deno.readDirSync(folder), ({ name }) => name);
        const before = names();
        for (const args of [["--version"], ["--help", "all"], ["--connect", "127.0.0.1:1", "--send", "1"]]) {
          const { code, signal } = await new Deno.Command(CHAT, {
            args,
            env: { TMPDIR: folder },
            stdin: "null",
            stdout: "null",
            stderr: "null",
            signal: AbortSignal.timeout(30_000),
          }).output();
          assertEquals([code, signal], [args[0] === "--connect" ? 3 : 0, null]);
        }
        assertEquals(names(), before);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}
