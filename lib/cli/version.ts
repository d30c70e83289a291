/** The description of a build: `chat --version --json`. */

import { COMMIT } from "./commit.ts";
import { PROTOCOL } from "../protocol/message.ts";

/** The parts of the description of a build. */
export interface Build {
  readonly version: string;
  /** The versions of Deno and of V8. */
  readonly deno: string;
  readonly v8: string;
  /** The system and the processor, as Rust names them: x86_64-unknown-linux-gnu. */
  readonly target: string;
}

/**
 * Returns the description of a build as one JSON object, with the version of the protocol, and the commit that it was
 * built from, or null if it runs from source.
 *
 * @example
 * ```ts
 * import { formatBuild } from "./version.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const build = { version: "1.0.0", deno: "2.9.4", v8: "14.0", target: "aarch64-apple-darwin" };
 * assertEquals(JSON.parse(formatBuild(build)), { ...build, commit: null, protocol: 1 });
 * ```
 */
export function formatBuild({ version, deno, v8, target }: Build): string {
  return JSON.stringify({ version, deno, v8, commit: COMMIT || null, target, protocol: PROTOCOL });
}
