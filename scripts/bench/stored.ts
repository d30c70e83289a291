/** Measures stored and acked messages, from many senders at once. */

import { type Client, connectCrowd, settle } from "./crowd.ts";
import { cpuSeconds, now, pause } from "./processes.ts";
import { frame, TEXT, WIRES } from "./wires.ts";

/** The options of the measurement. */
export interface StoredJob {
  readonly kind: "stored";
  readonly port: number | readonly number[];
  /** The server's process, or those of several listeners. */
  readonly pid: number | readonly number[];
  readonly senders: number;
  /** Posts of one sender that are not acked yet. */
  readonly inFlight: number;
  readonly seconds: number;
}

export interface StoredResult {
  readonly ackedPerSecond: number;
  readonly cpu: number;
  readonly seconds: number;
}

/** A number that pickles as four bytes, so that the frame can be made once and the number be put into it. */
const FIRST_REF = 0x0100_0000;
const TEMPLATE = frame({ type: "message", ref: FIRST_REF, body: TEXT });
const REF_AT = (() => {
  const mark = TEMPLATE.findIndex((_byte, at) =>
    TEMPLATE[at] === 0x4a && new DataView(TEMPLATE.buffer, at + 1, 4).getUint32(0, true) === FIRST_REF
  );
  if (mark < 0) throw new Error("the ref is not where it was thought to be");
  return mark + 1;
})();

/** Frames with the refs `first` and so on. */
function posts(first: number, count: number): Uint8Array {
  const wire = new Uint8Array(TEMPLATE.length * count);
  const view = new DataView(wire.buffer);
  for (let index = 0; index < count; index++) {
    wire.set(TEMPLATE, index * TEMPLATE.length);
    view.setUint32(index * TEMPLATE.length + REF_AT, first + index, true);
  }
  return wire;
}

/** Runs the load. */
export async function stored(job: StoredJob): Promise<StoredResult> {
  const senders = await connectCrowd({ wire: WIRES.chat, port: job.port, size: job.senders });
  await settle(senders, senders[0]!, WIRES.chat.post);
  await settle(senders, senders[1]!, WIRES.chat.post);
  const refs = new Map<Client, number>();
  const send = (sender: Client, count: number) => {
    const ref = refs.get(sender) ?? FIRST_REF;
    refs.set(sender, ref + count);
    sender.write(posts(ref, count));
  };
  const sum = () => senders.reduce((sum, sender) => sum + sender.acks, 0);
  for (const sender of senders) {
    sender.onAcks = (count) => send(sender, count);
    send(sender, job.inFlight);
  }
  await pause(500);
  const [acked, begun, cpu] = [sum(), now(), cpuSeconds(job.pid)];
  await pause(job.seconds * 1000);
  const seconds = (now() - begun) / 1000;
  return { ackedPerSecond: (sum() - acked) / seconds, cpu: cpuSeconds(job.pid) - cpu, seconds };
}
