/** The process that makes the load: takes one job as JSON, prints the result as JSON on the last line. */

import { fail } from "./crowd.ts";
import { idle, type IdleJob } from "./idle.ts";
import { large, type LargeJob } from "./large.ts";
import { latency, type LatencyJob } from "./latency.ts";
import { members, type MembersJob } from "./members.ts";
import { stored, type StoredJob } from "./stored.ts";
import { throughput, type ThroughputJob } from "./throughput.ts";

/** The measurements. */
export type Job = ThroughputJob | LatencyJob | IdleJob | MembersJob | LargeJob | StoredJob;

function run(job: Job): Promise<unknown> {
  switch (job.kind) {
    case "throughput":
      return throughput(job);
    case "latency":
      return latency(job);
    case "idle":
      return idle(job);
    case "members":
      return members(job);
    case "large":
      return large(job);
    case "stored":
      return stored(job);
  }
}

console.log(JSON.stringify(await run(JSON.parse(Deno.args[0] ?? "{}")).catch(fail)));
Deno.exit(0);
