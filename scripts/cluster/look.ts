/**
 * Starts three nats-servers and three listeners of one chat on loopback, to try it out: `deno task cluster`. Ctrl-C
 * ends all of them and removes their files.
 */

import { ChatNode } from "../../tests/cluster/chaos/node.ts";
import { NATS_SERVER, startNatsCluster } from "../../tests/cluster/nats_server.ts";

if (NATS_SERVER === undefined) {
  console.error(
    "There is no nats-server: install it, or run scripts/cluster/fetch_nats_server.sh FOLDER and set\n" +
      "CHAT_NATS_SERVER=FOLDER/trixie/usr/sbin/nats-server",
  );
  Deno.exit(1);
}
const interrupted = Promise.withResolvers<void>();
for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, interrupted.resolve);

console.log("Starting three nats-servers, which elect a leader …");
const servers = await startNatsCluster();
const history = `nats://${servers.address}/look`;
const nodes = [1, 2, 3].map((n) =>
  new ChatNode({ name: `listener ${n}`, history, args: ["--replicas", "3"] })
);
for (const node of nodes) await node.start();
for (const server of servers.nodes) {
  console.log(`nats-server ${server.name}: ${server.address}, process ${server.pid}`);
}
for (const node of nodes) console.log(`${node.name}: 127.0.0.1:${node.port}, process ${node.pid}`);
const hosts = nodes.map((node) => `127.0.0.1:${node.port}`).join(",");
console.log(`
Join the chat from other terminals, each at any listener, and end a listener or a server with kill -9:
  deno task chat --connect ${hosts}
Another listener of the same chat:
  deno task chat --serve --port 0 --history ${history}
Ctrl-C ends all of it.`);
await interrupted.promise;
await Promise.all(nodes.map((node) => node.term()));
await servers[Symbol.asyncDispose]();
Deno.exit(0);
