/** Signals that `chat` ignores, and limits of the system on the size of files. */

import { assert, assertEquals, assertMatch } from "../assert.ts";
import { CHAT, chat, textOf, write } from "./chat_process.ts";
import { Listening, type TestPeer } from "./listening.ts";
import { Serving } from "./serving.ts";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: Deno.build.os === "windows", fn });
}

/** Runs a command of the shell whose arguments are those of `chat`; `"$@"` stands for it. */
function shell(script: string, args: readonly string[], options: Deno.CommandOptions = {}): Deno.Command {
  return new Deno.Command("bash", { ...options, args: ["-c", script, "bash", ...CHAT, ...args] });
}

/** Reads lines of a stream one by one. */
function linesOf(stream: ReadableStream<Uint8Array>): () => Promise<string> {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  return async () => {
    while (!text.includes("\n")) {
      const { done, value } = await reader.read();
      if (done) throw new Error(`the stream ended after ${JSON.stringify(text)}`);
      text += value;
    }
    const [line = ""] = text.split("\n", 1);
    text = text.slice(line.length + 1);
    return line;
  };
}

/** Waits until there is a second member in the room; a one-shot enters untold and is only counted. */
async function joinedBy(ann: TestPeer): Promise<void> {
  do ann.send({ type: "who" }); while ((await ann.until("who")).count !== 2);
}

const FOLLOWING: readonly [string, string, string[]][] = [
  ["started by nohup", 'exec nohup "$@"', ["--follow"]],
  ["started by nohup with JSON", 'exec nohup "$@"', ["--follow", "--json"]],
  ["of a shell that ignores SIGHUP", 'trap "" HUP; exec "$@"', ["--follow"]],
  ["without a terminal", 'exec "$@"', ["--follow"]],
  ["that waits for messages", 'exec "$@"', ["--receive", "5"]],
];

for (const [what, script, args] of FOLLOWING) {
  test(`a connector ${what} goes on at SIGHUP`, async () => {
    await using listening = await Listening.start();
    using ann = await listening.enter("ann");
    const child = shell(script, ["--connect", `127.0.0.1:${listening.port}`, "--nick", "bob", ...args], {
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const next = linesOf(child.stdout);
    await joinedBy(ann);
    for (let n = 1; n <= 3; n++) {
      child.kill("SIGHUP");
      ann.sendValue(`message ${n}`);
      while (!(await next()).includes(`message ${n}`));
    }
    child.kill("SIGTERM");
    assertEquals((await child.status).code, 143);
    while (await next().then(() => true, () => false));
  });
}

test("SIGXFSZ does not end a listener or a connector", async () => {
  await using serving = await Serving.start();
  using ann = await serving.enter("ann");
  const child = chat(["--connect", `127.0.0.1:${serving.port}`, "--nick", "bob"]).spawn();
  await joinedBy(ann);
  serving.kill("SIGXFSZ");
  child.kill("SIGXFSZ");
  await write(child, "still here\n");
  assertEquals((await ann.until("message")).body, "still here");
  assertEquals((await child.status).code, 0);
  await Promise.all([child.stdout.cancel(), child.stderr.cancel()]);
});

const hasPrlimit = (() => {
  try {
    return new Deno.Command("prlimit", { args: ["--version"], stdout: "null" }).outputSync().success;
  } catch {
    return false;
  }
})();

/** Sets the soft limit on the size of files of a running process. The runtime from source writes files of its own when it starts. */
async function limitFiles(pid: number, bytes: number): Promise<void> {
  const { success } = await new Deno.Command("prlimit", { args: [`--fsize=${bytes}:`, "--pid", `${pid}`] })
    .output();
  assert(success);
}

function limitTest(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({
    name,
    ignore: !hasPrlimit,
    async fn() {
      const folder = await Deno.makeTempDir();
      await fn(folder).finally(() => Deno.remove(folder, { recursive: true }));
    },
  });
}

for (const durability of ["os", "disk"]) {
  limitTest(
    `a history at the limit on file sizes refuses messages, and the listener stays up (${durability})`,
    async (folder) => {
      const args = ["--history", `${folder}/chat.db`, "--durability", durability];
      await using serving = await Serving.start({ args });
      await limitFiles(serving.pid, 64 * 1024);
      using ann = await serving.enter("ann");
      using bob = await serving.enter("bob");
      let refused: unknown;
      for (let ref = 1; refused === undefined; ref++) {
        assert(ref < 200, "nothing was refused");
        ann.send({ type: "message", body: "z".repeat(2000), ref });
        let answer = await ann.receive();
        while (answer?.ref !== ref) answer = await ann.receive();
        if (answer.type === "error") refused = answer.code;
        else await bob.until("message");
      }
      assertEquals(refused, "not-stored");
      assertEquals((await serving.until("failing")).what, "history");
      bob.send({ type: "ping", ref: "up" });
      assertEquals((await bob.until("pong")).ref, "up");
      // With room again it goes on.
      await limitFiles(serving.pid, 1 << 30);
      ann.send({ type: "message", body: "stored", ref: "stored" });
      await ann.until("ack");
      assertEquals((await serving.until("working")).what, "history");
      serving.kill("SIGTERM");
      assertEquals(await serving.ended(), 0);
    },
  );
}

limitTest("a log at the limit on file sizes loses lines, and the listener stays up", async (folder) => {
  const words = ["--serve", "--quiet", "--host", "127.0.0.1", "--port", "0"];
  const log = `${folder}/log`;
  const child = shell(`exec "$@" 2>${log}`, words, { stdin: "null", stdout: "null", stderr: "null" }).spawn();
  const logged = () => Deno.readTextFile(log).catch(() => "");
  let port: string | undefined;
  while (port === undefined) port = /listening on 127\.0\.0\.1:(\d+)\n/.exec(await logged())?.[1];
  const size = (await logged()).length + 10;
  await limitFiles(child.pid, size);
  for (let n = 0; n < 3; n++) {
    const { code } = await chat(["--connect", `127.0.0.1:${port}`, "--send", "1"], { stdin: "null" })
      .output();
    assertEquals(code, 0);
  }
  assertEquals((await logged()).length, size);
  child.kill("SIGTERM");
  // Lines of the log are lost, so it did not all go well.
  assertEquals((await child.status).code, 1);
});

for (const args of [[], ["--json"]]) {
  limitTest(
    `output at the limit on file sizes ends a connector with status 1 and a line: ${args[0] ?? "lines"}`,
    async (folder) => {
      await using listening = await Listening.start();
      using ann = await listening.enter("ann");
      const words = ["--connect", `127.0.0.1:${listening.port}`, "--follow", "--nick", "bob", ...args];
      const options = { stdin: "null", stdout: "null", stderr: "piped" } as const;
      const child = shell(`exec "$@" >${folder}/out`, words, options).spawn();
      const told = textOf(child.stderr);
      await joinedBy(ann);
      await limitFiles(child.pid, 4096);
      ann.sendValue("z".repeat(5000));
      const { code, signal } = await child.status;
      assertEquals([code, signal], [1, null]);
      assertMatch(await told, /^chat: cannot write the output: File too large\n$/);
      assertEquals((await Deno.stat(`${folder}/out`)).size, 4096);
    },
  );
}
