/** `chat --connect` with pipes for input and output: nothing is lost, and nothing is kept that may go on. */

import { createHash } from "node:crypto";
import { LIFTED_LIMITS } from "../../lib/base/limits.ts";
import { assert, assertEquals, assertLess, assertMatch } from "../assert.ts";
import { CHAT, chat, MemoryWatch, textOf, write } from "./chat_process.ts";
import { Listening } from "./listening.ts";

/** How much is piped, in bytes, where somebody has the patience: `CHAT_PIPE_BYTES=1000000000`. */
const PIPED = Number(Deno.env.get("CHAT_PIPE_BYTES") ?? 0);

/** What a process may take of the memory, in MiB: twice what one takes that has next to nothing to do. */
const MOST_MEMORY = 400;

const HAS_SHELL = Deno.build.os !== "windows";

/** Runs a listener that keeps all messages in a file, so that who reads slowly gets them later. */
async function withKeeper(use: (address: string, listening: Listening) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await using listening = await Listening.start({ history: `${folder}/chat.db`, limits: LIFTED_LIMITS });
    await use(`127.0.0.1:${listening.port}`, listening);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Waits until a script is in the lobby, which is told to nobody: it is counted. */
async function entered(listening: Listening): Promise<void> {
  using watcher = await listening.enter("watcher");
  for (let count = 0; count < 2;) {
    watcher.send({ type: "who" });
    count = (await watcher.until("who")).count as number;
  }
}

/** Runs a shell with the words of `chat` as its arguments, so that "$@" runs it. */
async function inShell(script: string, args: readonly string[]): Promise<{ out: string; err: string }> {
  const command = new Deno.Command("sh", {
    args: ["-c", script, "sh", ...CHAT, ...args],
    stdout: "piped",
    stderr: "piped",
  });
  const { stdout, stderr } = await command.output();
  return { out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
}

Deno.test("100,000 lines go from one pipe into another, complete and in order, with a slow reader", async () => {
  await withKeeper(async (address, listening) => {
    const all = 100_000;
    const reader = chat(["--connect", address, "--nick", "reader", "--receive", String(all), "--json"])
      .spawn();
    await entered(listening);
    const out = reader.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const writer = chat(["--connect", address, "--nick", "writer"]).spawn();
    const written = Promise.all([
      write(writer, Array.from({ length: all }, (_, n) => `zeile ${n} 漢字\n`).join("")),
      textOf(writer.stdout),
      textOf(writer.stderr),
      writer.status,
    ]);
    let count = 0;
    let rest = "";
    for (let next = await out.read(); !next.done; next = await out.read()) {
      // One turn of the event loop for each piece is slow enough for the pipe to be full all the time.
      await new Promise((resolve) => setTimeout(resolve, 0));
      const lines = (rest + next.value).split("\n");
      rest = lines.pop()!;
      for (const line of lines) {
        const { type, body } = JSON.parse(line);
        if (type !== "message") continue;
        if (body !== `zeile ${count} 漢字`) throw new Error(`number ${count} is ${line}`);
        count++;
      }
    }
    const [, , err, status] = await written;
    assertEquals([count, status.code, err], [all, 0, ""]);
    await write(reader, "");
    assertEquals([(await reader.status).code, await textOf(reader.stderr)], [0, ""]);
  });
});

Deno.test("head -1 ends a connector that follows, and closed input, output and errors are no failure", {
  ignore: !HAS_SHELL,
}, async () => {
  await withKeeper(async (address, listening) => {
    using peer = await listening.enter("peer");
    const flood = setInterval(() => peer.send({ type: "message", body: "again" }), 10);
    try {
      const script = '{ "$@"; echo "status $?" >&2; } < /dev/null | head -1';
      assertEquals(await inShell(script, ["--connect", address, "--follow"]), {
        out: "peer: again\n",
        err: "status 0\n",
      });
    } finally {
      clearInterval(flood);
    }
    for (const [redirect, expected] of [["<&-", "status 0"], [">&-", "status 0"], ["2>&-", "status 0"]]) {
      const { out } = await inShell(`echo hi | { "$@" ${redirect} > /dev/null; echo "status $?"; }`, [
        "--connect",
        address,
      ]);
      assertEquals(out.trim(), expected, redirect);
    }
  });
});

Deno.test("a full disk, and a folder as input, are one line on standard error and status 1", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  await withKeeper(async (address, listening) => {
    using peer = await listening.enter("peer");
    peer.send({ type: "message", body: "hi", ref: 1 });
    await peer.until("ack");
    const full = await inShell('"$@" > /dev/full; echo "status $?"', ["--connect", address, "--last", "1"]);
    assertEquals(full, {
      out: "status 1\n",
      err: "chat: cannot write the output: No space left on device\n",
    });
    const folder = await inShell('"$@" < / > /dev/null; echo "status $?"', ["--connect", address]);
    assertMatch(folder.err, /^chat: cannot read the input: Is a directory\n$/);
    assertEquals(folder.out, "status 1\n");
  });
});

Deno.test("a write-only input counts as empty with --follow, --receive and --json", {
  ignore: !HAS_SHELL,
}, async () => {
  await withKeeper(async (address, listening) => {
    using peer = await listening.enter("peer");
    const flood = setInterval(() => peer.send({ type: "message", body: "again" }), 10);
    try {
      const script = '{ "$@" 0> /dev/null; echo "status $?" >&2; }';
      for (const options of [["--receive", "1"], ["--json", "--receive", "1"]]) {
        const { out, err } = await inShell(script, ["--connect", address, ...options]);
        assertEquals([out.includes("again"), err], [true, "status 0\n"]);
      }
      const follow = await inShell(`${script} | head -1`, ["--connect", address, "--follow"]);
      assertEquals(follow, { out: "peer: again\n", err: "status 0\n" });
    } finally {
      clearInterval(flood);
    }
  });
});

Deno.test("an input in Latin-1 or UTF-16, or with a byte order mark, is posted right or refused by its line", async () => {
  await withKeeper(async (address) => {
    const send = async (input: number[], options: string[] = []) => {
      const child = chat(["--connect", address, ...options]).spawn();
      const writer = child.stdin.getWriter();
      await writer.write(new Uint8Array(input));
      await writer.close();
      const [out, err] = await Promise.all([textOf(child.stdout), textOf(child.stderr)]);
      return [(await child.status).code, options.length > 0 ? out : err];
    };
    const text = (text: string) => [...new TextEncoder().encode(text)];
    const noUtf8 = "it is not UTF-8, so it was skipped; convert the input to UTF-8";
    assertEquals(await send([...text("one\n"), 0x63, 0xe9, 0x0a, ...text("three\n")]), [
      1,
      `chat: cannot post line 2: ${noUtf8}\n`,
    ]);
    assertEquals(
      await send([...text('\ufeff{"body": "four"}\n')], ["--json", "--nick", "p"]).then(([code]) => code),
      0,
    );
    const [status, out] = await send([...text('{"body": "'), 0xe9, ...text('"}\n')], ["--json"]);
    assertEquals([status, (out as string).includes(`Cannot post line 1: ${noUtf8}`)], [1, true]);
    assertEquals(await send([0xff, 0xfe, 0x68, 0, 0x0a, 0]), [
      1,
      "chat: cannot post line 1: the input is UTF-16 and is not read; convert it to UTF-8\n",
    ]);
    assertEquals(await send(text("\ufefffive\n")), [0, ""]);
    const last = await chat(["--connect", address, "--last", "9"], { stdin: "null" }).output();
    const bodies = new TextDecoder().decode(last.stdout).trimEnd().split("\n").map((line) =>
      line.replace(/^.*?: /, "")
    );
    assertEquals(bodies, ["one", "three", "four", "five"]);
  });
});

Deno.test("UTF-8 split anywhere, CRLF and a missing last newline arrive as meant", async () => {
  await withKeeper(async (address, listening) => {
    using peer = await listening.enter("peer");
    const text = "zwölf\r\n漢字 👩‍👩‍👧\r\n\nlast";
    const child = chat(["--connect", address]).spawn();
    const writer = child.stdin.getWriter();
    for (const byte of new TextEncoder().encode(text)) await writer.write(new Uint8Array([byte]));
    await writer.close();
    const bodies = [];
    for (let n = 0; n < 4; n++) bodies.push((await peer.until("message")).body);
    assertEquals(bodies, ["zwölf", "漢字 👩‍👩‍👧", "", "last"]);
    assertEquals([(await child.status).code, await textOf(child.stdout), await textOf(child.stderr)], [
      0,
      "",
      "",
    ]);
  });
});

Deno.test(
  "a file of a gigabyte goes from one pipe into another in little memory, and loses no line [on demand]",
  {
    ignore: PIPED === 0,
  },
  async () => {
    await withKeeper(async (address) => {
      const began = performance.now();
      const lines = Math.round(PIPED / LINE);
      const reader = chat(["--connect", address, "--nick", "reader", "--receive", String(lines)]).spawn();
      const writer = chat(["--connect", address, "--nick", "writer"]).spawn();
      using ofReader = new MemoryWatch(reader.pid);
      using ofWriter = new MemoryWatch(writer.pid);
      const writing = pour(writer.stdin, lines);
      const [written, read, status] = await Promise.all([
        writing,
        drink(reader.stdout, "writer: "),
        reader.status,
      ]);
      assertEquals([read, status.code], [written, 0]);
      assertEquals([(await writer.status).code, await textOf(writer.stderr)], [0, ""]);
      await Promise.all([textOf(writer.stdout), textOf(reader.stderr), write(reader, "")]);
      const seconds = (performance.now() - began) / 1000;
      console.log(
        `${lines} lines, ${PIPED} bytes in ${seconds.toFixed(0)} s, ` +
          `at most ${ofWriter.most} MiB for the writer and ${ofReader.most} MiB for the reader`,
      );
      assertLess(ofWriter.most, MOST_MEMORY);
      assertLess(ofReader.most, MOST_MEMORY);
    });
  },
);

const LINE = 1000;

/** A count and a hash of lines. */
class Tally {
  count = 0;
  readonly #hash = createHash("sha256");

  add(line: string): void {
    this.count++;
    this.#hash.update(line + "\n");
  }

  get sum(): string {
    return `${this.count} lines, ${this.#hash.digest("hex")}`;
  }
}

/** Writes so many numbered lines, as fast as they are taken. */
async function pour(into: WritableStream<Uint8Array>, lines: number): Promise<string> {
  const tally = new Tally();
  const encoder = new TextEncoder();
  const writer = into.getWriter();
  for (let from = 0; from < lines; from += 1000) {
    let text = "";
    for (let n = from; n < Math.min(lines, from + 1000); n++) {
      const line = `${n} `.padEnd(LINE - 1 - n % 7, "x");
      tally.add(line);
      text += line + "\n";
    }
    await writer.write(encoder.encode(text));
  }
  await writer.close();
  return tally.sum;
}

/** Reads lines to the end, each with the same beginning. */
async function drink(from: ReadableStream<Uint8Array>, beginning: string): Promise<string> {
  const tally = new Tally();
  let rest = "";
  for await (const chunk of from.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      assert(line.startsWith(beginning));
      tally.add(line.slice(beginning.length));
    }
  }
  return tally.sum;
}
