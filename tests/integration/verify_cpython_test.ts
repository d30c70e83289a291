/**
 * The proof of verify: whatever it accepts is loaded by CPython, by the unpickler in C and the one in Python, alone and
 * spliced, with a memory limit and nothing else to protect it. CHAT_MUTATIONS sets how many mutations are tried.
 */
import { assertEquals, assertGreater } from "../assert.ts";
import { PickleError } from "../../lib/pickle/values/errors.ts";
import { verify } from "../../lib/pickle/verify/verify.ts";
import type { Verified } from "../../lib/pickle/verify/verified.ts";
import { mutate, withoutFrames } from "../pickle/mutations.ts";
import { ProgramMaker } from "../pickle/programs.ts";
import { haveVectors, vectors } from "../pickle/vectors.ts";
import { randomOf } from "../random.ts";
import { havePython, loadAll, madePickles, type Task, tasksOf } from "./load_child.ts";

const MUTATIONS = Number(Deno.env.get("CHAT_MUTATIONS") ?? 40_000);
const SEED = Number(Deno.env.get("CHAT_SEED") ?? 1);
const MEMORY_MIB = 2048;

function accepted(bytes: Uint8Array): Verified | undefined {
  try {
    return verify(bytes);
  } catch (error) {
    if (error instanceof PickleError) return undefined;
    throw error;
  }
}

async function prove(pickles: Iterable<Uint8Array>): Promise<number> {
  let count = 0;
  function* tasks(): Generator<Task> {
    for (const bytes of pickles) {
      const verified = accepted(bytes);
      if (verified === undefined) continue;
      count++;
      yield* tasksOf(bytes, verified);
    }
  }
  const { loaded, faults } = await loadAll(tasks(), MEMORY_MIB);
  assertEquals(faults.slice(0, 5), []);
  assertGreater(loaded, count);
  if (Deno.env.has("CHAT_SEED")) console.log(`${count} accepted, ${loaded} loaded`);
  return count;
}

const options = { ignore: !havePython };

Deno.test(
  "verify accepts what CPython writes, and CPython loads it, alone and spliced",
  options,
  async () => {
    const pickles = await madePickles(SEED, 100);
    assertEquals(await prove(pickles), pickles.length);
  },
);

Deno.test("CPython loads each mutated pickle that verify accepts", options, async () => {
  const pickles = await madePickles(SEED, 100);
  const random = randomOf(SEED);
  function* mutations(): Generator<Uint8Array> {
    for (let i = 0; i < MUTATIONS; i++) {
      const pickle = pickles[random(pickles.length)]!;
      yield mutate(random(4) > 0 ? withoutFrames(pickle) : pickle, pickles, random);
    }
  }
  assertGreater(await prove(mutations()), MUTATIONS / 20);
});

Deno.test("CPython loads each random program of opcodes that verify accepts", options, async () => {
  const random = randomOf(SEED + 1);
  const maker = new ProgramMaker(random);
  function* programs(): Generator<Uint8Array> {
    for (let i = 0; i < MUTATIONS / 2; i++) yield maker.make(1 + random(30));
  }
  assertGreater(await prove(programs()), MUTATIONS / 20);
});

Deno.test("CPython loads each mutation of the vectors that verify accepts", {
  ignore: !havePython || !haveVectors,
}, async () => {
  const pickles = (await vectors()).map(({ bytes }) => bytes);
  const random = randomOf(SEED + 2);
  function* mutations(): Generator<Uint8Array> {
    for (let i = 0; i < MUTATIONS; i++) yield mutate(pickles[random(pickles.length)]!, pickles, random);
  }
  assertGreater(await prove(mutations()), MUTATIONS / 20);
});
