import { assertEquals } from "../../assert.ts";
import { frameOf, TestReplay, TestRoom } from "../../history/posts.ts";
import { randomOf } from "../../random.ts";
import { NATS_SERVER, startNats } from "../nats_server.ts";
import { TestNode } from "./opening.ts";

const ignore = NATS_SERVER === undefined;

/** A node with its rooms. */
async function openRooms(node: TestNode, names: readonly string[]): Promise<TestRoom[]> {
  await Promise.resolve();
  return names.map((name) => new TestRoom(node.history, name));
}

/** What has arrived in a room. */
function arrived(room: TestRoom): string[] {
  return room.outcomes.flatMap((outcome) => outcome[0] === "arrived" ? outcome.slice(2) as string[] : []);
}

/** Waits until the rooms of all nodes have as many messages as the one that has most. */
async function level(rooms: readonly TestRoom[]): Promise<void> {
  const heads = () => rooms.map(({ log }) => log.head);
  while (new Set(heads()).size > 1) await new Promise((resolve) => setTimeout(resolve, 5));
}

Deno.test({
  name: "the same posts through three listeners at once are stored once, in one order at all of them",
  ignore,
  async fn() {
    await using servers = await startNats();
    await using a = await TestNode.open(servers, "race");
    await using b = await TestNode.open(servers, "race");
    await using c = await TestNode.open(servers, "race");
    const nodes = [a, b, c];
    const random = randomOf(7);
    const rooms = await Promise.all(nodes.map((node) => openRooms(node, ["lobby", "ops"])));
    for (let turn = 0; turn < 100; turn++) {
      for (const [n, node] of nodes.entries()) {
        for (let i = random(5); i > 0; i--) {
          const ref = turn * 10 + i;
          const room = rooms[n]![ref % 2]!;
          const post = { at: ref, session: "s", origin: "192.0.2.1" };
          room.log.post({ ...post, ref, frame: frameOf("same", ref) });
          room.log.post({ ...post, ref: undefined, frame: frameOf(`n${n}`, ref) });
        }
        node.history.flush();
      }
      if (random(4) === 0) await new Promise((resolve) => setTimeout(resolve, random(3)));
    }
    await Promise.all(nodes.map((node) => node.settled()));
    for (const room of [0, 1]) {
      await level(rooms.map((ofNode) => ofNode[room]!));
      const orders = rooms.map((ofNode) => arrived(ofNode[room]!));
      assertEquals(orders[1], orders[0]);
      assertEquals(orders[2], orders[0]);
      const same = orders[0]!.filter((text) => text.startsWith("same"));
      assertEquals(new Set(same).size, same.length);
      for (const n of [0, 1, 2]) {
        const { head } = rooms[n]![room]!.log;
        assertEquals(await new TestReplay(rooms[n]![room]!.log, 1, head).said(), orders[0]);
      }
    }
    // A listener that comes later reads the same.
    await using late = await TestNode.open(servers, "race");
    const [lobby] = await openRooms(late, ["lobby"]);
    assertEquals(await new TestReplay(lobby!.log, 1, Infinity).said(300), arrived(rooms[0]![0]!));
  },
});
