/**
 * Builds executables with the permissions that `chat` needs and no others.
 *
 * `deno task build` builds dist/chat for this machine. With `--target TARGET`, which may be repeated, or `--all` it builds and
 * packs releases in dist/: chat-VERSION-TARGET.tar.gz or .zip, with `--deb` the Debian packages too, and SHA256SUMS.
 */

import { buildDebian } from "./release/debian.ts";
import { buildExecutable } from "./release/executable.ts";
import { nameOf, pack, writeInstallers, writeSums } from "./release/pack.ts";
import { readCommit, REPOSITORY, ROOT } from "./release/project.ts";
import { type Target, TARGETS } from "./release/targets.ts";

if (import.meta.main) {
  try {
    await build(Deno.args);
  } catch (error) {
    console.error(`build: ${error instanceof Error ? error.message : error}`);
    Deno.exit(1);
  }
}

async function build(args: readonly string[]): Promise<void> {
  Deno.chdir(ROOT);
  await Deno.mkdir("dist", { recursive: true });
  const commit = await readCommit();
  const targets = readTargets(args);
  if (targets.length === 0) {
    const output = Deno.build.os === "windows" ? "dist/chat.exe" : "dist/chat";
    await buildExecutable({
      target: Deno.build.target,
      output: await Deno.realPath(".") + "/" + output,
      commit,
    });
    return console.log(`built ${output}`);
  }
  const dist = await Deno.realPath("dist");
  const names: string[] = [];
  for (const target of targets) {
    const executable = `${dist}/${nameOf(target)}${target.suffix}`;
    await buildExecutable({ target: target.name, output: executable, commit });
    const packed = [await pack(executable, { target, commit })];
    if (args.includes("--deb") && target.debian !== undefined) {
      packed.push(await buildDebian(executable, { architecture: target.debian, commit }));
    }
    for (const path of packed) {
      names.push(path.slice(dist.length + 1));
      console.log(`built dist/${names.at(-1)}`);
    }
  }
  await writeInstallers(dist);
  if (REPOSITORY === "") console.log('the installers have no address: set "repository" in deno.json');
  await writeSums(dist, names);
  console.log("built dist/SHA256SUMS");
}

/** Reads which targets are asked for. */
function readTargets(args: readonly string[]): Target[] {
  const targets: Target[] = [];
  for (let at = 0; at < args.length; at++) {
    const word = args[at];
    if (word === "--all") targets.push(...TARGETS);
    else if (word === "--target") targets.push(findTarget(args[++at]));
    else if (word !== "--deb") {
      throw new Error(`there is no option ${word}: write --target TARGET, --all or --deb`);
    }
  }
  return [...new Set(targets)];
}

/** Finds a target by its name; `host` is that of this machine. */
function findTarget(name = ""): Target {
  const target = TARGETS.find((target) => target.name === (name === "host" ? Deno.build.target : name));
  if (target !== undefined) return target;
  throw new Error(
    `cannot build for ${name || "no target"}: write host, ${TARGETS.map((t) => t.name).join(", ")}`,
  );
}
