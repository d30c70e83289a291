/**
 * Proves a release on this machine: built twice with the same bytes, packed, summed, installed from a server, run as the
 * README says and removed without a trace; the Debian package likewise, with an upgrade between.
 */

import { assert, assertEquals, assertLess, assertMatch, assertStringIncludes } from "../../tests/assert.ts";
import { PYTHON } from "../../tests/integration/python.ts";
import { Releases } from "../../tests/scripts/releases.ts";
import { buildDebian } from "./debian.ts";
import { buildExecutable, bundleModules } from "./executable.ts";
import { nameOf, pack, writeCompanions, writeInstallers, writeSums } from "./pack.ts";
import { readCommit, ROOT, VERSION } from "./project.ts";
import { baseVariable, type Target, TARGETS } from "./targets.ts";
import { tryExecutable } from "./try.ts";

const decoder = new TextDecoder();
const TARGET: Target = TARGETS.find(({ name }) => name === Deno.build.target)!;
const MIB = 1024 * 1024;

interface Result {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(
  program: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Result> {
  const { code, stdout, stderr } = await new Deno.Command(program, { args: [...args], env, stdin: "null" })
    .output();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

/** Runs a program that is to succeed, and gives what it wrote. */
async function succeed(
  program: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<string> {
  const { code, out, err } = await run(program, args, env);
  assertEquals(code, 0, `${program} ${args.join(" ")}\n${out}${err}`);
  return out;
}

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Builds and packs for this machine into a folder, once for all tests of this file. */
const built = inFolderOnce(async (folder) => {
  const commit = await readCommit();
  const executable = `${folder}/${nameOf(TARGET)}`;
  await buildExecutable({ target: TARGET.name, output: executable, commit });
  const archive = await pack(executable, { target: TARGET, commit });
  await writeSums(folder, [archive.slice(folder.length + 1)]);
  return { folder, commit, executable, archive };
});

function inFolderOnce<T>(make: (folder: string) => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    if (made !== undefined) return made;
    const folder = Deno.makeTempDirSync();
    addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
    return made = make(folder);
  };
}

Deno.test("the same sources give the same executable and archive, whatever lies beside them", async () => {
  const { commit, executable, archive } = await built();
  await inFolder(async (folder) => {
    const secret = new URL("secret-of-the-test.txt", ROOT);
    const modules = new URL("node_modules/", ROOT);
    await Deno.mkdir(new URL("left/", modules), { recursive: true });
    await Deno.writeTextFile(
      new URL("left/index.js", modules),
      "export const secret = 'not-to-be-embedded';\n",
    );
    await Deno.writeTextFile(secret, "not-to-be-embedded\n");
    const environment = {
      DENO_V8_FLAGS: "--max-lazy",
      DENO_TLS_CA_STORE: "system",
      NOT_EMBEDDED: "not-to-be-embedded",
    };
    for (const [name, value] of Object.entries(environment)) Deno.env.set(name, value);
    try {
      const again = `${folder}/${nameOf(TARGET)}`;
      await buildExecutable({ target: TARGET.name, output: again, commit });
      const bytes = await Deno.readFile(again);
      assert(equal(bytes, await Deno.readFile(executable)), "the executables differ");
      const text = new TextDecoder("latin1").decode(bytes);
      assert(!text.includes("not-to-be-embedded"), "a file beside the sources got in");
      assert(!text.includes(folder) && !text.includes(ROOT.pathname), "a path of this machine got in");
      assert(
        equal(
          await Deno.readFile(await pack(again, { target: TARGET, commit })),
          await Deno.readFile(archive),
        ),
      );
    } finally {
      for (const name of Object.keys(environment)) Deno.env.delete(name);
      await Deno.remove(secret);
      await Deno.remove(modules, { recursive: true });
    }
  });
});

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

Deno.test("the executable is at most 3 MiB larger than that of an empty program, and embeds modules and the page alone", async () => {
  const { executable } = await built();
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/empty.js`, "");
    const empty = `${folder}/empty`;
    const args = ["compile", "--quiet", "--no-config", "--no-lock", "--no-code-cache", "--output", empty];
    await succeed(Deno.execPath(), [...args, `${folder}/empty.js`]);
    const [ours, theirs] = [(await Deno.stat(executable)).size, (await Deno.stat(empty)).size];
    assertLess(ours - theirs, 3 * MIB);
    const tail = new TextDecoder("latin1").decode((await Deno.readFile(executable)).subarray(theirs - MIB));
    const embedded = [...tail.matchAll(/\{"File":\{"n":"([^"]+)"/g)].map(([, name]) => name!);
    assert(embedded.includes("main.js"), "the list of what is embedded was not found");
    for (const name of embedded) {
      assertMatch(
        name,
        /^(main\.js|(?:line|search)_worker\.js|ws\.js|nats\.js|page\.html|[a-z_]+-[A-Z0-9]{8}\.js)$/,
      );
    }
  });
});

/** The modules that a module of a folder loads before it runs, and itself. */
async function loadedWith(folder: string, name: string, found = new Map<string, string>()) {
  if (found.has(name)) return found;
  const code = await Deno.readTextFile(`${folder}/${name}`);
  found.set(name, code);
  for (const [, path] of code.matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g)) {
    await loadedWith(folder, path!, found);
  }
  return found;
}

Deno.test("chat --help loads little, and nothing of Node.js: it starts as soon as an empty program", async () => {
  await inFolder(async (folder) => {
    const bundle = await bundleModules(folder, await readCommit());
    const loaded = await loadedWith(bundle, "main.js");
    const help = /import\("\.\/(help-[^"]+)"\)/.exec(loaded.get("main.js")!)![1]!;
    await loadedWith(bundle, help, loaded);
    const code = [...loaded.values()].join("\n");
    assertEquals(code.match(/from\s*"node:[^"]*"|createRequire/g), null);
    assertLess(code.length, 50_000);
  });
});

Deno.test("the archive holds the program, the manual, completions and documents, as the sums say", async () => {
  const { folder, archive, commit } = await built();
  assertMatch(await succeed("sh", ["-c", `cd ${folder} && sha256sum -c SHA256SUMS`]), /: OK\n$/);
  const listed = (await succeed("tar", ["-tzf", archive])).trim().split("\n");
  assertEquals(
    listed.map((path) => path.replace(`${nameOf(TARGET)}/`, "")),
    [
      "CHANGELOG.md",
      "LICENSE",
      "README.md",
      "chat",
      "chat.1",
      "completions/_chat",
      "completions/chat.bash",
      "completions/chat.fish",
      "completions/chat.ps1",
    ],
  );
  assertEquals(
    JSON.parse(await succeed(`${folder}/${nameOf(TARGET)}`, ["--version", "--json"])),
    {
      version: VERSION,
      deno: Deno.version.deno,
      v8: Deno.version.v8,
      commit: commit.name || null,
      target: TARGET.name,
      protocol: 1,
    },
  );
});

Deno.test("a zip of the same files has the same bytes, and the programs in it are executable", async () => {
  await inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/chat-1/completions`, { recursive: true });
    await writeCompanions(`${folder}/chat-1`, new Date(0));
    await Deno.writeTextFile(`${folder}/chat-1/chat.exe`, "MZ", { mode: 0o755 });
    for (const name of ["a", "b"]) {
      const script = new URL("archive.py", import.meta.url).pathname;
      await succeed(PYTHON!, [script, `${folder}/chat-1`, `${folder}/${name}.zip`, "1700000000"]);
      await Deno.utime(`${folder}/chat-1/chat.exe`, 0, 0);
    }
    assert(equal(await Deno.readFile(`${folder}/a.zip`), await Deno.readFile(`${folder}/b.zip`)));
    const listed = await succeed(PYTHON!, ["-m", "zipfile", "-l", `${folder}/a.zip`]);
    assertMatch(listed, /chat-1\/chat\.exe +2023-11-14 22:13:20 +2\n/);
  });
});

Deno.test("where a base for another target cannot be had, or is not for it, one line says so", async () => {
  const { commit } = await built();
  await inFolder(async (folder) => {
    const other = TARGETS.find(({ name }) => name !== TARGET.name)!.name;
    const variable = baseVariable(other);
    const refusal = async () => {
      const error = await buildExecutable({ target: other, output: `${folder}/chat`, commit })
        .then(() => undefined, (error: Error) => error);
      assertEquals(error?.message.split("\n").length, 1, error?.message);
      return error!.message;
    };
    try {
      Deno.env.set(variable, `${folder}/none`);
      assertStringIncludes(await refusal(), `none, which ${variable} names: `);
      Deno.env.set(variable, Deno.execPath());
      assertStringIncludes(await refusal(), `is no program for ${other}`);
    } finally {
      Deno.env.delete(variable);
    }
    Deno.env.set("HTTPS_PROXY", "http://127.0.0.1:9");
    try {
      assertMatch(
        await refusal(),
        /^the base executable for \S+ could not be downloaded: .*DENORT_BIN_[A-Z0-9_]+/,
      );
    } finally {
      Deno.env.delete("HTTPS_PROXY");
    }
  });
});

Deno.test("the release is installed from a server, talks as the README says, and is removed without a trace", async () => {
  const { folder } = await built();
  await using releases = await Releases.start();
  await Deno.mkdir(`${releases.folder}/built`);
  for (const name of [`${nameOf(TARGET)}.tar.gz`, "SHA256SUMS"]) {
    await Deno.copyFile(`${folder}/${name}`, `${releases.folder}/built/${name}`);
  }
  await writeInstallers(`${releases.folder}/built`);
  await releases.serveAsLatest("built");
  await inFolder(async (home) => {
    const env = { HOME: home, CHAT_RELEASES: releases.address, CHAT_INSTALL: "" };
    const line = `curl -fsSL ${releases.address}/latest/download/install.sh | sh`;
    assertStringIncludes(
      await succeed("sh", ["-c", line], env),
      `installed chat ${VERSION} in ${home}/.local/bin\n`,
    );
    await tryExecutable(`${home}/.local/bin/chat`);
    await succeed("sh", ["-c", `${line} -s -- --uninstall`], env);
    assertEquals(await succeed("find", [home, "-type", "f"]), "");
  });
});

/** Whether packages can be installed here: Debian, and root. */
async function mayInstall(): Promise<boolean> {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return false;
  return (await run("sh", ["-c", "command -v dpkg && ! dpkg -s chat-pickle"])).code === 0;
}

Deno.test({
  name: "[on demand] the Debian package is installed, run, upgraded and removed without a trace",
  ignore: Deno.env.get("CHAT_INSTALL_PACKAGES") === undefined || !await mayInstall(),
  async fn() {
    const { executable, commit } = await built();
    const architecture = TARGET.debian!;
    const package1 = await buildDebian(executable, { architecture, commit });
    const package2 = await buildDebian(executable, { architecture, commit, version: `${VERSION}+next` });
    const files = async (name: string) => (await run("dpkg", ["-L", name])).out;
    try {
      await succeed("dpkg", ["-i", package1]);
      assertEquals((await succeed("which", ["chat"])).trim(), "/usr/bin/chat");
      assertMatch(await succeed("/usr/bin/chat", ["--version"]), /^chat /);
      assertStringIncludes(await succeed("getent", ["passwd", "_chat"]), "/usr/sbin/nologin");
      assertEquals((await succeed("stat", ["-c", "%a %U", "/etc/chat/environment"])).trim(), "600 root");
      for (const path of ["/usr/share/man/man1/chat.1.gz", "/usr/lib/systemd/system/chat.service"]) {
        assertStringIncludes(await files("chat-pickle"), `${path}\n`);
      }
      await tryExecutable("/usr/bin/chat");
      await asService(executable);
      await Deno.writeTextFile("/etc/chat/environment", "CHAT_OPERATOR_TOKEN=mine\n");
      await succeed("dpkg", ["-i", package2]);
      assertEquals(await Deno.readTextFile("/etc/chat/environment"), "CHAT_OPERATOR_TOKEN=mine\n");
      assertStringIncludes(await succeed("dpkg", ["-s", "chat-pickle"]), `Version: ${VERSION}+next\n`);
      await tryExecutable("/usr/bin/chat");
      await succeed("dpkg", ["-r", "chat-pickle"]);
      assertEquals((await run("which", ["chat"])).code, 1);
      assertEquals(await Deno.readTextFile("/etc/chat/environment"), "CHAT_OPERATOR_TOKEN=mine\n");
    } finally {
      await run("dpkg", ["-P", "chat-pickle"]);
    }
    assertEquals((await run("dpkg", ["-s", "chat-pickle"])).code, 1);
    assertEquals((await run("getent", ["passwd", "_chat"])).code, 2);
    for (const path of ["/etc/chat", "/var/lib/chat", "/usr/bin/chat", "/usr/share/doc/chat-pickle"]) {
      assertEquals((await run("test", ["-e", path])).code, 1, path);
    }
  },
});

/** Starts the unit's command line as its user, where systemd does not run: it takes its history and says goodbye. */
async function asService(executable: string): Promise<void> {
  const unit = await Deno.readTextFile("/usr/lib/systemd/system/chat.service");
  assertStringIncludes(unit, "\nUser=_chat\n");
  if ((await run("sh", ["-c", "command -v systemd-analyze"])).code === 0) {
    const { err } = await run("systemd-analyze", ["verify", "/usr/lib/systemd/system/chat.service"]);
    assertEquals(err.split("\n").filter((line) => line.includes("chat.service")), []);
  }
  const words = /^ExecStart=(.*)$/m.exec(unit)![1]!.replace("%S", "/var/lib").split(" ");
  assertEquals(words[0], "/usr/bin/chat");
  await succeed("install", ["-d", "-o", "_chat", "-m", "700", "/var/lib/chat"]);
  const child = new Deno.Command("setpriv", {
    args: [
      "--reuid=_chat",
      "--regid=_chat",
      "--clear-groups",
      ...words,
      "--host",
      "127.0.0.1",
      "--port",
      "0",
    ],
    clearEnv: true,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const reader = child.stderr.getReader();
  let told = "";
  while (!told.includes("listening on")) {
    const { value, done } = await reader.read();
    assert(!done, told);
    told += decoder.decode(value);
  }
  const port = /127\.0\.0\.1:(\d+)/.exec(told)![1];
  await succeed(executable, ["--connect", `127.0.0.1:${port}`, "--send", "1"]);
  child.kill("SIGTERM");
  while (!(await reader.read()).done);
  assertEquals((await child.status).code, 0);
  assertEquals((await succeed("stat", ["-c", "%U", "/var/lib/chat/history.db"])).trim(), "_chat");
}
