/**
 * Checks that a tag, the version and the changelog agree, and prints the changelog's part about it:
 * `deno run --allow-read scripts/release/changelog.ts v1.2.3`.
 */

import { repository, ROOT, VERSION } from "./project.ts";

/**
 * Gives the part of a changelog about a version.
 *
 * @param changelog Has a heading of the second level for each version: `## 1.2.3`, with a date behind it or not.
 * @throws {Error} Where it has no part about that version, or an empty one.
 *
 * @example
 * ```ts
 * import { partOf } from "./changelog.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const changelog = "# Changelog\n\n## Unreleased\n\n## 1.1.0 (2026-12-01)\n- one\n- two\n\n## 1.0.0\n- zero\n";
 * assertEquals(partOf(changelog, "1.1.0"), "- one\n- two\n");
 * ```
 */
export function partOf(changelog: string, version: string): string {
  for (const part of changelog.split(/^## /m).slice(1)) {
    const [heading = "", ...lines] = part.split("\n");
    if (heading.split(" ", 1)[0] !== version) continue;
    const text = lines.join("\n").trim();
    if (text !== "") return `${text}\n`;
    throw new Error(`the part of CHANGELOG.md about ${version} is empty`);
  }
  throw new Error(`CHANGELOG.md has no part about ${version}: rename "Unreleased" to it`);
}

/**
 * Gives the notes of the release that a tag stands for.
 *
 * @throws {Error} Where the tag is not that of the version, or the changelog lacks it.
 */
export function notesOf(tag: string, { version, changelog }: { version: string; changelog: string }): string {
  if (tag !== `v${version}`) {
    throw new Error(`the tag ${tag} is not that of deno.json, whose version is ${version}`);
  }
  return partOf(changelog, version);
}

if (import.meta.main) {
  try {
    repository();
    const changelog = await Deno.readTextFile(new URL("CHANGELOG.md", ROOT));
    console.log(notesOf(Deno.args[0] ?? "", { version: VERSION, changelog }).trimEnd());
  } catch (error) {
    console.error(`changelog: ${error instanceof Error ? error.message : error}`);
    Deno.exit(1);
  }
}
