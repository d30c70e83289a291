/**
 * What verify accepts costs CPython at most 50 ms and 100 ms a megabyte to load, to show and to compare, and at most 10 MB and
 * 300 bytes a byte of memory. CHAT_COSTLY sets how many random pickles are tried, CHAT_PYTHON the Python.
 */
// @ts-types="../text_line_stream.d.ts"
import { TextLineStream } from "@std/streams/text-line-stream";
import { assert, assertEquals, assertGreater } from "../assert.ts";
import { PickleError } from "../../lib/pickle/values/errors.ts";
import { verify } from "../../lib/pickle/verify/verify.ts";
import { CostlyProgramMaker } from "../pickle/costly_programs.ts";
import { randomOf } from "../random.ts";
import { PYTHON as FOUND } from "./python.ts";

const COUNT = Number(Deno.env.get("CHAT_COSTLY") ?? 150);
const SEED = Number(Deno.env.get("CHAT_SEED") ?? 1);
const PYTHON = Deno.env.get("CHAT_PYTHON") ?? FOUND;
const options = { ignore: PYTHON === undefined };

interface Cost {
  readonly load: number;
  readonly show: number;
  readonly compare: number;
  /** Bytes. */
  readonly memory: number;
  readonly error?: string;
}

/** Asks a Python what pickles cost. */
class CostChild implements AsyncDisposable {
  readonly #child = new Deno.Command(PYTHON!, {
    args: ["-B", new URL("./peers/cost_pickles.py", import.meta.url).pathname],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  readonly #in = this.#child.stdin.getWriter();
  readonly #out = this.#child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream())
    .getReader();

  async ask(bytes: Uint8Array): Promise<Cost> {
    await this.#in.write(new TextEncoder().encode(bytes.toBase64() + "\n"));
    const { value, done } = await this.#out.read();
    assert(!done, "Python has ended");
    return JSON.parse(value);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#in.close();
    await this.#child.status;
    await this.#out.cancel();
  }
}

function isAccepted(bytes: Uint8Array): boolean {
  try {
    verify(bytes);
    return true;
  } catch (error) {
    if (!(error instanceof PickleError)) throw error;
    assert(["limit", "bad-stack", "unhashable", "bad-argument"].includes(error.code), error.message);
    return false;
  }
}

async function hasNumpy(): Promise<boolean> {
  const { success } = await new Deno.Command(PYTHON!, { args: ["-c", "import numpy"], stderr: "null" })
    .output();
  return success;
}

Deno.test(
  "what verify accepts is loaded, shown and compared in Python within the bound",
  options,
  async () => {
    await using python = new CostChild();
    const random = randomOf(SEED);
    const maker = new CostlyProgramMaker(random, await hasNumpy(), isAccepted);
    const faults: unknown[] = [];
    let accepted = 0;
    for (let i = 0; i < COUNT; i++) {
      const bytes = maker.make(2 ** (6 + random(11)));
      if (!isAccepted(bytes)) continue;
      accepted++;
      const cost = await python.ask(bytes);
      const most = 50 + bytes.length / 10_000;
      const isOver = Math.max(cost.load, cost.show, cost.compare) > most ||
        cost.memory > 10e6 + 300 * bytes.length;
      if (cost.error === undefined && !isOver) continue;
      faults.push({ cost, size: bytes.length, seed: SEED, number: i });
      const file = Deno.env.get("CHAT_KEEP");
      if (file !== undefined) await Deno.writeFile(`${file}/${i}.pkl`, bytes);
    }
    assertEquals(faults.slice(0, 5), []);
    assertGreater(accepted, 0.9 * COUNT);
    assertGreater(maker.refused, COUNT / 2);
  },
);
