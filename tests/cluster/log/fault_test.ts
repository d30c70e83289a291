import type { Broker } from "../../../lib/cluster/broker/broker.ts";
import { headers } from "../../../lib/cluster/broker/nats.ts";
import { assert, assertEquals, assertMatch } from "../../assert.ts";
import { frameOf, TestReplay, TestRoom } from "../../history/posts.ts";
import { randomOf } from "../../random.ts";
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

const SESSION = { session: "s", origin: "192.0.2.1" };

/** Posts a message with that number as its ref. */
function post(room: TestRoom, ref: number): void {
  room.log.post({ ...SESSION, at: ref, ref, frame: frameOf("post", ref) });
}

/** The messages that have arrived, and those of them that were acked here. */
function outcomes(room: TestRoom): { arrived: string[]; repeated: number[] } {
  const arrived: string[] = [];
  const repeated: number[] = [];
  for (const outcome of room.outcomes) {
    if (outcome[0] === "arrived") arrived.push(...outcome.slice(2) as string[]);
    else if (outcome[0] === "repeated") repeated.push(outcome[1].id);
    else throw new Error(`a post was refused: ${outcome[1]}`);
  }
  return { arrived, repeated };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** Has the feed of a broker lose the messages for which `isLost` holds. */
function loseFeed(broker: Broker, isLost: (sequence: number) => boolean): void {
  const { connection } = broker;
  const subscribe = connection.subscribe.bind(connection);
  connection.subscribe = (subject, options) => {
    const callback = options?.callback;
    if (!subject.includes(".feed.") || callback === undefined) return subscribe(subject, options);
    return subscribe(subject, {
      callback: (error, message) => {
        if (!isLost(Number(message.headers?.get("Nats-Sequence")))) callback(error, message);
      },
    });
  };
}

/** Has answers to batches be lost for which `isLost` holds: they are waited for in vain, for ever or not. */
function loseAcks(broker: Broker, isLost: () => boolean, forEver = false): void {
  const append = broker.append.bind(broker);
  broker.append = (message, answered) =>
    append(message, (answer) => {
      if (!isLost()) answered(answer);
      else if (!forEver) answered({ code: 0, text: "timeout" });
    });
}

/** Asserts that all rooms have got the same, that a replay gives it, and that nothing is in it twice. */
async function assertSame(rooms: readonly TestRoom[]): Promise<string[]> {
  await until(() => new Set(rooms.map(({ log }) => log.head)).size === 1);
  const [first] = rooms.map((room) => outcomes(room).arrived);
  assertEquals(new Set(first).size, first!.length);
  for (const room of rooms) {
    assertEquals(outcomes(room).arrived, first);
    assertEquals(await new TestReplay(room.log, 1, Infinity).said(), first);
  }
  return first!;
}

Deno.test({
  name: "messages of the feed that are lost are read from the stream, the last of a room too",
  ignore,
  async fn() {
    const random = randomOf(3);
    await using a = await TestNode.open(servers, "feed");
    await using b = await TestNode.open(servers, "feed", {
      faults: (broker) => loseFeed(broker, (sequence) => sequence === 40 || random(3) === 0),
    });
    const [atA, atB] = [new TestRoom(a.history, "lobby"), new TestRoom(b.history, "lobby")];
    for (let ref = 1; ref <= 40; ref++) {
      post(atA, ref);
      a.history.flush();
      await a.settled();
    }
    assertEquals((await assertSame([atA, atB])).length, 40);
  },
});

Deno.test({
  name: "a listener that is behind catches up when a peer has seen more",
  ignore,
  async fn() {
    await using a = await TestNode.open(servers, "behind");
    await using b = await TestNode.open(servers, "behind", {
      faults: (broker) => loseFeed(broker, () => true),
    });
    const [atA, atB] = [new TestRoom(a.history, "lobby"), new TestRoom(b.history, "lobby")];
    for (let ref = 1; ref <= 3; ref++) {
      post(atA, ref);
      a.history.flush();
      await a.settled();
    }
    await b.history.reach("Lobby", 3);
    assertEquals(atB.log.head, 3);
    assertEquals(b.history.reach("lobby", 3), undefined);
    // Nobody has ever seen that.
    await b.history.reach("lobby", 4);
    assertEquals(atB.log.head, 3);
  },
});

Deno.test({
  name: "a batch whose answer is lost is acked when it is found in the stream, and not stored again",
  ignore,
  async fn() {
    const random = randomOf(4);
    const lose = (broker: Broker) => {
      loseAcks(broker, () => random(2) === 0);
      loseFeed(broker, () => random(2) === 0);
    };
    await using a = await TestNode.open(servers, "acks", { faults: lose });
    await using b = await TestNode.open(servers, "acks", { faults: lose });
    const [atA, atB] = [new TestRoom(a.history, "lobby"), new TestRoom(b.history, "lobby")];
    for (let ref = 1; ref <= 30; ref++) {
      for (const [node, room] of [[a, atA], [b, atB]] as const) {
        post(room, ref);
        if (random(2) === 0) post(room, 1000 * (node === a ? 1 : 2) + ref);
        node.history.flush();
      }
      if (random(3) === 0) await a.settled();
    }
    await Promise.all([a.settled(), b.settled()]);
    const all = await assertSame([atA, atB]);
    for (let ref = 1; ref <= 30; ref++) assert(all.includes(`post:${ref}`));
    assertEquals(outcomes(atA).repeated.length + outcomes(atB).repeated.length, 30);
  },
});

Deno.test({
  name: "a listener recognizes posts that another listener published before it died",
  ignore,
  async fn() {
    await using b = await TestNode.open(servers, "died");
    const atB = new TestRoom(b.history, "lobby");
    {
      await using a = await TestNode.open(servers, "died", {
        faults: (broker) => {
          loseAcks(broker, () => true, true);
          loseFeed(broker, () => true);
        },
      });
      const atA = new TestRoom(a.history, "lobby");
      post(atA, 7);
      a.history.flush();
      await b.knows("lobby", 1);
      assertEquals(outcomes(atA), { arrived: [], repeated: [] });
    }
    await using c = await TestNode.open(servers, "died");
    const atC = new TestRoom(c.history, "lobby");
    for (const [node, room] of [[b, atB], [c, atC]] as const) {
      post(room, 7);
      node.history.flush();
      await node.settled();
      assertEquals(outcomes(room).repeated, [1]);
    }
    assertEquals([atB.log.head, atC.log.head], [1, 1]);
  },
});

Deno.test({
  name:
    "a server that is killed and started again loses nothing and doubles nothing, and the listeners go on",
  ignore,
  async fn() {
    await using server = await startNats();
    await using a = await TestNode.open(server, "killed");
    await using b = await TestNode.open(server, "killed");
    const [atA, atB] = [new TestRoom(a.history, "lobby"), new TestRoom(b.history, "lobby")];
    let ref = 0;
    const postSome = () => {
      for (const [node, room] of [[a, atA], [b, atB]] as const) {
        for (let n = 0; n < 20; n++) post(room, ++ref);
        node.history.flush();
      }
    };
    for (let round = 0; round < 2; round++) {
      for (let turn = 0; turn < 10; turn++) {
        postSome();
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      await server.nodes[0]!.kill9();
      postSome();
      await server.nodes[0]!.restart();
      postSome();
      await Promise.all([a.settled(), b.settled()]);
    }
    const all = await assertSame([atA, atB]);
    assertEquals(all.length, ref);
  },
});

Deno.test({
  name: "all listeners skip messages that no listener wrote, now and later",
  ignore,
  async fn() {
    await using a = await TestNode.open(servers, "mess");
    await using b = await TestNode.open(servers, "mess");
    const [atA, atB] = [new TestRoom(a.history, "lobby"), new TestRoom(b.history, "lobby")];
    const good =
      '{"v":1,"node":"x","number":1,"room":"lobby","first":5,"oldest":1,"by":[["s","o"]],"posts":[[3,1,0]]}';
    const messes = [
      undefined,
      "",
      "no JSON",
      "null",
      "[]",
      good,
      good.replace('"first":5', '"first":1.5'),
      "{}",
    ];
    let ref = 0;
    for (const mess of messes) {
      post(atA, ++ref);
      a.history.flush();
      await a.settled();
      // A batch that does not follow is none either.
      const set = headers();
      if (mess !== undefined) set.set("Chat-Batch", mess);
      await b.broker.jetstream.publish("chat.mess.log.lobby", "abc", { headers: set });
    }
    post(atB, ++ref);
    b.history.flush();
    await b.settled();
    const all = await assertSame([atA, atB]);
    await b.broker.jetstream.publish("chat.mess.log.lobby", "abc");
    await using c = await TestNode.open(servers, "mess");
    const atC = new TestRoom(c.history, "lobby");
    assertEquals(await new TestReplay(atC.log, 1, Infinity).said(), all);
    post(atC, ++ref);
    c.history.flush();
    await c.settled();
    assertEquals(atC.log.head, all.length + 1);
    const [event] = a.events;
    assert(event?.event === "failed");
    assertMatch(
      event.text,
      /^Cannot read message \d+ of the stream chat-mess: no listener wrote it, and it is skipped$/,
    );
  },
});

Deno.test({
  name: "a stream that is deleted, or purged, is lost; the next has another epoch",
  ignore,
  async fn() {
    await using a = await TestNode.open(servers, "gone");
    const room = new TestRoom(a.history, "lobby");
    post(room, 1);
    a.history.flush();
    await a.settled();
    await a.broker.manager.streams.purge("chat-gone");
    assertMatch(await a.lost.promise, /^the stream chat-gone on the broker was purged/);
    await using b = await TestNode.open(servers, "gone-too");
    await b.broker.manager.streams.delete("chat-gone-too");
    assertMatch(await b.lost.promise, /^the stream chat-gone-too on the broker was deleted/);
    await using c = await TestNode.open(servers, "gone-too");
    assert(b.history.epoch !== c.history.epoch);
  },
});

Deno.test({
  name:
    "a room whose messages are purged is lost, at a listener that posts to it, and at one that hears of a new first post",
  ignore,
  async fn() {
    await using a = await TestNode.open(servers, "emptied");
    await using b = await TestNode.open(servers, "emptied");
    const [atA, atB] = [new TestRoom(a.history, "lobby"), new TestRoom(b.history, "lobby")];
    const ops = new TestRoom(a.history, "ops");
    post(ops, 1);
    post(atA, 2);
    a.history.flush();
    await until(() => atB.log.head === 1);
    await a.broker.manager.streams.purge("chat-emptied", { filter: "chat.emptied.log.lobby" });
    post(atA, 3);
    a.history.flush();
    const lost = "the messages of the room lobby in the stream chat-emptied were purged";
    assertEquals(await a.lost.promise, lost);
    assertEquals(outcomes(atA), { arrived: ["post:2"], repeated: [] });
    a.history.close();
    await using c = await TestNode.open(servers, "emptied");
    const atC = new TestRoom(c.history, "lobby");
    post(atC, 4);
    c.history.flush();
    assertEquals(await b.lost.promise, lost);
    await c.settled();
    assertEquals([atB.log.head, atC.log.head, ops.log.head], [1, 1, 1]);
  },
});

Deno.test({
  name: "a post is refused if the user of the broker may not publish to its room, and other rooms go on",
  ignore,
  async fn() {
    const permissions = `permissions: { publish: { deny: "chat.denied.log.ops" } }`;
    await using server = await startNats({
      more: `authorization { users: [ { user: u, password: p, ${permissions} } ] }\nno_auth_user: u`,
    });
    await using node = await TestNode.open(server, "denied");
    const [lobby, ops] = [new TestRoom(node.history, "lobby"), new TestRoom(node.history, "ops")];
    for (const room of [ops, lobby]) post(room, room === ops ? 1 : 2);
    node.history.flush();
    await node.settled();
    assertEquals(outcomes(lobby).arrived, ["post:2"]);
    const [refused] = ops.outcomes;
    assertEquals(refused?.[0], "refused");
    assertMatch(String(refused?.[1]), /the broker does not store it: .*chat\.denied\.log\.ops/i);
  },
});
