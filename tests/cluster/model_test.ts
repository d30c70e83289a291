/**
 * Random sessions at several listeners of one chat, against the model of what each must be told. `CHAT_MODEL_STEPS` tells
 * how many steps they take, `CHAT_MODEL_SEED` what is random.
 */

import { SYSTEM_CLOCK } from "../../lib/base/clock.ts";
import { openCluster } from "../../lib/cluster/mod.ts";
import type { LogEvent } from "../../lib/log/log.ts";
import { assert, assertEquals, assertGreater } from "../assert.ts";
import { type Ground, play, report } from "../integration/model_play.ts";
import { NATS_SERVER, type NatsCluster, startNats } from "./nats_server.ts";

const STEPS = Number(Deno.env.get("CHAT_MODEL_STEPS") ?? 300);
const SEED = Number(Deno.env.get("CHAT_MODEL_SEED") ?? 1);
const LISTENERS = 3;

/** Opens what one listener works on. */
async function openGround({ nodes }: NatsCluster, name: string, events: LogEvent[]): Promise<Ground> {
  const servers = nodes.map(({ port }) => ({ host: "127.0.0.1", port }));
  const cluster = await openCluster({
    address: { isEncrypted: false, user: undefined, servers, chat: "model" },
    password: undefined,
    creds: undefined,
    ca: undefined,
    replicas: undefined,
    isPrivate: false,
    retain: {},
    name,
    clock: SYSTEM_CLOCK,
    log: (event) => events.push(event),
    randomName: () => crypto.randomUUID(),
    onLost: (text) => events.push({ event: "failed", text }),
  });
  return { ...cluster, close: () => cluster.close() };
}

Deno.test({
  name: `everybody is told what the model says, at ${LISTENERS} listeners; ${STEPS} steps, seed ${SEED}`,
  ignore: NATS_SERVER === undefined,
  async fn() {
    await using nats = await startNats();
    const events: LogEvent[] = [];
    const names = Array.from({ length: LISTENERS }, (_, n) => `listener ${n + 1}`);
    const open = () => Promise.all(names.map((name) => openGround(nats, name, events)));
    const played = await play({ seed: SEED, steps: STEPS, keepsAll: true, open });
    const { counts } = played.ledger;
    assert(counts.gaps === 0 && counts.resumed > 0 && counts.again > 0, report(played));
    assertGreater(counts.messages, STEPS);
    assertEquals(events, []);
  },
});
