/** The targets that the executable is built for: one table, which the build, the workflow and the installers follow. */

/** A system and a processor that `deno compile` has a base for. */
export interface Target {
  /** Its name, as Rust and Deno write it. */
  readonly name: string;
  /** The archive that it is packed in. */
  readonly archive: "tar.gz" | "zip";
  /** The end of the executable's name. */
  readonly suffix: "" | ".exe";
  /** The architecture of the Debian package; none elsewhere. */
  readonly debian?: string;
}

/** Every target. */
export const TARGETS: readonly Target[] = [
  { name: "x86_64-unknown-linux-gnu", archive: "tar.gz", suffix: "", debian: "amd64" },
  { name: "aarch64-unknown-linux-gnu", archive: "tar.gz", suffix: "", debian: "arm64" },
  { name: "x86_64-apple-darwin", archive: "tar.gz", suffix: "" },
  { name: "aarch64-apple-darwin", archive: "tar.gz", suffix: "" },
  { name: "x86_64-pc-windows-msvc", archive: "zip", suffix: ".exe" },
  { name: "aarch64-pc-windows-msvc", archive: "zip", suffix: ".exe" },
];

/**
 * Gives the environment variable that names a base executable for a target.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { baseVariable } from "./targets.ts";
 *
 * assertEquals(baseVariable("aarch64-apple-darwin"), "DENORT_BIN_AARCH64_APPLE_DARWIN");
 * ```
 */
export function baseVariable(target: string): string {
  return `DENORT_BIN_${target.toUpperCase().replaceAll("-", "_")}`;
}
