/** Faults that befall servers and listeners. */

import type { Chaos } from "./chaos.ts";

/** How long what is paused stays so, in milliseconds. */
export interface FaultTimes {
  readonly least: number;
  readonly most: number;
}

/** A fault: does it, and has everything running again when it resolves. */
export type Fault = (chaos: Chaos, times: FaultTimes) => Promise<void>;

/** The faults by name. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  "kill -9 of the stream's leader": async (chaos, times) => {
    const { leader } = await chaos.servers.rolesOf(chaos.stream);
    await leader.kill9();
    await pause(chaos, times);
    await leader.restart();
  },
  "kill -9 of a follower": async (chaos, times) => {
    const follower = await anyFollower(chaos);
    await follower.kill9();
    await pause(chaos, times);
    await follower.restart();
  },
  "kill -9 of a listener": async (chaos, times) => {
    const node = any(chaos, chaos.nodes);
    await node.kill9();
    await pause(chaos, times);
    await node.start();
  },
  "TERM of the stream's leader": async (chaos, times) => {
    const { leader } = await chaos.servers.rolesOf(chaos.stream);
    await leader.term();
    await pause(chaos, times);
    await leader.restart();
  },
  "TERM of a listener": async (chaos) => {
    const node = any(chaos, chaos.nodes);
    const status = await node.term();
    if (status !== 0) node.faults.push(`${node.name} ended with ${status} after TERM`);
    await node.start();
  },
  "a paused leader": async (chaos, times) => {
    const { leader } = await chaos.servers.rolesOf(chaos.stream);
    await leader.stop();
    await pause(chaos, times);
    leader.cont();
  },
  "a paused follower": async (chaos, times) => {
    const follower = await anyFollower(chaos);
    await follower.stop();
    await pause(chaos, times);
    follower.cont();
  },
  "a paused listener": async (chaos, times) => {
    const node = any(chaos, chaos.nodes);
    node.stop();
    await pause(chaos, times);
    node.cont();
  },
  "all servers down": async (chaos, times) => {
    await Promise.all(chaos.servers.nodes.map((server) => server.kill9()));
    await pause(chaos, times);
    await Promise.all(chaos.servers.nodes.map((server) => server.restart()));
  },
  "cut connections": (chaos) => {
    for (const peer of chaos.peers) peer.cut();
    return Promise.resolve();
  },
};

async function anyFollower(chaos: Chaos) {
  return any(chaos, (await chaos.servers.rolesOf(chaos.stream)).followers);
}

function any<T>(chaos: Chaos, items: readonly T[]): T {
  return items[chaos.random(items.length)]!;
}

function pause(chaos: Chaos, { least, most }: FaultTimes): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, least + chaos.random(most - least + 1)));
}
