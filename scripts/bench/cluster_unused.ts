/** The cost of the code for several listeners to a chat of one: the executable against one of an earlier commit. */

import type { Figure } from "./cluster_rows.ts";
import { median } from "./table.ts";

const CHAT = new URL("../../dist/chat", import.meta.url).pathname;

const ROUNDS = 25;

/** Compares dist/chat with an executable of before: its size, and the time of `--version` and to the start of a chat. */
export async function unusedFigures(base: string): Promise<Figure[]> {
  const times = { version: [[], []] as [number[], number[]], serve: [[], []] as [number[], number[]] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const [n, program] of [base, CHAT].entries()) {
      times.version[n]!.push(await versionTime(program));
      times.serve[n]!.push(await serveTime(program));
    }
  }
  const ratio = ([before, after]: [number[], number[]]) => median(after) / median(before);
  const size = Deno.statSync(CHAT).size / Deno.statSync(base).size;
  return [
    { about: "--version where it is unused, over before", value: ratio(times.version), most: 1.05 },
    {
      about: "--serve until it listens where it is unused, over before",
      value: ratio(times.serve),
      most: 1.05,
    },
    { about: "the executable's size over before", value: size, most: 1.007 },
  ];
}

async function versionTime(program: string): Promise<number> {
  const began = performance.now();
  await new Deno.Command(program, { args: ["--version"], stdout: "null" }).output();
  return performance.now() - began;
}

async function serveTime(program: string): Promise<number> {
  const began = performance.now();
  const args = ["--serve", "--host", "127.0.0.1", "--port", "0", "--quiet", "--log-json"];
  const child = new Deno.Command(program, { args, stdin: "null", stdout: "null", stderr: "piped" }).spawn();
  const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = ""; !text.includes("listening");) text += (await reader.read()).value ?? "";
  const took = performance.now() - began;
  child.kill("SIGKILL");
  await child.status;
  await reader.cancel();
  return took;
}
