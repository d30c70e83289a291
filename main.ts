/**
 * The program `chat`: arguments, signals and the exit status. The listener and the connector do the work.
 */

import config from "./deno.json" with { type: "json" };
import type { Endpoint } from "./lib/base/address.ts";
import type { Command, ConnectCommand, ServeCommand } from "./lib/cli/mod.ts";
import { type Descriptor, STANDARD_ERROR, STANDARD_OUTPUT } from "./lib/base/descriptor.ts";
import { afterName, EXIT, Exit, messageOf, UsageError } from "./lib/base/errors.ts";
import { handleSignals } from "./lib/base/signals.ts";

/** The largest time zone file that is read, in bytes. Real ones have a few KiB. */
const LARGEST_ZONE_FILE = 1024 * 1024;

if (import.meta.main) Deno.exit(await main(Deno.args));

/** Runs `chat` with its arguments and returns the exit status. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const status = await run(await readCommand(args));
    const hasLost = STANDARD_OUTPUT.hasLost || STANDARD_ERROR.hasLost;
    return status === EXIT.done && hasLost ? EXIT.failed : status;
  } catch (error) {
    if (error instanceof UsageError) return await fail(EXIT.usage, error.message);
    if (error instanceof Exit) return await fail(error.status, error.message);
    return await fail(EXIT.failed, error instanceof Error ? error.message : String(error));
  }
}

// Modules are loaded where they are needed, here and below: each start is faster without the others.
async function readCommand(args: readonly string[]): Promise<Command> {
  if (args.length === 1) {
    if (args[0] === "--help" || args[0] === "-h") return { kind: "help", topic: "common" };
    if (args[0] === "--version" || args[0] === "-V") return { kind: "version", json: false };
  }
  const { parseCommandLine } = await import("./lib/cli/mod.ts");
  if (args.length === 0) return parseCommandLine(args);
  const { findConfig } = await import("./lib/cli/find_config.ts");
  const env = await environment();
  const { configPath } = await import("./lib/cli/config.ts");
  const world = { env, isWindows: Deno.build.os === "windows", readFile: Deno.readTextFile };
  const config = await findConfig(args, world);
  const configAt = args.includes("--no-config") ? undefined : configPath(world);
  const atScreen = Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
  return parseCommandLine(args, { config, configAt, env, atScreen });
}

/** Reads environment variables; those that this program may not read count as not set. */
async function environment(): Promise<(name: string) => string | undefined> {
  const { readVariable } = await import("./lib/base/environment.ts");
  return (name) => readVariable(name, (name) => Deno.env.get(name));
}

async function run(command: Command): Promise<number> {
  switch (command.kind) {
    case "usage": {
      const { formatShortHelp } = await import("./lib/cli/help.ts");
      await writeLine(STANDARD_ERROR, formatShortHelp());
      return EXIT.usage;
    }
    case "help": {
      const { formatHelp } = await import("./lib/cli/help.ts");
      return await print(formatHelp(command.topic));
    }
    case "version": {
      return await print(command.json ? await describeBuild() : `chat ${config.version}`);
    }
    case "show-config":
      return await print(command.text);
    case "completions": {
      const { formatCompletions } = await import("./lib/cli/completions.ts");
      return await print(formatCompletions(command.shell));
    }
    case "forget":
      return await runForget(command);
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

async function runForget({ host, port }: Endpoint): Promise<number> {
  const { forgetHost } = await import("./lib/private/known_hosts.ts");
  return await print(forgetHost({ host, port }, { os: Deno.build.os, env: await environment() }));
}

async function runServe(command: ServeCommand): Promise<number> {
  const { runListener } = await import("./lib/listener/serve.ts");
  const ending = new AbortController();
  // The first signal drains the queues and says goodbye; the second one does not wait for that.
  const suspension = new EventTarget();
  handleSignals({
    end: (status) => ending.signal.aborted ? Deno.exit(status) : ending.abort(),
    suspend: () => suspension.dispatchEvent(new Event("suspend")),
  });
  return await runListener(command, {
    ...await world(),
    ending,
    suspension,
    interfaces: addressesOfMachine,
    version: config.version,
  });
}

async function runConnect(command: ConnectCommand): Promise<number> {
  const { connect } = await import("./lib/connector.ts");
  const interrupted = new AbortController();
  // A program without a terminal, such as one started by `nohup`, ignores hangups.
  const atTerminal = Deno.stdin.isTerminal() || Deno.stdout.isTerminal();
  handleSignals({
    end: (status) => interrupted.abort(status),
    hangUp: atTerminal ? () => interrupted.abort(EXIT.hungUp) : undefined,
  });
  onFault((error) => interrupted.abort(error));
  return await connect(command, { ...await world(), interrupted: interrupted.signal });
}

/** The world around both ends: streams, environment, clock, time zone and randomness. */
async function world() {
  const { STARTING_CLOCK } = await import("./lib/base/starting_clock.ts");
  const { findZone, setLocalZone } = await import("./lib/base/local_time.ts");
  const env = await environment();
  setLocalZone(findZone({ tz: env("TZ"), readFile: readZoneFile }));
  return {
    stdin: Deno.stdin,
    stdout: STANDARD_OUTPUT,
    stderr: STANDARD_ERROR,
    env,
    openFile: (path: string) => Deno.open(path),
    clock: STARTING_CLOCK,
    random: (size: number) => crypto.getRandomValues(new Uint8Array(size)),
  };
}

/** Returns the addresses of the machine's interfaces. */
function addressesOfMachine(): string[] {
  try {
    return Deno.networkInterfaces().map(({ address }) => address);
  } catch {
    // The program runs from source without this permission.
    return [];
  }
}

/** Reads a time zone file; undefined if there is none. */
function readZoneFile(path: string): Uint8Array | undefined {
  try {
    const { isFile, size } = Deno.statSync(path);
    return isFile && size <= LARGEST_ZONE_FILE ? Deno.readFileSync(path) : undefined;
  } catch {
    return undefined;
  }
}

/** Calls `told` with an uncaught error, instead of the runtime ending the program. */
function onFault(told: (error: unknown) => void): void {
  const take = (event: Event, error: unknown) => {
    event.preventDefault();
    told(error);
  };
  addEventListener("error", (event) => take(event, event.error));
  addEventListener("unhandledrejection", (event) => take(event, event.reason));
}

/** Prints a text on standard output, and returns the exit status. It is no failure if the reader has closed its end. */
async function print(text: string): Promise<number> {
  const error = await writeLine(STANDARD_OUTPUT, text);
  if (error === null || error instanceof Deno.errors.BrokenPipe) return EXIT.done;
  return await fail(EXIT.failed, `cannot write the output: ${messageOf(error)}`);
}

async function fail(status: number, message: string): Promise<number> {
  await writeLine(STANDARD_ERROR, `chat: ${afterName(message.split("\n", 1)[0]!)}`);
  return status;
}

/** Writes a line. Returns the error if it cannot be written, else null. */
async function writeLine(output: Descriptor, text: string): Promise<unknown> {
  try {
    await output.write(new TextEncoder().encode(`${text}\n`));
    return null;
  } catch (error) {
    return error;
  }
}
