/** Measures the throughput of long bodies, sent one at a time to several peers. */

import { encodeFrame } from "../../lib/frame/mod.ts";
import { encode } from "../../lib/pickle/encode/encode.ts";
import { connectCrowd, settle } from "./crowd.ts";
import { cpuSeconds, now } from "./processes.ts";
import { Progress } from "./progress.ts";
import { frame, type WireName, WIRES } from "./wires.ts";

/** The options of the measurement. */
export interface LargeJob {
  readonly kind: "large";
  readonly wire: WireName;
  readonly port: number;
  /** The server's process. */
  readonly pid: number;
  readonly receivers: number;
  /** The body's size in bytes, and how many such go. */
  readonly size: number;
  readonly count: number;
}

export interface LargeResult {
  readonly bytesPerSecond: number;
  readonly bytesPerCpuSecond: number;
}

/** Runs the load. */
export async function large(job: LargeJob): Promise<LargeResult> {
  const wire = WIRES[job.wire];
  const options = { wire, port: job.port, readSize: 256 * 1024 };
  const receivers = await connectCrowd({ ...options, size: job.receivers });
  const [sender] = await connectCrowd({ ...options, size: 1, first: job.receivers });
  await settle(receivers, sender!, wire.post);

  const body = new Uint8Array(job.size).fill(0x61);
  const post = job.wire === "chat" ? frame({ type: "message", body }) : encodeFrame(encode(body));
  const progress = new Progress(receivers);
  let arrived = Promise.withResolvers<void>();
  for (const receiver of receivers) {
    receiver.onMessages = (count) => {
      if (progress.add(receiver, count) > 0) arrived.resolve();
    };
  }
  const send = async () => {
    arrived = Promise.withResolvers<void>();
    sender!.write(post);
    await arrived.promise;
  };
  await send();
  const [begun, cpu] = [now(), cpuSeconds(job.pid)];
  for (let round = 0; round < job.count; round++) await send();
  const bytes = job.count * job.size * job.receivers;
  return {
    bytesPerSecond: bytes / ((now() - begun) / 1000),
    bytesPerCpuSecond: bytes / (cpuSeconds(job.pid) - cpu),
  };
}
