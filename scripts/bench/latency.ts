/** Measures the time from the sending of a message until the last receiver has it, at a steady rate. */

import { connectCrowd, settle } from "./crowd.ts";
import { now, pause } from "./processes.ts";
import { Progress } from "./progress.ts";
import { type WireName, WIRES } from "./wires.ts";

/** The options of the measurement. */
export interface LatencyJob {
  readonly kind: "latency";
  readonly wire: WireName;
  readonly port: number;
  readonly receivers: number;
  /** Messages a second. */
  readonly rate: number;
  readonly seconds: number;
}

/** In milliseconds. */
export interface LatencyResult {
  readonly p50: number;
  readonly p99: number;
}

/** The messages before this one are for warming up. */
const WARM_SECONDS = 2;

/** Runs the load. */
export async function latency(job: LatencyJob): Promise<LatencyResult> {
  const wire = WIRES[job.wire];
  const receivers = await connectCrowd({ wire, port: job.port, size: job.receivers });
  const [sender] = await connectCrowd({ wire, port: job.port, size: 1, first: job.receivers });
  await settle(receivers, sender!, wire.post);

  const progress = new Progress(receivers);
  const sentAt: number[] = [];
  const took: number[] = [];
  for (const receiver of receivers) {
    receiver.onMessages = (count) => {
      const before = progress.least;
      const grown = progress.add(receiver, count);
      if (grown === 0) return;
      const time = now();
      for (let index = before; index < before + grown; index++) took.push(time - sentAt[index]!);
    };
  }
  const total = job.rate * (WARM_SECONDS + job.seconds);
  const begun = now();
  while (sentAt.length < total) {
    await pause(1);
    const due = Math.min(total, Math.floor((now() - begun) / 1000 * job.rate));
    while (sentAt.length < due) {
      sentAt.push(now());
      sender!.write(wire.post);
    }
  }
  while (took.length < total) await pause(10);
  const sorted = took.slice(WARM_SECONDS * job.rate).sort((a, b) => a - b);
  const at = (part: number) => sorted[Math.floor(sorted.length * part)]!;
  return { p50: at(0.5), p99: at(0.99) };
}
