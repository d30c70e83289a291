import type { History } from "../../../lib/history/history.ts";
import { testContract } from "../../history/contract.ts";
import { NATS_SERVER, type NatsCluster, startNats } from "../nats_server.ts";
import { TestNode } from "./opening.ts";

const ignore = NATS_SERVER === undefined;

let servers: NatsCluster | undefined;
const nodes = new Map<History, TestNode>();

Deno.test.beforeAll(async () => {
  if (!ignore) servers = await startNats();
});
Deno.test.afterAll(async () => {
  await servers?.[Symbol.asyncDispose]();
});

testContract({
  name: "a history on a broker",
  ignore,
  open: async () => {
    const node = await TestNode.open(servers!, `contract-${crypto.randomUUID().slice(0, 8)}`);
    nodes.set(node.history, node);
    return { history: node.history, end: () => node[Symbol.asyncDispose]() };
  },
  settle: (history) => nodes.get(history)!.settled(),
});
