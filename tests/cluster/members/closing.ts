/** Listeners that share a closed chat on a broker of the tests' own. */

import type { BrokerCommand } from "../../../lib/cli/broker.ts";
import { Closed } from "../../private/closed.ts";
import type { NatsCluster } from "../nats_server.ts";

/** The options of closed listeners. */
export type ClosedOptions = NonNullable<Parameters<typeof Closed.start>[0]>;

/** The broker of a chat, as the command line gives it. */
export function brokerOf(nats: { nodes: readonly { port: number }[] }, chat: string): BrokerCommand {
  const servers = nats.nodes.map(({ port }) => ({ host: "127.0.0.1", port }));
  const address = { isEncrypted: false, user: undefined, servers, chat };
  return { address, creds: undefined, ca: undefined, replicas: undefined };
}

/** Makes a folder with a copy of the key and the certificate of a listener. */
export async function copyOf(folder: string): Promise<string> {
  const copy = await Deno.makeTempDir({ prefix: "chat-private-" });
  for (const name of ["listener.key", "listener.crt"]) {
    await Deno.copyFile(`${folder}/${name}`, `${copy}/${name}`);
    await Deno.chmod(`${copy}/${name}`, 0o600);
  }
  return copy;
}

/** Starts listeners of one closed chat, and disposes of them together. */
export async function closedListeners(
  nats: NatsCluster,
  { count, chat = "closed", replicas, ...options }:
    & { count: number; chat?: string; replicas?: number }
    & ClosedOptions,
): Promise<Closed[] & AsyncDisposable> {
  const broker = { ...brokerOf(nats, chat), replicas };
  const first = await Closed.start({ ...options, broker });
  const others = await Promise.all(Array.from({ length: count - 1 }, async () => {
    return await Closed.start({ ...options, broker, folder: await copyOf(first.folder) });
  }));
  const started = [first, ...others];
  return Object.assign(started, {
    async [Symbol.asyncDispose]() {
      await Promise.all(started.map((closed) => closed[Symbol.asyncDispose]()));
    },
  });
}

/** Tries until something holds: listeners hear of each other a moment later. */
export async function until<T>(what: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (;;) {
    const found = await what();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
