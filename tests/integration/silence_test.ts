/** How long somebody may say nothing: for ever who never said hello, and as long as it answers who did. */

import type { Duplex } from "../../lib/connection/duplex.ts";
import { encodeFrame } from "../../lib/frame/mod.ts";
import { encode } from "../../lib/pickle/encode/encode.ts";
import { assertEquals } from "../assert.ts";
import { HubListening } from "./hub_listening.ts";
import type { TestPeer } from "./listening.ts";

/** Waits until all that a peer sent was taken; gives the types of what it was told until then. */
async function toldUntilPong(peer: TestPeer): Promise<unknown[]> {
  peer.send({ type: "ping", ref: "done" });
  const types: unknown[] = [];
  for (let told = await peer.receive(); told!.type !== "pong"; told = await peer.receive()) {
    types.push(told!.type);
  }
  return types;
}

Deno.test("a peer that said hello is pinged after a minute of silence, and stays while it answers", async () => {
  await using chat = new HubListening();
  using ann = await chat.enter("ann");
  using guest = await chat.connect();
  chat.clock.advance(1000);
  await guest.until("replay");
  await toldUntilPong(ann);
  for (let n = 0; n < 20; n++) {
    chat.clock.advance(61_000);
    assertEquals((await ann.receive())?.type, "ping");
    ann.send({ type: "pong" });
    assertEquals(await toldUntilPong(ann), []);
  }
  // One that never said hello is asked for nothing.
  assertEquals(await toldUntilPong(guest), []);
  guest.sendValue("still here");
  assertEquals((await ann.until("message")).body, "still here");
});

Deno.test("a peer that does not answer a ping for a minute gets bye idle, and the room gets left", async () => {
  await using chat = new HubListening();
  using guest = await chat.connect();
  chat.clock.advance(1000);
  await guest.until("replay");
  using ann = await chat.enter("ann");
  chat.clock.advance(61_000);
  assertEquals((await ann.until("ping")).type, "ping");
  chat.clock.advance(60_000);
  assertEquals(chat.log.filter(({ event }) => event === "went"), []);
  chat.clock.advance(2000);
  assertEquals((await ann.until("bye")).code, "idle");
  assertEquals((await guest.until("left")).nick, "ann");
});

/** A connection that tells when something came. */
class Heard implements Duplex {
  readonly #conn: Deno.TcpConn;
  bytes = 0;
  #then: () => void = () => {};

  constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
  }

  async read(into: Uint8Array): Promise<number | null> {
    const count = await this.#conn.read(into);
    this.bytes += count ?? 0;
    // Behind what is done about it.
    setImmediate(() => this.#then());
    return count;
  }

  async until(bytes: number): Promise<void> {
    while (this.bytes < bytes) await new Promise<void>((resolve) => this.#then = resolve);
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#conn.write(bytes);
  }

  closeWrite(): Promise<void> {
    return this.#conn.closeWrite();
  }

  close(): void {
    this.#conn.close();
  }
}

Deno.test("any byte answers a ping, also part of a frame", async () => {
  const connections: Heard[] = [];
  await using chat = new HubListening({
    limits: { halfFrame: 1e9 },
    wrap: (conn) => {
      const heard = new Heard(conn);
      connections.push(heard);
      return heard;
    },
  });
  using ann = await chat.enter("ann");
  using bob = await chat.enter("bob");
  await ann.until("joined");
  const [heard] = connections as [Heard];
  const frame = encodeFrame(encode("slowly"));
  for (let at = 0; at < frame.length; at++) {
    // Bob answers whenever he is asked.
    chat.clock.advance(45_000);
    await toldUntilPong(bob);
    chat.clock.advance(45_000);
    await toldUntilPong(bob);
    assertEquals((await ann.receive())?.type, "ping");
    const before = heard.bytes;
    ann.sendBytes(frame.subarray(at, at + 1));
    await heard.until(before + 1);
  }
  assertEquals((await bob.until("message")).body, "slowly");
  assertEquals(await toldUntilPong(ann), []);
});
