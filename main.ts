/**
 * `chat`: one executable, both ends of a conversation. This file reads the arguments, hands the work to the listener or
 * the connector, and turns signals and how it ended into an exit status.
 */

import config from "./deno.json" with { type: "json" };
import type { Command, ConnectCommand, ServeCommand } from "./lib/cli/mod.ts";
import { EXIT, Exit, UsageError } from "./lib/base/errors.ts";

if (import.meta.main) Deno.exit(await main(Deno.args));

/** Runs `chat` with the arguments, and gives the exit status. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    return await run(await readCommand(args));
  } catch (error) {
    if (error instanceof UsageError) return fail(EXIT.usage, error.message);
    if (error instanceof Exit) return fail(error.status, error.message);
    return fail(EXIT.failed, error instanceof Error ? error.message : String(error));
  }
}

// What is not asked for is not loaded, here and below: everything starts faster without it.
async function readCommand(args: readonly string[]): Promise<Command> {
  if (args.length === 1) {
    if (args[0] === "--help" || args[0] === "-h") return { kind: "help", topic: "common" };
    if (args[0] === "--version" || args[0] === "-V") return { kind: "version", json: false };
  }
  const { parseCommandLine } = await import("./lib/cli/mod.ts");
  return parseCommandLine(args);
}

async function run(command: Command): Promise<number> {
  switch (command.kind) {
    case "usage": {
      const { formatShortHelp } = await import("./lib/cli/help.ts");
      writeLine(Deno.stderr, formatShortHelp());
      return EXIT.usage;
    }
    case "help": {
      const { formatHelp } = await import("./lib/cli/help.ts");
      writeLine(Deno.stdout, formatHelp(command.topic));
      return EXIT.done;
    }
    case "version": {
      writeLine(Deno.stdout, command.json ? await describeBuild() : `chat ${config.version}`);
      return EXIT.done;
    }
    case "completions": {
      const { formatCompletions } = await import("./lib/cli/completions.ts");
      writeLine(Deno.stdout, formatCompletions(command.shell));
      return EXIT.done;
    }
    case "serve":
      return await runServe(command);
    case "connect":
      return await runConnect(command);
  }
}

async function describeBuild(): Promise<string> {
  const { formatBuild } = await import("./lib/cli/version.ts");
  const { deno, v8 } = Deno.version;
  return formatBuild({ version: config.version, deno, v8, target: Deno.build.target });
}

async function runServe(command: ServeCommand): Promise<number> {
  const { runListener } = await import("./lib/listener/serve.ts");
  const ending = new AbortController();
  // The first signal has it drain and say goodbye; who sends another one does not want to wait for that.
  onSignals((status) => ending.signal.aborted ? Deno.exit(status) : ending.abort());
  ignoreHangup();
  return await runListener(command, { ...await world(), ending, version: config.version });
}

async function runConnect(command: ConnectCommand): Promise<number> {
  const { connect } = await import("./lib/connector.ts");
  const interrupted = new AbortController();
  onSignals((status) => interrupted.abort(status));
  // Elsewhere it is left alone: `nohup` has it ignored.
  if (Deno.stdin.isTerminal() && Deno.stdout.isTerminal()) {
    listenTo("SIGHUP", () => interrupted.abort(EXIT.hungUp));
  }
  onFault((error) => interrupted.abort(error));
  return await connect(command, { ...await world(), interrupted: interrupted.signal });
}

/** What both ends see of the world. */
async function world() {
  const { SYSTEM_CLOCK } = await import("./lib/base/clock.ts");
  return {
    stdin: Deno.stdin,
    stdout: Deno.stdout,
    stderr: Deno.stderr,
    env: (name: string) => Deno.env.get(name),
    clock: SYSTEM_CLOCK,
    random: (size: number) => crypto.getRandomValues(new Uint8Array(size)),
  };
}

/** Tells of each SIGINT and SIGTERM, with the exit status that stands for it. */
function onSignals(told: (status: number) => void): void {
  for (const [signal, status] of [["SIGINT", EXIT.interrupted], ["SIGTERM", EXIT.terminated]] as const) {
    listenTo(signal, () => told(status));
  }
}

/** Tells of an error that nobody caught, in place of what the runtime would do. */
function onFault(told: (error: unknown) => void): void {
  const take = (event: Event, error: unknown) => {
    event.preventDefault();
    told(error);
  };
  addEventListener("error", (event) => take(event, event.error));
  addEventListener("unhandledrejection", (event) => take(event, event.reason));
}

/** A listener outlives the terminal that it was started from. */
function ignoreHangup(): void {
  listenTo("SIGHUP", () => {});
}

function listenTo(signal: Deno.Signal, then: () => void): void {
  try {
    Deno.addSignalListener(signal, then);
  } catch {
    // Windows has no such signal, and nobody there sends it.
  }
}

/** Writes a line at once, so that it is there before the exit. */
function writeLine(output: { writeSync(bytes: Uint8Array): number }, text: string): void {
  const bytes = new TextEncoder().encode(`${text}\n`);
  try {
    for (let at = 0; at < bytes.length;) at += output.writeSync(bytes.subarray(at));
  } catch {
    // Nobody reads it any more.
  }
}

function fail(status: number, message: string): number {
  writeLine(Deno.stderr, `chat: ${message.split("\n", 1)[0]}`);
  return status;
}
