/** Times decode against CPython's pickle.loads, each row of the table in turn on the same bytes in the same run. */
// @ts-types="../lib/types/text_line_stream.d.ts"
import { TextLineStream } from "@std/streams/text-line-stream";
import { decode } from "../lib/pickle/decode.ts";

/** One row: medians in nanoseconds. */
export interface DecodeTiming {
  readonly name: string;
  readonly size: number;
  readonly python: number;
  readonly ours: number;
  /** With `views`. */
  readonly views: number;
}

/** The most that each may take, as a multiple of CPython's time. */
export const DECODE_BARS: ReadonlyMap<string, number> = new Map([
  ["dict 100k str→int", 1.3],
  ["list 1M ints", 1.2],
  ["list 100k short str", 1.1],
  ["bytes 10 MB", 2.7],
  ["20k records", 1.1],
  ["200k floats", 0.9],
  ["50k non-ASCII str", 1.5],
  ["150-byte chat message", 1.2],
]);

function median(values: number[]): number {
  values.sort((a, b) => a - b);
  return values[values.length >> 1] ?? 0;
}

/** Gives the median time of a call in nanoseconds; short ones are timed many at a time. */
export function timeOf(call: () => void, size: number): number {
  const isShort = size < 10_000;
  const count = isShort ? 5_000 : 1;
  const times: number[] = [];
  for (let round = 0; round < (isShort ? 25 : 15); round++) {
    const start = performance.now();
    for (let i = 0; i < count; i++) call();
    times.push((performance.now() - start) * 1e6 / count);
  }
  return median(times);
}

/** A Python that times pickle.loads when it is asked. */
class Timer implements AsyncDisposable {
  #child: Deno.ChildProcess;
  #lines: ReadableStreamDefaultReader<string>;
  #input: WritableStreamDefaultWriter<Uint8Array>;

  constructor(folder: string) {
    const script = new URL("bench_pickle_decode.py", import.meta.url).pathname;
    this.#child = new Deno.Command("python3", { args: [script, folder], stdin: "piped", stdout: "piped" })
      .spawn();
    this.#lines = this.#child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream())
      .getReader();
    this.#input = this.#child.stdin.getWriter();
  }

  async line(): Promise<string> {
    return (await this.#lines.read()).value ?? "";
  }

  async time(name: string): Promise<number> {
    await this.#input.write(new TextEncoder().encode(`${name}\n`));
    return Number(await this.line());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input.close();
    await this.#lines.cancel();
    await this.#child.status;
  }
}

/** Times all rows. Python is asked before and after, since other work on the machine comes and goes. */
export async function timeDecode(only?: string): Promise<DecodeTiming[]> {
  const folder = await Deno.makeTempDir();
  try {
    await using timer = new Timer(folder);
    await timer.line();
    const rows: DecodeTiming[] = [];
    for (const name of DECODE_BARS.keys()) {
      if (only !== undefined && !name.includes(only)) continue;
      const bytes = await Deno.readFile(`${folder}/${name}.pickle`);
      const before = await timer.time(name);
      const ours = timeOf(() => decode(bytes), bytes.length);
      const views = timeOf(() => decode(bytes, { views: true }), bytes.length);
      const after = await timer.time(name);
      rows.push({ name, size: bytes.length, python: (before + after) / 2, ours, views });
    }
    return rows;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) {
  for (const { name, size, python, ours, views } of await timeDecode(Deno.args[0])) {
    const bar = DECODE_BARS.get(name) ?? 0;
    const ratio = (ours / python).toFixed(2);
    console.log(
      `${name.padEnd(22)} ${String(size).padStart(9)} B  python ${
        (python / 1e3).toFixed(1).padStart(9)
      } µs  ` +
        `ours ${(ours / 1e3).toFixed(1).padStart(9)} µs  ratio ${ratio} (at most ${bar})  views ${
          (views / python).toFixed(3)
        }`,
    );
  }
}
