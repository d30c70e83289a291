/** Every descriptor comes back, whatever a peer does or leaves undone. */

import { HELLO_TIMEOUT_MS, SILENCE_MS } from "../../lib/private/door.ts";
import type { TestPeer } from "../integration/listening.ts";
import { Serving } from "../integration/serving.ts";
import { assert, assertEquals } from "../assert.ts";
import { AwaitedClock, Closed, SHARED_CODE } from "./closed.ts";

const ignore = Deno.build.os !== "linux";
const PEERS = 50;

function descriptors(): number {
  return [...Deno.readDirSync("/proc/self/fd")].length;
}

/** Waits until there are no more descriptors than there were; the test's own timeout ends it otherwise. */
async function untilBack(before: number): Promise<void> {
  while (descriptors() > before) await new Promise((resolve) => setImmediate(resolve));
}

/** Makes many peers, each of which has come as far as `isSet` says. */
async function many(make: () => Promise<TestPeer>, isThere: () => Promise<void>): Promise<TestPeer[]> {
  const peers: TestPeer[] = [];
  for (let n = 0; n < PEERS; n++) {
    peers.push(await make());
    await isThere();
  }
  return peers;
}

Deno.test({
  name:
    "peers that stall before, inside and behind the handshake give their descriptors back when their time is over",
  ignore,
  async fn() {
    const clock = new AwaitedClock();
    await using closed = await Closed.start({ clock });
    (await closed.shakeHands())[Symbol.dispose]();
    await clock.isSet(HELLO_TIMEOUT_MS);
    const before = descriptors();
    const begun = async () => {
      const peer = await closed.knock();
      peer.sendBytes(Uint8Array.of(0x16, 3, 1, 2));
      return peer;
    };
    const stalled = [
      ...await many(() => closed.knock(), () => clock.isSet(SILENCE_MS)),
      ...await many(begun, () => clock.isSet(HELLO_TIMEOUT_MS)),
      ...await many(() => closed.shakeHands(), () => clock.isSet(HELLO_TIMEOUT_MS)),
    ];
    assert(descriptors() > before + stalled.length);
    clock.advance(HELLO_TIMEOUT_MS);
    // Only the test's own ends are left, which it closes then.
    await untilBack(before + stalled.length);
    for (const peer of stalled) peer[Symbol.dispose]();
    await untilBack(before);
  },
});

Deno.test({
  name:
    "peers that go before, inside and behind the handshake, or send garbage, give their descriptors back at once",
  ignore,
  async fn() {
    await using closed = await Closed.start({ sharedCode: SHARED_CODE });
    (await closed.enter(SHARED_CODE))[Symbol.dispose]();
    const before = descriptors();
    for (let n = 0; n < PEERS; n++) {
      using _silent = await closed.knock();
      using begun = await closed.knock();
      begun.sendBytes(Uint8Array.of(0x16, 3, 1, 2));
      await begun.written();
      using garbage = await closed.knock();
      garbage.sendBytes(Uint8Array.of(0x16, ...crypto.getRandomValues(new Uint8Array(64))));
      await garbage.written();
      using _shaken = await closed.shakeHands();
      using _entered = await closed.enter(SHARED_CODE);
    }
    await untilBack(before);
  },
});

Deno.test({
  name: "a revoked member who reads nothing keeps one descriptor until it closes its end",
  ignore,
  async fn() {
    await using closed = await Closed.start({ sharedCode: SHARED_CODE });
    using ann = await closed.enter(SHARED_CODE, { nick: "ann" });
    const before = descriptors();
    const bob = await closed.enter(await closed.invite("bob"));
    const body = new Uint8Array(1 << 20);
    for (let ref = 0; ref < 24; ref++) {
      ann.peer.send({ type: "message", body, ref });
      await ann.peer.answer(ref);
    }
    await closed.command("revoke", "bob");
    // The runtime ends no write that is under way, so the socket itself stays, and the test's own end.
    await untilBack(before + 2);
    bob[Symbol.dispose]();
    await untilBack(before);
  },
});

Deno.test({
  name: "without descriptors nobody gets in, and with them again everybody does",
  ignore,
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "chat-private-" });
    try {
      const env = { STATE_DIRECTORY: folder, CHAT_CODE: SHARED_CODE };
      await using serving = await Serving.start({ args: ["--private", "--quiet"], env, ulimit: "-n 64" });
      const certificate = await Deno.readTextFile(`${folder}/listener.crt`);
      const conns: Deno.Conn[] = [];
      const shake = async () => {
        const conn = await Deno.connect({ hostname: "127.0.0.1", port: serving.port });
        const tls = await Deno.startTls(conn, { hostname: "chat.invalid", caCerts: [certificate] });
        conns.push(tls);
        return await tls.handshake().then(() => true, () => false);
      };
      // With each more than it can take, accepting fails at last.
      const shaking = Array.from({ length: PEERS }, () => shake().catch(() => false));
      const closeAll = () => {
        for (const conn of conns.splice(0)) {
          try {
            conn.close();
          } catch {
            // The handshake has closed it.
          }
        }
      };
      await serving.until("failing");
      closeAll();
      await Promise.all(shaking);
      while (!await shake());
      closeAll();
      serving.kill("SIGTERM");
      assertEquals(await serving.ended(), 0);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
