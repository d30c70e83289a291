/**
 * Keeps a listener busy for ten minutes: peers that come, go, stall and talk.
 *
 *     deno task soak [--minutes=10] [--peers=200] [--seed=1] [--history]
 *
 * It fails where the listener's memory in the last tenth of the time is more than 10 % above that of the second tenth,
 * where the listener logs a failure, or ends. With `--history` the messages are kept in a file, the newest 2,000 of each room.
 */

import { pause, residentBytes } from "./bench/processes.ts";
import { SERVERS } from "./bench/servers.ts";
import { livePeer, type Tally } from "./bench/soak_peer.ts";

const given = { minutes: "10", peers: "200", seed: "1", server: "chat" };
let history = false;
for (const argument of Deno.args) {
  const match = /^--(minutes|peers|seed|server)=(.+)$/.exec(argument);
  if (match !== null) given[match[1] as keyof typeof given] = match[2]!;
  else if (argument === "--history") history = true;
  else {
    console.error(
      "Usage: deno task soak [--minutes=10] [--peers=200] [--seed=1] [--server=chat|dist] [--history]",
    );
    Deno.exit(2);
  }
}
const seconds = Number(given.minutes) * 60;
/** The largest accepted growth of the memory, as a fraction. */
const TOLERANCE = 0.1;

const folder = await Deno.makeTempDir();
const options = history ? ["--history", `${folder}/chat.db`, "--retain", "2000"] : [];
const logged: string[] = [];
const server = await SERVERS[given.server]!.start({ more: options, onText: (text) => keepFailures(text) });

/** Keeps the lines of the log that tell of a failure. */
function keepFailures(text: string): void {
  for (const line of text.split("\n")) {
    // Whatever is no event, such as the trace of a crash, is one too.
    if (line !== "" && !/^\{"time":"[^"]*","event":"(?!fail)/.test(line)) logged.push(line);
  }
}

const tally: Tally = { lives: 0, posted: 0, bytes: 0, stalls: 0, goodbyes: new Map(), errors: new Map() };
const over = new AbortController();
const peers = Array.from(
  { length: Number(given.peers) },
  (_, number) =>
    livePeer({ port: server.port, number, seed: Number(given.seed), signal: over.signal, tally }),
);

const samples: number[] = [];
for (let second = 1; second <= seconds && isAlive(); second++) {
  await pause(1000);
  if (!isAlive()) break;
  samples.push(residentBytes(server.pid) / 1e6);
  if (second % Math.max(10, Math.round(seconds / 20)) === 0) {
    const { lives, posted, stalls } = tally;
    console.log(
      `${second} s: ${samples.at(-1)!.toFixed(1)} MB, ${lives} lives, ${posted} posts, ${stalls} stalls`,
    );
  }
}

function isAlive(): boolean {
  try {
    return residentBytes(server.pid) > 0;
  } catch {
    return false;
  }
}

const alive = isAlive();
over.abort();
await Promise.all(peers);
await server.stop();
await Deno.remove(folder, { recursive: true });

/** The mean of a tenth of the time. */
function tenth(number: number): number {
  const size = samples.length / 10;
  const part = samples.slice(Math.floor(size * (number - 1)), Math.floor(size * number));
  return part.reduce((sum, sample) => sum + sample, 0) / part.length;
}

const [early, late] = [tenth(2), tenth(10)];
console.log(`lives ${tally.lives}, posts ${tally.posted}, bytes read ${tally.bytes}, stalls ${tally.stalls}`);
console.log(`errors to peers: ${shown(tally.errors)}; goodbyes: ${shown(tally.goodbyes)}`);
console.log(`memory: ${early.toFixed(1)} MB in the second tenth, ${late.toFixed(1)} MB in the last`);
if (!alive) console.log("the listener ended");
for (const line of logged.slice(0, 20)) console.log(`the listener logged: ${line}`);
const flat = late <= early * (1 + TOLERANCE);
if (!flat) console.log(`memory grew by ${((late / early - 1) * 100).toFixed(1)} %`);
Deno.exit(alive && flat && logged.length === 0 ? 0 : 1);

function shown(counts: ReadonlyMap<string, number>): string {
  return Array.from(counts, ([code, count]) => `${code} ${count}`).join(", ") || "none";
}
