/** Environment variables, read so that an error never shows a value. */

import { EXIT, Exit } from "./errors.ts";

/**
 * Reads an environment variable.
 *
 * @param get Reads it from the system, as `Deno.env.get` does.
 * @returns Its value; undefined if it is not set, or this program may not read it.
 * @throws {Exit} If the value is not UTF-8. The message contains only the name, because the value may be a secret.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readVariable } from "./environment.ts";
 *
 * assertEquals(readVariable("TERM", () => "xterm"), "xterm");
 * ```
 */
export function readVariable(name: string, get: (name: string) => string | undefined): string | undefined {
  try {
    return get(name);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return undefined;
    // The runtime's message shows the value, so this error does not have it as its cause.
    throw new Exit(EXIT.failed, `Cannot read the environment variable ${name}: its value is not UTF-8`);
  }
}
