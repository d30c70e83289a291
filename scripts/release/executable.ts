/**
 * Builds one executable.
 *
 * The sources are copied to a folder of their own, so that nothing else of the working directory can get in. They are
 * bundled into few modules, of which a command loads only its own: of many modules each would be loaded and compiled anew
 * at each start. Names and times of what is embedded are fixed, so that the same sources give the same bytes.
 *
 * The executable keeps no cache of compiled code: the runtime would write that to a name in the folder for temporary files
 * that anybody can foresee, and trust it whoever had put it there.
 */

import { findBase } from "./base.ts";
import { makePage } from "../page.ts";
import { type Commit, ROOT } from "./project.ts";
import { baseVariable } from "./targets.ts";

/**
 * The permissions of a running chat: talk over the network, keep a history file where it is told to, read its few
 * variables, and learn the machine's name, when it was started (what was not synced before that may be missing from a
 * history), and the number of the user, whose private files alone it trusts.
 */
export const PERMISSIONS = [
  "--no-prompt",
  "--allow-net",
  "--allow-read",
  "--allow-write",
  "--allow-env=NO_COLOR,TERM,COLORTERM,COLORFGBG,TERM_PROGRAM,VTE_VERSION,WT_SESSION,TZ,HOME,XDG_CONFIG_HOME,APPDATA,USER,LOGNAME,USERNAME,CHAT_NICK,CHAT_OPERATOR_TOKEN,CHAT_CODE,CHAT_BROKER_PASSWORD,DENO_CERT,DENO_TLS_CA_STORE,STATE_DIRECTORY,XDG_STATE_HOME,LOCALAPPDATA,WS_NO_BUFFER_UTIL,WS_NO_UTF_8_VALIDATE",
  "--allow-sys=osUptime,networkInterfaces,hostname,uid",
];

/** The modules of workers, by their names beside the main module; and the page, which is read when it is served. */
const WORKERS = {
  "line_worker.js": "lib/web/line_worker.ts",
  "search_worker.js": "lib/history/sqlite/search/worker.ts",
};
const PAGE = "page.html";

/**
 * The modules of the WebSocket server and of the broker's client, by the packages in them, and the map by which others
 * find them. Each is bundled alone: CommonJS packages need `require`, and bundled with the rest they would have every
 * command load what Node.js has for that.
 */
const APART = [
  { module: "ws.js", source: "lib/web/ws.ts", packages: ["ws"] },
  {
    module: "nats.js",
    source: "lib/cluster/broker/nats.ts",
    packages: [
      "@nats-io/nats-core",
      "@nats-io/nats-core/internal",
      "@nats-io/jetstream",
      "@nats-io/kv",
    ],
  },
];
const IMPORT_MAP = "import_map.json";

/** The files that a build reads. */
const SOURCES = ["main.ts", "deno.json", "deno.lock", "lib/"];

/** The options of the build. */
export interface Plan {
  readonly target: string;
  readonly output: string;
  readonly commit: Commit;
}

/**
 * Builds an executable for a target.
 *
 * @throws {Error} With one line about what is missing, or with what the compiler said.
 */
export async function buildExecutable({ target, output, commit }: Plan): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "chat-build-" });
  try {
    const bundle = await bundleModules(folder, commit);
    const base = await findBase(target);
    await deno(
      [
        "compile",
        "--no-config",
        "--import-map",
        IMPORT_MAP,
        "--no-lock",
        "--no-check",
        "--no-code-cache",
        "--app-name",
        "chat",
        ...PERMISSIONS,
        "--target",
        target,
        "--output",
        output,
        ...Object.keys(WORKERS).flatMap((name) => ["--include", name]),
        "--include",
        PAGE,
        "main.js",
      ],
      { cwd: bundle, target, ...(base === undefined ? {} : { base }) },
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/**
 * Bundles the program into the modules that an executable embeds.
 *
 * @param folder An empty folder to work in.
 * @returns The folder of the modules, below that one. The main module is main.js.
 */
export async function bundleModules(folder: string, commit: Commit): Promise<string> {
  const [source, bundle] = [`${folder}/source`, `${folder}/bundle`];
  await Deno.mkdir(source);
  for (const path of SOURCES) await copy(new URL(path, ROOT), `${source}/${path}`);
  await Deno.writeTextFile(
    `${source}/lib/cli/commit.ts`,
    `export const COMMIT: string = ${JSON.stringify(commit.name)};\n`,
  );
  const bundled = (args: readonly string[]) =>
    deno(["bundle", "--frozen", "--minify", ...args], { cwd: source });
  const external = APART.flatMap(({ packages }) => packages.flatMap((name) => ["--external", name]));
  await bundled(["--code-splitting", ...external, "--outdir", bundle, "main.ts"]);
  for (const { module, source } of APART) await bundled(["--output", `${bundle}/${module}`, source]);
  for (const [name, module] of Object.entries(WORKERS)) {
    await bundled(["--output", `${bundle}/${name}`, module]);
  }
  const imports = Object.fromEntries(
    APART.flatMap(({ module, packages }) => packages.map((name) => [name, `./${module}`])),
  );
  await Deno.writeTextFile(`${bundle}/${PAGE}`, await makePage(source));
  await Deno.writeTextFile(`${bundle}/${IMPORT_MAP}`, JSON.stringify({ imports }));
  for await (const { name } of Deno.readDir(bundle)) {
    await Deno.utime(`${bundle}/${name}`, commit.date, commit.date);
  }
  return bundle;
}

/** Copies a file, or the sources of a folder. */
async function copy(from: URL, to: string): Promise<void> {
  if (!from.pathname.endsWith("/")) return await Deno.copyFile(from, to);
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    const path = isDirectory ? `${name}/` : name;
    if (isDirectory || /\.(?:ts|html|css)$|^deno\.json$/.test(name)) {
      await copy(new URL(path, from), `${to}${path}`);
    }
  }
}

/** Runs this Deno, and says in one line what it lacks where it fails for that. */
async function deno(args: readonly string[], options: { cwd: string; target?: string; base?: string }) {
  // A base that was set for this machine is none for another target.
  const { DENORT_BIN: _, ...env } = Deno.env.toObject();
  if (options.base !== undefined) env.DENORT_BIN = options.base;
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [args[0]!, "--quiet", ...args.slice(1)],
    cwd: options.cwd,
    clearEnv: true,
    env,
    stdout: "null",
    stderr: "piped",
  }).output();
  if (success) return;
  const said = new TextDecoder().decode(stderr);
  if (args[0] === "bundle" && /esbuild/i.test(said)) {
    throw new Error(`esbuild, which makes few modules of all, could not be had from npm:\n${said}`);
  }
  if (options.base === undefined && /denort|download|sending request|dns error/i.test(said)) {
    const own = options.target === Deno.build.target ? "DENORT_BIN or " : "";
    throw new Error(
      `the base executable for ${options.target} could not be downloaded: connect to the network, or set ${own}${
        baseVariable(options.target ?? "")
      } to the path of its denort of Deno ${Deno.version.deno}`,
    );
  }
  throw new Error(said);
}
