/**
 * Checks the layout: a file imports only from the folders that the table allows, and no files import each other in a
 * circle, not even for types.
 *
 * `deno run --allow-read scripts/check_layers.ts` prints each fault on a line; its status is 1 where there is one.
 */

/**
 * The folders from which each folder may import, besides itself and lib/base/. A file belongs to the row with the
 * longest prefix of its path. The codec does not know lib/base/ either: it could be published alone.
 */
export const LAYOUT: Readonly<Record<string, readonly string[]>> = {
  "main.ts": ["lib/listener", "lib/connector", "lib/private/", "lib/cli/"],
  "lib/listener": [
    "lib/cluster/",
    "lib/private/",
    "lib/hub/",
    "lib/history/",
    "lib/connection/",
    "lib/conversation/",
    "lib/view/",
    "lib/terminal/",
    "lib/web/",
    "lib/protocol/",
    "lib/log/",
    "lib/cli/",
    "lib/frame/",
    "lib/pickle/",
  ],
  "lib/connector": [
    "lib/private/",
    "lib/conversation/",
    "lib/view/",
    "lib/terminal/",
    "lib/protocol/",
    "lib/connection/",
    "lib/cli/",
    "lib/frame/",
    "lib/pickle/",
  ],
  "lib/web/": ["lib/private/", "lib/connection/", "lib/frame/", "lib/json/", "lib/objects/", "lib/pickle/"],
  "lib/private/": ["lib/connection/", "lib/protocol/", "lib/log/", "lib/frame/", "lib/pickle/"],
  "lib/cluster/": [
    "lib/private/",
    "lib/hub/",
    "lib/history/",
    "lib/protocol/",
    "lib/log/",
    "lib/frame/",
    "lib/pickle/",
  ],
  "lib/hub/": ["lib/history/", "lib/connection/", "lib/protocol/", "lib/log/", "lib/frame/", "lib/pickle/"],
  "lib/conversation/": ["lib/view/", "lib/protocol/", "lib/connection/", "lib/frame/", "lib/pickle/"],
  "lib/terminal/": ["lib/view/", "lib/protocol/", "lib/cli/", "lib/pickle/"],
  "lib/view/": ["lib/protocol/", "lib/json/", "lib/objects/", "lib/cli/", "lib/log/", "lib/pickle/"],
  "lib/protocol/": ["lib/frame/", "lib/pickle/"],
  "lib/connection/": ["lib/frame/", "lib/pickle/"],
  "lib/history/": ["lib/frame/", "lib/pickle/"],
  "lib/cli/": ["lib/protocol/", "lib/history/", "lib/frame/", "lib/pickle/"],
  "lib/json/": ["lib/pickle/"],
  "lib/objects/": ["lib/pickle/"],
  "lib/log/": [],
  "lib/frame/": [],
  "lib/base/": [],
  "lib/pickle/": [],
};

/** The folder that every file outside the codec may import. */
const ALWAYS = "lib/base/";

/** The codec, which imports nothing but itself. */
const CODEC = "lib/pickle/";

/** The folders of the codec, from the ground up: a file may import from its own line and from those above it. */
const CODEC_FLOORS: readonly (readonly string[])[] = [
  ["values/"],
  ["keys/"],
  ["numpy/", "repr/"],
  ["decode/", "encode/", "verify/"],
  ["parse/"],
  [""],
];

const IMPORT = /^\s*(?:import|export)\b[^;"']*?from\s+"([^"]+)"|\bimport\("([^"]+)"\)|^import\s+"([^"]+)"/gm;

/** The row of a file: the longest prefix of its path. */
function rowOf(path: string): string | undefined {
  const rows = Object.keys(LAYOUT).filter((row) => path.startsWith(row));
  return rows.sort((a, b) => b.length - a.length)[0];
}

/** Tells whether a file may import another one. */
function mayImport(path: string, target: string): boolean {
  const row = rowOf(path);
  if (row === undefined) return false;
  if (row === CODEC) return target.startsWith(CODEC) && floorOf(target) <= floorOf(path);
  return rowOf(target) === row || target.startsWith(ALWAYS) ||
    LAYOUT[row]!.some((allowed) => target.startsWith(allowed));
}

/** The line of a file of the codec in its table. */
function floorOf(path: string): number {
  return CODEC_FLOORS.findIndex((folders) => folders.some((folder) => path.startsWith(CODEC + folder)));
}

/** The modules that a file imports from the project, as paths from its root, and those from elsewhere. */
function importsOf(path: string, code: string): { own: string[]; foreign: string[] } {
  const own: string[] = [];
  const foreign: string[] = [];
  // Examples in comments are no imports of the file.
  for (const [, from, dynamic, bare] of code.replace(/\/\*[\s\S]*?\*\//g, "").matchAll(IMPORT)) {
    const specifier = from ?? dynamic ?? bare ?? "";
    if (specifier.startsWith(".")) own.push(new URL(specifier, `file:///${path}`).pathname.slice(1));
    else foreign.push(specifier);
  }
  return { own: own.filter((target) => target.endsWith(".ts")), foreign };
}

/**
 * Finds what breaks the layout.
 *
 * @param files The code of each file by its path from the root: main.ts and everything in lib/.
 * @returns A line for each fault.
 */
export function findFaults(files: ReadonlyMap<string, string>): string[] {
  const faults: string[] = [];
  const graph = new Map<string, string[]>();
  for (const [path, code] of files) {
    if (rowOf(path) === undefined) {
      faults.push(`${path} has no row: name its folder in scripts/check_layers.ts`);
    }
    const { own, foreign } = importsOf(path, code);
    for (const target of own) {
      if (!mayImport(path, target)) faults.push(`${path} imports ${target}, which its folder may not know`);
    }
    if (path.startsWith(CODEC)) {
      for (const name of foreign) faults.push(`${path} imports ${name}: the codec stands alone`);
    }
    graph.set(path, own);
  }
  return [...faults, ...findCircles(graph)];
}

/** Finds one circle through each file from which one is met first. */
function findCircles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const faults: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      faults.push(`a circle: ${[...trail.slice(trail.indexOf(path)), path].join(" → ")}`);
      return;
    }
    if (done.has(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return faults;
}

/** Reads main.ts and everything in lib/. */
async function readSources(root: URL): Promise<Map<string, string>> {
  const paths = ["main.ts"];
  const list = async (folder: string): Promise<void> => {
    for await (const { name, isDirectory } of Deno.readDir(new URL(folder, root))) {
      if (isDirectory) await list(`${folder}${name}/`);
      else if (name.endsWith(".ts")) paths.push(`${folder}${name}`);
    }
  };
  await list("lib/");
  const files = new Map<string, string>();
  for (const path of paths.sort()) files.set(path, await Deno.readTextFile(new URL(path, root)));
  return files;
}

if (import.meta.main) {
  const files = await readSources(new URL("../", import.meta.url));
  const faults = findFaults(files);
  for (const fault of faults) console.error(fault);
  console.log(`layout: ${files.size} files, ${faults.length} faults`);
  Deno.exit(faults.length > 0 ? 1 : 0);
}
