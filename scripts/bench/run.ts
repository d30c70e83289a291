/** Runs the load in a process of its own. */

import type { Job } from "./load.ts";

const LOAD = new URL("load.ts", import.meta.url).pathname;
// All permissions: Deno asks for no less where /proc is read.
const ARGS = ["run", "--no-check", "--allow-all", LOAD];

/** Runs a job and gives its result. */
export async function runLoad<Result>(job: Job): Promise<Result> {
  const command = new Deno.Command(Deno.execPath(), {
    args: [...ARGS, JSON.stringify(job)],
    stdin: "null",
    stderr: "inherit",
  });
  const { stdout, success } = await command.output();
  if (!success) throw new Error(`the load ${job.kind} failed`);
  return lastLine(new TextDecoder().decode(stdout));
}

/** A load that goes on at a word: it prints a line when it is ready, and one after each step. */
export interface SteppedLoad<Result> {
  /** Waits for the next line. */
  ready(): Promise<void>;
  step(): Promise<void>;
  end(): Promise<Result>;
}

/** Starts a load in steps. */
export function startLoad<Result>(job: Job): SteppedLoad<Result> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...ARGS, JSON.stringify(job)],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const input = child.stdin.getWriter();
  const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  return {
    async ready() {
      while (!text.includes("\n")) {
        const { value, done } = await output.read();
        if (done) throw new Error(`the load ${job.kind} failed`);
        text += value;
      }
      text = text.slice(text.indexOf("\n") + 1);
    },
    step: () => input.write(new Uint8Array([0x0a])),
    async end() {
      await input.close();
      for (let part = await output.read(); !part.done; part = await output.read()) text += part.value;
      await child.status;
      return lastLine(text);
    },
  };
}

function lastLine<Result>(text: string): Result {
  return JSON.parse(text.trim().split("\n").at(-1)!);
}
