/** Listeners that share a chat on a broker of the tests' own. */

import { Listening, type TestPeer, type Told } from "../../integration/listening.ts";
import type { NatsCluster } from "../nats_server.ts";

/** The operator token of all listeners. */
export const TOKEN = "token";

/** Starts listeners of one chat, and disposes of them together. */
export async function listeners(
  nats: NatsCluster,
  { count, chat = crypto.randomUUID().slice(0, 8) }: { count: number; chat?: string },
): Promise<Listening[] & AsyncDisposable> {
  const servers = nats.nodes.map(({ port }) => ({ host: "127.0.0.1", port }));
  const address = { isEncrypted: false, user: undefined, servers, chat };
  const broker = { address, creds: undefined, ca: undefined, replicas: undefined };
  const started = await Promise.all(
    Array.from({ length: count }, () => Listening.start({ broker, operatorToken: TOKEN })),
  );
  return Object.assign(started, {
    async [Symbol.asyncDispose]() {
      await Promise.all(started.map((listener) => listener.end()));
    },
  });
}

/** The next message of a type about a nick. */
export async function about(peer: TestPeer, type: string, nick: string): Promise<Told> {
  for (;;) {
    const told = await peer.until(type);
    if (told.nick === nick) return told;
  }
}

/** Asks until the answer is as expected: listeners tell each other of their people a moment later. */
export async function asking(
  peer: TestPeer,
  question: Record<string, string>,
  holds: (answer: Told) => boolean,
): Promise<Told> {
  for (let ref = 0;; ref++) {
    peer.send({ ...question, ref: `ask ${ref}` });
    const answer = await peer.answer(`ask ${ref}`);
    if (holds(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
