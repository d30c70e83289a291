/** Packs an executable with what an installed program brings along, and sums up what was packed. */

import { formatCompletions } from "../../lib/cli/completions.ts";
import { formatManual } from "../../lib/cli/manual.ts";
import { type Commit, REPOSITORY, repository, ROOT, VERSION } from "./project.ts";
import type { Target } from "./targets.ts";

/** The file of the completions in an archive, for each shell. */
export const COMPLETIONS = {
  bash: "completions/chat.bash",
  zsh: "completions/_chat",
  fish: "completions/chat.fish",
  powershell: "completions/chat.ps1",
} as const;

/** Gives the name that everything of a target begins with: chat-0.1.0-x86_64-unknown-linux-gnu. */
export function nameOf(target: Target): string {
  return `chat-${VERSION}-${target.name}`;
}

/**
 * Packs the executable of a target with the README, the licence, the changelog, the manual and the completions.
 *
 * @param executable The path of the executable.
 * @returns The path of the archive, beside the executable.
 */
export async function pack(executable: string, options: { target: Target; commit: Commit }): Promise<string> {
  const { target, commit } = options;
  const output = await Deno.makeTempDir({ prefix: "chat-pack-" });
  try {
    const folder = `${output}/${nameOf(target)}`;
    await Deno.mkdir(`${folder}/completions`, { recursive: true });
    await Deno.copyFile(executable, `${folder}/chat${target.suffix}`);
    for (const name of ["README.md", "LICENSE", "CHANGELOG.md"]) {
      await Deno.copyFile(new URL(name, ROOT), `${folder}/${name}`);
    }
    await writeCompanions(folder, commit.date);
    const archive = executable.replace(/[^/\\]*$/, `${nameOf(target)}.${target.archive}`);
    const script = new URL("scripts/release/archive.py", ROOT);
    await run(Deno.build.os === "windows" ? "python" : "python3", [
      pathOf(script),
      folder,
      archive,
      String(commit.date.getTime() / 1000),
    ]);
    return archive;
  } finally {
    await Deno.remove(output, { recursive: true });
  }
}

/** Writes the manual and the completions into a folder. */
export async function writeCompanions(folder: string, date: Date): Promise<void> {
  await Deno.writeTextFile(`${folder}/chat.1`, formatManual(date));
  for (const [shell, path] of Object.entries(COMPLETIONS)) {
    await Deno.writeTextFile(
      `${folder}/${path}`,
      formatCompletions(shell as keyof typeof COMPLETIONS) + "\n",
    );
  }
}

/** Writes the installers into a folder, with the address of the releases in them where it is known. */
export async function writeInstallers(folder: string): Promise<void> {
  for (const name of ["install.sh", "install.ps1"]) {
    const script = await Deno.readTextFile(new URL(`scripts/${name}`, ROOT));
    const releases = REPOSITORY === "" ? "@RELEASES@" : `${repository()}/releases`;
    await Deno.writeTextFile(`${folder}/${name}`, script.replaceAll("@RELEASES@", releases));
  }
}

/** Writes SHA256SUMS for files of a folder, as `sha256sum -c` reads it. */
export async function writeSums(folder: string, names: readonly string[]): Promise<void> {
  const lines: string[] = [];
  for (const name of names.toSorted()) {
    const sum = await crypto.subtle.digest("SHA-256", await Deno.readFile(`${folder}/${name}`));
    lines.push(`${new Uint8Array(sum).toHex()}  ${name}\n`);
  }
  await Deno.writeTextFile(`${folder}/SHA256SUMS`, lines.join(""));
}

/** Runs a program to its end. */
export async function run(program: string, args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args: [...args], stdout: "null" }).output();
  if (!success) throw new Error(`${program}: ${new TextDecoder().decode(stderr).trim()}`);
}

/** Gives the path of a file, as the system writes it. */
export function pathOf(url: URL): string {
  return decodeURIComponent(url.pathname).replace(/^\/([A-Z]:)/, "$1");
}
