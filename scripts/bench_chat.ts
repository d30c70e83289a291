/**
 * Measures the listener beside nats-server, ngircd and a relay in asyncio, on the loopback, with one load generator.
 *
 *     deno task bench:chat [--rows=NAMES] [--servers=NAMES] [--rounds=N] [--cpu=SECONDS]
 *
 * The servers take turns, and each figure is the median of the rounds. CPU seconds are those of the server's process.
 */

import { runLoad } from "./bench/run.ts";
import { ROWS } from "./bench/rows.ts";
import { type ServerKind, SERVERS } from "./bench/servers.ts";
import { table } from "./bench/table.ts";

const USAGE = `Usage: deno task bench:chat [--rows=NAMES] [--servers=NAMES] [--rounds=N] [--cpu=SECONDS]
  rows:    ${Object.keys(ROWS).join(" ")}
  servers: ${Object.keys(SERVERS).join(" ")} (chat is measured out of the source, dist as dist/chat)`;

function usage(why: string): never {
  console.error(`${why}\n${USAGE}`);
  Deno.exit(2);
}

const given = { rows: Object.keys(ROWS).join(), servers: "chat,nats,ngircd,relay", rounds: "5", cpu: "2" };
for (const argument of Deno.args) {
  const match = /^--(rows|servers|rounds|cpu)=(.+)$/.exec(argument);
  if (match === null) usage(`Cannot take ${argument}`);
  given[match[1] as keyof typeof given] = match[2]!;
}
const rounds = Number(given.rounds);
const cpu = Number(given.cpu);
if (!(rounds >= 1 && cpu > 0)) usage("Cannot measure: --rounds and --cpu must be numbers above 0");

const servers: ServerKind[] = [];
for (const name of given.servers.split(",")) {
  const server = SERVERS[name] ?? usage(`There is no server ${name}`);
  const missing = server.missing();
  if (missing === null) servers.push(server);
  else console.error(`${server.name} is left out: ${missing}`);
}

for (const name of given.rows.split(",")) {
  const row = ROWS[name] ?? usage(`There is no row ${name}`);
  const lines = await row.measure({ servers, rounds, cpu, runLoad });
  console.log(table(`${name}: ${row.about}`, { bar: row.bar, lines }));
}
