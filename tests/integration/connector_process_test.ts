/** `chat --connect` as a process, with servers written in Python as in the tutorial. */

import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { chat, textOf, write } from "./chat_process.ts";
import { peerProgram, PYTHON } from "./python.ts";

interface Ran {
  readonly status: number;
  readonly out: string;
  /** Standard error, without what is said only on a busy machine: that the connection takes long. */
  readonly err: string;
  /** What the server printed. */
  readonly peer: string;
}

/** Starts one of the servers of connector_peers.py: its port, and what it prints until it ends. */
async function serve(peer: string): Promise<{ port: string; ended: Promise<string> }> {
  const server = new Deno.Command(PYTHON!, {
    args: ["-u", peerProgram("connector_peers.py"), peer],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const [port, rest] = await firstLine(server.stdout);
  return { port, ended: Promise.all([rest, server.status]).then(([said]) => said) };
}

/** Runs `chat --connect` against one of the servers of connector_peers.py. */
async function runAgainst(
  peer: string,
  options: { args?: readonly string[]; input?: string } = {},
): Promise<Ran> {
  const { port, ended } = await serve(peer);
  const child = chat(["--connect", `127.0.0.1:${port}`, ...options.args ?? []]).spawn();
  const [status, out, err, said] = await Promise.all([
    child.status,
    textOf(child.stdout),
    textOf(child.stderr),
    ended,
    write(child, options.input ?? ""),
  ]);
  const slow = /^chat: (?:connecting to|waiting for) \S+ .*\n/gm;
  return { status: status.code, out, err: err.replace(slow, ""), peer: said };
}

/** Waits for the first line of a stream and goes on reading the others. */
async function firstLine(stream: ReadableStream<Uint8Array>): Promise<[string, Promise<string>]> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = "";
  while (!text.includes("\n")) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`Cannot read the server's port: it ended after ${text}`);
    text += decoder.decode(value, { stream: true });
  }
  const rest = async () => {
    let said = text.slice(text.indexOf("\n") + 1);
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      said += decoder.decode(next.value, { stream: true });
    }
    return said;
  };
  return [text.slice(0, text.indexOf("\n")), rest()];
}

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: PYTHON === undefined, fn });
}

test("chat --connect to the tutorial's server prints its dict and leaves after --receive 1", async () => {
  const { status, out, err } = await runAgainst("tutorial", { args: ["--receive", "1"] });
  assertEquals([status, out, err], [0, "{1: 'hi', 2: 'there'}\n", ""]);
});

test("chat --connect --trace shows the header, the lengths and the bytes that Python sent", async () => {
  const { status, out, err } = await runAgainst("tutorial", { args: ["--receive", "1", "--trace"] });
  assertEquals([status, out], [0, "{1: 'hi', 2: 'there'}\n"]);
  assertStringIncludes(
    err,
    "new msg len: b'33        '\nfull message length: 33\n43\nfull msg recvd\nb'\\x80\\x04\\x95",
  );
});

test("chat --connect sends lines that Python unpickles, and prints the answer to the end of input", async () => {
  const { status, out, err, peer } = await runAgainst("greets", { input: "one\r\n\nzwölf 👩‍👩‍👧\nlast" });
  assertEquals([status, out, err], [0, "hello\n{'received': 4}\n", ""]);
  assertEquals(peer, "'one'\n''\n'zwölf 👩‍👩‍👧'\n'last'\n".replaceAll("\u200d", "\\u200d"));
});

test("chat --connect --send sends Python objects", async () => {
  const args = ["--send", "{1: (2, 3.0)}", "--send", "b'x'", "--send", "{True, None}"];
  const { status, peer } = await runAgainst("listens", { args });
  const [dict, bytes, set] = peer.split("\n");
  assertEquals([status, dict, bytes], [0, "{1: (2, 3.0)}", "b'x'"]);
  assert(set === "{None, True}" || set === "{True, None}", set!);
});

test("chat --connect reads every protocol, and a frame that comes byte by byte", async () => {
  const { status, out } = await runAgainst("protocols");
  const line =
    "{'text': 'zwölf 😀', 'list': [1, 2.0, None, True], 'tuple': (1, (2,)), 'big': 1180591620717411303424}";
  const lines = out.trimEnd().split("\n");
  assertEquals([status, lines.length, lines.at(-1)], [0, 7, "last"]);
  assertEquals(new Set(lines.slice(0, -1)), new Set([line]));
});

test("chat --connect takes a 50 MB object, and a header that is right-aligned", async () => {
  const { status, out } = await runAgainst("large", { args: ["--json"] });
  const [large, next] = out.trimEnd().split("\n");
  assertEquals([status, JSON.parse(large!).body.$bytes.length, JSON.parse(next!).body], [
    0,
    Math.ceil(50_000_000 / 3) * 4,
    "right-aligned",
  ]);
});

test("chat --connect says so where the other end dies in the middle, with status 3", async () => {
  const { status, out, err } = await runAgainst("dies");
  assertEquals([status, out], [3, ""]);
  assert(/^chat: 127\.0\.0\.1:\d+ ended the connection inside an object\n$/.test(err), err);
});

test("chat --connect ends quietly where its output is closed early", async () => {
  const { port, ended } = await serve("flood");
  const child = chat(["--connect", `127.0.0.1:${port}`, "--follow"]).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  await reader.cancel();
  const [status, err] = await Promise.all([child.status, textOf(child.stderr), write(child, "")]);
  assertEquals([status.code, err], [0, ""]);
  await ended;
});

test("a slow reader of chat --connect gets every line", async () => {
  const { port, ended } = await serve("flood");
  const child = chat(["--connect", `127.0.0.1:${port}`]).spawn();
  const err = textOf(child.stderr);
  await write(child, "");
  let count = 0;
  let tail = "";
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    // One turn of the event loop for each piece is slow enough for the pipe to be full all the time.
    await new Promise((resolve) => setTimeout(resolve, 0));
    const parts = (tail + chunk).split("\n");
    tail = parts.pop()!;
    for (const part of parts) assertEquals(part, String(count++));
  }
  assertEquals([count, (await child.status).code, await err], [100_000, 0, ""]);
  await ended;
});

Deno.test("chat --connect ends at once at a signal, with 130 or 143", {
  ignore: Deno.build.os === "windows",
}, async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    const child = chat(["--connect", `127.0.0.1:${listener.addr.port}`]).spawn();
    const conn = await listener.accept();
    child.kill(signal);
    const [status, out, err] = await Promise.all([child.status, textOf(child.stdout), textOf(child.stderr)]);
    assertEquals([status.code, out, err], [code, "", ""]);
    await child.stdin.close();
    conn.close();
  }
  listener.close();
});
