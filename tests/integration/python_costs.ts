/** What random pickles that verify accepts cost a Python: makes them, asks, and holds the cost against the bound. */
// @ts-types="../text_line_stream.d.ts"
import { TextLineStream } from "@std/streams/text-line-stream";
import { assert } from "../assert.ts";
import { PickleError } from "../../lib/pickle/values/errors.ts";
import { verify } from "../../lib/pickle/verify/verify.ts";
import { CostlyProgramMaker } from "../pickle/costly_programs.ts";
import { randomOf } from "../random.ts";

/** What a pickle costs: the processor's milliseconds, and bytes of memory. */
export interface Cost {
  readonly load: number;
  readonly show: number;
  readonly compare: number;
  readonly memory: number;
  readonly error?: string;
}

/** The costs that are bounded. */
export const BOUNDED = ["load", "show", "compare", "memory"] as const;

/** The most that loading, showing or comparing may take, in milliseconds, or all of it in bytes of memory. */
function bound(what: typeof BOUNDED[number], size: number): number {
  return what === "memory" ? 10e6 + 300 * size : 50 + size / 10_000;
}

/** Asks a Python what pickles cost. */
export class CostChild implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #in: WritableStreamDefaultWriter<Uint8Array>;
  readonly #out: ReadableStreamDefaultReader<string>;
  readonly #hasNumpy: boolean;

  private constructor(python: string, hasNumpy: boolean) {
    this.#child = new Deno.Command(python, {
      args: ["-B", new URL("./peers/cost_pickles.py", import.meta.url).pathname],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#in = this.#child.stdin.getWriter();
    this.#out = this.#child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream())
      .getReader();
    this.#hasNumpy = hasNumpy;
  }

  static async start(python: string): Promise<CostChild> {
    const { success } = await new Deno.Command(python, { args: ["-c", "import numpy"], stderr: "null" })
      .output();
    return new CostChild(python, success);
  }

  async #ask(bytes: Uint8Array): Promise<Cost> {
    await this.#in.write(new TextEncoder().encode(bytes.toBase64() + "\n"));
    const { value, done } = await this.#out.read();
    assert(!done, "Python has ended");
    return JSON.parse(value);
  }

  /** Asks what pickles cost that are accepted. */
  async tryPickles(pickles: readonly Uint8Array[]): Promise<Tried> {
    const tried: Tried = { accepted: pickles.length, refused: 0, worst: {}, faults: [] };
    for (const [number, bytes] of pickles.entries()) judge(tried, number, bytes, await this.#ask(bytes));
    return tried;
  }

  /** Makes so many random pickles and asks what those cost that are accepted. */
  async tryPrograms(seed: number, count: number): Promise<Tried> {
    const random = randomOf(seed);
    const maker = new CostlyProgramMaker(random, this.#hasNumpy, isAccepted);
    const tried: Tried = { accepted: 0, refused: 0, worst: {}, faults: [] };
    let asked = Promise.resolve();
    for (let number = 0; number < count; number++) {
      // The next is made while Python is busy with this one.
      const bytes = maker.make(2 ** (6 + random(11)));
      await asked;
      if (!isAccepted(bytes)) continue;
      tried.accepted++;
      asked = this.#ask(bytes).then((cost) => judge(tried, number, bytes, cost));
    }
    await asked;
    tried.refused = maker.refused;
    return tried;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#in.close();
    await this.#child.status;
    await this.#out.cancel();
  }
}

/** What became of the random pickles of a seed. */
export interface Tried {
  accepted: number;
  /** The steps of the makers that the check refused. */
  refused: number;
  /** The highest of each cost, as a part of its bound. */
  worst: { [what in typeof BOUNDED[number]]?: number };
  /** Those that fail in Python or cost it more than the bound; the pickle in base64. */
  readonly faults: { number: number; size: number; cost: Cost; pickle: string }[];
}

function judge(tried: Tried, number: number, bytes: Uint8Array, cost: Cost): void {
  let isOver = cost.error !== undefined;
  if (!isOver) {
    for (const what of BOUNDED) {
      const part = cost[what] / bound(what, bytes.length);
      tried.worst[what] = Math.max(tried.worst[what] ?? 0, part);
      if (part > 1) isOver = true;
    }
  }
  if (isOver) tried.faults.push({ number, size: bytes.length, cost, pickle: bytes.toBase64() });
}

/** Whether verify accepts a pickle; a refusal other than for its cost or its stack fails. */
export function isAccepted(bytes: Uint8Array): boolean {
  try {
    verify(bytes);
    return true;
  } catch (error) {
    if (!(error instanceof PickleError)) throw error;
    assert(["limit", "bad-stack", "unhashable", "bad-argument"].includes(error.code), error.message);
    return false;
  }
}
