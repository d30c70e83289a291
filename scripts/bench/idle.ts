/** Measures the server's memory for idle connections. */

import { connectCrowd } from "./crowd.ts";
import { bytesAtRest } from "./processes.ts";
import { type WireName, WIRES } from "./wires.ts";

/** The options of the measurement. */
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

/** Runs the load. The first few connections are not counted: they pay for what all share. */
export async function idle(job: IdleJob): Promise<IdleResult> {
  const wire = WIRES[job.wire];
  const few = 100;
  await connectCrowd({ wire, port: job.port, size: few, readSize: 4096 });
  const before = await bytesAtRest(job.pid);
  await connectCrowd({ wire, port: job.port, size: job.connections, first: few, readSize: 4096 });
  return { bytesEach: (await bytesAtRest(job.pid) - before) / job.connections };
}
