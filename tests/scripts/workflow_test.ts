/** The workflows, the image and the changelog: that they follow what the project says once. */

// @ts-types="./yaml.d.ts"
import { parse } from "@std/yaml/parse";
import config from "../../deno.json" with { type: "json" };
import jsr from "../../scripts/release/jsr_imports.json" with { type: "json" };
import { DEFAULT_PORT } from "../../lib/base/limits.ts";
import { parseCommandLine } from "../../lib/cli/mod.ts";
import { notesOf, partOf } from "../../scripts/release/changelog.ts";
import { TARGETS } from "../../scripts/release/targets.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "../assert.ts";

const ROOT = new URL("../../", import.meta.url);

interface Step {
  readonly uses?: string;
  readonly run?: string;
}

interface Job {
  readonly steps: readonly Step[];
  readonly needs?: string;
  readonly strategy?: {
    readonly matrix: { readonly include?: readonly { target: string; runner: string }[] };
  };
}

async function readWorkflow(name: string): Promise<{ jobs: Readonly<Record<string, Job>>; text: string }> {
  const text = await Deno.readTextFile(new URL(`.github/workflows/${name}`, ROOT));
  return { ...parse(text) as { jobs: Record<string, Job> }, text };
}

Deno.test("the release is tried on a runner for every target of the table, and for no other", async () => {
  const { jobs } = await readWorkflow("release.yml");
  const tried = jobs.try!.strategy!.matrix.include!.map(({ target }) => target);
  assertEquals(tried, TARGETS.map(({ name }) => name));
  assert(jobs.build!.steps.some(({ run }) => run?.includes("task build --all --deb")));
});

Deno.test("a release is checked, built and tried before it is drafted", async () => {
  const { jobs } = await readWorkflow("release.yml");
  assertEquals([jobs.build!.needs, jobs.try!.needs, jobs.publish!.needs], ["check", "build", "try"]);
});

Deno.test("the workflows take every action by the hash of a commit, and Deno in the version of this one", async () => {
  for (const name of ["release.yml", "test.yml"]) {
    const { jobs, text } = await readWorkflow(name);
    for (const { uses, run } of Object.values(jobs).flatMap(({ steps }) => steps)) {
      if (uses !== undefined) assertMatch(uses, /^actions\/[a-z-]+@[0-9a-f]{40}$/);
      for (const [, version] of run?.matchAll(/deno@(\S+)/g) ?? []) assertEquals(version, Deno.version.deno);
    }
    // The version of each stands beside its hash.
    for (const [line] of text.matchAll(/uses:.*/g)) assertMatch(line, / # v\d+\.\d+\.\d+$/);
  }
});

Deno.test("the import map of the official standard library is that of deno.json, with jsr in place of npm's copy", () => {
  const ours = Object.entries(config.imports).map(([name, address]) =>
    address.startsWith("npm:deno-std@") ? [name, name] : [name, address]
  );
  const official = Object.entries(jsr.imports).map((
    [name, address],
  ) => [name, address.replace(/^jsr:(@std\/[a-z]+)@[\d.]+/, "$1")]);
  assertEquals(official, ours);
});

Deno.test("the image runs command lines that chat takes, as nobody, and exposes its port", async () => {
  const recipe = await Deno.readTextFile(new URL("scripts/release/Containerfile", ROOT));
  const words = (name: string): string[] =>
    JSON.parse(new RegExp(`^(?:HEALTHCHECK .*)?${name} (\\[.*\\])$`, "m").exec(recipe)![1]!);
  const serve = parseCommandLine([...words("ENTRYPOINT").slice(1), ...words("^CMD")]);
  assert(serve.kind === "serve" && serve.quiet && serve.port === DEFAULT_PORT);
  const health = /^HEALTHCHECK .*CMD (\[.*\])$/m.exec(recipe)![1]!;
  const check = parseCommandLine((JSON.parse(health) as string[]).slice(1));
  assert(check.kind === "connect" && check.stats && check.hosts[0].port === DEFAULT_PORT);
  assertMatch(recipe, new RegExp(`^EXPOSE ${DEFAULT_PORT}$`, "m"));
  assertMatch(recipe, /^USER 65534:65534$/m);
  assertStringIncludes(recipe, "distroless");
});

Deno.test("the changelog's part about a version is found by its heading, and a tag has to agree", () => {
  const changelog =
    "# Changelog\n\n## Unreleased\n- soon\n\n## 1.10.0 (2026-12-01)\n- one\n\n## 1.1.0\n\n## 1.0.0\n- zero\n";
  assertEquals(partOf(changelog, "1.10.0"), "- one\n");
  assertEquals(partOf(changelog, "1.0.0"), "- zero\n");
  assertThrows(() => partOf(changelog, "1.1.0"), Error, "empty");
  assertThrows(() => partOf(changelog, "2.0.0"), Error, "no part about 2.0.0");
  assertThrows(() => partOf(changelog, "0.0"), Error, "no part about 0.0");
  assertEquals(notesOf("v1.0.0", { version: "1.0.0", changelog }), "- zero\n");
  assertThrows(() => notesOf("v1.0.1", { version: "1.0.0", changelog }), Error, "v1.0.1");
  assertThrows(() => notesOf("1.0.0", { version: "1.0.0", changelog }), Error, "1.0.0");
});
