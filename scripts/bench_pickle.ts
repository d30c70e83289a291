/**
 * Prints the time that the codec takes over that of CPython's C, side by side in one run: medians of rounds that take
 * turns. `deno task bench:pickle [ROUNDS] [COLUMN…]`; PYTHON names the Python, which should be a CPython 3.11.
 */
// @ts-types="../tests/text_line_stream.d.ts"
import { TextLineStream } from "@std/streams/text-line-stream";
import { decode } from "../lib/pickle/decode/decode.ts";
import { type Encodable, encode } from "../lib/pickle/encode/encode.ts";
import { verify } from "../lib/pickle/verify/verify.ts";

interface Column {
  readonly name: string;
  readonly title: string;
  /** The most that decode, encode and verify may take, over CPython's loads and dumps and our decode. */
  readonly bars: readonly [decode: number, encode: number, verify: number];
  /** How often it is done in one round. */
  readonly times: number;
}

const COLUMNS: readonly Column[] = [
  { name: "dict", title: "dict 100k str→int", bars: [1.3, 0.5, 0.6], times: 1 },
  { name: "ints", title: "list 1M ints", bars: [1.2, 1.0, 0.6], times: 1 },
  { name: "strs", title: "list 100k short str", bars: [1.1, 0.9, 0.6], times: 1 },
  { name: "bytes", title: "bytes 10 MB", bars: [2.7, 1.1, 0.05], times: 10 },
  { name: "records", title: "20k records", bars: [1.1, 1.3, 0.6], times: 1 },
  { name: "floats", title: "200k floats", bars: [0.9, 1.0, 0.6], times: 1 },
  { name: "text", title: "50k non-ASCII str", bars: [1.5, 1.4, 0.9], times: 1 },
  { name: "chat", title: "chat message", bars: [1.2, 2.2, 0.6], times: 5000 },
];

/** The bar of decoding the bytes as a view. */
const VIEW_BAR = 0.05;

const rounds = Number(Deno.args[0] ?? 15);
const wanted = Deno.args.slice(1);

const script = new URL("bench_pickle.py", import.meta.url).pathname;
await using python = new Deno.Command(Deno.env.get("PYTHON") ?? "python3", {
  args: ["-B", script],
  stdin: "piped",
  stdout: "piped",
}).spawn();
const questions = python.stdin.getWriter();
const answers = python.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream())
  .getReader();

async function answer(): Promise<string> {
  const { value, done } = await answers.read();
  if (done) throw new Error("Cannot measure: Python has ended");
  return String(value);
}

async function ask(question: string): Promise<string> {
  await questions.write(new TextEncoder().encode(question + "\n"));
  return await answer();
}

/**
 * Counts results, so that the engine cannot optimize the calls away. They are not kept: Python frees them at once, too.
 */
let made = 0;

function timed(times: number, call: () => unknown): number {
  const begin = performance.now();
  for (let i = 0; i < times; i++) if (call() !== undefined) made++;
  return (performance.now() - begin) * 1e6 / times;
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? NaN;
}

/** The first rounds warm both sides up. */
const WARM_UP = 3;

/** The medians of measures that take turns. */
async function medians(measures: readonly (() => number | Promise<number>)[]): Promise<number[]> {
  const figures = measures.map((): number[] => []);
  for (let round = -WARM_UP; round < rounds; round++) {
    for (const [at, measure] of measures.entries()) {
      const figure = await measure();
      if (round >= 0) figures[at]?.push(figure);
    }
  }
  return figures.map(median);
}

function row(cells: readonly string[]): void {
  const [first = "", ...rest] = cells;
  console.log([first.padEnd(20), ...rest.map((cell) => cell.padStart(11))].join(" "));
}

function cell(value: number, base: number, bar: number): string {
  const ratio = value / base;
  return `${ratio.toFixed(ratio < 0.1 ? 3 : 2)}${ratio > bar ? "!" : " "}≤${bar}`;
}

console.log(`CPython ${await answer()}, V8 ${Deno.version.v8}; ${rounds} rounds; ! is above the bar`);
row(["", "decode", "view", "encode", "verify", "loads ms", "dumps ms"]);
for (const { name, title, bars, times } of COLUMNS) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const bytes = Uint8Array.fromBase64(await ask(`${name} pickle`));
  const held = decode(bytes) as Encodable;
  // A large dict is a Dict; what is measured is what others have, a Map.
  const value = held instanceof Map ? new Map(held) : held;
  const own = encode(value);
  // Each in rounds of its own, so that none pays for what another left to be collected.
  const [loads, decoded, viewed] = await medians([
    async () => Number(await ask(`${name} loads`)),
    () => timed(times, () => decode(bytes)),
    () => name === "bytes" ? timed(times, () => decode(bytes, { views: true })) : NaN,
  ]) as [number, number, number];
  const [dumps, encoded] = await medians([
    async () => Number(await ask(`${name} dumps`)),
    () => timed(times, () => encode(value)),
  ]) as [number, number];
  const [again, verified] = await medians([
    () => timed(times, () => decode(own)),
    () => timed(times, () => verify(own)),
  ]) as [number, number];
  row([
    title,
    cell(decoded, loads, bars[0]),
    name === "bytes" ? cell(viewed, loads, VIEW_BAR) : "",
    cell(encoded, dumps, bars[1]),
    cell(verified, again, bars[2]),
    (loads / 1e6).toFixed(4),
    (dumps / 1e6).toFixed(4),
  ]);
}
await questions.close();
answers.releaseLock();
if (made === 0) console.log("nothing was measured");
