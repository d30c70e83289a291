/** Facts about the project that a build needs: the version, the repository's address, the commit and its date. */

import config from "../../deno.json" with { type: "json" };

/** The root of the project. */
export const ROOT = new URL("../../", import.meta.url);

/** The version, as deno.json has it. */
export const VERSION: string = config.version;

/** The address of the repository, as deno.json has it; empty as long as it has none. */
export const REPOSITORY: string = config.repository;

/** The day of everything where there is no commit, as in a source archive: the first that a zip can name. */
const EPOCH = new Date("1980-01-01T00:00:00Z");

/** The commit that a build is of. */
export interface Commit {
  /** Its hash, with `-changed` behind it where files differ from it; empty where there is no repository. */
  readonly name: string;
  readonly date: Date;
}

/**
 * Gives the address of the repository, without a slash at its end.
 *
 * @throws {Error} Where it is not set, with what to do.
 */
export function repository(): string {
  if (REPOSITORY === "") {
    throw new Error('the repository has no address yet: set "repository" in deno.json to it');
  }
  return REPOSITORY.replace(/\/$/, "");
}

/** Gives the commit that the files are of. */
export async function readCommit(): Promise<Commit> {
  const head = await git("log", "-1", "--format=%H %ct");
  if (head === undefined) return { name: "", date: EPOCH };
  const [hash = "", seconds] = head.split(" ");
  const changes = await git("status", "--porcelain", "--", "main.ts", "lib", "deno.json", "deno.lock");
  return { name: changes === "" ? hash : `${hash}-changed`, date: new Date(Number(seconds) * 1000) };
}

async function git(...args: string[]): Promise<string | undefined> {
  try {
    const { success, stdout } = await new Deno.Command("git", { args, cwd: ROOT, stderr: "null" }).output();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
