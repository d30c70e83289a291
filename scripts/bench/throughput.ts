/**
 * Measures deliveries a CPU second, with a fixed number of messages in flight, until the server has used enough CPU.
 */

import { connect, connectCrowd, settle } from "./crowd.ts";
import { cpuSeconds, now, pause } from "./processes.ts";
import { Progress } from "./progress.ts";
import { type WireName, WIRES } from "./wires.ts";

/** The options of the measurement. */
export interface ThroughputJob {
  readonly kind: "throughput";
  readonly wire: WireName;
  readonly port: number | readonly number[];
  /** The server's process, or those of several listeners. */
  readonly pid: number | readonly number[];
  readonly receivers: number;
  /** Whether the receivers send, each in its turn; else it is one sender beside them. */
  readonly allSend: boolean;
  /** Messages that were sent and not yet seen by all. */
  readonly inFlight: number;
  /** A receiver more that reads nothing. */
  readonly stalled: boolean;
  /** The CPU time that the server is to use, and the longest wait for that, in seconds. */
  readonly cpu: number;
  readonly maxSeconds: number;
}

export interface ThroughputResult {
  readonly deliveries: number;
  readonly seconds: number;
  readonly cpu: number;
  /** The CPU time of the load itself. If it is near `seconds`, the load was the bottleneck. */
  readonly loadCpu: number;
}

/** Runs the load. */
export async function throughput(job: ThroughputJob): Promise<ThroughputResult> {
  const wire = WIRES[job.wire];
  const receivers = await connectCrowd({ wire, port: job.port, size: job.receivers });
  const senders = job.allSend
    ? receivers
    : await connectCrowd({ wire, port: job.port, size: 1, first: job.receivers });
  const stalled = job.stalled ? await connect([job.port].flat()[0]!) : undefined;
  if (stalled) await stalled.write(wire.enter(job.receivers + 1));
  await settle(receivers, senders[0]!, wire.post);
  if (job.allSend) await settle(receivers, senders[1]!, wire.post);

  const posts = new Uint8Array(wire.post.length * job.inFlight);
  for (let at = 0; at < posts.length; at += wire.post.length) posts.set(wire.post, at);
  const progress = new Progress(receivers);
  let next = 0;
  let running = true;
  const send = (count: number): void => {
    if (!job.allSend) return senders[0]!.write(posts.subarray(0, wire.post.length * count));
    // A sender is not sent its own: it has seen them when they are written.
    for (; count > 0; count--) {
      const sender = senders[next++ % senders.length]!;
      sender.write(wire.post);
      const grown = progress.add(sender, 1);
      if (running && grown > 0) count += grown;
    }
  };
  for (const receiver of receivers) {
    receiver.onMessages = (count) => {
      const grown = progress.add(receiver, count);
      if (running && grown > 0) send(grown);
    };
  }

  send(job.inFlight);
  await pause(300);
  const sum = () => receivers.reduce((sum, receiver) => sum + receiver.messages, 0);
  const [deliveries, cpu, loadCpu, begun] = [sum(), cpuSeconds(job.pid), cpuSeconds(Deno.pid), now()];
  for (;;) {
    await pause(50);
    const used = cpuSeconds(job.pid) - cpu;
    const seconds = (now() - begun) / 1000;
    if (used < job.cpu && seconds < job.maxSeconds) continue;
    running = false;
    stalled?.close();
    return { deliveries: sum() - deliveries, seconds, cpu: used, loadCpu: cpuSeconds(Deno.pid) - loadCpu };
  }
}
