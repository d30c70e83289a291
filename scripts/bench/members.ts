/** Thousands of members of one room, as one of several processes that each hold a part of them. */

import { connectCrowd } from "./crowd.ts";
import { now, pause } from "./processes.ts";
import { type WireName, WIRES } from "./wires.ts";

/** What one process holds. */
export interface MembersJob {
  readonly kind: "members";
  readonly wire: WireName;
  readonly port: number;
  readonly first: number;
  readonly size: number;
  /** Whether it is this process that sends. */
  readonly sends: boolean;
}

/** In milliseconds of a clock that all processes share. */
export interface MembersResult {
  readonly sentAt: number[];
  readonly allHaveAt: number[];
}

/**
 * Connects; posts, where it is the one that sends, until its members are in; prints `joined`. Then, for each line on
 * standard input, a message is sent and awaited, and `got` is printed; the end of input ends it.
 */
export async function members(job: MembersJob): Promise<MembersResult> {
  const wire = WIRES[job.wire];
  const clients = await connectCrowd({ ...job, wire, readSize: 2048 });
  const [sender] = job.sends
    ? await connectCrowd({ wire, port: job.port, size: 1, first: job.first + job.size })
    : [];
  while (clients.some((client) => client.messages === 0)) {
    sender?.write(wire.post);
    await pause(500);
  }
  console.log("joined");

  const sentAt: number[] = [];
  const allHaveAt: number[] = [];
  for await (const _line of Deno.stdin.readable) {
    let missing = clients.length;
    const all = Promise.withResolvers<void>();
    for (const client of clients) {
      client.messages = 0;
      client.onMessages = () => {
        if (client.messages === 1 && --missing === 0) all.resolve();
      };
    }
    // The other processes get their line in the same moment and are ready long before this is over.
    await pause(sender ? 300 : 0);
    sentAt.push(now());
    sender?.write(wire.post);
    await all.promise;
    allHaveAt.push(now());
    console.log("got");
  }
  return { sentAt: sender ? sentAt : [], allHaveAt };
}
