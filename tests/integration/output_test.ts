/** Standard output and standard error of every kind, non-blocking and slowly read. */

import { assertEquals } from "../assert.ts";
import { CHAT, chat } from "./chat_process.ts";
import { chunks } from "./output_child.ts";
import { peerProgram, PYTHON, runPython } from "./python.ts";

const CHILD = new URL("output_child.ts", import.meta.url).pathname;
const ignore = PYTHON === undefined || Deno.build.os !== "linux";

async function expectedHash(): Promise<string> {
  const bytes = new Blob([...chunks()] as Uint8Array<ArrayBuffer>[]);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", await bytes.arrayBuffer())).toHex();
}

for (const kind of ["pipe", "small-pipe", "socket", "terminal"]) {
  for (const stream of ["stdout", "stderr"]) {
    Deno.test({
      name: `every byte is written once to a non-blocking ${kind} on ${stream}`,
      ignore,
      async fn() {
        const command = [Deno.execPath(), "run", "--quiet", "--no-prompt", CHILD, stream];
        const { code, out, err } = await runPython(peerProgram("slow_reader.py"), [kind, stream, ...command]);
        assertEquals([code, err], [0, ""]);
        assertEquals(out, `${await expectedHash()} 0\n`);
      },
    });
  }
}

Deno.test({
  name: "help, version and completions that cannot be written are status 1, with one line",
  ignore: Deno.build.os !== "linux",
  async fn() {
    for (const args of [["--help"], ["--help", "all"], ["--version"], ["--version", "--json"]]) {
      const script = '"$@" > /dev/full';
      const command = new Deno.Command("sh", {
        args: ["-c", script, "sh", ...CHAT, ...args],
        stdout: "null",
        stderr: "piped",
      });
      const { code, stderr } = await command.output();
      assertEquals([code, new TextDecoder().decode(stderr)], [
        1,
        "chat: cannot write the output: No space left on device\n",
      ]);
    }
  },
});

Deno.test("help that nobody reads is not a failure", async () => {
  const child = chat(["--help", "all"]).spawn();
  await child.stdout.cancel();
  await child.stdin.close();
  assertEquals([(await child.status).code, await new Response(child.stderr).text()], [0, ""]);
});
