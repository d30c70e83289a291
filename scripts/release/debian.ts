/**
 * Builds the Debian package, chat-pickle: the program, its manual and completions, and a service that is not started before
 * somebody enables it. dpkg-deb packs it; SOURCE_DATE_EPOCH makes the same files the same bytes.
 */

import { COMPLETIONS, run, writeCompanions } from "./pack.ts";
import { type Commit, ROOT, VERSION } from "./project.ts";

const HERE = new URL("scripts/release/debian/", ROOT);

/** The program's place in the unit, as scripts/chat.service has it, and in the package. */
const [PROGRAM, PACKAGED] = ["/usr/local/bin/chat", "/usr/bin/chat"];

/** The paths of the package's other files. */
const PLACES: Readonly<Record<string, string>> = {
  [COMPLETIONS.bash]: "usr/share/bash-completion/completions/chat",
  [COMPLETIONS.zsh]: "usr/share/zsh/vendor-completions/_chat",
  [COMPLETIONS.fish]: "usr/share/fish/vendor_completions.d/chat.fish",
};

const MAINTAINER = "The authors of chat <chat-pickle@users.noreply.invalid>";

/** The options of the build. */
export interface DebianOptions {
  /** As dpkg writes it: amd64. */
  readonly architecture: string;
  readonly commit: Commit;
  /** Another version than the project's. */
  readonly version?: string;
}

/**
 * Builds the package of an executable.
 *
 * @returns Its path, beside the executable.
 */
export async function buildDebian(executable: string, options: DebianOptions): Promise<string> {
  const { architecture, commit, version = VERSION } = options;
  const temporary = await Deno.makeTempDir({ prefix: "chat-deb-" });
  try {
    const root = `${temporary}/root`;
    const install = async (path: string, content: string | Uint8Array, mode = 0o644) => {
      await Deno.mkdir(`${root}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      await Deno.writeFile(`${root}/${path}`, bytes);
      await Deno.chmod(`${root}/${path}`, mode);
    };
    await install("usr/bin/chat", await Deno.readFile(executable), 0o755);
    await install("usr/lib/systemd/system/chat.service", await readUnit());
    await install("etc/chat/environment", await Deno.readFile(new URL("environment", HERE)), 0o600);
    await Deno.mkdir(`${temporary}/completions`);
    await writeCompanions(temporary, commit.date);
    for (const [from, to] of Object.entries(PLACES)) {
      await install(to, await Deno.readFile(`${temporary}/${from}`));
    }
    await install("usr/share/man/man1/chat.1.gz", await gzip(`${temporary}/chat.1`));
    const documents = "usr/share/doc/chat-pickle";
    await install(`${documents}/README.md`, await Deno.readFile(new URL("README.md", ROOT)));
    const licence = (await Deno.readTextFile(new URL("LICENSE", ROOT))).split("\n\n").slice(2).join("\n\n");
    const copyright = await Deno.readTextFile(new URL("copyright", HERE));
    await install(
      `${documents}/copyright`,
      copyright + licence.trim().replace(/^(?=.)/gm, " ").replace(/^$/gm, " ."),
    );
    await install(`${documents}/CHANGELOG.md`, await Deno.readFile(new URL("CHANGELOG.md", ROOT)));
    await Deno.writeTextFile(`${temporary}/changelog`, changelog({ version, date: commit.date }));
    await install(`${documents}/changelog.gz`, await gzip(`${temporary}/changelog`));
    await install("DEBIAN/control", control({ architecture, version, size: await sizeOf(root) }));
    await install("DEBIAN/conffiles", "/etc/chat/environment\n");
    for (const script of ["postinst", "prerm", "postrm"]) {
      await install(`DEBIAN/${script}`, await Deno.readFile(new URL(script, HERE)), 0o755);
    }
    await openFolders(root);
    const output = executable.replace(/[^/\\]*$/, `chat-pickle_${version}_${architecture}.deb`);
    const seconds = String(commit.date.getTime() / 1000);
    await run("env", [
      `SOURCE_DATE_EPOCH=${seconds}`,
      "dpkg-deb",
      "--root-owner-group",
      "-Zxz",
      "-z1",
      "--build",
      root,
      output,
    ]);
    return output;
  } finally {
    await Deno.remove(temporary, { recursive: true });
  }
}

/** Gives the unit with the package's program and user in it. */
async function readUnit(): Promise<string> {
  const unit = await Deno.readTextFile(new URL("scripts/chat.service", ROOT));
  if (!unit.includes(PROGRAM) || !unit.includes("DynamicUser=yes")) {
    throw new Error("scripts/chat.service has another program or user than the package knows to replace");
  }
  return unit.replaceAll(PROGRAM, PACKAGED).replace("DynamicUser=yes", "User=_chat");
}

function control(about: { architecture: string; version: string; size: number }): string {
  return `Package: chat-pickle
Version: ${about.version}
Architecture: ${about.architecture}
Maintainer: ${MAINTAINER}
Installed-Size: ${about.size}
Depends: libc6 (>= 2.28), libgcc-s1, adduser
Section: net
Priority: optional
Description: both ends of a conversation, for people and Python programs
 One program starts a chat and joins it, from terminals and pipes. Python
 programs join the same room with their standard library, because what
 travels is a ten-byte header and a pickled object; nothing that travels
 can run code.
 .
 The program is /usr/bin/chat. The package ppp has another one of that name,
 /usr/sbin/chat: a root shell finds that first.
`;
}

/** Gives the entry that Debian wants of a package's changelog; that of the project lies beside it. */
function changelog({ version, date }: { version: string; date: Date }): string {
  const day = date.toUTCString().replace("GMT", "+0000");
  return `chat-pickle (${version}) unstable; urgency=medium\n\n  * See CHANGELOG.md.\n\n -- ${MAINTAINER}  ${day}\n`;
}

/** Gives the size of a folder's files in KiB. */
async function sizeOf(folder: string): Promise<number> {
  let size = 0;
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    size += isDirectory ? await sizeOf(path) : Math.ceil((await Deno.stat(path)).size / 1024);
  }
  return size;
}

/** Lets everybody into the folders, whatever the umask of whoever builds. */
async function openFolders(folder: string): Promise<void> {
  await Deno.chmod(folder, 0o755);
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) await openFolders(`${folder}/${name}`);
  }
}

/** Compresses a file without its name and time. */
async function gzip(path: string): Promise<Uint8Array> {
  const { stdout } = await new Deno.Command("gzip", { args: ["-9nc", path] }).output();
  return stdout;
}
