import { assert, assertEquals, assertRejects, assertStringIncludes } from "../../assert.ts";
import type { BrokerAddress } from "../../../lib/base/broker_address.ts";
import { type Broker, type BrokerChange, connectBroker } from "../../../lib/cluster/broker/broker.ts";
import { BrokerError } from "../../../lib/cluster/broker/failures.ts";
import { NATS_SERVER, OLD_NATS_SERVER, startNats, startNatsCluster } from "../nats_server.ts";

const ignore = NATS_SERVER === undefined;

function addressOf(servers: string, more: Partial<BrokerAddress> = {}): BrokerAddress {
  const endpoints = servers.split(",").map((server) => {
    const [host = "", port] = server.split(":");
    return { host, port: Number(port) };
  });
  return { isEncrypted: false, user: undefined, chat: "test", servers: endpoints, ...more };
}

/** Resolves with the next change of a broker's connection that has the given state. */
function next(broker: Broker, state: BrokerChange["state"]): Promise<BrokerChange> {
  return new Promise((resolve) => {
    const stop = broker.watch((change) => {
      if (change.state !== state) return;
      stop();
      resolve(change);
    });
  });
}

/** Answers each connection with a line, until it is disposed of. */
function answering(line: string): Disposable & { address: string } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepting = (async () => {
    for await (const conn of listener) {
      await conn.write(new TextEncoder().encode(line));
      conn.close();
    }
  })();
  return {
    address: `127.0.0.1:${listener.addr.port}`,
    [Symbol.dispose]() {
      listener.close();
      void accepting;
    },
  };
}

const REFUSED = [
  ["nobody listens", "127.0.0.1:1", "Cannot reach the broker at nats://127.0.0.1:1: Connection refused"],
  ["the name is unknown", "nobody.invalid:4222", "Cannot reach the broker at nats://nobody.invalid:4222: "],
] as const;

for (const [what, servers, text] of REFUSED) {
  Deno.test(`a broker is refused in one line where ${what}`, async () => {
    const error = await assertRejects(() => connectBroker({ address: addressOf(servers) }), BrokerError);
    assertStringIncludes(error.message, text);
  });
}

Deno.test("a server that does not answer like NATS is not a broker", async () => {
  for (const line of ["HTTP/1.1 400 Bad Request\r\n\r\n", "INFO nonsense\r\n", "INFO 7\r\n", ""]) {
    using server = answering(line);
    const error = await assertRejects(
      () => connectBroker({ address: addressOf(server.address) }),
      BrokerError,
    );
    assertEquals(
      error.message,
      `Cannot use the broker at ${server.address}: no NATS server answers there; check the port`,
    );
  }
});

Deno.test("a server is refused from the first version on that is too old", async () => {
  for (const version of ["2.9.25", "2.10.22", "2.10.23-RC.1", "1.4.1", "two"]) {
    using server = answering(`INFO {"version":"${version}","max_payload":1048576}\r\n`);
    const error = await assertRejects(
      () => connectBroker({ address: addressOf(server.address) }),
      BrokerError,
    );
    assertStringIncludes(error.message, `it is NATS ${version}, and chat needs 2.10.23 or newer; upgrade it`);
  }
});

Deno.test({
  name: "a real server that is too old is refused",
  ignore: OLD_NATS_SERVER === undefined,
  async fn() {
    await using nats = await startNats({ program: OLD_NATS_SERVER });
    const error = await assertRejects(() => connectBroker({ address: addressOf(nats.address) }), BrokerError);
    assertStringIncludes(error.message, "and chat needs 2.10.23 or newer; upgrade it");
  },
});

Deno.test({
  name: "a login is refused in one line, without a user and with a wrong password",
  ignore,
  async fn() {
    await using nats = await startNats({ user: { name: "chat", password: "right" } });
    const address = addressOf(nats.address, { user: "chat" });
    const broker = await connectBroker({ address, password: "right" });
    await broker.close();
    for (const password of [...Array(20).fill("wrong"), undefined]) {
      const error = await assertRejects(() => connectBroker({ address, password }), BrokerError);
      assertEquals(
        error.message,
        `The broker at ${nats.address} refuses the login of chat: set CHAT_BROKER_PASSWORD to the password, or give --broker-creds FILE`,
      );
    }
    const error = await assertRejects(() => connectBroker({ address: addressOf(nats.address) }), BrokerError);
    assertStringIncludes(error.message, "refuses the login without a user");
  },
});

Deno.test({
  name: "a server without JetStream is refused",
  ignore,
  async fn() {
    await using nats = await startNats({ jetstream: false });
    const error = await assertRejects(() => connectBroker({ address: addressOf(nats.address) }), BrokerError);
    assertStringIncludes(error.message, "has no JetStream: start it with --jetstream");
    const encrypted = addressOf(nats.address, { isEncrypted: true });
    const plain = await assertRejects(() => connectBroker({ address: encrypted }), BrokerError);
    assertStringIncludes(plain.message, "it does not encrypt; give it a certificate, or write nats://");
  },
});

Deno.test({
  name: "an encrypted server is trusted by the certificate of its issuer alone",
  ignore,
  async fn() {
    await using nats = await startNats({ tls: true });
    const address = addressOf(nats.address, { isEncrypted: true });
    const ca = await Deno.readTextFile(nats.caFile);
    const broker = await connectBroker({ address, ca });
    await broker.close();
    const unknown = await assertRejects(() => connectBroker({ address }), BrokerError);
    assertStringIncludes(unknown.message, "UnknownIssuer; --broker-ca FILE names the certificate");
    // The server decides that it is encrypted where the address does not.
    const decided = await connectBroker({ address: addressOf(nats.address), ca });
    await decided.close();
  },
});

Deno.test({
  name: "streams and buckets are opened again, and refused where they are not of this plan",
  ignore,
  async fn() {
    await using nats = await startNats();
    const broker = await connectBroker({ address: addressOf(nats.address) });
    const plan = { name: "chat-test", subjects: ["chat.test.log.>"], storage: "file" } as const;
    const made = await broker.openStream({ ...plan, subjects: [...plan.subjects] });
    const again = await broker.openStream({ ...plan, subjects: [...plan.subjects] });
    assertEquals([made.config.num_replicas, again.created], [1, made.created]);
    const other = await assertRejects(
      () => broker.openStream({ ...plan, subjects: ["other.>"] }),
      BrokerError,
    );
    assertStringIncludes(other.message, "is not one of chat: its subjects differs");
    const alone = await assertRejects(
      () => broker.openStream({ ...plan, subjects: [...plan.subjects], num_replicas: 3 }),
      BrokerError,
    );
    assertStringIncludes(alone.message, "Cannot keep 3 replicas: the broker is one server");
    const none = await assertRejects(
      () => broker.openStream({ name: "chat-new", subjects: ["new.>"], num_replicas: 3 }),
      BrokerError,
    );
    assertStringIncludes(none.message, "it has fewer servers than --replicas says");
    const [first, second] = await Promise.all([
      broker.openBucket({ name: "chat-test-claims", storage: "memory" }),
      broker.openBucket({ name: "chat-test-claims", storage: "memory" }),
    ]);
    await first.create("nick.ann", "one");
    await assertRejects(() => second.create("nick.ann", "two"));
    assertEquals((await second.get("nick.ann"))?.string(), "one");
    await broker.close();
  },
});

Deno.test({
  name: "a connection that is lost comes back by itself, and a login refused meanwhile does not end it",
  ignore,
  async fn() {
    await using nats = await startNats({ user: { name: "chat", password: "first" } });
    const broker = await connectBroker({
      address: addressOf(nats.address, { user: "chat" }),
      password: "first",
    });
    const lost = next(broker, "lost");
    const refused = next(broker, "failed");
    await nats.nodes[0]!.reload({ user: { name: "chat", password: "second" } });
    await lost;
    assertEquals(broker.isConnected, false);
    assertStringIncludes((await refused as { text: string }).text, "refuses the login of chat");
    const back = next(broker, "back");
    await nats.nodes[0]!.reload({ user: { name: "chat", password: "first" } });
    await back;
    assertEquals(broker.isConnected, true);
    await broker.openBucket({ name: "chat-test", storage: "memory" });
    await broker.close();
  },
});

Deno.test({
  name: "while a connection is lost its longest message stays that of the last server",
  ignore,
  async fn() {
    await using nats = await startNats({ maxPayload: 200_000 });
    const broker = await connectBroker({ address: addressOf(nats.address) });
    const seen = new Set([broker.maxPayload]);
    const lost = next(broker, "lost");
    await nats.nodes[0]!.kill9();
    await lost;
    const back = next(broker, "back");
    const looking = setInterval(() => seen.add(broker.maxPayload), 1);
    await nats.nodes[0]!.restart();
    await back;
    clearInterval(looking);
    assertEquals([...seen, broker.maxPayload], [200_000, 200_000]);
    await broker.close();
  },
});

Deno.test({
  name: "a cluster keeps the requested replicas, and the connection moves from a stopped server to another",
  ignore,
  async fn() {
    await using nats = await startNatsCluster();
    const broker = await connectBroker({ address: addressOf(nats.address) });
    const { config } = await broker.openStream({ name: "s", subjects: ["s.>"], num_replicas: 3 });
    assertEquals(config.num_replicas, 3);
    const most = await assertRejects(
      () => broker.openStream({ name: "five", subjects: ["five.>"], num_replicas: 5 }),
      BrokerError,
    );
    assertStringIncludes(most.message, "it has fewer servers than --replicas says");
    // A listener that is started without --replicas changes nothing.
    const again = await broker.openStream({ name: "s", subjects: ["s.>"] });
    assertEquals(again.config.num_replicas, 3);
    const here = broker.connection.getServer();
    const node = nats.nodes.find(({ address }) => address === here)!;
    const back = next(broker, "back");
    await node.stop();
    const { server } = await back as { server: string };
    assert(server !== here);
    node.cont();
    await broker.close();
  },
});
