/** The descriptors of peers that are thrown out while they read nothing. */

import { assert, assertEquals } from "../assert.ts";
import { closingCancelsWrites, nextTurn, socketsOf } from "../descriptors.ts";
import type { TestPeer } from "./listening.ts";
import { Serving } from "./serving.ts";

const options = { ignore: Deno.build.os !== "linux" };

/** The most connections that the listener takes, one of which is that of the peer that posts. */
const MOST = 6;

/** Connects a peer that enters, and reads nothing from then on. Returns null if it is refused for want of a place. */
async function enterDeaf(serving: Serving): Promise<TestPeer | null> {
  const peer = await serving.connect();
  const told = await peer.receive();
  if (told?.type === "welcome") {
    peer.send({ type: "hello", nick: "deaf" });
    await peer.until("replay");
    return peer;
  }
  assertEquals(told?.code, "full");
  peer[Symbol.dispose]();
  return null;
}

/** Waits until the listener has as many sockets as that. */
async function untilSockets(serving: Serving, count: number): Promise<void> {
  while (socketsOf(serving.pid) !== count) await nextTurn();
}

Deno.test(
  "peers that read nothing and are removed again and again hold no more descriptors than connections are allowed",
  options,
  async () => {
    const cancels = await closingCancelsWrites();
    await using serving = await Serving.start({
      args: ["--connections", String(MOST), "--write-stall", "1s", "--no-limits"],
    });
    using ann = await serving.enter("ann");
    const before = socketsOf(serving.pid);
    const deaf: TestPeer[] = [];
    for (let round = 0; round < 2; round++) {
      const peers = await Promise.all(Array.from({ length: MOST - 1 }, () => enterDeaf(serving)));
      const entered = peers.filter((peer) => peer !== null);
      assertEquals(entered.length, cancels || round === 0 ? MOST - 1 : 0);
      // More than the system buffers for a connection.
      for (let i = 0; i < 16; i++) ann.sendValue("x".repeat(1 << 20));
      await ann.written();
      for (const _ of entered) assertEquals((await serving.until("went")).why, "slow");
      deaf.push(...entered);
      if (cancels) await untilSockets(serving, before);
      else assertEquals(socketsOf(serving.pid), before + MOST - 1);
    }
    for (const peer of deaf) peer[Symbol.dispose]();
    await untilSockets(serving, before);
    const late = await enterDeaf(serving);
    assert(late !== null, "there is a place again");
    late[Symbol.dispose]();
  },
);
