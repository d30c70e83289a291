import { Socket } from "../../lib/listener/socket.ts";
import { assertEquals } from "../assert.ts";
import { closingCancelsWrites, connectedPair, fill, nextTurn, socketsOf } from "../descriptors.ts";

const options = { ignore: Deno.build.os !== "linux" };

Deno.test("a socket is released as soon as it is closed, also while it is read", options, async () => {
  const before = socketsOf(Deno.pid);
  const { near, far } = await connectedPair();
  const socket = new Socket(near);
  const reading = socket.read(new Uint8Array(1)).catch(() => "cancelled");
  socket.close();
  await socket.release();
  assertEquals(await reading, "cancelled");
  far.close();
  assertEquals(socketsOf(Deno.pid), before);
});

Deno.test(
  "a socket with a write under way is released when its descriptor is free, not before",
  options,
  async () => {
    const cancels = await closingCancelsWrites();
    const before = socketsOf(Deno.pid);
    const { near, far } = await connectedPair();
    const socket = new Socket(near);
    await fill(socket);
    let isReleased = false;
    const released = socket.release().then(() => isReleased = true);
    for (let turn = 0; turn < 20; turn++) await nextTurn();
    assertEquals([isReleased, socketsOf(Deno.pid) - before], cancels ? [true, 1] : [false, 2]);
    far.close();
    await released;
    assertEquals(socketsOf(Deno.pid), before);
  },
);
