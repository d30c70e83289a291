/** A crash inside the swap of a code for a secret locks nobody out: real processes, killed by SIGKILL. */

import { Serving } from "../integration/serving.ts";
import { SHARED_CODE } from "./closed.ts";
import { assertEquals } from "../assert.ts";

const MAIN = new URL("../../main.ts", import.meta.url).pathname;
const ignore = Deno.build.os === "windows";

/** Runs a connector as a process. */
function connector(port: number, env: Record<string, string>): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", MAIN, "--connect", `127.0.0.1:${port}`, "--last", "1"],
    env,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
}

/** Makes two folders, of which the listener's has one invitation. */
async function folders(): Promise<{ root: string; listener: string; env: Record<string, string> }> {
  const root = await Deno.makeTempDir({ prefix: "chat-crash-" });
  const [listener, folder] = [`${root}/listener`, `${root}/connector`];
  for (const path of [listener, folder]) await Deno.mkdir(path, { mode: 0o700 });
  const invitations = [{ code: SHARED_CODE, name: "ann", until: Date.now() + 3_600_000 }];
  const options = { mode: 0o600 };
  const text = JSON.stringify({ version: 1, members: [], invitations });
  await Deno.writeTextFile(`${listener}/members.json`, text, options);
  return { root, listener, env: { STATE_DIRECTORY: folder, CHAT_CODE: SHARED_CODE } };
}

/** The code of another person, without which no listener starts that has no members. */
const OTHER_CODE = "aaaabbbbccccddde";

async function start(folder: string, port = 0): Promise<Serving> {
  const args = ["--private", "--quiet", "--port", String(port)];
  return await Serving.start({ args, env: { STATE_DIRECTORY: folder, CHAT_CODE: OTHER_CODE } });
}

Deno.test({
  name: "a connector that is killed while it is let in gets in again, with the code or with its secret",
  ignore,
  async fn() {
    for (const when of ["enrolled", "accepted", "came"] as const) {
      const { root, listener, env } = await folders();
      try {
        await using serving = await start(listener);
        const killed = connector(serving.port, env);
        await serving.until(when);
        killed.kill("SIGKILL");
        await killed.output();
        await serving.until("went");
        const { code, stderr } = await connector(serving.port, env).output();
        assertEquals([code, new TextDecoder().decode(stderr)], [0, ""], when);
      } finally {
        await Deno.remove(root, { recursive: true });
      }
    }
  },
});

Deno.test({
  name: "after a listener was killed while it let somebody in, they get in again",
  ignore,
  async fn() {
    const { root, listener, env } = await folders();
    try {
      const first = await start(listener);
      const { port } = first;
      const waiting = connector(port, env);
      await first.until("enrolled");
      first.kill("SIGKILL");
      await first[Symbol.asyncDispose]();
      await waiting.output();
      await using again = await start(listener, port);
      const { code, stderr } = await connector(again.port, env).output();
      assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  },
});
