/**
 * Makes the history files of tests/testdata/history/ with the listener of the commit that is checked out:
 *
 *     deno run -A tests/history/make_history.ts FOLDER
 *
 * `closed.db.gz` is the file of a listener that ended in order; `killed.db.gz` and `killed.db-wal.gz` are what kill −9
 * leaves. Each is made once, by the first commit whose files later ones have to open, and stays as it is.
 */

import { TestPeer } from "../integration/listening.ts";

const MAIN = new URL("../../main.ts", import.meta.url).pathname;

/** Starts a listener that keeps its messages in `path`, and gives its port. */
async function start(path: string): Promise<{ port: number; child: Deno.ChildProcess }> {
  const options = ["--host", "127.0.0.1", "--port", "0", "--quiet", "--log-json", "--history", path];
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", MAIN, "--serve", ...options],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    env: { CHAT_OPERATOR_TOKEN: "token" },
  }).spawn();
  let log = "";
  for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
    log += text;
    const port = /"listening".*:(\d+)"/.exec(log)?.[1];
    if (port !== undefined) return { port: Number(port), child };
  }
  throw new Error(`The listener did not start: ${log}`);
}

/** Posts to two rooms under refs, sets topics, and bans somebody. */
async function talk(port: number): Promise<void> {
  using ann = new TestPeer(await Deno.connect({ hostname: "127.0.0.1", port }));
  ann.send({ type: "hello", nick: "ann", session: "ann's session", echo: true });
  for (let n = 1; n <= 20; n++) ann.send({ type: "message", body: `line ${n}`, ref: n });
  ann.send({ type: "join", room: "Tea🫖", ref: "join" });
  for (let n = 1; n <= 5; n++) {
    ann.send({ type: "message", room: "Tea🫖", body: [n, "cups"], ref: `cup ${n}` });
  }
  ann.send({ type: "topic", room: "Tea🫖", text: "milk first", ref: "topic" });
  ann.send({ type: "op", token: "token", ref: "op" });
  ann.send({ type: "ban", nick: "mallory", text: "no milk", ref: "ban" });
  ann.send({ type: "message", room: "lobby", body: "x".repeat(20_000), ref: "long" });
  await ann.answer("long");
}

async function save(from: string, to: string): Promise<void> {
  const file = await Deno.open(from);
  const packed = await new Response(file.readable.pipeThrough(new CompressionStream("gzip"))).bytes();
  await Deno.writeFile(to, packed);
}

const [folder] = Deno.args;
if (folder === undefined) throw new Error("Cannot make the files: name the folder");
await Deno.mkdir(folder, { recursive: true });
const work = await Deno.makeTempDir();
for (const [name, signal] of [["closed", "SIGTERM"], ["killed", "SIGKILL"]] as const) {
  const { port, child } = await start(`${work}/${name}.db`);
  await talk(port);
  child.kill(signal);
  await child.status;
  await save(`${work}/${name}.db`, `${folder}/${name}.db.gz`);
}
await save(`${work}/killed.db-wal`, `${folder}/killed.db-wal.gz`);
await Deno.remove(work, { recursive: true });
