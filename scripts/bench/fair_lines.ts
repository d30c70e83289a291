/** How long a line of 200 bytes takes to reach readers that read at once, while others post bulk in the same room. */

import { encodeFrame, FrameReader } from "../../lib/frame/mod.ts";
import { decode } from "../../lib/pickle/decode/decode.ts";
import { encode } from "../../lib/pickle/encode/encode.ts";
import type { Value } from "../../lib/pickle/values/values.ts";

const READERS = 4;

/** The time between two lines, in milliseconds. */
const EVERY_MS = 50;

/** The length of a line, in characters. */
const LENGTH = 200;

/** Longer frames are not for decoding: they are bulk. */
const SHORT = 1000;

/** What was measured: the times from the writing of a line until a reader has it, in milliseconds, and the bulk beside them. */
export interface Lines {
  readonly times: number[];
  readonly bulkBytes: number;
  readonly lost: number;
}

/** Encodes a message as a frame. */
export const frameOf = (message: Record<string, Value>) =>
  encodeFrame(encode(new Map(Object.entries(message))));

async function enter(port: number, nick: string): Promise<Deno.TcpConn> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await conn.write(frameOf({ type: "hello", nick, replay: 0 }));
  return conn;
}

/** Posts lines in the lobby for so many seconds, and reads them. */
export async function measureLines(port: number, seconds: number): Promise<Lines> {
  const sentAt: number[] = [];
  const times: number[] = [];
  let bulkBytes = 0;
  const readers = await Promise.all(Array.from({ length: READERS }, (_, n) => enter(port, `fast-${n}`)));
  const reading = readers.map(async (conn, index) => {
    for await (const payload of new FrameReader(conn, { maxPayload: 1 << 26 })) {
      if (payload.length > SHORT) {
        if (index === 0) bulkBytes += payload.length;
        continue;
      }
      const message = decode(payload);
      const body = message instanceof Map ? message.get("body") : undefined;
      const line = typeof body === "string" ? /^line (\d+) /.exec(body) : null;
      if (line !== null) times.push(performance.now() - sentAt[Number(line[1])]!);
    }
  });
  const writer = await enter(port, "writer");
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    const line = frameOf({ type: "message", body: `line ${sentAt.length} `.padEnd(LENGTH, "x") });
    sentAt.push(performance.now());
    await writer.write(line);
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
  // The last of them are on their way.
  for (let waits = 0; waits < 100 && times.length < READERS * sentAt.length; waits++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  for (const conn of [...readers, writer]) conn.close();
  await Promise.allSettled(reading);
  return { times, bulkBytes, lost: READERS * sentAt.length - times.length };
}
