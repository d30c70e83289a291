/** Thousands of members of one room, as one of several processes that each hold a part of them. */

import { type Client, connectCrowd } from "./crowd.ts";
import { now, pause } from "./processes.ts";
import { type WireName, WIRES } from "./wires.ts";

/** The part of the members that one process holds. */
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

/** The longest time for a message to reach everybody, in milliseconds. After it the measurement fails. */
const PATIENCE = 60_000;

/**
 * Connects; posts, where it is the one that sends, until its members are in; prints `joined`. Then, for each line on
 * standard input, it waits for a message, and prints `got` when all of its members have it; the end of input ends it.
 * The one that sends does so then; any other prints `waits` first, for it is to be told of a message before it is sent.
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
    const allHave = waitForAll(clients);
    if (sender) {
      sentAt.push(now());
      sender.write(wire.post);
    } else console.log("waits");
    allHaveAt.push(await allHave);
    console.log("got");
  }
  return { sentAt, allHaveAt };
}

/** Tells when each has got a message more. */
function waitForAll(clients: readonly Client[]): Promise<number> {
  const missing = new Set(clients);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${missing.size} members got no message`)), PATIENCE);
    for (const client of clients) {
      client.onMessages = () => {
        if (!missing.delete(client) || missing.size > 0) return;
        clearTimeout(timer);
        resolve(now());
      };
    }
  });
}
