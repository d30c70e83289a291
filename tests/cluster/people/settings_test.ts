import { assert } from "../../assert.ts";
import { SYSTEM_CLOCK } from "../../../lib/base/clock.ts";
import { type Broker, connectBroker } from "../../../lib/cluster/broker/broker.ts";
import { SharedSettings } from "../../../lib/cluster/people/settings.ts";
import { NATS_SERVER, type NatsCluster, startNats } from "../nats_server.ts";

function connect({ nodes }: NatsCluster): Promise<Broker> {
  const servers = nodes.map(({ port }) => ({ host: "127.0.0.1", port }));
  return connectBroker({ address: { isEncrypted: false, user: undefined, chat: "test", servers } });
}

/** Has the next bucket that a broker opens refuse its first watch, as while its servers choose their leaders. */
function refuseWatch(broker: Broker): void {
  const open = broker.openBucket.bind(broker);
  broker.openBucket = async (plan) => {
    const kv = await open(plan);
    kv.watch = () => Promise.reject(new Error("no leader yet"));
    broker.openBucket = open;
    return kv;
  };
}

Deno.test({
  name:
    "settings that others write are seen after a lost connection, also if they could not be watched at once",
  ignore: NATS_SERVER === undefined,
  async fn() {
    await using nats = await startNats();
    const brokers = [await connect(nats), await connect(nats)] as const;
    const failures: string[] = [];
    const open = (broker: Broker) =>
      SharedSettings.open({ broker, clock: SYSTEM_CLOCK, onFailure: (text) => failures.push(text) });
    const [a, b] = await Promise.all([open(brokers[0]), open(brokers[1])]);
    refuseWatch(brokers[1]);
    await nats.nodes[0]!.kill9();
    await nats.nodes[0]!.restart();
    a.setTopic("ops", "pagers");
    while (b.topicOf("ops") !== "pagers") await new Promise((resolve) => setTimeout(resolve, 5));
    assert(failures.includes("Cannot watch the settings of the chat yet: no leader yet"), failures.join());
    for (const settings of [a, b]) {
      await settings.written();
      await settings.close();
    }
    for (const broker of brokers) await broker.close();
  },
});
