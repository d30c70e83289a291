/** What a connection that only waits costs the server. */

import { connectCrowd } from "./crowd.ts";
import { pause, residentBytes } from "./processes.ts";
import { type WireName, WIRES } from "./wires.ts";

/** What is measured. */
export interface IdleJob {
  readonly kind: "idle";
  readonly wire: WireName;
  readonly port: number;
  /** The server's process. */
  readonly pid: number;
  readonly connections: number;
}

export interface IdleResult {
  readonly bytesEach: number;
}

/**
 * How long the server has for its own tidying. V8 gives back what a burst of connections made it take when it has been
 * at rest for half a minute: what is measured is a connection that is idle, not one that has just come.
 */
const SECONDS = 45;

/** Runs the load. The first few connections are not counted: they pay for what all share. */
export async function idle(job: IdleJob): Promise<IdleResult> {
  const wire = WIRES[job.wire];
  const few = 100;
  await connectCrowd({ wire, port: job.port, size: few, readSize: 4096 });
  const before = await atRest(job.pid);
  await connectCrowd({ wire, port: job.port, size: job.connections, first: few, readSize: 4096 });
  return { bytesEach: (await atRest(job.pid) - before) / job.connections };
}

/** The least memory that a process takes while nothing happens. */
async function atRest(pid: number): Promise<number> {
  let least = Infinity;
  for (let second = 0; second < SECONDS; second++) {
    await pause(1000);
    least = Math.min(least, residentBytes(pid));
  }
  return least;
}
