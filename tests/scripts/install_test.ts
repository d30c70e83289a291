import { assert, assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { Releases } from "./releases.ts";

const SCRIPT = new URL("../../scripts/install.sh", import.meta.url).pathname;
const decoder = new TextDecoder();

/** Whether the installer is for this system. */
const HERE = Deno.build.os !== "windows";

/** A home to install into, without anything in it. */
class Home implements AsyncDisposable {
  private constructor(readonly folder: string, readonly shell: string) {}

  static async make(shell = "sh"): Promise<Home> {
    const folder = await Deno.makeTempDir();
    await Deno.mkdir(`${folder}/tmp`);
    return new Home(folder, shell);
  }

  /** Starts the installer. */
  start(releases: Releases | undefined, args: readonly string[], env: Record<string, string> = {}) {
    return new Deno.Command(this.shell, {
      args: [SCRIPT, ...args],
      env: {
        HOME: this.folder,
        TMPDIR: `${this.folder}/tmp`,
        CHAT_INSTALL: "",
        CHAT_RELEASES: releases?.address ?? "",
        ...env,
      },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  }

  /** Runs the installer to its end. */
  async run(releases: Releases | undefined, args: readonly string[] = [], env: Record<string, string> = {}) {
    const { code, stdout, stderr } = await this.start(releases, args, env).output();
    return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
  }

  /** What the installed program says. */
  async version(): Promise<string> {
    const { stdout } = await new Deno.Command(`${this.folder}/.local/bin/chat`, { args: ["--version"] })
      .output();
    return decoder.decode(stdout);
  }

  /** All files and folders in it, but the folder for temporary files itself. */
  async contents(folder = this.folder): Promise<string[]> {
    const paths: string[] = [];
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const path = `${folder}/${name}`;
      if (path !== `${this.folder}/tmp`) paths.push(path.slice(this.folder.length + 1));
      if (isDirectory) paths.push(...await this.contents(path));
    }
    return paths.sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** Defines a test that runs where all programs that it needs are there. */
function test(name: string, fn: () => Promise<void>, needed: readonly string[] = []): void {
  Deno.test({ name, ignore: !HERE || !needed.every(has), fn });
}

function has(program: string): boolean {
  return HERE &&
    new Deno.Command("sh", { args: ["-c", `command -v ${program}`], stdout: "null" }).outputSync().success;
}

for (const shell of ["dash", "bash"]) {
  test(
    `${shell}: the installer installs the latest release, again, another one, and removes it without a trace`,
    async () => {
      await using releases = await Releases.start();
      await using home = await Home.make(shell);
      await releases.publish("1.0.0");
      await releases.publish("1.1.0");
      for (let times = 0; times < 2; times++) {
        const { code, out, err } = await home.run(releases);
        assertEquals([code, err], [0, ""]);
        assertStringIncludes(out, `installed chat 1.1.0 in ${home.folder}/.local/bin\n`);
        assertStringIncludes(out, "is not in PATH yet");
        assertEquals(await home.version(), "chat 1.1.0\n");
      }
      assertEquals((await home.run(releases, ["--version", "v1.0.0"])).code, 0);
      assertEquals(await home.version(), "chat 1.0.0\n");
      assertEquals((await home.contents()).filter((path) => path.includes("chat")), [
        ".local/bin/chat",
        ".local/share/bash-completion/completions/chat",
        ".local/share/fish/vendor_completions.d/chat.fish",
        ".local/share/man/man1/chat.1",
        ".local/share/zsh/site-functions/_chat",
      ]);
      assertEquals((await home.run(undefined, ["--uninstall"])).code, 0);
      assertEquals(await home.contents(), [".local", ".local/bin"]);
      assertEquals((await home.run(undefined, ["--uninstall"])).code, 1);
    },
    [shell],
  );

  test(
    `${shell}: the installer refuses a wrong, cut or missing file, and leaves the old program`,
    async () => {
      await using releases = await Releases.start();
      await using home = await Home.make(shell);
      await releases.publish("1.0.0");
      assertEquals((await home.run(releases)).code, 0);
      const before = await home.contents();
      const refuses = async (said: RegExp) => {
        const { code, err } = await home.run(releases);
        assertEquals(code, 1, err);
        assertMatch(err, said);
        assertEquals(await home.contents(), before);
        assertEquals(await home.version(), "chat 1.0.0\n");
      };
      const archive = await releases.publish("2.0.0");
      const latest = `${releases.folder}/latest/download`;
      const good = await Deno.readFile(`${latest}/${archive}`);
      const bad = good.slice();
      bad[bad.length >> 1]! ^= 1;
      await Deno.writeFile(`${latest}/${archive}`, bad);
      await refuses(/SHA-256 of chat-2\.0\.0-\S+ is not the published one: nothing was installed/);
      await Deno.writeFile(`${latest}/${archive}`, good.subarray(0, good.length - 1));
      await refuses(/SHA-256/);
      await Deno.remove(`${latest}/${archive}`);
      await refuses(/cannot download http:\S+\.tar\.gz\n$/);
      await Deno.writeTextFile(`${latest}/SHA256SUMS`, `${"0".repeat(64)}  chat-2.0.0-other-target.tar.gz\n`);
      await refuses(/the release has no build for/);
      await Deno.remove(`${latest}/SHA256SUMS`);
      await refuses(/cannot download http:\S+SHA256SUMS\n$/);
      await releases.publish("2.1.0", { program: "exit 3" });
      await refuses(/the program does not run on this system: nothing was installed/);
      releases.spoil(await releases.publish("3.0.0"), "cut");
      await refuses(/cannot download/);
    },
    [shell],
  );

  test(
    `${shell}: an installer that is ended while it downloads leaves the old program and nothing else`,
    async () => {
      await using releases = await Releases.start();
      await using home = await Home.make(shell);
      await releases.publish("1.0.0");
      assertEquals((await home.run(releases)).code, 0);
      const before = await home.contents();
      releases.spoil(await releases.publish("2.0.0"), "stalled");
      // In a group of its own, as a terminal would have it: a signal goes to the download too.
      const child = new Deno.Command("setsid", {
        args: [shell, SCRIPT],
        env: { HOME: home.folder, TMPDIR: `${home.folder}/tmp`, CHAT_RELEASES: releases.address },
        stdout: "null",
        stderr: "null",
      }).spawn();
      await releases.stalled;
      Deno.kill(-child.pid, "SIGTERM");
      assertEquals((await child.status).code, 143);
      assertEquals(await home.contents(), before);
      assertEquals(await home.version(), "chat 1.0.0\n");
    },
    [shell, "setsid"],
  );
}

test("the installer puts everything below the folder that CHAT_INSTALL names", async () => {
  await using releases = await Releases.start();
  await using home = await Home.make();
  await releases.publish("1.0.0");
  const env = { CHAT_INSTALL: `${home.folder}/my tools` };
  assertEquals((await home.run(releases, [], env)).code, 0);
  assert((await home.contents()).includes("my tools/share/man/man1/chat.1"));
  assertEquals((await home.run(releases, ["--uninstall"], env)).code, 0);
  assertEquals(await home.contents(), ["my tools"]);
});

test("the installer says which other chat comes first in PATH", async () => {
  await using releases = await Releases.start();
  await using home = await Home.make();
  await releases.publish("1.0.0");
  await Deno.mkdir(`${home.folder}/sbin`);
  await Deno.writeTextFile(`${home.folder}/sbin/chat`, "#!/bin/sh\n", { mode: 0o755 });
  const path = `${home.folder}/sbin:${home.folder}/.local/bin:${Deno.env.get("PATH")}`;
  const { out } = await home.run(releases, [], { PATH: path });
  assertStringIncludes(out, `${home.folder}/sbin/chat comes first in PATH`);
});

/** Programs that the installer asks what the system is, in a folder that comes first in PATH. */
const SYSTEMS: readonly (readonly [programs: Record<string, string>, said: RegExp])[] = [
  [
    { ldd: "echo 'musl libc (x86_64)' >&2; exit 1" },
    /there is no build for musl.*container with glibc, or from source/,
  ],
  [{ uname: "echo FreeBSD" }, /there is no build for the processor FreeBSD/],
  [{ uname: 'if [ "$1" = -m ]; then echo x86_64; else echo FreeBSD; fi' }, /there is no build for FreeBSD/],
  [
    { uname: 'if [ "$1" = -m ]; then echo riscv64; else echo Linux; fi' },
    /processor riscv64: run chat from source/,
  ],
  [{ uname: 'if [ "$1" = -m ]; then echo arm64; else echo Darwin; fi' }, /no build for aarch64-apple-darwin/],
  [
    {
      uname: 'if [ "$1" = -m ]; then echo aarch64; else echo Linux; fi',
      ldd: "echo 'ldd (GNU libc) 2.36'",
    },
    /no build for aarch64-unknown-linux-gnu/,
  ],
  [
    {
      uname: 'if [ "$1" = -m ]; then echo x86_64; else echo Darwin; fi',
      sysctl: "echo 1",
    },
    /no build for aarch64-apple-darwin/,
  ],
];

test("the installer knows systems, processors and C libraries, and says where there is no build", async () => {
  await using releases = await Releases.start();
  await using home = await Home.make();
  await releases.publish("1.0.0");
  await Deno.writeTextFile(`${releases.folder}/latest/download/SHA256SUMS`, "");
  for (const [programs, said] of SYSTEMS) {
    const folder = await Deno.makeTempDir({ dir: home.folder });
    for (const [name, script] of Object.entries(programs)) {
      await Deno.writeTextFile(`${folder}/${name}`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    }
    const { code, err } = await home.run(releases, [], { PATH: `${folder}:${Deno.env.get("PATH")}` });
    assertEquals(code, 1);
    assertMatch(err, said);
    assertEquals(err.trimEnd().split("\n").length, 1, err);
  }
});

test("the installer downloads with wget where there is no curl", async () => {
  await using releases = await Releases.start();
  await using home = await Home.make();
  await releases.publish("1.0.0");
  const folder = await Deno.makeTempDir({ dir: home.folder });
  const needed = "sh cat uname ldd mktemp rm sed wget sha256sum cut tar gzip mkdir cp chmod mv bash echo"
    .split(" ");
  for (const name of needed) {
    const { stdout } = await new Deno.Command("sh", { args: ["-c", `command -v ${name}`] }).output();
    const path = decoder.decode(stdout).trim();
    if (path.startsWith("/")) await Deno.symlink(path, `${folder}/${name}`);
  }
  const { code, err } = await home.run(releases, [], { PATH: folder });
  assertEquals([code, err], [0, ""]);
  assertEquals(await home.version(), "chat 1.0.0\n");
}, ["wget", "sha256sum"]);

test("the installer refuses options that it does not know, and says that it has no address", async () => {
  await using home = await Home.make();
  for (
    const [args, said] of [
      [["--force"], /there is no option --force/],
      [["--version"], /--version needs a value/],
      [["--version", "latest"], /write one like v1\.2\.3/],
      [[], /the project has no address for downloads yet: set CHAT_RELEASES/],
    ] as const
  ) {
    const { code, err } = await home.run(undefined, args);
    assertEquals(code, 1);
    assertMatch(err, said);
  }
  assertEquals(await home.contents(), []);
});

test("the shell scripts pass shellcheck", async () => {
  const debian = ["postinst", "prerm", "postrm"].map((name) => `release/debian/${name}`);
  const files = ["install.sh", "cluster/fetch_nats_server.sh", ...debian].map((path) =>
    new URL(`../../scripts/${path}`, import.meta.url).pathname
  );
  const { stdout } = await new Deno.Command("shellcheck", { args: files }).output();
  assertEquals(decoder.decode(stdout), "");
}, ["shellcheck"]);
