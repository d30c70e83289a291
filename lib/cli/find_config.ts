/** Finds and reads the configuration file for a command line. */

import { UsageError } from "../base/errors.ts";
import { type Config, configPath, type ConfigPlace, parseConfig } from "./config.ts";
import { show } from "./values.ts";

/** The environment and the file system that the configuration file is read from. */
export interface ConfigWorld extends ConfigPlace {
  /** Reads a text file; throws what `Deno.readTextFile` throws. */
  readonly readFile: (path: string) => Promise<string>;
}

/**
 * Finds and reads the file that `--config FILE` names, or the one in the default place, unless `--no-config` is given.
 *
 * @returns Null if there is none.
 * @throws {UsageError} If the named file cannot be read, or the contents are wrong.
 */
export async function findConfig(args: readonly string[], world: ConfigWorld): Promise<Config | null> {
  if (args.includes("--no-config")) return null;
  const at = args.findIndex((word) => word === "--config" || word.startsWith("--config="));
  const named = at === -1 ? undefined : args[at]!.slice("--config=".length) || args[at + 1];
  const path = named ?? configPath(world);
  if (path === undefined) return null;
  let text: string;
  try {
    text = await world.readFile(path);
  } catch (error) {
    if (named === undefined && isAbsent(error)) return null;
    const why = error instanceof Error ? error.message.replace(/ \(os error.*$/s, "") : String(error);
    throw new UsageError(`cannot read the configuration file ${show(path)}: ${why}`);
  }
  return await parseConfig(text, path);
}

/** Returns whether an error means that there is no file, or none that this program may access. */
function isAbsent(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory ||
    error instanceof Deno.errors.NotCapable;
}
