/**
 * Tries an executable: that it tells its version, and that a listener and connectors of it talk, with a Python program too
 * where there is Python: `deno run -A scripts/release/try.ts PATH`.
 */

import { PYTHON } from "../../tests/integration/python.ts";

const decoder = new TextDecoder();

const PYTHON_PEER = `
import pickle, socket, sys
s = socket.create_connection(('127.0.0.1', int(sys.argv[1])))
f = s.makefile('rb')
p = pickle.dumps('hi from Python')
s.sendall(f'{len(p):<10}'.encode() + p)
while True:
    m = pickle.loads(f.read(int(f.read(10))))
    if m['type'] == 'message':
        print(m['body'])
        break
`;

/**
 * Has connectors of a program talk through a listener of it.
 *
 * @throws {Error} Where one fails, or hears something else than was posted.
 */
export async function tryExecutable(program: string): Promise<void> {
  const listener = new Deno.Command(program, {
    args: ["--serve", "--quiet", "--host", "127.0.0.1", "--port", "0"],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const reader = listener.stderr.getReader();
  try {
    let told = "";
    let port: string | undefined;
    while (port === undefined) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`the listener ended: ${told}`);
      told += decoder.decode(value);
      port = /listening on 127\.0\.0\.1:(\d+)/.exec(told)?.[1];
    }
    const connect = ["--connect", `127.0.0.1:${port}`];
    await expect("", program, [...connect, "--nick", "ann", "--send", "{'temperature': 21.5}"]);
    await expect("ann: {'temperature': 21.5}\n", program, [...connect, "--last", "1"]);
    if (PYTHON !== undefined) await expect("{'temperature': 21.5}\n", PYTHON, ["-c", PYTHON_PEER, port]);
  } finally {
    listener.kill("SIGTERM");
    while (!(await reader.read()).done);
    await listener.status;
  }
}

async function expect(output: string, program: string, args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await new Deno.Command(program, { args: [...args], stdin: "null" })
    .output();
  const written = decoder.decode(stdout).replaceAll("\r\n", "\n");
  if (code === 0 && written === output) return;
  throw new Error(
    `${program} ${args.join(" ")}: status ${code}, wrote ${JSON.stringify(written)}\n${
      decoder.decode(stderr)
    }`,
  );
}

if (import.meta.main) {
  const [program = ""] = Deno.args;
  const { stdout, success } = await new Deno.Command(program, { args: ["--version", "--json"] }).output();
  console.log(decoder.decode(stdout).trim());
  if (!success) Deno.exit(1);
  await tryExecutable(program);
  console.log("a listener and connectors talked");
}
