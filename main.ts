/**
 * `chat`: one executable, both ends of a conversation. This file reads the arguments, hands the work to the listener or
 * the connector, and turns how it ended into an exit status.
 */

import config from "./deno.json" with { type: "json" };
import { type Command, formatHelp, formatShortHelp, parseCommandLine } from "./lib/cli.ts";
import { EXIT, Exit, UsageError } from "./lib/errors.ts";

if (import.meta.main) Deno.exit(await main(Deno.args));

/** Runs `chat` with the arguments, and gives the exit status. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    return await run(parseCommandLine(args));
  } catch (error) {
    if (error instanceof UsageError) return fail(EXIT.usage, error.message);
    if (error instanceof Exit) return fail(error.status, error.message);
    return fail(EXIT.failed, error instanceof Error ? error.message : String(error));
  }
}

async function run(command: Command): Promise<number> {
  switch (command.kind) {
    case "usage":
      console.error(formatShortHelp());
      return EXIT.usage;
    case "help":
      return print(formatHelp());
    case "version":
      return print(`chat ${config.version}`);
    // What is not needed is not loaded: `--version` and the other end start faster.
    case "serve": {
      const { serveCommand } = await import("./lib/serve.ts");
      return await serveCommand(command, { version: config.version, signal: interrupted("drain") });
    }
    case "connect": {
      const { connect } = await import("./lib/connector.ts");
      return await connect(command, { version: config.version, signal: interrupted("now") });
    }
  }
}

function print(text: string): number {
  try {
    console.log(text);
  } catch {
    // Whoever read it has seen enough.
  }
  return EXIT.done;
}

function fail(status: number, message: string): number {
  console.error(`chat: ${message.split("\n", 1)[0]}`);
  return status;
}
