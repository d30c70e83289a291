/**
 * What verify accepts costs CPython at most 50 ms and 100 ms a megabyte to load, to show and to compare, and at most 10 MB and
 * 300 bytes a byte of memory. CHAT_COSTLY sets how many random pickles are tried, CHAT_PYTHON the Python; `deno task costly`
 * tries as many as there is time for.
 */
import { assertEquals, assertGreater } from "../assert.ts";
import { PYTHON as FOUND } from "./python.ts";
import { CostChild } from "./python_costs.ts";

const COUNT = Number(Deno.env.get("CHAT_COSTLY") ?? 150);
const SEED = Number(Deno.env.get("CHAT_SEED") ?? 1);
const PYTHON = Deno.env.get("CHAT_PYTHON") ?? FOUND;
const options = { ignore: PYTHON === undefined };

Deno.test(
  "what verify accepts is loaded, shown and compared in Python within the bound",
  options,
  async () => {
    await using python = await CostChild.start(PYTHON!);
    const { accepted, refused, faults } = await python.tryPrograms(SEED, COUNT);
    assertEquals(faults.slice(0, 5), []);
    assertGreater(accepted, 0.9 * COUNT);
    assertGreater(refused, COUNT / 2);
  },
);
