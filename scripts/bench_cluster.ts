/**
 * Measures several listeners over nats-servers, as a table in which each figure stands beside its bar:
 * `deno task bench:cluster [--rows=ack1,stored,…] [--rounds=3] [--base=EXECUTABLE]`. With the executable of an earlier commit it also tells what
 * those pay who use one listener.
 */

import { parseArgs } from "@std/cli/parse-args";
import { NATS_SERVER } from "../tests/cluster/nats_server.ts";
import { CLUSTER_ROWS, type ClusterRow, type Figure } from "./bench/cluster_rows.ts";
import { unusedFigures } from "./bench/cluster_unused.ts";

const { rows: names, base } = parseArgs(Deno.args, { string: ["rows", "base"] });
if (NATS_SERVER === undefined) {
  console.error("There is no nats-server: set CHAT_NATS_SERVER, see docs/cluster.md");
  Deno.exit(1);
}
const rows: Record<string, ClusterRow> = { ...CLUSTER_ROWS };
if (base !== undefined) rows.unused = () => unusedFigures(base);
const chosen = names?.split(",") ?? Object.keys(rows);
let failed = 0;
for (const name of chosen) {
  if (!Object.hasOwn(rows, name)) {
    console.error(`There is no row ${name}: there are ${Object.keys(rows).join(", ")}`);
    Deno.exit(2);
  }
  try {
    for (const figure of await rows[name]!()) console.log(line(figure));
  } catch (error) {
    failed++;
    console.log(`${name}: ${error instanceof Error ? error.message : error}`);
  }
}
Deno.exit(failed === 0 ? 0 : 1);

function line({ about, value, unit = "", most, least }: Figure): string {
  const isMet = (most === undefined || value <= most) && (least === undefined || value >= least);
  if (!isMet) failed++;
  const bar = most !== undefined ? `at most ${most}` : least !== undefined ? `at least ${least}` : "";
  return `${about.padEnd(64)} ${value.toPrecision(3).padStart(7)} ${unit.padEnd(3)} ${bar.padEnd(14)} ${
    isMet ? "" : "MISSED"
  }`
    .trimEnd();
}
