import { assertEquals } from "../../assert.ts";
import { SYSTEM_CLOCK } from "../../../lib/base/clock.ts";
import { connectBroker } from "../../../lib/cluster/broker/broker.ts";
import { Claims } from "../../../lib/cluster/people/claims.ts";
import { NATS_SERVER, startNats } from "../nats_server.ts";

Deno.test({
  name: "a name is claimed by one listener, until it is released or given, or that listener is gone",
  ignore: NATS_SERVER === undefined,
  async fn() {
    await using nats = await startNats();
    const servers = nats.nodes.map(({ port }) => ({ host: "127.0.0.1", port }));
    const broker = await connectBroker({
      address: { isEncrypted: false, user: undefined, chat: "test", servers },
    });
    const kv = await broker.openBucket({ name: "claims", storage: "memory", maxAge: 3_600_000 });
    const gone = new Set<string>();
    const claimsOf = (self: string, isConnected = true) =>
      new Claims({
        kv: () => kv,
        isConnected: () => isConnected,
        clock: SYSTEM_CLOCK,
        self,
        isGone: (node) => Promise.resolve(gone.has(node)),
      });
    const [a, b] = [claimsOf("a"), claimsOf("b")];

    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, n) => (n % 2 ? a : b).claim(`k${n >> 1}`)),
    );
    for (let n = 0; n < 20; n += 2) assertEquals(outcomes.slice(n, n + 2).sort(), ["ours", "taken"]);

    assertEquals([await a.claim("ann"), await a.claim("ann"), await b.claim("ann")], [
      "ours",
      "ours",
      "taken",
    ]);
    await a.release("ann");
    assertEquals([await b.claim("ann"), await a.claim("ann")], ["ours", "taken"]);
    // Who gives a name has it no longer; who gets it claims it as their own.
    assertEquals([await b.give("ann", "a"), await b.claim("ann"), await a.claim("ann")], [
      true,
      "taken",
      "ours",
    ]);
    gone.add("a");
    assertEquals(await b.claim("ann"), "ours");
    // The late claim of a listener that was taken for gone fails, and its release changes nothing.
    gone.delete("a");
    await a.release("ann");
    assertEquals([await a.claim("ann"), await b.claim("ann")], ["taken", "ours"]);
    // What another program has written there belongs to nobody.
    await kv.put("odd", "no JSON");
    assertEquals(await a.claim("odd"), "ours");
    assertEquals(await claimsOf("c", false).claim("new"), "unknown");
    await broker.close();
  },
});
