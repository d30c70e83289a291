/**
 * Measures the cost to Python of random pickles that verify accepts, seed by seed. Continues where its log ends.
 *
 *     deno task costly --log=FILE [--programs=100000] [--seed=100000] [--python=python3]
 *
 * The log has one line of JSON for each seed of 100 programs: how many were accepted, the highest of each cost as a part of its
 * bound, and the faults with their pickles. It ends with status 1 where there is a fault.
 */

import { BOUNDED, CostChild, type Tried } from "../tests/integration/python_costs.ts";

/** The programs of one seed. */
const EACH = 100;

const given: Record<string, string> = { log: "", programs: "100000", seed: "100000", python: "python3" };
for (const argument of Deno.args) {
  const [, name = "", value = ""] = /^--(log|programs|seed|python)=(.+)$/.exec(argument) ?? [];
  if (name === "") usage();
  given[name] = value;
}
if (given.log === "") usage();

function usage(): never {
  console.error("Usage: deno task costly --log=FILE [--programs=N] [--seed=N] [--python=PATH]");
  Deno.exit(2);
}

interface Line extends Tried {
  readonly seed: number;
}

const lines: Line[] = (await Deno.readTextFile(given.log!).catch(() => "")).split("\n")
  // A line that was cut is tried again.
  .filter((line) => line.endsWith("]}")).map((line) => JSON.parse(line));
const tried = new Set(lines.map(({ seed }) => seed));

{
  await using python = await CostChild.start(given.python!);
  using log = await Deno.open(given.log!, { append: true, create: true });
  const end = Number(given.seed) + Math.ceil(Number(given.programs) / EACH);
  for (let seed = Number(given.seed); seed < end; seed++) {
    if (tried.has(seed)) continue;
    const line: Line = { seed, ...await python.tryPrograms(seed, EACH) };
    lines.push(line);
    await log.write(new TextEncoder().encode(`\n${JSON.stringify(line)}`));
  }
}

const sum = (figure: (line: Line) => number) => lines.reduce((sum, line) => sum + figure(line), 0);
console.log(`programs ${EACH * lines.length}, accepted ${sum((line) => line.accepted)}`);
for (const what of BOUNDED) {
  const worst = Math.max(0, ...lines.map((line) => line.worst[what] ?? 0));
  console.log(`${what}: at most ${(100 * worst).toFixed(0)} % of the bound`);
}
const faults = sum((line) => line.faults.length);
console.log(`faults ${faults}`);
Deno.exit(faults === 0 ? 0 : 1);
