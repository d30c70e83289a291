import { assert, assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { NATS_SERVER, type NatsServer, OLD_NATS_SERVER, startNats, startNatsCluster } from "./nats_server.ts";

const ignore = NATS_SERVER === undefined;

/** The first line that a server says to a client. */
async function info(server: NatsServer): Promise<Record<string, unknown>> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
  let text = "";
  for await (const chunk of conn.readable.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.includes("\r\n")) break;
  }
  assertMatch(text, /^INFO /);
  return JSON.parse(text.slice(5));
}

Deno.test(
  { name: "a nats-server is there again with its port after a kill -9 and after a term", ignore },
  async () => {
    await using cluster = await startNats({ maxPayload: 4096 });
    const [server] = cluster.nodes;
    const { port } = server!;
    assertEquals((await info(server!)).max_payload, 4096);
    for (const end of ["kill9", "term"] as const) {
      await server![end]();
      await assertRejects(() => Deno.connect({ hostname: "127.0.0.1", port }), Deno.errors.ConnectionRefused);
      await server!.restart();
      const told = await info(server!);
      assertEquals([told.port, told.jetstream], [port, true]);
    }
  },
);

Deno.test({ name: "a paused nats-server says nothing until it goes on", ignore }, async () => {
  await using cluster = await startNats();
  const [server] = cluster.nodes;
  await server!.stop();
  const said: string[] = [];
  const told = info(server!).then(() => said.push("told"));
  // The system takes the connection; a server that goes on tells at once.
  await new Promise((resolve) => setTimeout(resolve, 100));
  assertEquals(said, []);
  server!.cont();
  await told;
});

Deno.test(
  { name: "a nats-server asks for a login and for TLS, and takes another password", ignore },
  async () => {
    await using cluster = await startNats({ tls: true, user: { name: "chat", password: "old" } });
    const [server] = cluster.nodes;
    const told = await info(server!);
    assertEquals([told.auth_required, told.tls_required], [true, true]);
    const ca = await Deno.readTextFile(cluster.caFile);
    assertMatch(ca, /BEGIN CERTIFICATE/);
    await server!.reload({ user: { name: "chat", password: "new" } });
    assertMatch(server!.log, /Reloaded: authorization users/);
  },
);

Deno.test(
  { name: "three nats-servers have a leader, and another one when it is killed", ignore },
  async () => {
    await using cluster = await startNatsCluster();
    const [first] = cluster.nodes;
    const leader = await first!.leaderOfAll();
    const killed = cluster.nodes.find((node) => node.name === leader)!;
    await killed.kill9();
    const others = cluster.nodes.filter((node) => node !== killed);
    let next: string | undefined;
    while (next === undefined || next === "" || next === leader) {
      next = await others[0]!.leaderOfAll();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assertNotEquals(next, leader);
    await killed.restart();
    await cluster.healthy();
  },
);

Deno.test({ name: "an old nats-server runs too", ignore: OLD_NATS_SERVER === undefined }, async () => {
  await using cluster = await startNats({ program: OLD_NATS_SERVER });
  assertMatch(String((await info(cluster.nodes[0]!)).version), /^2\.9\./);
});

Deno.test({ name: "a nats-server that cannot start is a failure with its log", ignore }, async () => {
  const failed = await assertRejects(() => startNats({ more: "no such option {" }), Error);
  assert(failed.message.includes("n1"));
});
