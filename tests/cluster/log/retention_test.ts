import { HistoryError } from "../../../lib/history/history.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../../assert.ts";
import { names, postOf, TestReplay, TestRoom, textsOf } from "../../history/posts.ts";
import { NATS_SERVER, type NatsCluster, startNats } from "../nats_server.ts";
import { TestNode } from "./opening.ts";

const ignore = NATS_SERVER === undefined;

let servers: NatsCluster;

Deno.test.beforeAll(async () => {
  if (!ignore) servers = await startNats();
});
Deno.test.afterAll(async () => {
  await servers?.[Symbol.asyncDispose]();
});

/** Posts `first` to `last`, each in a batch of its own. */
async function post(
  node: TestNode,
  room: TestRoom,
  first: number,
  last: number,
  size?: number,
): Promise<void> {
  for (let id = first; id <= last; id++) {
    const post = postOf({ id }, { size });
    // The zeros at the end of a frame are not stored.
    if (size !== undefined) post.frame[size - 1] = 0x2e;
    room.log.post(post);
    node.history.flush();
    await node.settled();
  }
}

/** Waits until a condition holds. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1));
}

async function kept(room: TestRoom): Promise<string[]> {
  return await new TestReplay(room.log, 1, Infinity).said();
}

Deno.test({
  name: "every listener purges the oldest batches by count, age and size, and ids go on",
  ignore,
  async fn() {
    await using byCount = await TestNode.open(servers, "retain", { retain: { count: 10 } });
    await using byAge = await TestNode.open(servers, "retain", { retain: { age: 100 } });
    await using bySize = await TestNode.open(servers, "retain", { retain: { size: 3000 } });
    const room = new TestRoom(byCount.history, "lobby", 1);
    const quiet = new TestRoom(byCount.history, "quiet", 1);
    await post(byCount, quiet, 1, 1);
    await post(byCount, room, 1, 30);
    await byCount.history.retained(1000);
    assertEquals([room.log.oldest, await kept(room)], [21, names("lobby", 21, 30)]);

    await byAge.knows("lobby", 30);
    const elsewhere = new TestRoom(byAge.history, "lobby", 1);
    await byAge.history.retained(1030);
    assertEquals(await kept(elsewhere), names("lobby", 21, 30));
    // The posts are as old as 1000 and their ids.
    await byAge.history.retained(1125);
    assertEquals([elsewhere.log.oldest, await kept(elsewhere)], [25, names("lobby", 25, 30)]);
    // The other listener is told.
    await until(() => room.log.oldest === 25);

    await post(byCount, room, 31, 34);
    assertEquals(room.told().at(-1), ["arrived", 34, "lobby:34"]);
    await bySize.knows("lobby", 34);
    await bySize.history.retained(0);
    const { state } = await bySize.broker.manager.streams.info("chat-retain");
    assert(state.bytes < 3000 && state.bytes > 1000, `${state.bytes} bytes`);
    await byAge.knows("lobby", 34);
    // The newest message of a room stays, however old.
    await byAge.history.retained(1e6);
    assertEquals([await kept(quiet), elsewhere.log.oldest], [["lobby:1"], 34]);
    await post(byCount, quiet, 2, 2);
    await post(byCount, room, 35, 35);
    assertEquals(room.told().at(-1), ["arrived", 35, "lobby:35"]);
  },
});

Deno.test({
  name: "a replay whose messages are purged meanwhile fails, and the next begins after them",
  ignore,
  async fn() {
    await using node = await TestNode.open(servers, "paging");
    await using other = await TestNode.open(servers, "paging", { retain: { count: 5 } });
    const room = new TestRoom(node.history, "lobby", 1);
    await post(node, room, 1, 20, 64 * 1024);
    const replay = new TestReplay(room.log, 1, 20);
    assertEquals(textsOf((await replay.next(1))!), ["lobby:1."]);
    await other.knows("lobby", 20);
    await other.history.retained(0);
    await until(() => room.log.oldest === 16);
    const error = await assertRejects(() => replay.said(), HistoryError);
    assertMatch(error.message, /^Cannot read the messages: number \d+ is no longer kept$/);
    assertEquals(await kept(room), names("lobby", 16, 20).map((name) => `${name}.`));
  },
});
