import type { AppendAnswer } from "../../../lib/cluster/broker/appender.ts";
import { type Broker, connectBroker } from "../../../lib/cluster/broker/broker.ts";
import { assertEquals, assertMatch, assertThrows } from "../../assert.ts";
import { NATS_SERVER, type NatsCluster, type NatsOptions, startNats } from "../nats_server.ts";

const ignore = NATS_SERVER === undefined;

/** Connects to a server with a stream of the subjects `log.*`. */
async function open(servers: NatsCluster): Promise<Broker> {
  const [host = "", port] = servers.nodes[0]!.address.split(":");
  const endpoints = [{ host, port: Number(port) }];
  const address = { servers: endpoints, user: undefined, chat: "test", isEncrypted: false };
  const broker = await connectBroker({ address });
  await broker.openStream({ name: "log", subjects: ["log.*"] });
  return broker;
}

/** Appends a message, and resolves with the answer. */
function append(broker: Broker, subject: string, after: number, body = "x"): Promise<AppendAnswer> {
  return new Promise((resolve) => {
    broker.append(
      { subject, header: ["Chat-Test", "text: é"], body: new TextEncoder().encode(body), after },
      resolve,
    );
  });
}

async function withBroker(options: NatsOptions, act: (broker: Broker) => Promise<void>): Promise<void> {
  await using servers = await startNats(options);
  const broker = await open(servers);
  try {
    await act(broker);
  } finally {
    await broker.close();
  }
}

Deno.test({
  name: "a message is appended only after the newest one of its subject, with its header",
  ignore,
  fn: () =>
    withBroker({}, async (broker) => {
      assertEquals(await append(broker, "log.a", 0), { sequence: 1 });
      assertEquals(await append(broker, "log.b", 0), { sequence: 2 });
      assertEquals(await append(broker, "log.a", 1), { sequence: 3 });
      for (const after of [0, 1, 2, 4]) {
        const answer = await append(broker, "log.a", after);
        assertEquals("code" in answer && answer.code, 10071);
      }
      const found = await broker.manager.streams.getMessage("log", { seq: 3 });
      assertEquals(found?.header.get("Chat-Test"), "text: é");
      assertEquals(found?.string(), "x");
    }),
});

Deno.test({
  name: "an answer that is not waited for any longer is not taken, and the next ones are",
  ignore,
  fn: () =>
    withBroker({}, async (broker) => {
      const taken: AppendAnswer[] = [];
      const message = { subject: "log.a", header: ["Chat-Test", "text"], body: new Uint8Array(1) } as const;
      broker.append({ ...message, after: 0 }, (answer) => taken.push(answer))();
      assertEquals(await append(broker, "log.a", 1), { sequence: 2 });
      assertEquals(taken, []);
    }),
});

Deno.test({
  name: "it is told where no stream takes a message, where the user may not publish, and what is too long",
  ignore,
  fn: () =>
    withBroker({
      maxPayload: 100_000,
      more: [
        `authorization { users: [ { user: u, password: p, permissions: { publish: { deny: "log.denied" } } } ] }`,
        "no_auth_user: u",
      ].join("\n"),
    }, async (broker) => {
      assertEquals(await append(broker, "elsewhere", 0), { code: 0, text: "no stream takes messages" });
      const denied = await append(broker, "log.denied", 0);
      assertEquals("code" in denied && denied.code, "denied");
      assertMatch("text" in denied ? denied.text : "", /log\.denied/);
      const message = { subject: "log.a", header: ["Chat-Test", "text"], after: 0 } as const;
      assertThrows(() => broker.append({ ...message, body: new Uint8Array(100_000) }, () => {}));
      assertEquals(await append(broker, "log.a", 0), { sequence: 1 });
    }),
});
