/**
 * Proves that an executable of an earlier commit and this one talk in both roles, and that this one opens a history that the
 * earlier one wrote. CHAT_OLD_EXECUTABLE names the earlier one; this one is dist/chat, or CHAT_NEW_EXECUTABLE.
 */

import { assertEquals, assertMatch } from "../../tests/assert.ts";

const OLD = Deno.env.get("CHAT_OLD_EXECUTABLE");
const NEW = Deno.env.get("CHAT_NEW_EXECUTABLE") ?? new URL("../../dist/chat", import.meta.url).pathname;
const decoder = new TextDecoder();

/** Starts a listener of a program, and ends it with SIGTERM when the block is left. */
class Listener implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly connect: readonly string[];

  private constructor(child: Deno.ChildProcess, { reader, port }: {
    reader: ReadableStreamDefaultReader<Uint8Array>;
    port: string;
  }) {
    this.#child = child;
    this.#reader = reader;
    this.connect = ["--connect", `127.0.0.1:${port}`];
  }

  static async start(program: string, args: readonly string[] = []): Promise<Listener> {
    const child = new Deno.Command(program, {
      args: ["--serve", "--quiet", "--host", "127.0.0.1", "--port", "0", ...args],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const reader = child.stderr.getReader();
    for (let told = "";;) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`the listener ended: ${told}`);
      told += decoder.decode(value);
      const port = /listening on 127\.0\.0\.1:(\d+)/.exec(told)?.[1];
      if (port !== undefined) return new Listener(child, { reader, port });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    while (!(await this.#reader.read()).done);
    assertEquals((await this.#child.status).code, 0);
  }
}

async function run(program: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(program, { args: [...args], stdin: "null" })
    .output();
  assertEquals([code, decoder.decode(stderr)], [0, ""], `${program} ${args.join(" ")}`);
  return decoder.decode(stdout);
}

const SAID = "{'text': 'hé', 'numbers': (1, 2.5, 100000000000000000000), 'raw': b'\\x00', 'set': {1, 2}}";

for (const [name, listening, connecting] of [["old", OLD, NEW], ["new", NEW, OLD]] as const) {
  Deno.test({
    name: `[on demand] connectors of both executables talk through a listener of the ${name} one`,
    ignore: OLD === undefined,
    async fn() {
      await using listener = await Listener.start(listening!);
      for (const [posting, reading] of [[connecting!, listening!], [listening!, connecting!]] as const) {
        await run(posting, [...listener.connect, "--nick", "ann", "--room", "upgrade", "--send", SAID]);
        const read = await run(reading, [...listener.connect, "--room", "upgrade", "--last", "1"]);
        assertEquals(read.replace(/^ann(-\d+)?: /, ""), `${SAID}\n`);
      }
      const live = new Deno.Command(connecting!, {
        args: [...listener.connect, "--nick", "live", "--receive", "1"],
        stdin: "null",
        stdout: "piped",
      }).spawn();
      let heard: string | undefined;
      const output = live.output().then(({ stdout }) => heard = decoder.decode(stdout));
      while (heard === undefined) {
        await run(listening!, [...listener.connect, "--nick", "ann", "--send", "'hi'"]);
      }
      await output;
      assertMatch(heard, /^ann(-\d+)?: hi\n$/);
      assertMatch(await run(connecting!, [...listener.connect, "--stats"]), /messages/);
    },
  });
}

Deno.test({
  name: "[on demand] a history that the old executable wrote goes on with the new one",
  ignore: OLD === undefined,
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const history = ["--history", `${folder}/history.db`];
      {
        await using listener = await Listener.start(OLD!, history);
        await run(OLD!, [...listener.connect, "--nick", "ann", "--send", "1", "--send", SAID]);
      }
      {
        await using listener = await Listener.start(NEW, history);
        await run(NEW, [...listener.connect, "--nick", "bob", "--send", "3"]);
        const lines = (await run(NEW, [...listener.connect, "--last", "9"])).trim().split("\n");
        assertEquals(lines.map((line) => line.slice(0, 12)), ["ann: 1", "ann: {'text'", "bob: 3"]);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
