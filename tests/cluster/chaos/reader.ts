/** A reader of whole rooms: pages through the history of a listener from the newest message to the first. */

import type { Value } from "../../../lib/pickle/values/values.ts";
import { TestPeer } from "../../integration/listening.ts";

const PAGE = 500;

/** Reads all messages of rooms at a listener, by id. */
export async function readRooms(
  port: number,
  rooms: readonly string[],
): Promise<Map<string, Map<number, string>>> {
  using peer = new TestPeer(await Deno.connect({ hostname: "127.0.0.1", port }));
  const [first, ...others] = rooms;
  peer.send({ type: "hello", nick: "reader", room: first!, replay: 0, quiet: true });
  await until(peer, (told) => told.type === "replay");
  const result = new Map<string, Map<number, string>>();
  for (const room of others) {
    peer.send({ type: "join", room, replay: 0 });
    await until(peer, (told) => told.type === "replay" && told.room === room);
  }
  for (const room of rooms) result.set(room, await readRoom(peer, room));
  return result;
}

async function readRoom(peer: TestPeer, room: string): Promise<Map<number, string>> {
  const messages = new Map<number, string>();
  let before: number | undefined;
  for (;;) {
    peer.send({ type: "history", room, limit: PAGE, ref: "page", ...before === undefined ? {} : { before } });
    const { count } = await until(peer, (told) => told.type === "replay" && told.ref === "page");
    if (count === 0) return messages;
    for (let left = Number(count); left > 0; left--) {
      const { id, body } = await until(peer, (told) => told.type === "message" && told.room === room);
      messages.set(Number(id), String(body));
      before = Math.min(before ?? Infinity, Number(id));
    }
    if (before === 1) return messages;
  }
}

async function until(
  peer: TestPeer,
  holds: (told: Record<string, unknown>) => boolean,
): Promise<Record<string, unknown>> {
  for (;;) {
    const told = await peer.receive();
    if (told === null) throw new Error("The stream ended while its history was read");
    if (told.type === "ping") peer.send({ type: "pong" } as Record<string, Value>);
    if (told.type === "error" || told.type === "gap") throw new Error(JSON.stringify(told));
    if (holds(told)) return told;
  }
}
