/**
 * Measures the page and its sockets, with a real browser and dist/chat.
 *
 *     deno task build && deno task bench:web [--pages=1000] [--rounds=3] [--seconds=20] [--rate=500]
 *
 * The memory that the listener keeps for a page that only waits; and, while a room is flooded, how long the page takes from a
 * key to the frame that shows it, how many rows it keeps and how much memory.
 */

import { parseArgs } from "node:util";
import type { Page } from "playwright-core";
import { encodeFrame } from "../lib/frame/mod.ts";
import { encode } from "../lib/pickle/encode/encode.ts";
import { HAS_CHROMIUM, RealBrowser } from "../tests/web/browser.ts";
import { bytesAtRest, pause } from "./bench/processes.ts";

const CHAT = new URL("../dist/chat", import.meta.url).pathname;

/** The time between two keys, in milliseconds. */
const KEYS_MS = 150;

/** A listener that serves the page. */
class Serving implements AsyncDisposable {
  private constructor(
    readonly child: Deno.ChildProcess,
    readonly page: string,
    readonly port: number,
  ) {}

  static async start(): Promise<Serving> {
    const child = new Deno.Command(CHAT, {
      args: [
        "--serve",
        "--quiet",
        "--no-limits",
        "--host",
        "127.0.0.1",
        "--port",
        "0",
        "--web",
        "127.0.0.1:0",
      ],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
    for (let told = "";;) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`the listener ended: ${told}`);
      told += value;
      const page = /page on (http:\S+)/.exec(told)?.[1];
      const port = /listening on 127\.0\.0\.1:(\d+)/.exec(told)?.[1];
      if (page === undefined || port === undefined) continue;
      (async () => {
        while (!(await reader.read()).done);
      })();
      return new Serving(child, page, Number(port));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGTERM");
    await this.child.status;
  }
}

/** Opens sockets as pages do, each in the room when this returns. */
async function openPages(serving: Serving, count: number): Promise<WebSocket[]> {
  const url = serving.page.replace("http:", "ws:") + "socket";
  return await Promise.all(
    Array.from({ length: count }, () => {
      const entered = Promise.withResolvers<WebSocket>();
      const socket = new WebSocket(url);
      socket.onopen = () => socket.send('{"type": "hello", "client": "web", "replay": 0}');
      socket.onmessage = ({ data }) => {
        if (JSON.parse(data).type === "joined") entered.resolve(socket);
      };
      socket.onclose = ({ reason }) => entered.reject(new Error(`a socket was closed: ${reason}`));
      return entered.promise;
    }),
  );
}

/** Measures what an idle page costs the listener. The first ones are not counted: they pay for what all share. */
async function idle(pages: number): Promise<number> {
  await using serving = await Serving.start();
  const sockets = await openPages(serving, 50);
  const before = await bytesAtRest(serving.child.pid);
  sockets.push(...await openPages(serving, pages));
  const bytes = (await bytesAtRest(serving.child.pid) - before) / pages;
  for (const socket of sockets) {
    socket.onclose = null;
    socket.close();
  }
  return bytes;
}

/** Measures a page in a room that is flooded. */
async function flood({ seconds, rate }: { seconds: number; rate: number }): Promise<string> {
  await using serving = await Serving.start();
  await using browser = await RealBrowser.start();
  const page = await browser.open(serving.page);
  // From the key to the moment after the frame that shows it.
  await page.evaluate(`
    globalThis.delays = [];
    document.getElementById("input").addEventListener("keydown", ({ timeStamp }) =>
      requestAnimationFrame(() => setTimeout(() => delays.push(performance.now() - timeStamp))));
  `);
  await page.focus("#input");
  const busy = await busySeconds(page);
  using conn = await Deno.connect({ hostname: "127.0.0.1", port: serving.port });
  (async () => {
    const buffer = new Uint8Array(65_536);
    while (await conn.read(buffer).catch(() => null) !== null);
  })();
  const writer = conn.writable.getWriter();
  const total = seconds * rate;
  const begun = performance.now();
  let sent = 0;
  const post = async () => {
    while (sent < total) {
      const due = Math.min(total, Math.floor((performance.now() - begun) / 1000 * rate));
      for (; sent < due; sent++) {
        await writer.write(encodeFrame(encode(`message ${sent + 1}: ${"the quick brown fox ".repeat(4)}`)));
      }
      await pause(10);
    }
  };
  const type = async () => {
    while (sent < total) {
      await page.keyboard.press("x");
      await pause(KEYS_MS);
    }
  };
  await Promise.all([post(), type()]);
  await page.locator("#list > li", { hasText: `message ${total}:` }).waitFor({ state: "attached" });
  const share = await busy() / seconds;
  const { delays, rows, heap } = await page.evaluate(`({
    delays: delays.sort((a, b) => a - b),
    rows: document.querySelectorAll("#list > li").length,
    heap: performance.memory.usedJSHeapSize,
  })`) as { delays: number[]; rows: number; heap: number };
  if (browser.faults.length > 0) throw new Error(browser.faults.join("\n"));
  const at = (part: number) => delays[Math.floor(part * (delays.length - 1))]!.toFixed(0);
  return `${rate} messages a second for ${seconds} s: a key is shown after ${at(0.5)} ms (median), ${
    at(0.99)
  } ms ` +
    `(p99), ${at(1)} ms (most) of ${delays.length} keys; its thread is busy for ${
      (100 * share).toFixed(0)
    } % of the time; ` +
    `${rows} rows, ${(heap / 1e6).toFixed(0)} MB of heap`;
}

/** Begins to count the CPU seconds of a page's main thread, which other programs do not change, and gives them when asked. */
async function busySeconds(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const read = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "TaskDuration")!.value;
  };
  const begun = await read();
  return async () => await read() - begun;
}

if (import.meta.main) {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      pages: { type: "string", default: "1000" },
      seconds: { type: "string", default: "20" },
      rate: { type: "string", default: "500" },
      rounds: { type: "string", default: "3" },
    },
  });
  const rounds: number[] = [];
  // V8 takes and gives back memory as it likes: a single round may be a third off.
  for (let round = 0; round < Number(values.rounds); round++) rounds.push(await idle(Number(values.pages)));
  const kilobytes = rounds.toSorted((a, b) => a - b).map((bytes) => (bytes / 1000).toFixed(1));
  const median = kilobytes[kilobytes.length >> 1];
  console.log(`${values.pages} idle pages: ${median} kB each in the listener (${kilobytes.join(", ")})`);
  if (HAS_CHROMIUM) console.log(await flood({ seconds: Number(values.seconds), rate: Number(values.rate) }));
  else console.log("the flood is left out: there is no Chromium");
}
