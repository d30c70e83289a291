/**
 * Measures frames and the start of the executable, each as a ratio against something else in the same run:
 * `deno task bench`. A time on its own means nothing on a machine that does other things too.
 */

import { encodeFrame, FrameReader, type Source } from "../lib/frame/mod.ts";

const ROUNDS = 7;

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;
}

function row(what: string, bar: string, ratio: number): void {
  console.log(`${what.padEnd(64)} ${ratio.toFixed(2).padStart(8)}   ${bar}`);
}

/** Frames of 100 bytes out of reads of 64 KiB, from memory, on both sides; ours are read ten times over. */
const FRAMES = 200_000;
const TIMES = 10;

async function framesPerSecond(): Promise<number> {
  const frame = new Uint8Array(100);
  frame.set(new TextEncoder().encode("90        "));
  const wire = new Uint8Array(FRAMES * frame.length);
  for (let i = 0; i < FRAMES; i++) wire.set(frame, i * frame.length);
  let at = 0;
  let times = 0;
  const source: Source = {
    read(into) {
      if (at === wire.length) {
        if (++times === TIMES) return Promise.resolve(null);
        at = 0;
      }
      const count = Math.min(into.length, wire.length - at);
      into.set(wire.subarray(at, at + count));
      at += count;
      return Promise.resolve(count);
    },
  };
  const began = performance.now();
  let count = 0;
  for await (const _ of new FrameReader(source, { maxPayload: 1000 })) count++;
  if (count !== TIMES * FRAMES) throw new Error(`${count} frames of ${TIMES * FRAMES}`);
  return count / (performance.now() - began) * 1000;
}

const PYTHON_READER = `
import asyncio, time
wire = (b"90        " + bytes(90)) * ${FRAMES}
async def main():
    reader = asyncio.StreamReader(limit=2**17)
    async def feed():
        for at in range(0, len(wire), 65536):
            reader.feed_data(wire[at:at + 65536])
            while len(reader._buffer) > 100:
                await asyncio.sleep(0)
        reader.feed_eof()
    task = asyncio.create_task(feed())
    count = 0
    began = time.perf_counter()
    try:
        while True:
            await reader.readexactly(int(await reader.readexactly(10)))
            count += 1
    except asyncio.IncompleteReadError:
        pass
    print(count / (time.perf_counter() - began))
asyncio.run(main())
`;

async function pythonFramesPerSecond(): Promise<number> {
  const { stdout } = await new Deno.Command("python3", { args: ["-c", PYTHON_READER] }).output();
  return Number(new TextDecoder().decode(stdout));
}

/** Moves frames of 64 KiB over loopback, and gives the seconds until `drain` has seen them all. */
async function overLoopback(drain: (conn: Deno.TcpConn, size: number) => Promise<void>): Promise<number> {
  const frame = encodeFrame(new Uint8Array(64 * 1024));
  const count = 10_000;
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const worker = new Worker(
    URL.createObjectURL(
      new Blob([`
        onmessage = async ({ data: { port, frame, count } }) => {
          const conn = await Deno.connect({ hostname: "127.0.0.1", port });
          const many = new Uint8Array(frame.length * 16);
          for (let i = 0; i < 16; i++) many.set(frame, i * frame.length);
          for (let sent = 0; sent < count; sent += 16) {
            for (let at = 0; at < many.length;) at += await conn.write(many.subarray(at));
          }
          conn.close();
        };
      `]),
    ),
    { type: "module" },
  );
  worker.postMessage({ port: listener.addr.port, frame, count });
  const conn = await listener.accept();
  const began = performance.now();
  await drain(conn, frame.length * count);
  const seconds = (performance.now() - began) / 1000;
  worker.terminate();
  listener.close();
  return seconds;
}

async function bareLoop(conn: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(64 * 1024);
  while (await conn.read(buffer) !== null);
  conn.close();
}

async function readFrames(conn: Deno.TcpConn): Promise<void> {
  for await (const _ of new FrameReader(conn, { maxPayload: 1 << 20 }));
  conn.close();
}

/** Seconds until a program has run to its end. */
async function seconds(program: string, args: string[]): Promise<number> {
  const began = performance.now();
  await new Deno.Command(program, { args, stdout: "null", stderr: "null" }).output();
  return (performance.now() - began) / 1000;
}

async function startRatio(): Promise<number | undefined> {
  const folder = await Deno.makeTempDir();
  try {
    const empty = `${folder}/empty`;
    await Deno.writeTextFile(`${empty}.ts`, "");
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: ["compile", "--quiet", "--no-config", "--output", empty, `${empty}.ts`],
      stderr: "null",
    }).output();
    if (!success) return undefined;
    const ours: number[] = [];
    const theirs: number[] = [];
    // The first run reads the executable from the disk; nobody listens there.
    await seconds("dist/chat", ["--connect", "127.0.0.1:1"]);
    for (let i = 0; i < 3 * ROUNDS; i++) {
      ours.push(await seconds("dist/chat", ["--version"]));
      theirs.push(await seconds(empty, []));
    }
    return median(ours) / median(theirs);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.chdir(new URL("../", import.meta.url));
console.log(`${"".padEnd(64)} ${"ratio".padStart(8)}   bar`);

const frames: number[] = [];
const pythonFrames: number[] = [];
for (let i = 0; i < ROUNDS; i++) {
  frames.push(await framesPerSecond());
  pythonFrames.push(await pythonFramesPerSecond());
}
row(
  "FrameReader over asyncio's readexactly, frames of 100 bytes",
  "at least 10",
  median(frames) / median(pythonFrames),
);

const bare: number[] = [];
const framed: number[] = [];
for (let i = 0; i < ROUNDS; i++) {
  bare.push(await overLoopback(bareLoop));
  framed.push(await overLoopback(readFrames));
}
row(
  "FrameReader over bare conn.read, frames of 64 KiB on loopback",
  "at least 0.8",
  median(bare) / median(framed),
);

const start = await startRatio();
if (start === undefined) {
  console.log("left out: the start of the executable; deno compile does not work here");
} else row("chat --version over an empty executable", "at most 1.5", start);
Deno.exit(0);
