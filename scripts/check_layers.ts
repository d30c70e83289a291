/**
 * Proves the layers: a file imports nothing from a layer above its own, no two files import each other in a circle,
 * the codec imports nothing but itself, and frames know nothing of pickles.
 */

/** The layer of a file is that of the longest prefix of its path. */
const LAYERS: Readonly<Record<string, number>> = {
  "main.ts": 5,
  "lib/listener.ts": 4,
  "lib/acceptor.ts": 4,
  "lib/connector.ts": 4,
  "lib/dial.ts": 4,
  "lib/caller.ts": 4,
  "lib/session.ts": 4,
  "lib/serve.ts": 4,
  "lib/connection.ts": 3,
  "lib/intake.ts": 3,
  "lib/outgoing.ts": 3,
  "lib/private_queue.ts": 1,
  "lib/duplex.ts": 1,
  "lib/hub.ts": 3,
  "lib/arrivals.ts": 3,
  "lib/introduction.ts": 3,
  "lib/renaming.ts": 3,
  "lib/requests.ts": 3,
  "lib/refusals.ts": 3,
  "lib/pace.ts": 3,
  "lib/farewell.ts": 3,
  "lib/turned_away.ts": 3,
  "lib/sweep.ts": 3,
  "lib/peer.ts": 3,
  "lib/room": 3,
  "lib/membership.ts": 3,
  "lib/posting.ts": 3,
  "lib/operators.ts": 3,
  "lib/stats.ts": 2,
  "lib/figures.ts": 3,
  "lib/turn.ts": 3,
  "lib/backlog.ts": 3,
  "lib/failures.ts": 2,
  "lib/nicks.ts": 2,
  "lib/sessions.ts": 2,
  "lib/gate.ts": 2,
  "lib/bucket.ts": 1,
  "lib/inbound.ts": 1,
  "lib/conversation/": 3,
  "lib/terminal/": 3,
  "lib/message.ts": 2,
  "lib/envelope.ts": 2,
  "lib/cli": 2,
  "lib/history/": 2,
  "lib/frame": 1,
  "lib/pickle/": 1,
  "lib/text.ts": 1,
  "lib/nearest.ts": 1,
  "lib/json": 1,
  "lib/log": 1,
  "lib/types/": 0,
  "lib/bytes.ts": 0,
  "lib/clock.ts": 0,
  "lib/loop_delay.ts": 1,
  "lib/errors.ts": 0,
  "lib/limits.ts": 0,
};

/** What a file may import where its layer alone says too little. */
const ONLY: Readonly<Record<string, RegExp>> = {
  "lib/pickle/": /^lib\/pickle\//,
  "lib/frame": /^lib\/(frame\/.*|errors|limits)\.ts$/,
};

const IMPORT = /^\s*(?:import|export)\b[^;"']*?from\s+"([^"]+)"|\bimport\("([^"]+)"\)|^import\s+"([^"]+)"/gm;

function longestPrefix<T>(table: Readonly<Record<string, T>>, path: string): T | undefined {
  const prefixes = Object.keys(table).filter((prefix) => path.startsWith(prefix));
  const longest = prefixes.sort((a, b) => b.length - a.length)[0];
  return longest === undefined ? undefined : table[longest];
}

async function* sources(folder: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* sources(path);
    else if (path.endsWith(".ts")) yield path;
  }
}

const root = new URL("../", import.meta.url);
Deno.chdir(root);
const faults: string[] = [];
const graph = new Map<string, string[]>();
const paths = ["main.ts"];
for await (const path of sources("lib")) paths.push(path);

for (const path of paths.sort()) {
  const layer = longestPrefix(LAYERS, path);
  if (layer === undefined) {
    faults.push(`${path} has no layer: name it in scripts/check_layers.ts`);
    continue;
  }
  const imports: string[] = [];
  // Examples in comments are not imports of the file.
  const code = (await Deno.readTextFile(path)).replace(/\/\*[\s\S]*?\*\//g, "");
  for (const [statement, from, dynamic, bare] of code.matchAll(IMPORT)) {
    const specifier = from ?? dynamic ?? bare ?? "";
    if (!specifier.startsWith(".")) {
      if (path.startsWith("lib/pickle/")) faults.push(`${path} imports ${specifier}: the codec stands alone`);
      continue;
    }
    const target = new URL(specifier, new URL(path, root)).href.slice(root.href.length);
    if (target === "deno.json") continue;
    // A circle of types alone is gone when the program runs.
    if (!/^\s*(import|export)\s+type\b/.test(statement)) imports.push(target);
    const below = longestPrefix(LAYERS, target);
    if (below === undefined || below > layer) {
      faults.push(`${path} (layer ${layer}) imports ${target} (layer ${below})`);
    }
    const only = longestPrefix(ONLY, path);
    if (only && !only.test(target)) faults.push(`${path} imports ${target}, which it must not know`);
  }
  graph.set(path, imports);
}

const done = new Set<string>();
function findCircle(path: string, trail: readonly string[]): void {
  if (trail.includes(path)) {
    faults.push(`a circle: ${[...trail.slice(trail.indexOf(path)), path].join(" → ")}`);
    return;
  }
  if (done.has(path)) return;
  for (const next of graph.get(path) ?? []) findCircle(next, [...trail, path]);
  done.add(path);
}
for (const path of graph.keys()) findCircle(path, []);

for (const fault of faults) console.error(fault);
console.log(`layers: ${paths.length} files, ${faults.length} faults`);
Deno.exit(faults.length > 0 ? 1 : 0);
